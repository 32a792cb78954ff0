//! Opening pipes that have a path.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::checks::is_pipe;
use super::{Receiver, Sender};
use crate::sys;

/// How a pipe that has a path is opened.
///
/// # Examples
///
/// ```no_run
/// use rt_core::net::unix::pipe;
///
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let receiver = pipe::OpenOptions::new().open_receiver("/run/commands")?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    read_write: bool,
    unchecked: bool,
}

impl OpenOptions {
    /// Opens for one direction, and only what is a pipe.
    pub fn new() -> OpenOptions {
        Self::default()
    }

    /// Whether it's opened for both directions. A sender then needs no receiver, and a receiver never reads the end,
    /// for it could be a sender itself.
    ///
    /// Linux allows it, POSIX doesn't say.
    pub fn read_write(&mut self, value: bool) -> &mut Self {
        self.read_write = value;
        self
    }

    /// Whether it isn't looked at what kind of file it is: for who knows.
    pub fn unchecked(&mut self, value: bool) -> &mut Self {
        self.unchecked = value;
        self
    }

    /// Opens the end that is read. No sender need be there.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) when it isn't a pipe, and what the system says.
    ///
    /// # Panics
    ///
    /// Outside of a runtime, and when its I/O isn't enabled.
    #[track_caller]
    pub fn open_receiver<P: AsRef<Path>>(&self, path: P) -> io::Result<Receiver> {
        Receiver::new(self.open(path.as_ref(), true)?)
    }

    /// Opens the end that is written.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) when it isn't a pipe, and what the system says: `ENXIO` when no receiver
    /// is there.
    ///
    /// # Panics
    ///
    /// Outside of a runtime, and when its I/O isn't enabled.
    #[track_caller]
    pub fn open_sender<P: AsRef<Path>>(&self, path: P) -> io::Result<Sender> {
        Sender::new(self.open(path.as_ref(), false)?)
    }

    fn open(&self, path: &Path, receives: bool) -> io::Result<File> {
        let mut options = fs::OpenOptions::new();
        options.read(receives || self.read_write).write(!receives || self.read_write);
        let file = options.custom_flags(sys::OPEN_NONBLOCKING).open(path)?;
        if !self.unchecked {
            is_pipe(&file)?;
        }
        Ok(file)
    }
}
