//! [`rt_util`] under the name of tokio-util: names, features and versions only.
#![forbid(unsafe_code)]

pub use rt_util::*;
