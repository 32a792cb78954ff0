//! Streams for rt-core: adapters for [`Stream`], small streams to start from, and a map of streams.
//!
//! A stream is what an iterator would be if `next` could wait. [`StreamExt`] brings the adapters; none of
//! them needs a runtime, and a stream may be polled on any executor.
//!
//! ```
//! use rt_stream::StreamExt;
//!
//! # futures::executor::block_on(async {
//! let mut even = rt_stream::iter(1..=6).filter(|n| n % 2 == 0).map(|n| n * 10);
//! while let Some(n) = even.next().await {
//!     println!("{n}");
//! }
//! # });
//! ```
#![forbid(unsafe_code)]

pub mod adapters;
#[cfg(feature = "time")]
mod elapsed;
mod from_stream;
mod futures;
mod notify_close;
mod sources;
mod stream_ext;
mod stream_map;
pub mod wrappers;

#[doc(no_inline)]
pub use futures_core::Stream;

#[cfg(feature = "time")]
pub use elapsed::Elapsed;
pub use from_stream::FromStream;
pub use notify_close::StreamNotifyClose;
pub use sources::{Empty, Iter, Once, Pending, empty, iter, once, pending};
pub use stream_ext::StreamExt;
pub use stream_map::StreamMap;
