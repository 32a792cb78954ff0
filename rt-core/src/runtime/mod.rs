//! The runtime: its builder, its handle, and how threads enter it.
//!
//! A [`Runtime`] runs tasks. There are two flavors: [`Builder::new_multi_thread`] starts worker threads that
//! share the work between them, [`Builder::new_current_thread`] runs everything on the thread that calls
//! [`Runtime::block_on`]. A [`Handle`] refers to a runtime from anywhere.
//!
//! ```
//! let runtime = rt_core::runtime::Builder::new_current_thread().enable_all().build()?;
//! let sum = runtime.block_on(async {
//!     let task = rt_core::spawn(async { 20 + 1 });
//!     task.await.unwrap() * 2
//! });
//! assert_eq!(sum, 42);
//! # std::io::Result::Ok(())
//! ```

mod auto_advance;
mod builder;
#[cfg(feature = "taskdump")]
pub mod dump;
mod error;
mod handle;
mod id;
mod local_options;
mod local_runtime;
mod metrics;
mod rng_seed;
#[expect(clippy::module_inception, reason = "the folder is named for the noun that it is about")]
mod runtime;
mod shutdown_error;
mod unhandled_panic;
mod worker_index;

pub use builder::Builder;
#[cfg(feature = "taskdump")]
pub use dump::Dump;
pub use error::TryCurrentError;
pub use handle::{EnterGuard, Handle};
pub use id::Id;
pub use local_options::LocalOptions;
pub use local_runtime::LocalRuntime;
pub use metrics::RuntimeMetrics;
pub use rng_seed::RngSeed;
pub use runtime::{Runtime, RuntimeFlavor};
pub use shutdown_error::is_rt_shutdown_err;
pub use unhandled_panic::UnhandledPanic;
pub use worker_index::worker_index;

pub use crate::sched::{
    HistogramConfiguration, HistogramScale, InvalidHistogramConfiguration, LogHistogram, LogHistogramBuilder,
    TaskMeta,
};

pub(crate) use handle::current;
pub(crate) use local_runtime::spawn_local_at;
