//! Halves that share the connection, and may go to different tasks.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::halves::peek_methods;
use crate::io::{AsyncRead, AsyncWrite, Interest, ReadBuf, Ready};
use crate::net::TcpStream;
use crate::net::halves::{self, Writer, owned_halves};
use crate::shim::sync::Arc;

/// The half of a connection that reads: see [`TcpStream::into_split`].
#[derive(Debug)]
pub struct OwnedReadHalf(Arc<TcpStream>);

/// The half of a connection that writes: see [`TcpStream::into_split`].
///
/// Dropping it ends writing, so that the other side reads the end; [`forget`](Self::forget) doesn't.
#[derive(Debug)]
pub struct OwnedWriteHalf(Writer<TcpStream>);

impl OwnedReadHalf {
    peek_methods!();
}

owned_halves! {
    TcpStream,
    connected: {
        r#"# let listener = std::net::TcpListener::bind("127.0.0.1:0")?;"#
        "let stream = rt_core::net::TcpStream::connect(listener.local_addr()?).await?;"
    }
}
