//! No alarm: the queue's own timeouts must do.

use std::io;
use std::time::Duration;

use super::Fd;

/// Never made.
#[derive(Debug)]
pub(crate) enum Alarm {}

impl Alarm {
    pub(crate) fn new() -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn fd(&self) -> Fd {
        match *self {}
    }

    pub(crate) fn set(&self, _after: Duration) -> io::Result<()> {
        match *self {}
    }
}
