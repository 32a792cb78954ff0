//! An async runtime for Rust: a work-stealing and a single-threaded scheduler, timers, networking,
//! asynchronous I/O traits and synchronization, under the names that tokio gave them.
//!
//! This file is the table of contents. The folders below it are layers (`ARCHITECTURE.md`): the
//! public paths here don't dictate where a file lives.
// What the inside offers is needed by some features and not by others; with all of them, nothing may be idle.
#![cfg_attr(
    not(all(feature = "full", feature = "test-util")),
    allow(dead_code, unused_imports, unreachable_pub)
)]
#![cfg_attr(loom, allow(dead_code, unused_imports, unreachable_pub))]

mod base;
mod blocking;
mod cell;
mod coop;
mod driver;
#[cfg(feature = "rt")]
mod sched;
mod shim;
mod sys;

#[cfg(all(feature = "fs", not(loom)))]
pub mod fs;
pub mod io;
#[cfg(not(loom))]
pub mod net;
#[cfg(all(feature = "process", not(loom)))]
pub mod process;
#[cfg(all(feature = "rt", not(loom)))]
pub mod runtime;
#[cfg(all(feature = "signal", not(loom)))]
pub mod signal;
pub mod stream {
    //! Sequences of values that come one at a time: where they are found.
    //!
    //! A stream is to an iterator what a future is to a value. Nothing here needs one, so that the
    //! trait, its adapters and the streams that this crate's types can be turned into have a crate of their own: `rt-stream`.
    //!
    //! What is received one value at a time can be looped over without any of that:
    //!
    //! ```
    //! # #[cfg(feature = "sync")]
    //! # futures::executor::block_on(async {
    //! use rt_core::sync::mpsc;
    //!
    //! let (sender, mut receiver) = mpsc::channel(4);
    //! for n in 1..=3 {
    //!     sender.try_send(n).unwrap();
    //! }
    //! drop(sender);
    //! let mut sum = 0;
    //! while let Some(n) = receiver.recv().await {
    //!     sum += n;
    //! }
    //! assert_eq!(sum, 6);
    //! # });
    //! ```
}
#[cfg(feature = "sync")]
pub mod sync;
pub mod task;
#[cfg(feature = "time")]
pub mod time;

#[cfg(all(feature = "rt", not(loom)))]
pub use task::spawn;

#[doc(hidden)]
pub mod macros;

#[cfg(all(feature = "macros", feature = "rt-multi-thread"))]
pub use rt_macros::{main, test};
#[cfg(all(feature = "macros", not(feature = "rt")))]
pub use rt_macros::{main_fail as main, test_fail as test};
#[cfg(all(feature = "macros", feature = "rt", not(feature = "rt-multi-thread")))]
pub use rt_macros::{main_rt as main, test_rt as test};
