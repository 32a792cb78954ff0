//! [`rt_stream`] under the name of tokio-stream: names, features and versions only.
#![forbid(unsafe_code)]

pub use rt_stream::*;
