//! Waiting until a connection is ready, and trying without a wait.

use std::io::{self, Read, Write};
use std::task::{Context, Poll};

use super::TcpStream;
use crate::io::{Interest, Ready};
use crate::net::connection::connection_readiness_methods;

/// # Readiness
///
/// The `try_*` methods do what they can at once. What they say about readiness is what the last operation
/// found, and what the system reported since: [`ready`](TcpStream::ready) and its like may be wrong, and
/// complete although the next operation would block. A connection that was accepted counts as readable until a
/// read has found nothing.
impl TcpStream {
    connection_readiness_methods! {
        connected: {
            r#"# let listener = std::net::TcpListener::bind("127.0.0.1:0")?;"#
            "let stream = rt_core::net::TcpStream::connect(listener.local_addr()?).await?;"
        }
        received: {
            r#"# let listener = rt_core::net::TcpListener::bind("127.0.0.1:0").await?;"#
            "# let client = rt_core::net::TcpStream::connect(listener.local_addr()?).await?;"
            r#"# client.try_write(b"abc")?;"#
            "let (stream, _) = listener.accept().await?;"
        }
    }
}
