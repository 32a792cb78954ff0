//! The task's memory: one allocation that holds state, future and output.
//!
//! Who is who:
//!
//! - A *cell* is the allocation: a `Header` of one cache line, a slot for the joiner's waker, and the
//!   *stage*, which holds the future first and what came of it afterwards.
//! - [`Notified`] is the right to poll the task once: it lies in a run queue, and there is at most one.
//! - [`JoinHandle`] waits for the output, [`AbortHandle`] asks the task to stop.
//! - [`Registry`] lists the tasks that wait for something, so that a shutdown finds them.
//! - A scheduler is known here only as the trait [`Schedule`].
//!
//! What depends on the future's type is a handful of small functions behind [`header::Vtable`]; the state
//! machine (`state`), its use (`harness`) and the waker are compiled once.

mod abort;
mod context;
mod error;
mod harness;
mod header;
mod id;
mod inbox;
mod join;
mod list;
mod memory;
mod notified;
mod registry;
mod schedule;
mod state;
mod vtable;
mod waker;

#[cfg(all(test, not(loom)))]
mod tests;
#[cfg(all(test, loom))]
mod tests_loom;

pub use abort::AbortHandle;
pub use context::{id, try_id};
pub use error::JoinError;
pub use id::Id;
pub use join::JoinHandle;

pub(crate) use harness::Ran;
pub(crate) use inbox::TaskInbox;
pub(crate) use list::TaskList;
pub(crate) use notified::{Notified, Task, TaskRef};
pub(crate) use registry::Registry;
pub(crate) use schedule::Schedule;
pub(crate) use state::Shard;
pub(crate) use vtable::{boxed, is_large, new_stamped_task, new_task};
