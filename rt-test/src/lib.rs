//! Testing tools for code built on rt-core: tasks that are polled by hand, assertions about polls, readers, writers
//! and streams that follow a script.
#![forbid(unsafe_code)]

mod macros;

pub mod task;
