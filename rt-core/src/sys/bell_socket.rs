//! A bell where there is no eventfd: a pair of sockets. Whoever hears it empties it; the others were told too.

use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;

use super::Fd;

/// What a signal handler rings.
#[derive(Debug)]
pub(crate) struct SignalBell {
    rings: UnixStream,
    sounds: UnixStream,
}

/// One who hears it, in a queue of its own choice.
#[derive(Debug)]
pub(crate) struct SignalEar(UnixStream);

impl SignalBell {
    pub(crate) fn new() -> io::Result<Self> {
        let (rings, sounds) = UnixStream::pair()?;
        rings.set_nonblocking(true)?;
        sounds.set_nonblocking(true)?;
        Ok(Self { rings, sounds })
    }

    /// Rings. A signal handler may call it: it makes one system call, and allocates and locks nothing.
    pub(crate) fn ring(&self) {
        let one = 1_u8;
        // SAFETY: the descriptor is open, and the buffer has the byte that is written. When there is no room,
        // rings enough are on their way.
        unsafe { libc::write(self.rings.as_raw_fd(), (&raw const one).cast(), 1) };
    }

    /// A new listener. It may hear rings of before.
    pub(crate) fn ear(&self) -> io::Result<SignalEar> {
        self.sounds.try_clone().map(SignalEar)
    }
}

impl SignalEar {
    pub(crate) fn fd(&self) -> Fd {
        self.0.as_raw_fd()
    }

    /// Makes room for more rings.
    pub(crate) fn drain(&self) {
        let mut buffer = [0; 64];
        while matches!((&self.0).read(&mut buffer), Ok(read) if read > 0) {}
    }
}
