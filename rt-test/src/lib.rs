//! Testing tools for code built on rt-core: tasks that are polled by hand, assertions about polls.
#![forbid(unsafe_code)]

mod block_on;
mod macros;

pub mod task;

pub use block_on::block_on;
