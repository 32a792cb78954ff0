//! Testing tools for code built on rt-core: tasks that are polled by hand, assertions about polls, readers, writers
//! and streams that follow a script.
#![forbid(unsafe_code)]

mod block_on;
mod macros;

pub mod io;
pub mod stream_mock;
pub mod task;

pub use block_on::block_on;
