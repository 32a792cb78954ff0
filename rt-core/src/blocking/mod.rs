//! The pool of threads on which blocking closures run.
//!
//! - A [`Pool`] belongs to a runtime: it starts threads when closures need them, up to a cap, and lets them
//!   go when they have been idle for a while.
//! - A closure is a task (`task`): a cell with a future that runs the closure in its only poll. So joining,
//!   aborting and panics are those of every other task.
//! - Who waits, who is on the way and what is queued is in `roster`, under one lock that is held for a few
//!   instructions: a closure that is worth a thread takes a thousand times as long.

mod current;
mod held;
mod patience;
mod pool;
mod roster;
mod task;
mod thread;

#[cfg(all(test, not(loom)))]
mod tests;
#[cfg(all(test, loom))]
mod tests_loom;

pub(crate) use crate::cell::JoinHandle;
pub(crate) use current::{Finder, is_open, set_finder, spawn_current, spawn_mandatory_current};
pub(crate) use held::Held;
pub(crate) use pool::{Config, Hook, Pool};
