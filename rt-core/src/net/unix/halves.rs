//! Halves that borrow the connection.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::SocketAddr;
use crate::io::{AsyncRead, AsyncWrite, Interest, ReadBuf, Ready};
use crate::net::UnixStream;
use crate::net::halves::{EndWriting, borrowed_halves};

/// The half of a connection that reads: see [`UnixStream::split`].
#[derive(Debug)]
pub struct ReadHalf<'a>(&'a UnixStream);

/// The half of a connection that writes: see [`UnixStream::split`].
///
/// In contrast to [`OwnedWriteHalf`](super::OwnedWriteHalf), dropping it doesn't end writing.
#[derive(Debug)]
pub struct WriteHalf<'a>(&'a UnixStream);

borrowed_halves!(UnixStream);
