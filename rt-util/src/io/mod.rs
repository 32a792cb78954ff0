//! Between byte streams, [streams](futures_core::Stream) of chunks, [sinks](futures_sink::Sink) of chunks and `std::io`.
//!
//! - [`ReaderStream`] gives what a reader reads as a stream of chunks, and [`StreamReader`] reads a stream of chunks.
//! - [`SinkWriter`] writes into a sink of slices; [`CopyToBytes`] makes one of a sink of [`Bytes`](bytes::Bytes).
//! - [`InspectReader`] and [`InspectWriter`] show a closure what passes through.
//! - [`simplex`] is a pipe in memory whose ends know of each other's end.
//! - [`poll_read_buf`], [`poll_write_buf`], [`read_buf`] and [`write_all_vectored`] move whole buffers.
#![cfg_attr(feature = "io-util", doc = "- [`SyncIoBridge`] lets code that blocks use asynchronous I/O.")]

mod copy_to_bytes;
mod inspect;
mod poll_buf;
#[cfg(feature = "io-util")]
mod read_arc;
mod reader_stream;
pub mod simplex;
mod sink_writer;
mod stream_reader;
#[cfg(feature = "io-util")]
mod sync_bridge;
mod write_all_vectored;

pub use copy_to_bytes::CopyToBytes;
pub use inspect::{InspectReader, InspectWriter};
pub use poll_buf::{poll_read_buf, poll_write_buf, read_buf};
#[cfg(feature = "io-util")]
pub use read_arc::read_exact_arc;
pub use reader_stream::ReaderStream;
pub use sink_writer::SinkWriter;
pub use stream_reader::StreamReader;
#[cfg(feature = "io-util")]
pub use sync_bridge::SyncIoBridge;
pub use write_all_vectored::{WriteAllVectored, write_all_vectored};
