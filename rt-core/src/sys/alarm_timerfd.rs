//! An alarm on Linux: a timerfd, which is exact to microseconds where a queue's timeout is not.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::time::Duration;

use super::Fd;

/// Reported as readable when it rings. It needn't be read: each setting makes a new edge.
#[derive(Debug)]
pub(crate) struct Alarm(OwnedFd);

impl Alarm {
    pub(crate) fn new() -> io::Result<Self> {
        // SAFETY: the call takes no pointers.
        let fd =
            unsafe { libc::timerfd_create(libc::CLOCK_MONOTONIC, libc::TFD_NONBLOCK | libc::TFD_CLOEXEC) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the descriptor is open, and nobody else knows of it.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    pub(crate) fn fd(&self) -> Fd {
        self.0.as_raw_fd()
    }

    /// Lets it ring once, after this time and not before.
    pub(crate) fn set(&self, after: Duration) -> io::Result<()> {
        // All zeroes would mean never.
        let after = after.max(Duration::from_nanos(1));
        // SAFETY: `timespec` is made of integers, for which zero is a value.
        let mut time: libc::itimerspec = unsafe { std::mem::zeroed() };
        time.it_value.tv_sec = libc::time_t::try_from(after.as_secs()).unwrap_or(libc::time_t::MAX);
        time.it_value.tv_nsec = after.subsec_nanos() as _;
        // SAFETY: the descriptor is a timer, `time` outlives the call, and the former setting isn't asked for.
        let result =
            unsafe { libc::timerfd_settime(self.0.as_raw_fd(), 0, &raw const time, std::ptr::null_mut()) };
        if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }
}
