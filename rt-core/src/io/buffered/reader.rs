//! A reader that reads ahead.

use std::fmt;
use std::io::{self, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use crate::io::async_write::forward_write;
use crate::io::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite, ReadBuf};

pin_project! {
    /// Reads ahead into a buffer, so that many small reads cost few reads of the underlying reader.
    ///
    /// It doesn't help where reads are large anyway: a read of at least the buffer's size goes past it while
    /// it is empty. What is in the buffer is lost when a `BufReader` is dropped, or when another one is made
    /// for the same reader. Writes and flushes go to the underlying object directly.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::io::{AsyncBufReadExt, BufReader};
    ///
    /// # futures::executor::block_on(async {
    /// let mut reader = BufReader::new(&b"first\nsecond\n"[..]);
    /// let mut line = String::new();
    /// reader.read_line(&mut line).await?;
    /// assert_eq!(line, "first\n");
    /// assert_eq!(reader.buffer(), b"second\n");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub struct BufReader<R> {
        #[pin]
        inner: R,
        // All of it is initialized once, so that readers which need initialized bytes needn't do it each time.
        buf: Box<[u8]>,
        // The bytes read ahead are `buf[start..end]`.
        start: usize,
        end: usize,
        seek: Seek,
    }
}

/// What a buffer holds if not told otherwise, in bytes.
pub(super) const DEFAULT_CAPACITY: usize = 8 * 1024;

/// How far a seek has come.
#[derive(Debug, Clone, Copy)]
enum Seek {
    /// None under way.
    Idle,
    /// Submitted here, and not to the underlying object yet.
    Submitted(SeekFrom),
    /// The underlying object goes back to where our reader is, so as to seek by this much from there: the sum
    /// of both ways didn't fit into one offset.
    Returning(i64),
    /// The underlying object is on its way.
    Moving,
}

impl<R: AsyncRead> BufReader<R> {
    /// A reader with a buffer of 8 KiB.
    pub fn new(inner: R) -> Self {
        Self::with_capacity(DEFAULT_CAPACITY, inner)
    }

    /// A reader with a buffer of `capacity` bytes.
    ///
    /// # Panics
    ///
    /// When `capacity` is zero: such a reader would find the end before the first byte.
    #[track_caller]
    pub fn with_capacity(capacity: usize, inner: R) -> Self {
        assert!(capacity > 0, "capacity must be greater than zero");
        Self { inner, buf: vec![0; capacity].into_boxed_slice(), start: 0, end: 0, seek: Seek::Idle }
    }

    /// The underlying reader, to look at.
    pub fn get_ref(&self) -> &R {
        &self.inner
    }

    /// The underlying reader. What is read from it directly is missing here.
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.inner
    }

    /// The underlying reader, pinned. What is read from it directly is missing here.
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut R> {
        self.project().inner
    }

    /// Gives the underlying reader back. What is in the buffer is lost.
    pub fn into_inner(self) -> R {
        self.inner
    }

    /// What was read ahead. Unlike `fill_buf` this reads nothing.
    pub fn buffer(&self) -> &[u8] {
        &self.buf[self.start..self.end]
    }
}

impl<R> BufReader<R> {
    /// The underlying object, and the buffer without it.
    pub(super) fn detach(self) -> (R, BufReader<()>) {
        let Self { inner, buf, start, end, seek } = self;
        (inner, BufReader { inner: (), buf, start, end, seek })
    }

    fn discard(self: Pin<&mut Self>) {
        let me = self.project();
        *me.start = 0;
        *me.end = 0;
    }
}

impl BufReader<()> {
    /// The buffer around another object.
    pub(super) fn attach<R>(self, inner: R) -> BufReader<R> {
        let Self { inner: (), buf, start, end, seek } = self;
        BufReader { inner, buf, start, end, seek }
    }
}

impl<R: AsyncRead> AsyncRead for BufReader<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.start == self.end && buf.remaining() >= self.buf.len() {
            self.as_mut().discard();
            return self.get_pin_mut().poll_read(cx, buf);
        }
        let bytes = ready!(self.as_mut().poll_fill_buf(cx))?;
        let n = bytes.len().min(buf.remaining());
        buf.put_slice(&bytes[..n]);
        self.consume(n);
        Poll::Ready(Ok(()))
    }
}

impl<R: AsyncRead> AsyncBufRead for BufReader<R> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let me = self.project();
        if *me.start == *me.end {
            let mut buf = ReadBuf::new(me.buf);
            ready!(buf.fill_part(usize::MAX, |part| me.inner.poll_read(cx, part)))?;
            *me.start = 0;
            *me.end = buf.filled().len();
        }
        Poll::Ready(Ok(&me.buf[*me.start..*me.end]))
    }

    fn consume(self: Pin<&mut Self>, amt: usize) {
        let me = self.project();
        *me.start = me.start.saturating_add(amt).min(*me.end);
    }
}

impl<R: AsyncRead + AsyncSeek> AsyncSeek for BufReader<R> {
    /// Submits a seek, relative to what was read from here, not to what was read ahead. It empties the
    /// buffer, even if the position is within it.
    fn start_seek(self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        let me = self.project();
        if let Seek::Returning(_) | Seek::Moving = me.seek {
            return Err(io::Error::other("another seek is under way: call `poll_complete` first"));
        }
        *me.seek = Seek::Submitted(position);
        Ok(())
    }

    fn poll_complete(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        loop {
            let mut me = self.as_mut().project();
            let result = match *me.seek {
                Seek::Idle => return me.inner.poll_complete(cx),
                Seek::Submitted(position) => {
                    // An operation of before may be under way; how it ends is of no interest here.
                    let _ = ready!(me.inner.as_mut().poll_complete(cx));
                    let (position, next) = first_step(position, *me.end - *me.start);
                    let started = me.inner.start_seek(position);
                    *me.seek = next;
                    started.map(|()| None)
                }
                Seek::Returning(offset) => {
                    let returned = ready!(me.inner.as_mut().poll_complete(cx));
                    *me.seek = Seek::Moving;
                    returned.and_then(|_| {
                        // It is where our reader was: nothing is read ahead any more.
                        *me.start = *me.end;
                        me.inner.start_seek(SeekFrom::Current(offset)).map(|()| None)
                    })
                }
                Seek::Moving => {
                    let position = ready!(me.inner.poll_complete(cx));
                    *me.seek = Seek::Idle;
                    if position.is_ok() {
                        self.as_mut().discard();
                    }
                    position.map(Some)
                }
            };
            match result {
                Ok(None) => {}
                Ok(Some(position)) => return Poll::Ready(Ok(position)),
                Err(error) => {
                    *self.as_mut().project().seek = Seek::Idle;
                    return Poll::Ready(Err(error));
                }
            }
        }
    }
}

/// Where the underlying object must go, which is ahead of our reader by `ahead` bytes.
fn first_step(position: SeekFrom, ahead: usize) -> (SeekFrom, Seek) {
    let SeekFrom::Current(offset) = position else {
        return (position, Seek::Moving);
    };
    // No buffer has more than `isize::MAX` bytes.
    let ahead = ahead as i64;
    match offset.checked_sub(ahead) {
        Some(offset) => (SeekFrom::Current(offset), Seek::Moving),
        None => (SeekFrom::Current(-ahead), Seek::Returning(offset)),
    }
}

impl<R: AsyncRead + AsyncWrite> AsyncWrite for BufReader<R> {
    forward_write!(self => self.get_pin_mut(), self.inner);
}

impl<R: fmt::Debug> fmt::Debug for BufReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BufReader")
            .field("reader", &self.inner)
            .field("buffer", &format_args!("{}/{}", self.end - self.start, self.buf.len()))
            .finish()
    }
}
