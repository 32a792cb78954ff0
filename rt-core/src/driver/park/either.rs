//! One way or the other, as the runtime was configured.

use std::io;

use super::{Wait, poll, thread};
use crate::driver::Config;
use crate::driver::io::Io;

/// See the parent module's documentation.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one a worker, never moved")]
pub(in crate::driver) enum Park {
    /// The runtime has no I/O.
    Thread(thread::Park),
    /// It has.
    Poll(poll::Park),
}

impl Park {
    pub(in crate::driver) fn new(config: &Config) -> io::Result<Self> {
        Ok(if config.io {
            Self::Poll(poll::Park::new(config)?)
        } else {
            Self::Thread(thread::Park::new(config)?)
        })
    }

    /// Handles events that are there; false when another thread is at it.
    #[inline]
    pub(in crate::driver) fn turn(&self) -> bool {
        match self {
            Self::Thread(park) => park.turn(),
            Self::Poll(park) => park.turn(),
        }
    }

    /// Sleeps until an event or an unpark, or as long as `wait` says, and handles what came.
    pub(in crate::driver) fn sleep(&self, wait: Wait, awake: impl FnOnce()) {
        match self {
            Self::Thread(park) => park.sleep(wait, awake),
            Self::Poll(park) => park.sleep(wait, awake),
        }
    }

    /// Handles events without sleeping; true when something came, an unpark included.
    pub(in crate::driver) fn poll_now(&self) -> bool {
        match self {
            Self::Thread(park) => park.poll_now(),
            Self::Poll(park) => park.poll_now(),
        }
    }

    pub(in crate::driver) fn unpark(&self) {
        match self {
            Self::Thread(park) => park.unpark(),
            Self::Poll(park) => park.unpark(),
        }
    }

    pub(in crate::driver) fn shutdown(&self) {
        match self {
            Self::Thread(park) => park.shutdown(),
            Self::Poll(park) => park.io().shutdown(),
        }
    }

    /// The event queue, if the runtime has I/O.
    #[inline]
    pub(in crate::driver) fn io(&self) -> Option<&Io> {
        match self {
            Self::Thread(_) => None,
            Self::Poll(park) => Some(park.io()),
        }
    }
}
