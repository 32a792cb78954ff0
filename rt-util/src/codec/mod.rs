//! Frames over byte streams.
//!
//! A byte stream has no message boundaries; a codec makes some. An [`Encoder`] appends a frame's bytes to a
//! buffer, a [`Decoder`] takes whole frames out of one, and neither does any I/O. The transports do:
//!
//! | type | is | over |
//! |---|---|---|
//! | [`FramedRead`] | a stream of frames | an [`AsyncRead`](rt_core::io::AsyncRead) |
//! | [`FramedWrite`] | a sink of frames | an [`AsyncWrite`](rt_core::io::AsyncWrite) |
//! | [`Framed`] | both | both |
//!
//! Codecs that come with the crate: [`LinesCodec`], [`AnyDelimiterCodec`], [`LengthDelimitedCodec`] and
//! [`BytesCodec`], which frames nothing.
//!
//! ```
//! use futures::{SinkExt, StreamExt};
//! use rt_util::codec::{Decoder, LinesCodec};
//!
//! # futures::executor::block_on(async {
//! let (client, server) = rt_core::io::duplex(64);
//! let mut client = LinesCodec::new().framed(client);
//! let mut server = LinesCodec::new().framed(server);
//!
//! client.send("ping").await.unwrap();
//! assert_eq!(server.next().await.unwrap().unwrap(), "ping");
//! drop(client);
//! assert!(server.next().await.is_none());
//! # });
//! ```
//!
//! # Reading
//!
//! A transport decodes what it has buffered before it reads more. At the end of the input it calls
//! [`Decoder::decode_eof`] until that gives nothing, then the stream gives `None`. Polled again it reads
//! again, so that an input whose end is not final, as that of a file being appended to, can be followed.
//!
//! An error, of the input or of the decoder, is given once and followed by `None`, so that a loop over the
//! stream ends. Polled after that, the stream goes on with the next bytes that it reads; whether that makes
//! sense is known only to who knows the codec.
//!
//! # Writing
//!
//! Frames collect in a buffer. Once it holds as many bytes as the backpressure boundary (8 KiB unless set),
//! the sink isn't ready before they are written; flushing writes them at any time.
//!
//! # Cancel safety
//!
//! Waiting for a frame can be given up at any time: bytes that have come are kept. A `send` that is given up
//! loses the frame if it hadn't been accepted, and never a part of it.
#![forbid(unsafe_code)]

mod any_delimiter_codec;
mod bytes_codec;
mod decoder;
mod delimited;
mod encoder;
mod framed;
mod framed_read;
mod framed_write;
pub mod length_delimited;
mod lines_codec;
mod reader;
mod writer;

pub use any_delimiter_codec::{AnyDelimiterCodec, AnyDelimiterCodecError};
pub use bytes_codec::BytesCodec;
pub use decoder::Decoder;
pub use encoder::Encoder;
pub use framed::{Framed, FramedParts};
pub use framed_read::FramedRead;
pub use framed_write::FramedWrite;
#[doc(inline)]
pub use length_delimited::{LengthDelimitedCodec, LengthDelimitedCodecError};
pub use lines_codec::{LinesCodec, LinesCodecError};
