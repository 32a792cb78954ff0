//! Looking after tasks.

#[cfg(feature = "rt")]
mod abort_on_drop;
pub mod task_tracker;

#[cfg(feature = "rt")]
pub use abort_on_drop::{AbortOnDrop, AbortOnDropHandle};
#[doc(inline)]
pub use task_tracker::TaskTracker;
