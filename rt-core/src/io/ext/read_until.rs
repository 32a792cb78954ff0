//! Reading from a buffer until a byte is found.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::read_to_end::{Text, Unfinished};
use crate::io::AsyncBufRead;

/// The future of `read_until`.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct ReadUntil<'a, R: ?Sized> {
    pub(super) reader: &'a mut R,
    pub(super) byte: u8,
    pub(super) buf: &'a mut Vec<u8>,
    pub(super) read: usize,
}

impl<R: ?Sized + AsyncBufRead + Unpin> Future for ReadUntil<'_, R> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        poll_until(Pin::new(&mut *me.reader), cx, me.byte, me.buf, &mut me.read)
    }
}

/// The future of `read_line`.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct ReadLine<'a, R: ?Sized> {
    pub(super) reader: &'a mut R,
    pub(super) text: Text<'a>,
    pub(super) read: usize,
}

impl<R: ?Sized + AsyncBufRead + Unpin> Future for ReadLine<'_, R> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        let reader = Pin::new(&mut *me.reader);
        let result = ready!(poll_until(reader, cx, b'\n', &mut me.text.bytes, &mut me.read));
        Poll::Ready(me.text.finish(result, Unfinished::Kept))
    }
}

/// The future of `fill_buf`.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct FillBuf<'a, R: ?Sized> {
    /// Until the bytes are given out, which borrow it.
    pub(super) reader: Option<&'a mut R>,
}

impl<'a, R: ?Sized + AsyncBufRead + Unpin> Future for FillBuf<'a, R> {
    type Output = io::Result<&'a [u8]>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let reader = self.reader.take().expect("`fill_buf` polled after completion");
        let bytes: *const [u8] = match Pin::new(&mut *reader).poll_fill_buf(cx) {
            Poll::Ready(result) => result?,
            Poll::Pending => {
                self.reader = Some(reader);
                return Poll::Pending;
            }
        };
        // SAFETY: the bytes were borrowed from `*reader`, which is borrowed for 'a. This future has given
        // its reference up, so that nothing else can reach the reader before 'a ends. (The compiler can't
        // tell the branch that returns the bytes from the one that puts the reference back.)
        Poll::Ready(Ok(unsafe { &*bytes }))
    }
}

/// Appends to `buf` up to `byte`, itself included, or up to the end. `read` counts over several polls, and is
/// taken at the end.
pub(super) fn poll_until<R: ?Sized + AsyncBufRead>(
    mut reader: Pin<&mut R>,
    cx: &mut Context<'_>,
    byte: u8,
    buf: &mut Vec<u8>,
    read: &mut usize,
) -> Poll<io::Result<usize>> {
    loop {
        let available = match ready!(reader.as_mut().poll_fill_buf(cx)) {
            Ok(available) => available,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Poll::Ready(Err(error)),
        };
        let found = memchr::memchr(byte, available);
        let used = found.map_or(available.len(), |at| at + 1);
        buf.extend_from_slice(&available[..used]);
        reader.as_mut().consume(used);
        *read += used;
        if found.is_some() || used == 0 {
            return Poll::Ready(Ok(std::mem::take(read)));
        }
    }
}
