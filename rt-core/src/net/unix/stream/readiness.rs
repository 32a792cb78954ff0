//! Waiting until a connection is ready, and trying without a wait.

use std::io::{self, Read, Write};
use std::task::{Context, Poll};

use super::UnixStream;
use crate::io::{Interest, Ready};
use crate::net::connection::connection_readiness_methods;

/// # Readiness
///
/// The `try_*` methods do what they can at once. What they say about readiness is what the last operation
/// found, and what the system reported since: [`ready`](UnixStream::ready) and its like may be wrong, and
/// complete although the next operation would block. A connection that was accepted counts as readable until a
/// read has found nothing.
impl UnixStream {
    connection_readiness_methods! {
        connected: {
            "let (stream, _other) = rt_core::net::UnixStream::pair()?;"
        }
        received: {
            "let (stream, other) = rt_core::net::UnixStream::pair()?;"
            r#"other.try_write(b"abc")?;"#
        }
    }
}
