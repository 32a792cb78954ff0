//! A bell on Linux: an eventfd that nobody reads. Each write makes a new edge in every queue that reports it.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use super::Fd;

/// What a signal handler rings.
#[derive(Debug)]
pub(crate) struct SignalBell(OwnedFd);

/// One who hears it, in a queue of its own choice.
#[derive(Debug)]
pub(crate) struct SignalEar(OwnedFd);

impl SignalBell {
    pub(crate) fn new() -> io::Result<Self> {
        // SAFETY: the call takes no pointers.
        let fd = unsafe { libc::eventfd(0, libc::EFD_NONBLOCK | libc::EFD_CLOEXEC) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the descriptor is open, and nobody else knows of it.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    /// Rings. A signal handler may call it: it makes one system call, and allocates and locks nothing.
    pub(crate) fn ring(&self) {
        let one = 1_u64;
        // SAFETY: the descriptor is open, and the buffer has the eight bytes that are written. It can fail only
        // after 2^64 rings.
        unsafe { libc::write(self.0.as_raw_fd(), (&raw const one).cast(), size_of::<u64>()) };
    }

    /// A new listener. It may hear rings of before.
    pub(crate) fn ear(&self) -> io::Result<SignalEar> {
        self.0.try_clone().map(SignalEar)
    }
}

impl SignalEar {
    pub(crate) fn fd(&self) -> Fd {
        self.0.as_raw_fd()
    }

    /// Makes room for more rings: there always is.
    pub(crate) fn drain(&self) {}
}
