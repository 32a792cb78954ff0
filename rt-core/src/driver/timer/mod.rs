//! Timers: who sleeps until when.
//!
//! - [`Entry`]: the timer itself; it lies in the future that sleeps.
//! - `Wheel`: the entries of one driver by deadline.
//! - [`Timers`]: the wheel under its lock, and what others may know of it without the lock.
//!
//! An entry is inserted when its future is first polled, so a future that is ready at once costs nothing
//! here. Inserting, removing, firing and resetting are all decided under the wheel's lock; a future that is
//! polled again without change takes no lock, for its state word says whether it has fired.

mod entry;
mod timers;
mod wheel;

pub(crate) use entry::{Entry, Look};
pub(crate) use timers::{Armed, Peek, Timers};
