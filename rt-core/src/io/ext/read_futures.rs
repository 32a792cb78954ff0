//! The futures of single reads.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::BufMut;

use crate::io::interrupted::retry;
use crate::io::{AsyncRead, ReadBuf};

/// The future of `read`.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Read<'a, R: ?Sized> {
    pub(super) reader: &'a mut R,
    pub(super) buf: &'a mut [u8],
}

impl<R: ?Sized + AsyncRead + Unpin> Future for Read<'_, R> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        let mut buf = ReadBuf::new(me.buf);
        ready!(Pin::new(&mut *me.reader).poll_read(cx, &mut buf))?;
        Poll::Ready(Ok(buf.filled().len()))
    }
}

/// The future of `read_buf`.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct ReadInto<'a, R: ?Sized, B: ?Sized> {
    pub(super) reader: &'a mut R,
    pub(super) buf: &'a mut B,
}

impl<R: ?Sized + AsyncRead + Unpin, B: ?Sized + BufMut> Future for ReadInto<'_, R, B> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        if !me.buf.has_remaining_mut() {
            return Poll::Ready(Ok(0));
        }
        // SAFETY: a `ReadBuf` puts no uninitialized byte where an initialized one may have been.
        let chunk = unsafe { me.buf.chunk_mut().as_uninit_slice_mut() };
        let mut whole = ReadBuf::uninit(chunk);
        ready!(whole.fill_part(usize::MAX, |part| Pin::new(&mut *me.reader).poll_read(cx, part)))?;
        let filled = whole.filled().len();
        // SAFETY: `fill_part` vouches for it that they are bytes of the chunk, and filled.
        unsafe { me.buf.advance_mut(filled) };
        Poll::Ready(Ok(filled))
    }
}

/// The future of `read_exact`.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct ReadExact<'a, R: ?Sized> {
    pub(super) reader: &'a mut R,
    pub(super) buf: &'a mut [u8],
    pub(super) filled: usize,
}

impl<R: ?Sized + AsyncRead + Unpin> Future for ReadExact<'_, R> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        ready!(poll_fill(me.reader, cx, me.buf, &mut me.filled))?;
        Poll::Ready(Ok(me.filled))
    }
}

/// Reads until `buf` is full; `filled` counts the bytes, over several polls.
pub(super) fn poll_fill<R: ?Sized + AsyncRead + Unpin>(
    reader: &mut R,
    cx: &mut Context<'_>,
    buf: &mut [u8],
    filled: &mut usize,
) -> Poll<io::Result<()>> {
    while *filled < buf.len() {
        let mut rest = ReadBuf::new(&mut buf[*filled..]);
        ready!(retry(|| Pin::new(&mut *reader).poll_read(cx, &mut rest)))?;
        match rest.filled().len() {
            0 => return Poll::Ready(Err(io::Error::new(io::ErrorKind::UnexpectedEof, "early eof"))),
            n => *filled += n,
        }
    }
    Poll::Ready(Ok(()))
}
