//! Halves that share the connection, and may go to different tasks.

use std::error::Error;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::SocketAddr;
use crate::io::{AsyncRead, AsyncWrite, Interest, ReadBuf, Ready};
use crate::net::UnixStream;
use crate::net::halves::{self, Writer, owned_halves};
use crate::shim::sync::Arc;

/// The half of a connection that reads: see [`UnixStream::into_split`].
#[derive(Debug)]
pub struct OwnedReadHalf(Arc<UnixStream>);

/// The half of a connection that writes: see [`UnixStream::into_split`].
///
/// Dropping it ends writing, so that the other side reads the end; [`forget`](Self::forget) doesn't.
#[derive(Debug)]
pub struct OwnedWriteHalf(Writer<UnixStream>);

owned_halves! {
    UnixStream,
    connected: {
        "let (stream, _other) = rt_core::net::UnixStream::pair()?;"
    }
}
