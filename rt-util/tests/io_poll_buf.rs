//! `poll_read_buf` and `poll_write_buf`: what is read and written, and what a buffer shows afterwards.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, BufMut, BytesMut};
use futures::executor::block_on;
use rt_core::io::{AsyncRead, AsyncWrite, ReadBuf, duplex};
use rt_util::io::{poll_read_buf, poll_write_buf};

/// Takes three bytes a call, and notes how many pieces each vectored call brought.
#[derive(Default)]
struct Sink {
    written: Vec<u8>,
    pieces: Vec<usize>,
    vectored: bool,
}

impl AsyncWrite for Sink {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let taken = buf.len().min(3);
        self.written.extend_from_slice(&buf[..taken]);
        Poll::Ready(Ok(taken))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.pieces.push(pieces.len());
        let before = self.written.len();
        for piece in pieces {
            self.written.extend_from_slice(piece);
        }
        Poll::Ready(Ok(self.written.len() - before))
    }

    fn is_write_vectored(&self) -> bool {
        self.vectored
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Always fails.
struct Broken;

impl AsyncRead for Broken {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
    }
}

#[test]
fn a_write_takes_from_the_buffer_what_the_writer_took() {
    let mut sink = Sink::default();
    let mut buf = (&b"abcd"[..]).chain(&b"efg"[..]);
    let mut steps = Vec::new();
    while buf.has_remaining() {
        steps.push(block_on(poll_fn(|cx| poll_write_buf(Pin::new(&mut sink), cx, &mut buf))).unwrap());
    }
    assert_eq!(steps, [3, 1, 3]);
    assert_eq!(sink.written, b"abcdefg");
}

#[test]
fn the_pieces_of_a_buffer_go_in_one_call() {
    let mut sink = Sink { vectored: true, ..Sink::default() };
    let mut buf = (&b"abcd"[..]).chain(&b"efg"[..]);
    let written = block_on(poll_fn(|cx| poll_write_buf(Pin::new(&mut sink), cx, &mut buf))).unwrap();
    assert_eq!((written, buf.remaining()), (7, 0));
    assert_eq!(sink.pieces, [2]);
}

#[test]
fn an_empty_buffer_asks_no_writer() {
    let mut sink = Sink { vectored: true, ..Sink::default() };
    let written = block_on(poll_fn(|cx| poll_write_buf(Pin::new(&mut sink), cx, &mut &b""[..]))).unwrap();
    assert_eq!((written, sink.pieces.len()), (0, 0));
}

#[test]
fn a_read_fills_the_room_there_is() {
    let mut reader: &[u8] = b"more than fits";
    let mut room = [0; 4];
    let mut buf = &mut room[..];
    let mut read = || block_on(poll_fn(|cx| poll_read_buf(Pin::new(&mut reader), cx, &mut buf))).unwrap();
    assert_eq!((read(), read()), (4, 0));
    assert_eq!(&room, b"more");
    assert_eq!(reader, b" than fits");
}

#[test]
fn a_read_that_waits_or_fails_leaves_the_buffer_as_it_was() {
    let (mut here, there) = duplex(8);
    let mut buf = BytesMut::from("kept");
    let mut cx = Context::from_waker(futures::task::noop_waker_ref());
    assert!(poll_read_buf(Pin::new(&mut here), &mut cx, &mut buf).is_pending());
    let failed = block_on(poll_fn(|cx| poll_read_buf(Pin::new(&mut Broken), cx, &mut buf)));
    assert_eq!(failed.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(buf, "kept");
    drop(there);
    assert!(matches!(poll_read_buf(Pin::new(&mut here), &mut cx, &mut buf), Poll::Ready(Ok(0))));
    assert_eq!(buf.chunk_mut().len(), buf.capacity() - buf.len());
}
