//! Copying from a reader to a writer.

mod bidirectional;
mod buffered;
mod plain;
mod transfer;

pub use bidirectional::{copy_bidirectional, copy_bidirectional_with_sizes};
pub use buffered::copy_buf;
pub use plain::copy;
