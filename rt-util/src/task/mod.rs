//! Tracking of tasks.

pub mod task_tracker;

#[doc(inline)]
pub use task_tracker::TaskTracker;
