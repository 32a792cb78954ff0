//! Sending and receiving, for futures that are written by hand.

use std::io;
use std::path::Path;
use std::task::{Context, Poll};

use super::UnixDatagram;
use crate::driver::io::{Attempt, Direction};
use crate::io::ReadBuf;
use crate::net::buffers::{Received, charged, receive};
use crate::net::datagram::datagram_poll_methods;
use crate::net::unix::SocketAddr;

/// # For futures written by hand
///
/// One task may wait so for each direction: the last one that polled is woken.
impl UnixDatagram {
    datagram_poll_methods! {
        from: "", to: "socket that it is connected to",
        received: {
            "let (socket, other) = rt_core::net::UnixDatagram::pair()?;"
            r#"other.send(b"abc").await?;"#
        }
    }

    /// Polls for sending a datagram to `target`: see [`send_to`](Self::send_to).
    ///
    /// # Errors
    ///
    /// As [`send_to`](Self::send_to).
    pub fn poll_send_to<P: AsRef<Path>>(
        &self,
        cx: &mut Context<'_>,
        buf: &[u8],
        target: P,
    ) -> Poll<io::Result<usize>> {
        let send = || charged(self.send_to_now(buf, target.as_ref())).map(Attempt::Done);
        self.registration.poll_io(Direction::Write, cx, send)
    }
}
