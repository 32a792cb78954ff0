//! Sleeping on a condition variable: for runtimes without I/O.

use std::io;
use std::time::Duration;

use super::Wait;
use crate::base::Parker;
use crate::driver::Config;

/// See the module's documentation.
#[derive(Debug)]
pub(in crate::driver) struct Park(Parker);

impl Park {
    pub(in crate::driver) fn new(_config: &Config) -> io::Result<Self> {
        Ok(Self(Parker::new()))
    }

    /// Handles events that are there: there are none here.
    pub(in crate::driver) const fn turn(&self) -> bool {
        true
    }

    /// Sleeps until unparked, or as long as `wait` says.
    pub(in crate::driver) fn sleep(&self, wait: Wait, awake: impl FnOnce()) {
        match wait.shorter() {
            Some(limit) => _ = self.0.park_timeout(limit),
            None => self.0.park(),
        }
        awake();
    }

    /// Handles events without sleeping; true when something came, an unpark included.
    pub(in crate::driver) fn poll_now(&self) -> bool {
        self.0.park_timeout(Duration::ZERO)
    }

    pub(in crate::driver) fn unpark(&self) {
        self.0.unpark();
    }

    pub(in crate::driver) const fn shutdown(&self) {}
}
