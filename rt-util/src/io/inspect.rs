//! Readers and writers that show what passes through.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use rt_core::io::{AsyncRead, AsyncWrite, ReadBuf};

pin_project! {
    /// A reader that shows a closure what is read, after each read. Writes go through unseen.
    ///
    /// The closure sees an empty slice only when a read gave nothing: at the end, or into a buffer without room. It
    /// runs within the read, so it mustn't block.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::io::AsyncReadExt;
    /// use rt_util::io::InspectReader;
    ///
    /// # futures::executor::block_on(async {
    /// let mut sum = 0;
    /// let mut reader = InspectReader::new(&[1_u8, 2, 3][..], |bytes| {
    ///     sum += bytes.iter().map(|&byte| u32::from(byte)).sum::<u32>();
    /// });
    /// reader.read_to_end(&mut Vec::new()).await?;
    /// assert_eq!(sum, 6);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub struct InspectReader<R, F> {
        #[pin]
        inner: R,
        inspect: F,
    }
}

pin_project! {
    /// A writer that shows a closure what was written, after each write. Reads go through unseen.
    ///
    /// The closure sees what the writer took, and never an empty slice. After a vectored write it may be called
    /// several times, at most once for each slice. It runs within the write, so it mustn't block.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::io::AsyncWriteExt;
    /// use rt_util::io::InspectWriter;
    ///
    /// # futures::executor::block_on(async {
    /// let mut count = 0;
    /// let mut writer = InspectWriter::new(Vec::new(), |bytes| count += bytes.len());
    /// writer.write_all(b"five!").await?;
    /// assert_eq!(writer.into_inner(), b"five!");
    /// assert_eq!(count, 5);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub struct InspectWriter<W, F> {
        #[pin]
        inner: W,
        inspect: F,
    }
}

impl<R, F> InspectReader<R, F> {
    /// Shows `f` what `reader` reads.
    pub fn new(reader: R, f: F) -> Self
    where
        R: AsyncRead,
        F: FnMut(&[u8]),
    {
        Self { inner: reader, inspect: f }
    }

    /// The reader.
    pub fn get_ref(&self) -> &R {
        &self.inner
    }

    /// The reader. What is read from it directly, the closure doesn't see.
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.inner
    }

    /// The reader, pinned.
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut R> {
        self.project().inner
    }

    /// The reader, without the closure.
    pub fn into_inner(self) -> R {
        self.inner
    }
}

impl<W, F> InspectWriter<W, F> {
    /// Shows `f` what `writer` writes.
    pub fn new(writer: W, f: F) -> Self
    where
        W: AsyncWrite,
        F: FnMut(&[u8]),
    {
        Self { inner: writer, inspect: f }
    }

    /// The writer.
    pub fn get_ref(&self) -> &W {
        &self.inner
    }

    /// The writer. What is written to it directly, the closure doesn't see.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.inner
    }

    /// The writer, pinned.
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut W> {
        self.project().inner
    }

    /// The writer, without the closure.
    pub fn into_inner(self) -> W {
        self.inner
    }
}

impl<R: AsyncRead, F: FnMut(&[u8])> AsyncRead for InspectReader<R, F> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.project();
        let before = buf.filled().len();
        ready!(this.inner.poll_read(cx, buf))?;
        (this.inspect)(&buf.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl<R: AsyncWrite, F> AsyncWrite for InspectReader<R, F> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.project().inner.poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.project().inner.poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().inner.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().inner.poll_shutdown(cx)
    }
}

impl<W: AsyncWrite, F: FnMut(&[u8])> AsyncWrite for InspectWriter<W, F> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.project();
        let written = ready!(this.inner.poll_write(cx, buf))?;
        if written > 0 {
            (this.inspect)(&buf[..written]);
        }
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.project();
        let written = ready!(this.inner.poll_write_vectored(cx, bufs))?;
        let mut left = written;
        for buf in bufs {
            let len = buf.len().min(left);
            if len > 0 {
                (this.inspect)(&buf[..len]);
            }
            left -= len;
        }
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().inner.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().inner.poll_shutdown(cx)
    }
}

impl<W: AsyncRead, F> AsyncRead for InspectWriter<W, F> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.project().inner.poll_read(cx, buf)
    }
}
