//! Tasks that stay on one thread.
//!
//! - `Shared` is what wakers on any thread reach: an inbox of tasks that were woken, and the waker of whoever polls
//!   the set.
//! - `Tasks` is the rest, which never leaves its thread: the queue, and the loop that polls.
//! - `LocalSet` is the public face of both; its drop ends all tasks.
//!
//! A set is a scheduler as a runtime's is, for the tasks that are its own. It has no thread: it runs when somebody
//! polls it, and asks that somebody's waker for more.

#[cfg(not(loom))]
mod set;
mod shared;
mod tasks;

#[cfg(all(test, loom))]
mod tests_loom;

#[cfg(not(loom))]
pub use set::{LocalEnterGuard, LocalSet};

#[cfg(not(loom))]
pub(super) use set::spawn_local_at;
