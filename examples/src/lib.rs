//! Examples, one idea a file. Each runs with `cargo run --bin NAME`; all but `mini-redis`, which is told what
//! to do, check themselves and end when they are given no arguments.
//!
//! | name | what it shows |
//! |---|---|
//! | `hello` | a TCP client and server in one file |
//! | `echo` | a task a connection, both directions at once |
//! | `chat` | waiting for several things with `select!`, a broadcast channel |
//! | `timers` | sleeps, timeouts, intervals |
//! | `graceful-shutdown` | stopping without losing work |
//! | `mini-redis` | a server as one would write it to be used: limits, timeouts, backpressure, shutdown |
#![forbid(unsafe_code)]

/// The example in the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod readme {}
