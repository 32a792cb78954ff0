//! Frames in datagrams.
#![forbid(unsafe_code)]

use std::borrow::Borrow;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::BytesMut;
use futures_core::Stream;
use futures_sink::Sink;
use rt_core::net::UdpSocket;

use crate::codec::{Decoder, Encoder};

/// A datagram has no more bytes than this.
const DATAGRAM_MAX: usize = 64 * 1024;

/// The datagrams that most codecs write fit.
const WRITE_CAPACITY: usize = 8 * 1024;

/// A stream and a sink of frames over a UDP socket, each frame with the address of the peer.
///
/// A frame is sent as one datagram. A datagram that is received may hold several: they are taken from it by
/// [`Decoder::decode_eof`], as nothing can follow, until that gives none; what is left of it then is dropped.
/// The stream never ends.
///
/// A decoder that wants to drop a bad datagram takes its bytes before it gives the error; what it leaves is
/// decoded again.
///
/// ```
/// use futures::{SinkExt, StreamExt};
/// use rt_core::net::UdpSocket;
/// use rt_util::codec::LinesCodec;
/// use rt_util::udp::UdpFramed;
///
/// # rt_core::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let mut near = UdpFramed::new(UdpSocket::bind("127.0.0.1:0").await.unwrap(), LinesCodec::new());
/// let mut far = UdpFramed::new(UdpSocket::bind("127.0.0.1:0").await.unwrap(), LinesCodec::new());
///
/// near.send(("hello", far.get_ref().local_addr().unwrap())).await.unwrap();
/// let (line, from) = far.next().await.unwrap().unwrap();
/// assert_eq!(line, "hello");
/// assert_eq!(from, near.get_ref().local_addr().unwrap());
/// # });
/// ```
///
/// # Cancel safety
///
/// Waiting for a frame can be given up at any time. A `send` that is given up loses the frame or sends it
/// whole, then or with the next.
#[derive(Debug)]
#[must_use = "streams and sinks do nothing unless polled"]
pub struct UdpFramed<C, T = UdpSocket> {
    socket: T,
    codec: C,
    /// What is left of the datagram that is being decoded, and who sent it.
    read: BytesMut,
    from: Option<SocketAddr>,
    /// The datagram to be sent, if `to` says so.
    write: BytesMut,
    to: Option<SocketAddr>,
}

/// Nothing of it is pinned.
impl<C, T> Unpin for UdpFramed<C, T> {}

impl<C, T: Borrow<UdpSocket>> UdpFramed<C, T> {
    /// Frames of `codec` in the datagrams of `socket`.
    pub fn new(socket: T, codec: C) -> Self {
        Self {
            socket,
            codec,
            read: BytesMut::with_capacity(DATAGRAM_MAX),
            from: None,
            write: BytesMut::with_capacity(WRITE_CAPACITY),
            to: None,
        }
    }

    /// The socket. To receive from it directly is to take datagrams from the stream.
    pub fn get_ref(&self) -> &T {
        &self.socket
    }

    /// The socket, mutably: see [`get_ref`](Self::get_ref).
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.socket
    }

    /// The codec.
    pub fn codec(&self) -> &C {
        &self.codec
    }

    /// The codec, mutably.
    pub fn codec_mut(&mut self) -> &mut C {
        &mut self.codec
    }

    /// What is left of the datagram that is being decoded.
    pub fn read_buffer(&self) -> &BytesMut {
        &self.read
    }

    /// What is left of the datagram that is being decoded, mutably.
    pub fn read_buffer_mut(&mut self) -> &mut BytesMut {
        &mut self.read
    }

    /// The socket. What is buffered is lost.
    pub fn into_inner(self) -> T {
        self.socket
    }

    /// Receives a datagram.
    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<SocketAddr>> {
        let socket: &UdpSocket = self.socket.borrow();
        self.read.clear();
        self.read.reserve(DATAGRAM_MAX);
        loop {
            ready!(socket.poll_recv_ready(cx))?;
            match socket.try_recv_buf_from(&mut self.read) {
                Ok((_, from)) => return Poll::Ready(Ok(from)),
                // Another took it, or the readiness was stale: it's cleared now.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    /// Sends the datagram that there is.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(to) = self.to else {
            return Poll::Ready(Ok(()));
        };
        let sent = ready!(self.socket.borrow().poll_send_to(cx, &self.write, to));
        let whole = self.write.len();
        // Sent or failed, a datagram isn't tried twice.
        self.to = None;
        self.write.clear();
        if sent? < whole {
            return Poll::Ready(Err(io::Error::other("the datagram was sent in part")));
        }
        Poll::Ready(Ok(()))
    }
}

impl<C: Decoder, T: Borrow<UdpSocket>> Stream for UdpFramed<C, T> {
    type Item = Result<(C::Item, SocketAddr), C::Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(from) = this.from {
                if let Some(frame) = this.codec.decode_eof(&mut this.read)? {
                    return Poll::Ready(Some(Ok((frame, from))));
                }
            }
            this.from = None;
            this.from = Some(ready!(this.poll_receive(cx))?);
        }
    }
}

impl<I, C: Encoder<I>, T: Borrow<UdpSocket>> Sink<(I, SocketAddr)> for UdpFramed<C, T> {
    type Error = C::Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), C::Error>> {
        self.get_mut().poll_send(cx).map_err(C::Error::from)
    }

    fn start_send(self: Pin<&mut Self>, item: (I, SocketAddr)) -> Result<(), C::Error> {
        let (frame, to) = item;
        let this = self.get_mut();
        if let Err(error) = this.codec.encode(frame, &mut this.write) {
            // What it may have written is no datagram, and no beginning of the next.
            this.write.clear();
            this.to = None;
            return Err(error);
        }
        this.to = Some(to);
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), C::Error>> {
        self.get_mut().poll_send(cx).map_err(C::Error::from)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), C::Error>> {
        self.get_mut().poll_send(cx).map_err(C::Error::from)
    }
}
