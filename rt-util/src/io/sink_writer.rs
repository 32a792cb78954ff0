//! A writer made of a sink of slices.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_sink::Sink;
use pin_project_lite::pin_project;
use rt_core::io::{AsyncRead, AsyncWrite, ReadBuf};

pin_project! {
    /// Writes into a sink of slices: each write is one item, whole. Flushing flushes the sink, and a shutdown closes it.
    ///
    /// For a sink that wants [`Bytes`](bytes::Bytes), such as a channel, put a [`CopyToBytes`](super::CopyToBytes)
    /// between. The sink's error has to become an [`io::Error`]: there is `sink_map_err` in the `futures` crate.
    ///
    /// # Cancel safety
    ///
    /// A write that is pending has sent nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::SinkExt;
    /// use rt_core::io::AsyncWriteExt;
    /// use rt_util::io::{CopyToBytes, SinkWriter};
    ///
    /// # futures::executor::block_on(async {
    /// let (sender, mut receiver) = futures::channel::mpsc::channel(1);
    /// let sink = CopyToBytes::new(sender.sink_map_err(std::io::Error::other));
    /// let mut writer = SinkWriter::new(sink);
    /// writer.write_all(b"a chunk").await?;
    /// assert_eq!(receiver.try_recv().unwrap(), "a chunk");
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[derive(Debug)]
    pub struct SinkWriter<S> {
        #[pin]
        inner: S,
    }
}

impl<S> SinkWriter<S> {
    /// Makes a writer of a sink.
    pub fn new(sink: S) -> Self {
        Self { inner: sink }
    }

    /// The sink.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The sink. What is sent to it directly comes between what was written.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// The sink. Nothing is lost: the writer keeps no bytes.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, E> AsyncWrite for SinkWriter<S>
where
    for<'a> S: Sink<&'a [u8], Error = E>,
    E: Into<io::Error>,
{
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let mut sink = self.project().inner;
        ready!(sink.as_mut().poll_ready(cx)).map_err(Into::into)?;
        Poll::Ready(sink.start_send(buf).map(|()| buf.len()).map_err(Into::into))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().inner.poll_flush(cx).map_err(Into::into)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.project().inner.poll_close(cx).map_err(Into::into)
    }
}

impl<S: Stream> Stream for SinkWriter<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        self.project().inner.poll_next(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }
}

impl<S: AsyncRead> AsyncRead for SinkWriter<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.project().inner.poll_read(cx, buf)
    }
}
