//! Telling when a child has exited, on Linux: a pidfd, which is readable from then on.

use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

/// What the event queue reports when the child has exited.
#[derive(Debug)]
pub(crate) struct ExitFd(OwnedFd);

impl ExitFd {
    /// Of a child that hasn't been reaped. `None` when the kernel has no such thing, forbids it, or has no descriptor left.
    pub(crate) fn open(pid: u32) -> Option<Self> {
        let pid = i32::try_from(pid).ok()?;
        // SAFETY: the call takes no pointers.
        let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
        let fd = RawFd::try_from(fd).ok().filter(|&fd| fd >= 0)?;
        // SAFETY: the descriptor is open, and nobody else knows of it. The kernel has it closed by an exec.
        Some(Self(unsafe { OwnedFd::from_raw_fd(fd) }))
    }
}

impl AsRawFd for ExitFd {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}
