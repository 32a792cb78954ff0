//! Readers and writers with a buffer.

mod reader;
mod stream;
mod writer;

pub use reader::BufReader;
pub use stream::BufStream;
pub use writer::BufWriter;

/// What a buffer holds if not told otherwise, in bytes.
const DEFAULT_CAPACITY: usize = 8 * 1024;
