//! A writer that gathers small writes.

use std::fmt;
use std::io::{self, IoSlice, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::reader::DEFAULT_CAPACITY;
use crate::io::interrupted::retry;
use crate::io::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite, ReadBuf};

pin_project! {
    /// Gathers small writes in a buffer, so that they cost few writes of the underlying writer.
    ///
    /// It doesn't help where writes are large anyway: a write of at least the buffer's size goes past it while
    /// it is empty. **What is in the buffer is lost when a `BufWriter` is dropped**: flush or shut it down
    /// before. Reads go to the underlying object directly.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::io::{AsyncWriteExt, BufWriter};
    ///
    /// # futures::executor::block_on(async {
    /// let mut writer = BufWriter::new(Vec::new());
    /// for number in 0..4_u16 {
    ///     writer.write_u16(number).await?;
    /// }
    /// writer.flush().await?;
    /// assert_eq!(writer.into_inner().len(), 8);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub struct BufWriter<W> {
        #[pin]
        inner: W,
        // Never grows beyond the capacity that it has from the start.
        buf: Vec<u8>,
        capacity: usize,
        // How many bytes of `buf` have been handed on already.
        written: usize,
        seek: Seek,
    }
}

/// How far a seek has come.
#[derive(Debug, Clone, Copy)]
enum Seek {
    /// None under way.
    Idle,
    /// Waits until the buffer is flushed.
    Submitted(SeekFrom),
    /// The underlying object is on its way.
    Moving,
}

impl<W: AsyncWrite> BufWriter<W> {
    /// A writer with a buffer of 8 KiB.
    pub fn new(inner: W) -> Self {
        Self::with_capacity(DEFAULT_CAPACITY, inner)
    }

    /// A writer with a buffer of `cap` bytes.
    pub fn with_capacity(cap: usize, inner: W) -> Self {
        Self { inner, buf: Vec::with_capacity(cap), capacity: cap, written: 0, seek: Seek::Idle }
    }

    /// The underlying writer, to look at.
    pub fn get_ref(&self) -> &W {
        &self.inner
    }

    /// The underlying writer. What is written to it directly goes ahead of what is in the buffer.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.inner
    }

    /// The underlying writer, pinned. What is written to it directly goes ahead of what is in the buffer.
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut W> {
        self.project().inner
    }

    /// Gives the underlying writer back. What is in the buffer is lost.
    pub fn into_inner(self) -> W {
        self.inner
    }

    /// What hasn't been handed on yet.
    pub fn buffer(&self) -> &[u8] {
        &self.buf[self.written..]
    }

    /// Hands on everything in the buffer.
    fn poll_flush_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut me = self.project();
        while *me.written < me.buf.len() {
            let rest = &me.buf[*me.written..];
            match ready!(retry(|| me.inner.as_mut().poll_write(cx, rest)))? {
                0 => {
                    let error = "failed to write the buffered data";
                    return Poll::Ready(Err(io::Error::new(io::ErrorKind::WriteZero, error)));
                }
                n => *me.written += n,
            }
        }
        me.buf.clear();
        *me.written = 0;
        Poll::Ready(Ok(()))
    }

    /// Makes room for `more` bytes, or empties the buffer when they won't fit anyway.
    fn poll_make_room(mut self: Pin<&mut Self>, cx: &mut Context<'_>, more: usize) -> Poll<io::Result<()>> {
        if more > self.capacity - self.buf.len() {
            ready!(self.as_mut().poll_flush_buf(cx))?;
        }
        Poll::Ready(Ok(()))
    }
}

impl<W> BufWriter<W> {
    /// The underlying object, and the buffer without it.
    pub(super) fn detach(self) -> (W, BufWriter<()>) {
        let Self { inner, buf, capacity, written, seek } = self;
        (inner, BufWriter { inner: (), buf, capacity, written, seek })
    }
}

impl BufWriter<()> {
    /// The buffer around another object.
    pub(super) fn attach<W>(self, inner: W) -> BufWriter<W> {
        let Self { inner: (), buf, capacity, written, seek } = self;
        BufWriter { inner, buf, capacity, written, seek }
    }
}

impl<W: AsyncWrite> AsyncWrite for BufWriter<W> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.as_mut().poll_make_room(cx, buf.len()))?;
        let me = self.project();
        if buf.len() >= *me.capacity {
            return me.inner.poll_write(cx, buf);
        }
        me.buf.extend_from_slice(buf);
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.inner.is_write_vectored() {
            let total = bufs.iter().fold(0, |sum: usize, buf| sum.saturating_add(buf.len()));
            ready!(self.as_mut().poll_make_room(cx, total))?;
            let me = self.project();
            if total >= *me.capacity {
                return me.inner.poll_write_vectored(cx, bufs);
            }
            for buf in bufs {
                me.buf.extend_from_slice(buf);
            }
            return Poll::Ready(Ok(total));
        }
        // One buffer at a time: the first that has bytes may go past ours, those behind must fit.
        let mut filled = bufs.iter().filter(|buf| !buf.is_empty());
        let Some(first) = filled.next() else {
            return Poll::Ready(Ok(0));
        };
        let mut total = ready!(self.as_mut().poll_write(cx, first))?;
        if first.len() >= self.capacity {
            return Poll::Ready(Ok(total));
        }
        let me = self.project();
        for buf in filled {
            if buf.len() > *me.capacity - me.buf.len() {
                break;
            }
            me.buf.extend_from_slice(buf);
            total += buf.len();
        }
        Poll::Ready(Ok(total))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.as_mut().poll_flush_buf(cx))?;
        self.get_pin_mut().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.as_mut().poll_flush_buf(cx))?;
        self.get_pin_mut().poll_shutdown(cx)
    }
}

impl<W: AsyncWrite + AsyncSeek> AsyncSeek for BufWriter<W> {
    /// Submits a seek. The buffer is flushed before it is carried out.
    fn start_seek(self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        let me = self.project();
        if let Seek::Moving = me.seek {
            return Err(io::Error::other("another seek is under way: call `poll_complete` first"));
        }
        *me.seek = Seek::Submitted(position);
        Ok(())
    }

    fn poll_complete(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        if let Seek::Submitted(position) = self.seek {
            // An operation of before may be under way; how it ends is of no interest here.
            let _ = ready!(self.as_mut().get_pin_mut().poll_complete(cx));
            ready!(self.as_mut().poll_flush_buf(cx))?;
            let me = self.as_mut().project();
            *me.seek = Seek::Idle;
            me.inner.start_seek(position)?;
            *me.seek = Seek::Moving;
        }
        let me = self.project();
        let position = ready!(me.inner.poll_complete(cx));
        *me.seek = Seek::Idle;
        Poll::Ready(position)
    }
}

impl<W: AsyncWrite + AsyncRead> AsyncRead for BufWriter<W> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.get_pin_mut().poll_read(cx, buf)
    }
}

impl<W: AsyncWrite + AsyncBufRead> AsyncBufRead for BufWriter<W> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        self.get_pin_mut().poll_fill_buf(cx)
    }

    fn consume(self: Pin<&mut Self>, amt: usize) {
        self.get_pin_mut().consume(amt);
    }
}

impl<W: fmt::Debug> fmt::Debug for BufWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BufWriter")
            .field("writer", &self.inner)
            .field("buffer", &format_args!("{}/{}", self.buf.len() - self.written, self.capacity))
            .finish()
    }
}
