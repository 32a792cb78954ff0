//! Traits, helpers and type definitions for asynchronous I/O.
//!
//! - [`AsyncRead`], [`AsyncWrite`], [`AsyncBufRead`] and [`AsyncSeek`] are what streams implement. They say
//!   `Pending` where their counterparts in [`std::io`] would block the thread.
//! - `AsyncReadExt`, `AsyncWriteExt`, `AsyncBufReadExt` and `AsyncSeekExt` (feature `io-util`) have the methods
//!   to call on them, and are implemented for each of them.
//! - `BufReader`, `BufWriter` and `BufStream` add buffers, `copy` and its like move bytes from one stream to
//!   another, `split` and `join` take streams apart and put them together, `duplex` is a stream in memory.
//! - `stdin`, `stdout` and `stderr` (feature `io-std`) are the standard streams of the process.
//!
//! # Examples
//!
//! ```
//! use rt_core::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, duplex};
//!
//! # futures::executor::block_on(async {
//! let (mut client, server) = duplex(1024);
//! client.write_all(b"hello\nworld\n").await?;
//! drop(client);
//! let mut lines = BufReader::new(server).lines();
//! while let Some(line) = lines.next_line().await? {
//!     println!("{line}");
//! }
//! # std::io::Result::Ok(()) }).unwrap();
//! ```

mod async_buf_read;
mod async_read;
mod async_seek;
mod async_write;
mod read_buf;
#[cfg(all(feature = "net", not(loom)))]
pub mod unix;

#[cfg(feature = "io-util")]
mod buffered;
#[cfg(feature = "io-util")]
mod copy;
#[cfg(feature = "io-util")]
mod duplex;
#[cfg(feature = "io-util")]
mod empty;
#[cfg(feature = "io-util")]
mod ext;
#[cfg(feature = "io-util")]
mod interrupted;
#[cfg(feature = "io-util")]
mod join;
#[cfg(feature = "io-util")]
mod repeat;
#[cfg(feature = "io-util")]
mod sink;
#[cfg(feature = "io-util")]
mod split;
#[cfg(feature = "io-std")]
mod stdio;
#[cfg(any(feature = "fs", feature = "io-std"))]
pub(crate) mod write_queue;

pub use async_buf_read::AsyncBufRead;
pub use async_read::AsyncRead;
pub use async_seek::AsyncSeek;
pub use async_write::AsyncWrite;
pub use read_buf::ReadBuf;

#[cfg(feature = "net")]
pub use crate::driver::io::{Interest, Ready};

#[cfg(feature = "io-util")]
pub use buffered::{BufReader, BufStream, BufWriter};
#[cfg(feature = "io-util")]
pub use copy::{copy, copy_bidirectional, copy_bidirectional_with_sizes, copy_buf};
#[cfg(feature = "io-util")]
pub use duplex::{DuplexStream, SimplexStream, duplex, simplex};
#[cfg(feature = "io-util")]
pub use empty::{Empty, empty};
#[cfg(feature = "io-util")]
pub use ext::{AsyncBufReadExt, AsyncReadExt, AsyncSeekExt, AsyncWriteExt, Chain, Lines, Split, Take};
#[cfg(feature = "io-util")]
pub use join::{Join, join};
#[cfg(feature = "io-util")]
pub use repeat::{Repeat, repeat};
#[cfg(feature = "io-util")]
pub use sink::{Sink, sink};
#[cfg(feature = "io-util")]
pub use split::{ReadHalf, WriteHalf, split};
#[cfg(feature = "io-util")]
pub use std::io::{Error, ErrorKind, Result, SeekFrom};
#[cfg(all(feature = "io-std", not(loom)))]
pub use stdio::{Stderr, Stdin, Stdout, stderr, stdin, stdout};
