//! Whether a file is what it's taken for.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileTypeExt;

use crate::sys;

/// An error unless it's a pipe.
pub(super) fn is_pipe(file: &File) -> io::Result<()> {
    if file.metadata()?.file_type().is_fifo() { Ok(()) } else { Err(invalid("not a pipe")) }
}

/// An error unless it's a pipe that can be read.
pub(super) fn is_readable_pipe(file: &File) -> io::Result<()> {
    is_pipe(file)?;
    let (readable, _) = sys::access(file)?;
    if readable { Ok(()) } else { Err(invalid("not open for reading")) }
}

/// An error unless it's a pipe that can be written.
pub(super) fn is_writable_pipe(file: &File) -> io::Result<()> {
    is_pipe(file)?;
    let (_, writable) = sys::access(file)?;
    if writable { Ok(()) } else { Err(invalid("not open for writing")) }
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, what)
}
