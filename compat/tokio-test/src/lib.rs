//! [`rt_test`] under the name of tokio-test: names, features and versions only.
#![forbid(unsafe_code)]

pub use rt_test::*;
