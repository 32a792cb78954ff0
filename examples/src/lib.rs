//! Examples, one idea a file. Each runs with `cargo run --bin NAME`, and checks itself and ends when it's given
//! no arguments.
//!
//! | name | what it shows |
//! |---|---|
//! | `hello` | a TCP client and server in one file |
//! | `echo` | a task a connection, both directions at once |
//! | `timers` | sleeps, timeouts, intervals |
#![forbid(unsafe_code)]

/// The example in the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod readme {}
