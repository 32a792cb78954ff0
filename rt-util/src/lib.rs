//! Utilities for programs on rt-core.
//!
//! - [`sync::CancellationToken`] asks tasks to stop.
//! - [`sync::PollSemaphore`] acquires permits in `poll` functions, and [`sync::PollSender`] sends.
//! - [`task::TaskTracker`] waits until they have.
//! - [`task::AbortOnDropHandle`] aborts a task when nobody waits for it any more.
//! - [`future::FutureExt`] puts a limit on a future.
//! - [`task::JoinMap`] knows tasks by keys, [`task::JoinQueue`] joins them in order, and [`task::LocalPoolHandle`] gives
//!   futures that aren't `Send` threads of their own.
//! - [`time::DelayQueue`] waits for many deadlines at once.
//! - [`context::RuntimeExt`] runs a future inside of another runtime.
//! - [`codec`] cuts byte streams into frames and writes frames into them; [`udp`] does it with datagrams.
//! - [`either::Either`] is one of two types, and [`net::Listener`] one of several.
//! - [`compat`] stands between rt-core's I/O traits and those of futures.
//! - [`io`] stands between byte streams, streams of chunks, and code that blocks.
//!
//! Together they make a graceful shutdown:
//!
//! ```
//! use rt_util::sync::CancellationToken;
//! use rt_util::task::TaskTracker;
//!
//! async fn serve(stop: CancellationToken) {
//!     stop.cancelled().await;
//!     // ... finish what was begun ...
//! }
//!
//! let stop = CancellationToken::new();
//! let tasks = TaskTracker::new();
//! let task = tasks.track_future(serve(stop.child_token()));
//!
//! stop.cancel();
//! tasks.close();
//! # futures::executor::block_on(async {
//! futures::join!(task, tasks.wait());
//! # });
//! ```
// Not `forbid`, as `either`, and two files in `sync`, need it.
#![deny(unsafe_code)]
#![cfg_attr(loom, allow(dead_code))]

mod shim;
mod waiters;

#[cfg(feature = "codec")]
pub mod codec;
#[cfg(feature = "compat")]
pub mod compat;
#[cfg(feature = "rt")]
pub mod context;
pub mod either;
pub mod future;
#[cfg(feature = "io")]
pub mod io;
#[cfg(feature = "net")]
pub mod net;
pub mod sync;
pub mod task;
#[cfg(feature = "time")]
pub mod time;
#[cfg(all(feature = "codec", feature = "net"))]
pub mod udp;

#[doc(no_inline)]
pub use bytes;
