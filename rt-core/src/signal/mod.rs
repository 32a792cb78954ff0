//! Signals that the system sends to the process.
//!
//! - [`ctrl_c`]: waits for the user to interrupt the process; the same on all systems.
//! - [`unix`]: any signal.
//!
//! A signal is counted, not queued: several that come before anyone looks are seen as one.

mod ctrl_c;
mod listener;

pub mod unix;

pub use ctrl_c::ctrl_c;
