//! [`rt_core`] under the name of tokio.
//!
//! A crate that depends on tokio is moved over by a `[patch.crates-io]` that puts this package in its place. There is
//! no code here: names, features and versions only.
#![forbid(unsafe_code)]

pub use rt_core::*;

// An expansion names its runtime by a path, which for a crate that knows only tokio has to be `::tokio`.
#[cfg(feature = "macros")]
pub use rt_core::macros::tokio::{main, test};
