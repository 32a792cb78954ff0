//! The parent's ends of a child's standard streams.

use std::fmt;
use std::fs::File;
use std::io::{self, IoSlice, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::pin::Pin;
use std::process::{self, Stdio};
use std::task::{Context, Poll};

use crate::driver::io::{Direction, Interest, Tied};
use crate::io::{AsyncRead, AsyncWrite, ReadBuf};
use crate::sys;

/// The type for one end, and what all have in common.
macro_rules! child_pipe {
    ($(#[$doc:meta])* $Pipe:ident, $std:literal, $interest:ident) => {
        $(#[$doc])*
        pub struct $Pipe {
            pipe: Tied<File>,
        }

        impl $Pipe {
            #[doc = concat!("Takes over a [`", $std, "`], which is made non-blocking.")]
            ///
            /// # Errors
            ///
            /// What the system says.
            ///
            /// # Panics
            ///
            /// Outside of a runtime, and when its I/O isn't enabled.
            ///
            /// # Examples
            ///
            /// See [`ChildStdout::from_std`].
            #[track_caller]
            pub fn from_std(inner: process::$Pipe) -> io::Result<Self> {
                let file = File::from(OwnedFd::from(inner));
                sys::set_blocking(&file, false)?;
                Ok(Self { pipe: Tied::new(file, Interest::$interest) })
            }

            /// Gives the descriptor, made to block, as other programs expect it.
            ///
            /// # Errors
            ///
            /// What the system says.
            ///
            /// # Examples
            ///
            /// See [`ChildStdout::into_owned_fd`].
            pub fn into_owned_fd(self) -> io::Result<OwnedFd> {
                let file = self.pipe.into_inner();
                sys::set_blocking(&file, true)?;
                Ok(file.into())
            }
        }

        /// So the stream of one child can be given to another one.
        impl TryInto<Stdio> for $Pipe {
            type Error = io::Error;

            fn try_into(self) -> io::Result<Stdio> {
                self.into_owned_fd().map(Stdio::from)
            }
        }

        impl AsRawFd for $Pipe {
            fn as_raw_fd(&self) -> RawFd {
                self.pipe.get_ref().as_raw_fd()
            }
        }

        impl AsFd for $Pipe {
            fn as_fd(&self) -> BorrowedFd<'_> {
                self.pipe.get_ref().as_fd()
            }
        }

        impl fmt::Debug for $Pipe {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($Pipe)).field(self.pipe.get_ref()).finish()
            }
        }
    };
}

/// Reading, of the two ends that are read.
macro_rules! child_pipe_reads {
    ($Pipe:ident) => {
        impl AsyncRead for $Pipe {
            fn poll_read(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &mut ReadBuf<'_>,
            ) -> Poll<io::Result<()>> {
                self.pipe.poll_io(Direction::Read, cx, |file| {
                    // SAFETY: the system takes back none of the bytes that are initialized.
                    let n = sys::read(file.as_fd(), unsafe { buf.unfilled_mut() })?;
                    // SAFETY: the system has initialized as many as it says.
                    unsafe { buf.assume_init(n) };
                    buf.advance(n);
                    Ok(())
                })
            }
        }
    };
}

child_pipe! {
    /// The end of a child's standard input that the parent writes.
    ///
    /// The child reads the end of its input when this is dropped, and not before: shutting it down does nothing. When the child
    /// has closed its input, or has exited, writing fails with [`BrokenPipe`](io::ErrorKind::BrokenPipe).
    ///
    /// # Examples
    ///
    /// See the [module](super)'s documentation.
    ChildStdin, "std::process::ChildStdin", WRITABLE
}

child_pipe! {
    /// The end of a child's standard output that the parent reads.
    ///
    /// It ends when the child, and all that inherited its output, have closed theirs.
    ///
    /// # Examples
    ///
    /// See the [module](super)'s documentation.
    ChildStdout, "std::process::ChildStdout", READABLE
}

child_pipe! {
    /// The end of a child's standard error that the parent reads.
    ///
    /// It ends when the child, and all that inherited its standard error, have closed theirs.
    ///
    /// # Examples
    ///
    /// As for [`ChildStdout`]; see the [module](super)'s documentation.
    ChildStderr, "std::process::ChildStderr", READABLE
}

child_pipe_reads!(ChildStdout);
child_pipe_reads!(ChildStderr);

impl AsyncWrite for ChildStdin {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.pipe.poll_io(Direction::Write, cx, |mut file| file.write(buf))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.pipe.poll_io(Direction::Write, cx, |mut file| file.write_vectored(bufs))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    /// Does nothing: what was written is with the system.
    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Does nothing: the pipe ends when it's dropped.
    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
