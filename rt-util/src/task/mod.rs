//! Looking after tasks.

#[cfg(feature = "rt")]
mod abort_on_drop;
#[cfg(feature = "join-map")]
mod join_map;
#[cfg(feature = "rt")]
mod join_queue;
#[cfg(feature = "rt")]
mod local_pool;
pub mod task_tracker;

#[cfg(feature = "rt")]
pub use abort_on_drop::{AbortOnDrop, AbortOnDropHandle};
#[cfg(feature = "join-map")]
pub use join_map::{JoinMap, JoinMapKeys};
#[cfg(feature = "rt")]
pub use join_queue::JoinQueue;
#[cfg(feature = "rt")]
pub use local_pool::LocalPoolHandle;
#[doc(inline)]
pub use task_tracker::TaskTracker;
