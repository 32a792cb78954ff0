//! Sending and receiving, for futures that are written by hand.

use std::io;
use std::path::Path;
use std::task::{Context, Poll};

use super::UnixDatagram;
use crate::coop;
use crate::driver::io::{Attempt, Direction};
use crate::io::ReadBuf;
use crate::net::buffers::{Received, charged, receive};
use crate::net::unix::SocketAddr;

/// # For futures written by hand
///
/// One task may wait so for each direction: the last one that polled is woken.
impl UnixDatagram {
    /// Polls for sending a datagram to the socket that it is connected to: see [`send`](Self::send).
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
    pub fn poll_send_to<P: AsRef<Path>>(
        &self,
        cx: &mut Context<'_>,
        buf: &[u8],
        target: P,
    ) -> Poll<io::Result<usize>> {
        let send = || charged(self.send_to_now(buf, target.as_ref())).map(Attempt::Done);
        self.registration.poll_io(Direction::Write, cx, send)
    }

    /// Polls for a datagram: see [`recv`](Self::recv).
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
    ///
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let (one, other) = rt_core::net::UnixDatagram::pair()?;
    /// one.send(b"hello").await?;
    /// let mut memory = [0; 1500];
    /// let mut buf = ReadBuf::new(&mut memory);
    /// let peer = poll_fn(|cx| other.poll_recv_from(cx, &mut buf)).await?;
    /// assert_eq!(buf.filled(), b"hello");
    /// assert!(peer.is_unnamed());
    /// # Ok(()) }
    /// ```
    pub fn poll_recv_from(
        &self,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<SocketAddr>> {
        self.poll_receive(cx, buf, Self::recv_from_now).map_ok(|(_, from)| from)
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
