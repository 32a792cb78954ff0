//! What was known of a descriptor when a wait for it ended.

use std::fmt;
use std::io;
use std::os::fd::AsRawFd;

use super::{AsyncFd, TryIoError};
use crate::driver::io::Event;
use crate::io::Ready;

/// What a wait for a descriptor has found.
///
/// The descriptor counts as ready until it's said otherwise: when an operation would block, call
/// [`clear_ready`](Self::clear_ready), or leave that to [`try_io`](Self::try_io). Otherwise the next wait ends at once.
#[must_use = "the descriptor counts as ready until it's said otherwise"]
pub struct AsyncFdReadyGuard<'a, T: AsRawFd> {
    pub(super) fd: &'a AsyncFd<T>,
    pub(super) seen: Seen,
}

/// As [`AsyncFdReadyGuard`], with the descriptor to oneself.
#[must_use = "the descriptor counts as ready until it's said otherwise"]
pub struct AsyncFdReadyMutGuard<'a, T: AsRawFd> {
    pub(super) fd: &'a mut AsyncFd<T>,
    pub(super) seen: Seen,
}

/// What was known.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    event: Event,
    /// What was asked for and not taken back since.
    ready: Ready,
}

impl Seen {
    pub(super) fn new(event: Event, asked: Ready) -> Self {
        Self { event, ready: event.ready() & asked }
    }
}

/// The methods that both guards have.
macro_rules! guard_methods {
    () => {
        /// Takes back all that the wait found; the next one waits for a new event. Events that came since stay.
        ///
        /// Only when an operation has said that it would block: else the event may never come.
        pub fn clear_ready(&mut self) {
            self.clear_ready_matching(self.seen.ready);
        }

        /// Takes `ready` back as far as the wait found it: see [`clear_ready`](Self::clear_ready).
        ///
        /// # Examples
        ///
        /// ```
        /// use rt_core::io::{Interest, Ready, unix::AsyncFd};
        ///
        /// # #[rt_core::main(flavor = "current_thread")]
        /// # async fn main() -> std::io::Result<()> {
        /// # let (socket, _other) = std::os::unix::net::UnixStream::pair()?;
        /// # socket.set_nonblocking(true)?;
        /// // SAFETY: the socket has its descriptor to itself, and closes it when it's dropped.
        /// let socket = unsafe { AsyncFd::register(socket) }?;
        /// let mut guard = socket.ready(Interest::READABLE | Interest::WRITABLE).await?;
        /// assert!(guard.ready().is_writable());
        /// guard.clear_ready_matching(Ready::WRITABLE);
        /// assert!(!guard.ready().is_writable());
        /// # Ok(()) }
        /// ```
        pub fn clear_ready_matching(&mut self, ready: Ready) {
            self.fd.registration().clear(self.seen.event, ready & self.seen.ready);
            self.seen.ready = self.seen.ready - ready;
        }

        /// Takes nothing back. It says what dropping the guard does anyway.
        pub fn retain_ready(&mut self) {}

        /// What the descriptor is ready for, of what was waited for.
        pub fn ready(&self) -> Ready {
            self.seen.ready
        }

        /// The descriptor's [`AsyncFd`].
        pub fn get_ref(&self) -> &AsyncFd<T> {
            self.fd
        }

        /// What has the descriptor.
        pub fn get_inner(&self) -> &T {
            self.fd.get_ref()
        }
    };
}

impl<'a, T: AsRawFd> AsyncFdReadyGuard<'a, T> {
    /// Does an operation, and takes the readiness back when that says that it would block.
    ///
    /// # Errors
    ///
    /// [`TryIoError`] when it would block. What else went wrong is in the `Ok`.
    ///
    /// # Examples
    ///
    /// See [`AsyncFd`].
    pub fn try_io<R>(
        &mut self,
        f: impl FnOnce(&'a AsyncFd<T>) -> io::Result<R>,
    ) -> Result<io::Result<R>, TryIoError> {
        match f(self.fd) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.clear_ready();
                Err(TryIoError(()))
            }
            outcome => Ok(outcome),
        }
    }

    guard_methods!();
}

impl<T: AsRawFd> AsyncFdReadyMutGuard<'_, T> {
    /// Does an operation, and takes the readiness back when that says that it would block.
    ///
    /// # Errors
    ///
    /// [`TryIoError`] when it would block. What else went wrong is in the `Ok`.
    pub fn try_io<R>(
        &mut self,
        f: impl FnOnce(&mut AsyncFd<T>) -> io::Result<R>,
    ) -> Result<io::Result<R>, TryIoError> {
        match f(self.fd) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.clear_ready();
                Err(TryIoError(()))
            }
            outcome => Ok(outcome),
        }
    }

    /// The descriptor's [`AsyncFd`], to be changed.
    pub fn get_mut(&mut self) -> &mut AsyncFd<T> {
        self.fd
    }

    /// What has the descriptor, to be changed. Its descriptor must stay the same.
    pub fn get_inner_mut(&mut self) -> &mut T {
        self.fd.get_mut()
    }

    guard_methods!();
}

impl<T: AsRawFd + fmt::Debug> fmt::Debug for AsyncFdReadyGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncFdReadyGuard").field("fd", &self.fd).field("ready", &self.seen.ready).finish()
    }
}

impl<T: AsRawFd + fmt::Debug> fmt::Debug for AsyncFdReadyMutGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncFdReadyMutGuard").field("fd", &self.fd).field("ready", &self.seen.ready).finish()
    }
}
