//! Sending and receiving, for futures that are written by hand.

use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};

use super::UdpSocket;
use crate::coop;
use crate::driver::io::{Attempt, Direction};
use crate::io::ReadBuf;
use crate::net::buffers::{Received, charged, receive};

/// # For futures written by hand
///
/// One task may wait so for each direction: the last one that polled is woken.
impl UdpSocket {
    /// Polls for sending a datagram to the address that the socket is connected to: see [`send`](Self::send).
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    pub fn poll_send(&self, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let send = || charged(self.socket.send(buf)).map(Attempt::Done);
        self.registration.poll_io(Direction::Write, cx, send)
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

    /// Polls for a datagram from the address that the socket is connected to: see [`recv`](Self::recv).
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    pub fn poll_recv(&self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.poll_receive(cx, buf, |socket, room| socket.sock_ref().recv(room)).map_ok(drop)
    }

    /// Polls for a datagram, and gives where it is from: see [`recv_from`](Self::recv_from).
    ///
    /// # Errors
    ///
    /// As [`recv_from`](Self::recv_from).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::future::poll_fn;
    /// use rt_core::io::ReadBuf;
    /// use rt_core::net::UdpSocket;
    ///
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let socket = UdpSocket::bind("127.0.0.1:0").await?;
    /// # let own_address = socket.local_addr()?;
    /// # socket.send_to(b"hello", own_address).await?;
    /// let mut memory = [0; 1500];
    /// let mut buf = ReadBuf::new(&mut memory);
    /// let peer = poll_fn(|cx| socket.poll_recv_from(cx, &mut buf)).await?;
    /// assert_eq!(buf.filled(), b"hello");
    /// # assert_eq!(peer, own_address);
    /// # Ok(()) }
    /// ```
    pub fn poll_recv_from(
        &self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<SocketAddr>> {
        self.poll_receive(cx, buf, Self::recv_from_now).map_ok(|(_, from)| from)
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

    /// Polls until something can be received, or an error can be told.
    ///
    /// # Errors
    ///
    /// When the runtime is shut down.
    pub fn poll_recv_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.registration.watch()?;
        self.registration.poll_read_ready(cx).map_ok(drop)
    }

    /// Polls until something can be sent.
    ///
    /// # Errors
    ///
    /// When the runtime is shut down.
    pub fn poll_send_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.registration.watch()?;
        self.registration.poll_write_ready(cx).map_ok(drop)
    }

    /// `f` writes as many bytes as it says to the memory that it's given.
    fn poll_receive<R: Received>(
        &self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
        f: impl Fn(&Self, &mut [std::mem::MaybeUninit<u8>]) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        self.registration.poll_read_io(cx, || {
            // SAFETY: the callers hand the memory to the system, which initializes as many bytes as it says.
            let received = unsafe { receive(buf, |room| f(self, room)) }?;
            coop::charge(received.bytes());
            Ok(received)
        })
    }
}
