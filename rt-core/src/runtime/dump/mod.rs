//! Where each task of a runtime waits: see [`Handle::dump`](super::Handle::dump).
//!
//! A dump polls each waiting task once more, on its own runtime, where and when it would be polled anyway. In that poll
//! each resource of the runtime that the task comes to refuses, as it does when the task's
//! [budget](crate::task::coop) is used up, and takes notice of the stack. So a dump does nothing to a task that an
//! empty budget doesn't: no lock is held, nothing is lost, and the task goes on when it is polled next.
//!
//! ```
//! use rt_core::runtime::Handle;
//!
//! # rt_core::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let task = rt_core::spawn(async {
//!     rt_core::time::sleep(std::time::Duration::from_secs(60)).await;
//! });
//! let dump = Handle::current().dump().await;
//! for waiting in dump.tasks().iter() {
//!     assert_eq!(waiting.id(), task.id());
//!     println!("task {} waits here:\n{}", waiting.id(), waiting.trace());
//! }
//! # });
//! ```

mod backtrace;
mod names;
mod tasks;
mod trace;
mod tree;

pub use backtrace::{Backtrace, BacktraceFrame, BacktraceSymbol};
pub use tasks::{Dump, Task, Tasks};
pub use trace::{Root, Trace, TraceMeta, trace_with};
