//! Asynchronous tasks: spawning, joining, yielding.
//!
//! A task is a future that a runtime polls on its own. Tasks run on few threads and must not block them:
//! [`spawn_blocking`] and `block_in_place` are for code that does.
//!
//! ```
//! # rt_core::runtime::Runtime::new().unwrap().block_on(async {
//! let task = rt_core::spawn(async { 1 + 1 });
//! assert_eq!(task.await.unwrap(), 2);
//! # });
//! ```

pub mod coop;

#[cfg(all(feature = "rt", not(loom)))]
mod blocking;
#[cfg(all(feature = "rt", not(loom)))]
mod builder;
#[cfg(all(feature = "rt", not(loom)))]
pub mod join_set;
#[cfg(feature = "rt")]
mod local;
#[cfg(all(feature = "rt", not(loom)))]
mod spawn;
#[cfg(all(feature = "rt", not(loom)))]
mod spawn_local;
#[cfg(all(feature = "rt", not(loom)))]
mod task_local;
#[cfg(all(feature = "rt", not(loom)))]
mod yield_now;

#[cfg(all(feature = "rt-multi-thread", not(loom)))]
pub use blocking::block_in_place;
#[cfg(all(feature = "rt", not(loom)))]
pub use blocking::spawn_blocking;
#[cfg(all(feature = "rt", not(loom)))]
pub use builder::Builder;
#[cfg(all(feature = "rt", not(loom)))]
pub use join_set::JoinSet;
#[cfg(all(feature = "rt", not(loom)))]
pub use local::{LocalEnterGuard, LocalSet};
#[cfg(all(feature = "rt", not(loom)))]
pub use spawn::spawn;
#[cfg(all(feature = "rt", not(loom)))]
pub use spawn_local::spawn_local;
#[cfg(all(feature = "rt", not(loom)))]
pub use task_local::LocalKey;
#[cfg(all(feature = "rt", not(loom)))]
pub use yield_now::yield_now;

#[cfg(feature = "rt")]
pub use crate::cell::{AbortHandle, Id, JoinError, JoinHandle, id, try_id};
#[cfg(feature = "rt")]
pub use crate::coop::{consume_budget, unconstrained};

/// The types of futures that functions of this module return.
#[cfg(all(feature = "rt", not(loom)))]
pub mod futures {
    pub use super::task_local::TaskLocalFuture;
}
