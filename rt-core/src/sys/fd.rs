//! Descriptors in mio's event queue.

use std::io;
use std::os::fd::RawFd;

use mio::unix::SourceFd;

/// What names a resource.
pub(crate) type Fd = RawFd;

/// Whether a short read or write proves that the next one would block: so with epoll and kqueue, whose edges
/// tell when that changes.
#[cfg(feature = "net")]
pub(crate) const SHORT_MEANS_DRAINED: bool = true;

/// Enters a descriptor into the queue.
pub(crate) fn register(
    registry: &mio::Registry,
    fd: Fd,
    token: mio::Token,
    interest: mio::Interest,
) -> io::Result<()> {
    registry.register(&mut SourceFd(&fd), token, interest)
}

/// Takes a descriptor out of the queue.
pub(crate) fn deregister(registry: &mio::Registry, fd: Fd) -> io::Result<()> {
    registry.deregister(&mut SourceFd(&fd))
}

/// An interest in mio's terms. Errors are always reported; one who waits for nothing else has to ask for
/// something.
pub(crate) fn interest(readable: bool, writable: bool, priority: bool) -> mio::Interest {
    let parts = [
        readable.then_some(mio::Interest::READABLE),
        writable.then_some(mio::Interest::WRITABLE),
        priority.then(self::priority),
    ];
    parts.into_iter().flatten().reduce(mio::Interest::add).unwrap_or(mio::Interest::READABLE)
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn priority() -> mio::Interest {
    mio::Interest::PRIORITY
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn priority() -> mio::Interest {
    mio::Interest::READABLE
}
