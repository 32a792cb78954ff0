//! `select!`, `join!`, `try_join!` and `pin!`, and what the expansions of the first three call.
//!
//! The macros are proc-macros of rt-macros. What is exported here wraps each in a `macro_rules!`, which
//! passes on `$crate`: so an expansion finds this crate whatever it is called in the caller's manifest, and
//! through any re-export.
#![forbid(unsafe_code)]

#[cfg(feature = "macros")]
mod join;
mod pin;
#[cfg(feature = "macros")]
mod select;
#[cfg(feature = "macros")]
pub mod support;
#[cfg(feature = "macros")]
mod try_join;

#[cfg(feature = "macros")]
pub use rt_macros::{join, select, try_join};

/// `#[main]` and `#[test]` for a facade called `tokio`: they look for the runtime in `::tokio`.
#[cfg(all(feature = "macros", feature = "rt-multi-thread"))]
pub mod tokio {
    pub use rt_macros::{tokio_main as main, tokio_test as test};
}

/// `#[main]` and `#[test]` for a facade called `tokio`: they look for the runtime in `::tokio`.
#[cfg(all(feature = "macros", feature = "rt", not(feature = "rt-multi-thread")))]
pub mod tokio {
    pub use rt_macros::{tokio_main_rt as main, tokio_test_rt as test};
}

/// `#[main]` and `#[test]` for a facade called `tokio`: they tell that a feature is missing.
#[cfg(all(feature = "macros", not(feature = "rt")))]
pub mod tokio {
    pub use rt_macros::{main_fail as main, test_fail as test};
}
