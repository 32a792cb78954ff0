//! Reading and writing whole buffers in `poll` functions.

mod poll_buf;

pub use poll_buf::{poll_read_buf, poll_write_buf};
