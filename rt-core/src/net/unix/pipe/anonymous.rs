//! Making a pipe.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;

use super::{Receiver, Sender};

/// Makes a pipe, whose ends child processes don't inherit.
///
/// # Errors
///
/// What the system says.
///
/// # Panics
///
/// Outside of a runtime, and when its I/O isn't enabled.
///
/// # Examples
///
/// See the [module](super::pipe)'s documentation.
#[track_caller]
pub fn pipe() -> io::Result<(Sender, Receiver)> {
    let (sender, receiver) = mio::unix::pipe::new()?;
    let (sender, receiver) = (OwnedFd::from(sender), OwnedFd::from(receiver));
    Ok((Sender::new(File::from(sender))?, Receiver::new(File::from(receiver))?))
}
