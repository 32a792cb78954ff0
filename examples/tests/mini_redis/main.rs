//! Drives the `mini-redis` binary as its users do: over sockets, by signals, by its command line.
//!
//! The clients here are plain blocking sockets of the standard library, so that nothing is shared
//! between what is tested and what tests it.
#![forbid(unsafe_code)]

mod commands;
mod ending;
mod limits;
mod protocol;
mod pubsub;
mod support;
