//! What connections have in common, over TCP and over Unix sockets.
//!
//! A read that fills less than the buffer has taken all that was there, and a write that is taken in part has filled
//! the system's buffer. Where the event queue tells when that changes, the next operation needn't be tried: one
//! system call less for each message.

use std::io::{self, IoSlice, Write};
use std::net::Shutdown;
use std::task::{Context, Poll};

use crate::coop;
use crate::driver::io::{Attempt, Direction, Registration};
use crate::sys;

/// So many buffers the system takes at once anywhere: POSIX says 16 at least.
const FEW: usize = 16;

/// What came of a read into so much `room`: of all that was there, unless it was `stopped` by something else.
pub(super) fn after_read(n: usize, room: usize, stopped: bool) -> Attempt<()> {
    coop::charge(n);
    // Nothing read is the end, which stays.
    let drained = sys::SHORT_MEANS_DRAINED && 0 < n && n < room && !stopped;
    if drained { Attempt::Drained(()) } else { Attempt::Done(()) }
}

pub(super) fn poll_send(
    registration: &Registration,
    cx: &mut Context<'_>,
    mut socket: impl Write,
    buf: &[u8],
) -> Poll<io::Result<usize>> {
    registration.poll_io(Direction::Write, cx, || Ok(after_write(socket.write(buf)?, buf.len())))
}

pub(super) fn poll_send_vectored(
    registration: &Registration,
    cx: &mut Context<'_>,
    mut socket: impl Write,
    bufs: &[IoSlice<'_>],
) -> Poll<io::Result<usize>> {
    // The standard library cuts a long list off, so a count of many buffers proves nothing.
    let asked = if bufs.len() <= FEW { bufs.iter().map(|buf| buf.len()).sum() } else { 0 };
    registration.poll_io(Direction::Write, cx, || Ok(after_write(socket.write_vectored(bufs)?, asked)))
}

/// What came of a write of `asked` bytes.
fn after_write(n: usize, asked: usize) -> Attempt<usize> {
    coop::charge(n);
    let drained = sys::SHORT_MEANS_DRAINED && n < asked;
    if drained { Attempt::Drained(n) } else { Attempt::Done(n) }
}

/// Ends writing. A connection that is gone already needs no end.
pub(super) fn end_writing(shutdown: impl FnOnce(Shutdown) -> io::Result<()>) -> io::Result<()> {
    match shutdown(Shutdown::Write) {
        Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
        outcome => outcome,
    }
}

/// The methods of connections that wait for readiness, and that try without a wait. Examples call a connection `stream`.
macro_rules! connection_readiness_methods {
    (
        connected: { $($connected:literal)+ }
        received: { $($received:literal)+ }
    ) => {
        $crate::net::readiness::readiness_methods! {
            "connection", "stream",
            "A connection that the other side has closed is ready.",
            read: "there is something to read, or the end" by "try_read",
            write: "something can be written" by "try_write",
            connected: { $($connected)+ }
            received: { $($received)+ }
        }

        /// Polls for something to read. One task may wait so, or in `poll_read`: the last one is woken.
        ///
        /// # Errors
        ///
        /// As [`ready`](Self::ready).
        pub fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.registration.watch()?;
            self.registration.poll_read_ready(cx).map_ok(drop)
        }

        /// Polls for room to write. One task may wait so, or in `poll_write`: the last one is woken.
        ///
        /// # Errors
        ///
        /// As [`ready`](Self::ready).
        pub fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.registration.watch()?;
            self.registration.poll_write_ready(cx).map_ok(drop)
        }

        /// Reads what is there into `buf`, and gives how many bytes. 0 means the end, or that `buf` is empty.
        ///
        /// # Errors
        ///
        /// [`WouldBlock`](io::ErrorKind::WouldBlock) when nothing is there yet, and what the system says.
        ///
        /// # Examples
        ///
        /// See [`readable`](Self::readable).
        pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
            self.registration.try_io(Interest::READABLE, || (&self.socket).read(buf))
        }

        /// Reads what is there into several buffers, filling one after the other.
        ///
        /// # Errors
        ///
        /// As [`try_read`](Self::try_read).
        pub fn try_read_vectored(&self, bufs: &mut [io::IoSliceMut<'_>]) -> io::Result<usize> {
            self.registration.try_io(Interest::READABLE, || (&self.socket).read_vectored(bufs))
        }

        /// Reads what is there to the end of `buf`, and gives how many bytes. 0 means the end, or that `buf` has no
        /// room.
        ///
        /// # Errors
        ///
        /// As [`try_read`](Self::try_read).
        ///
        /// # Examples
        ///
        /// ```
        /// # #[rt_core::main(flavor = "current_thread")]
        /// # async fn main() -> std::io::Result<()> {
        $(#[doc = $received])+
        /// stream.readable().await?;
        /// let mut buf = Vec::with_capacity(16);
        /// stream.try_read_buf(&mut buf)?;
        /// assert_eq!(buf, b"abc");
        /// # Ok(()) }
        /// ```
        #[cfg(feature = "io-util")]
        pub fn try_read_buf<B: bytes::BufMut>(&self, buf: &mut B) -> io::Result<usize> {
            self.registration.try_io(Interest::READABLE, || {
                // SAFETY: the system initializes as many bytes as it says.
                unsafe { $crate::net::buffers::receive_buf(buf, |room| self.sock_ref().recv(room)) }
            })
        }

        /// Writes as much of `buf` as there is room for, and gives how many bytes that was.
        ///
        /// # Errors
        ///
        /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is no room now, and what the system says.
        ///
        /// # Examples
        ///
        /// See [`writable`](Self::writable).
        pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
            self.registration.try_io(Interest::WRITABLE, || (&self.socket).write(buf))
        }

        /// Writes as much of several buffers as there is room for, taking them in their order.
        ///
        /// # Errors
        ///
        /// As [`try_write`](Self::try_write).
        pub fn try_write_vectored(&self, bufs: &[io::IoSlice<'_>]) -> io::Result<usize> {
            self.registration.try_io(Interest::WRITABLE, || (&self.socket).write_vectored(bufs))
        }
    };
}
pub(super) use connection_readiness_methods;

/// Writing, for a connection that can `poll_receive`, and what its halves need of it.
macro_rules! connection_io {
    ($Stream:ident) => {
        impl $Stream {
            pub(in crate::net) fn poll_send(
                &self,
                cx: &mut Context<'_>,
                buf: &[u8],
            ) -> Poll<io::Result<usize>> {
                connection::poll_send(&self.registration, cx, &self.socket, buf)
            }

            pub(in crate::net) fn poll_send_vectored(
                &self,
                cx: &mut Context<'_>,
                bufs: &[io::IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                connection::poll_send_vectored(&self.registration, cx, &self.socket, bufs)
            }
        }

        impl EndWriting for $Stream {
            fn end_writing(&self) -> io::Result<()> {
                connection::end_writing(|how| self.socket.shutdown(how))
            }
        }

        impl AsyncRead for $Stream {
            fn poll_read(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &mut ReadBuf<'_>,
            ) -> Poll<io::Result<()>> {
                self.poll_receive(cx, buf)
            }
        }

        impl AsyncWrite for $Stream {
            $crate::net::halves::connection_writes!();

            /// Ends writing; the other side reads the end. Reading goes on.
            fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(self.end_writing())
            }
        }
    };
}
pub(super) use connection_io;
