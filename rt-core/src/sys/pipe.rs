//! Pipes.

use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd};

/// The flag with which opening a pipe doesn't wait for its other end.
pub(crate) const OPEN_NONBLOCKING: i32 = libc::O_NONBLOCK;

/// Reads from a descriptor that isn't a socket.
pub(crate) fn read(fd: BorrowedFd<'_>, room: &mut [MaybeUninit<u8>]) -> io::Result<usize> {
    // SAFETY: the room is ours to be written to.
    let n = unsafe { libc::read(fd.as_raw_fd(), room.as_mut_ptr().cast(), room.len()) };
    usize::try_from(n).map_err(|_| io::Error::last_os_error())
}

/// Whether it was opened for reading, and for writing.
pub(crate) fn access(file: &File) -> io::Result<(bool, bool)> {
    let mode = flags(file)? & libc::O_ACCMODE;
    let both = mode == libc::O_RDWR;
    Ok((both || mode == libc::O_RDONLY, both || mode == libc::O_WRONLY))
}

/// Sets whether operations block.
pub(crate) fn set_blocking(file: &File, blocking: bool) -> io::Result<()> {
    let before = flags(file)?;
    let after = if blocking { before & !libc::O_NONBLOCK } else { before | libc::O_NONBLOCK };
    if after == before {
        return Ok(());
    }
    // SAFETY: it touches no memory of ours.
    match unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETFL, after) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

fn flags(file: &File) -> io::Result<i32> {
    // SAFETY: it touches no memory of ours.
    match unsafe { libc::fcntl(file.as_raw_fd(), libc::F_GETFL) } {
        -1 => Err(io::Error::last_os_error()),
        flags => Ok(flags),
    }
}
