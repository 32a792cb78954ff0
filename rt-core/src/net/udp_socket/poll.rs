//! Sending and receiving, for futures that are written by hand.

use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};

use super::UdpSocket;
use crate::driver::io::{Attempt, Direction};
use crate::io::ReadBuf;
use crate::net::buffers::{Received, charged, receive};
use crate::net::datagram::datagram_poll_methods;

/// # For futures written by hand
///
/// One task may wait so for each direction: the last one that polled is woken.
impl UdpSocket {
    datagram_poll_methods! {
        from: " from the address that the socket is connected to", to: "address that the socket is connected to",
        received: {
            r#"let socket = rt_core::net::UdpSocket::bind("127.0.0.1:0").await?;"#
            "# socket.connect(socket.local_addr()?).await?;"
            r#"# socket.send(b"abc").await?;"#
        }
    }

    /// Polls for sending a datagram to `target`: see [`send_to`](Self::send_to).
    ///
    /// # Errors
    ///
    /// As [`send_to`](Self::send_to).
    pub fn poll_send_to(
        &self,
        cx: &mut Context<'_>,
        buf: &[u8],
        target: SocketAddr,
    ) -> Poll<io::Result<usize>> {
        let send = || charged(self.socket.send_to(buf, target)).map(Attempt::Done);
        self.registration.poll_io(Direction::Write, cx, send)
    }

    /// Polls for a datagram, which is left to be received: see [`peek`](Self::peek).
    ///
    /// # Errors
    ///
    /// As [`peek`](Self::peek).
    pub fn poll_peek(&self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.poll_receive(cx, buf, |socket, room| socket.sock_ref().peek(room)).map_ok(drop)
    }

    /// Polls for a datagram, which is left to be received, and gives where it is from: see
    /// [`peek_from`](Self::peek_from).
    ///
    /// # Errors
    ///
    /// As [`peek_from`](Self::peek_from).
    pub fn poll_peek_from(
        &self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<SocketAddr>> {
        let peek = |socket: &Self, room: &mut [_]| {
            let (n, from) = socket.sock_ref().peek_from(room)?;
            Ok((n, from.as_socket()))
        };
        self.poll_receive(cx, buf, peek).map(|peeked| match peeked?.1 {
            Some(from) => Ok(from),
            None => Err(io::ErrorKind::InvalidData.into()),
        })
    }

    /// Polls for where the next datagram is from: see [`peek_sender`](Self::peek_sender).
    ///
    /// # Errors
    ///
    /// As [`peek_sender`](Self::peek_sender).
    pub fn poll_peek_sender(&self, cx: &mut Context<'_>) -> Poll<io::Result<SocketAddr>> {
        self.registration.poll_read_io(cx, || self.peek_sender_now())
    }
}
