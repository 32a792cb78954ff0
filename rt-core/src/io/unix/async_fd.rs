//! Something with a descriptor that can be waited for.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::task::{Context, Poll, ready};

use super::guard::Seen;
use super::{AsyncFdReadyGuard, AsyncFdReadyMutGuard, AsyncFdRegisterError};
use crate::driver::io::{Direction, Registration};
use crate::io::Interest;

const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);

/// Something with a descriptor, `T`, that can be waited for.
///
/// The descriptor must be of a kind that the system's event queue takes (regular files aren't), it mustn't block
/// (`O_NONBLOCK`), and it must stay the same. Events are reported once: a descriptor counts as ready until an operation says
/// that it would block and the guard that the wait gave is told so.
///
/// Dropping it takes the descriptor out of the event queue and drops `T`; [`into_inner`](Self::into_inner) gives `T` back.
///
/// # Examples
///
/// ```
/// use std::io::{self, Read};
/// use std::os::unix::net::UnixStream;
/// use rt_core::io::unix::AsyncFd;
///
/// async fn read(socket: &AsyncFd<UnixStream>, buf: &mut [u8]) -> io::Result<usize> {
///     loop {
///         let mut guard = socket.readable().await?;
///         match guard.try_io(|socket| socket.get_ref().read(buf)) {
///             Ok(outcome) => return outcome,
///             Err(_would_block) => continue,
///         }
///     }
/// }
///
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> io::Result<()> {
/// let (socket, mut other) = UnixStream::pair()?;
/// socket.set_nonblocking(true)?;
/// // SAFETY: the socket has its descriptor to itself, and closes it when it's dropped.
/// let socket = unsafe { AsyncFd::register(socket) }?;
/// io::Write::write_all(&mut other, b"hello")?;
/// let mut buf = [0; 16];
/// assert_eq!(read(&socket, &mut buf).await?, 5);
/// # Ok(()) }
/// ```
pub struct AsyncFd<T: AsRawFd> {
    // Before what has the descriptor, so that it is dropped before that is closed.
    registration: Registration,
    inner: T,
}

/// # Making one
impl<T: AsRawFd> AsyncFd<T> {
    /// Enters a descriptor into the event queue, for reading and writing.
    ///
    /// # Safety
    ///
    /// The descriptor must be open, and it must stay open, and the same, until the `AsyncFd` is dropped or
    /// [`into_inner`](Self::into_inner) is called.
    ///
    /// # Errors
    ///
    /// What the system says: `EPERM` when nothing of its kind can be waited for. `T` comes back in the error.
    ///
    /// # Panics
    ///
    /// Outside of a runtime, and when its I/O isn't enabled.
    #[track_caller]
    pub unsafe fn register(inner: T) -> Result<Self, AsyncFdRegisterError<T>> {
        // SAFETY: passed on to the caller.
        unsafe { Self::register_with_interest(inner, BOTH) }
    }

    /// Enters a descriptor into the event queue, for `interest`.
    ///
    /// # Safety
    ///
    /// As [`register`](Self::register).
    ///
    /// # Errors
    ///
    /// As [`register`](Self::register).
    ///
    /// # Panics
    ///
    /// Outside of a runtime, and when its I/O isn't enabled.
    #[track_caller]
    pub unsafe fn register_with_interest(
        inner: T,
        interest: Interest,
    ) -> Result<Self, AsyncFdRegisterError<T>> {
        match Registration::with_interest(inner.as_raw_fd(), interest) {
            Ok(registration) => Ok(Self { registration, inner }),
            Err(cause) => Err(AsyncFdRegisterError { inner, cause }),
        }
    }

    /// As [`register`](Self::register), without its conditions: a descriptor that is closed or replaced under way leads to
    /// lost or wrong events, and to nothing worse.
    ///
    /// # Errors
    ///
    /// As [`register`](Self::register).
    ///
    /// # Panics
    ///
    /// Outside of a runtime, and when its I/O isn't enabled.
    #[track_caller]
    #[deprecated = "nothing says that the descriptor stays open; `register` asks for it"]
    pub fn new(inner: T) -> io::Result<Self> {
        Ok(Self::unowned(inner, BOTH)?)
    }

    /// As [`register_with_interest`](Self::register_with_interest), without its conditions: see [`new`](Self::new).
    ///
    /// # Errors
    ///
    /// As [`register`](Self::register).
    ///
    /// # Panics
    ///
    /// Outside of a runtime, and when its I/O isn't enabled.
    #[track_caller]
    #[deprecated = "nothing says that the descriptor stays open; `register_with_interest` asks for it"]
    pub fn with_interest(inner: T, interest: Interest) -> io::Result<Self> {
        Ok(Self::unowned(inner, interest)?)
    }

    /// As [`new`](Self::new), and gives `T` back when it can't be done.
    ///
    /// # Errors
    ///
    /// As [`register`](Self::register).
    ///
    /// # Panics
    ///
    /// Outside of a runtime, and when its I/O isn't enabled.
    #[track_caller]
    #[deprecated = "nothing says that the descriptor stays open; `register` asks for it"]
    pub fn try_new(inner: T) -> Result<Self, AsyncFdRegisterError<T>> {
        Self::unowned(inner, BOTH)
    }

    /// As [`with_interest`](Self::with_interest), and gives `T` back when it can't be done.
    ///
    /// # Errors
    ///
    /// As [`register`](Self::register).
    ///
    /// # Panics
    ///
    /// Outside of a runtime, and when its I/O isn't enabled.
    #[track_caller]
    #[deprecated = "nothing says that the descriptor stays open; `register_with_interest` asks for it"]
    pub fn try_with_interest(inner: T, interest: Interest) -> Result<Self, AsyncFdRegisterError<T>> {
        Self::unowned(inner, interest)
    }

    #[track_caller]
    fn unowned(inner: T, interest: Interest) -> Result<Self, AsyncFdRegisterError<T>> {
        match Registration::unowned(inner.as_raw_fd(), interest) {
            Ok(registration) => Ok(Self { registration, inner }),
            Err(cause) => Err(AsyncFdRegisterError { inner, cause }),
        }
    }

    /// What has the descriptor.
    pub fn get_ref(&self) -> &T {
        &self.inner
    }

    /// What has the descriptor, to be changed. Its descriptor must stay the same.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.inner
    }

    /// Takes the descriptor out of the event queue, and gives what has it.
    pub fn into_inner(self) -> T {
        let Self { registration, inner } = self;
        drop(registration);
        inner
    }

    pub(super) fn registration(&self) -> &Registration {
        &self.registration
    }
}

/// # Waiting
///
/// Their errors: when the runtime is shut down. Cancelling a wait loses nothing.
impl<T: AsRawFd> AsyncFd<T> {
    /// Waits until an operation of `interest` makes sense. Any number of tasks may wait. Spends a unit of the task's budget.
    pub async fn ready(&self, interest: Interest) -> io::Result<AsyncFdReadyGuard<'_, T>> {
        let seen = self.wait(interest).await?;
        Ok(AsyncFdReadyGuard { fd: self, seen })
    }

    /// As [`ready`](Self::ready), with the descriptor to oneself.
    pub async fn ready_mut(&mut self, interest: Interest) -> io::Result<AsyncFdReadyMutGuard<'_, T>> {
        let seen = self.wait(interest).await?;
        Ok(AsyncFdReadyMutGuard { fd: self, seen })
    }

    /// Waits until something can be read: `ready(Interest::READABLE)`.
    pub async fn readable(&self) -> io::Result<AsyncFdReadyGuard<'_, T>> {
        self.ready(Interest::READABLE).await
    }

    /// As [`readable`](Self::readable), with the descriptor to oneself.
    pub async fn readable_mut(&mut self) -> io::Result<AsyncFdReadyMutGuard<'_, T>> {
        self.ready_mut(Interest::READABLE).await
    }

    /// Waits until something can be written: `ready(Interest::WRITABLE)`.
    pub async fn writable(&self) -> io::Result<AsyncFdReadyGuard<'_, T>> {
        self.ready(Interest::WRITABLE).await
    }

    /// As [`writable`](Self::writable), with the descriptor to oneself.
    pub async fn writable_mut(&mut self) -> io::Result<AsyncFdReadyMutGuard<'_, T>> {
        self.ready_mut(Interest::WRITABLE).await
    }

    /// Polls until something can be read. One task may wait so: the last one that polled is woken.
    pub fn poll_read_ready<'a>(&'a self, cx: &mut Context<'_>) -> Poll<io::Result<AsyncFdReadyGuard<'a, T>>> {
        let seen = ready!(self.poll_seen(Direction::Read, cx))?;
        Poll::Ready(Ok(AsyncFdReadyGuard { fd: self, seen }))
    }

    /// As [`poll_read_ready`](Self::poll_read_ready), with the descriptor to oneself.
    pub fn poll_read_ready_mut<'a>(
        &'a mut self,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<AsyncFdReadyMutGuard<'a, T>>> {
        let seen = ready!(self.poll_seen(Direction::Read, cx))?;
        Poll::Ready(Ok(AsyncFdReadyMutGuard { fd: self, seen }))
    }

    /// Polls until something can be written. One task may wait so: the last one that polled is woken.
    pub fn poll_write_ready<'a>(
        &'a self,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<AsyncFdReadyGuard<'a, T>>> {
        let seen = ready!(self.poll_seen(Direction::Write, cx))?;
        Poll::Ready(Ok(AsyncFdReadyGuard { fd: self, seen }))
    }

    /// As [`poll_write_ready`](Self::poll_write_ready), with the descriptor to oneself.
    pub fn poll_write_ready_mut<'a>(
        &'a mut self,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<AsyncFdReadyMutGuard<'a, T>>> {
        let seen = ready!(self.poll_seen(Direction::Write, cx))?;
        Poll::Ready(Ok(AsyncFdReadyMutGuard { fd: self, seen }))
    }

    async fn wait(&self, interest: Interest) -> io::Result<Seen> {
        // What is done with the guard costs nothing, so that a descriptor that is always ready would keep the worker.
        crate::coop::consume_budget().await;
        let event = self.registration.readiness(interest).await?;
        Ok(Seen::new(event, interest.mask()))
    }

    fn poll_seen(&self, direction: Direction, cx: &mut Context<'_>) -> Poll<io::Result<Seen>> {
        let event = match direction {
            Direction::Read => ready!(self.registration.poll_read_ready(cx))?,
            Direction::Write => ready!(self.registration.poll_write_ready(cx))?,
        };
        Poll::Ready(Ok(Seen::new(event, direction.mask())))
    }
}

/// # Operations
impl<T: AsRawFd> AsyncFd<T> {
    /// Does an operation, and waits while it would block. Any number of tasks may wait.
    ///
    /// The closure must say [`WouldBlock`](io::ErrorKind::WouldBlock) only when the system did.
    ///
    /// # Errors
    ///
    /// What the closure returned, and when the runtime is shut down.
    ///
    /// # Cancel safety
    ///
    /// When it's cancelled, the closure has not succeeded.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io::Read;
    /// use rt_core::io::{Interest, unix::AsyncFd};
    ///
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// # let (socket, mut other) = std::os::unix::net::UnixStream::pair()?;
    /// # socket.set_nonblocking(true)?;
    /// # std::io::Write::write_all(&mut other, b"hello")?;
    /// // SAFETY: the socket has its descriptor to itself, and closes it when it's dropped.
    /// let socket = unsafe { AsyncFd::register(socket) }?;
    /// let mut buf = [0; 16];
    /// let read = socket.async_io(Interest::READABLE, |mut socket| socket.read(&mut buf));
    /// assert_eq!(read.await?, 5);
    /// # Ok(()) }
    /// ```
    pub async fn async_io<R>(
        &self,
        interest: Interest,
        mut f: impl FnMut(&T) -> io::Result<R>,
    ) -> io::Result<R> {
        self.registration.async_io(interest, || f(&self.inner)).await
    }

    /// As [`async_io`](Self::async_io), with the descriptor to oneself.
    ///
    /// # Errors
    ///
    /// As [`async_io`](Self::async_io).
    ///
    /// # Cancel safety
    ///
    /// When it's cancelled, the closure has not succeeded.
    pub async fn async_io_mut<R>(
        &mut self,
        interest: Interest,
        mut f: impl FnMut(&mut T) -> io::Result<R>,
    ) -> io::Result<R> {
        let Self { registration, inner } = self;
        registration.async_io(interest, || f(inner)).await
    }

    /// Tries an operation.
    ///
    /// It isn't tried when it's known that it would block. When it says so itself, the descriptor isn't ready any more.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock), and what the closure returned.
    pub fn try_io<R>(&self, interest: Interest, f: impl FnOnce(&T) -> io::Result<R>) -> io::Result<R> {
        self.registration.try_io(interest, || f(&self.inner))
    }

    /// As [`try_io`](Self::try_io), with the descriptor to oneself.
    ///
    /// # Errors
    ///
    /// As [`try_io`](Self::try_io).
    pub fn try_io_mut<R>(
        &mut self,
        interest: Interest,
        f: impl FnOnce(&mut T) -> io::Result<R>,
    ) -> io::Result<R> {
        let Self { registration, inner } = self;
        registration.try_io(interest, || f(inner))
    }
}

impl<T: AsRawFd + fmt::Debug> fmt::Debug for AsyncFd<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncFd").field("inner", &self.inner).finish()
    }
}

impl<T: AsRawFd> AsRawFd for AsyncFd<T> {
    fn as_raw_fd(&self) -> RawFd {
        self.inner.as_raw_fd()
    }
}

impl<T: AsRawFd> AsFd for AsyncFd<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        // SAFETY: who registered it has promised that it stays open; the deprecated functions, from which no such promise
        // can be had, say what they ask for.
        unsafe { BorrowedFd::borrow_raw(self.as_raw_fd()) }
    }
}
