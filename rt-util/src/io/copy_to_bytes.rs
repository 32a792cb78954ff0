//! A sink of slices made of a sink of `Bytes`.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use futures_sink::Sink;
use pin_project_lite::pin_project;

pin_project! {
    /// Takes slices for a sink that wants [`Bytes`]: copies each.
    ///
    /// Sinks that keep what they are given, such as a channel, can't be sinks of slices. With this they can stand below a
    /// [`SinkWriter`](super::SinkWriter).
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::SinkExt;
    /// use rt_util::io::CopyToBytes;
    ///
    /// # futures::executor::block_on(async {
    /// let (sender, mut receiver) = futures::channel::mpsc::channel(1);
    /// let mut sink = CopyToBytes::new(sender);
    /// let text = String::from("short-lived");
    /// sink.send(text.as_bytes()).await.unwrap();
    /// drop(text);
    /// assert_eq!(receiver.try_recv().unwrap(), "short-lived");
    /// # });
    /// ```
    #[derive(Debug)]
    pub struct CopyToBytes<S> {
        #[pin]
        inner: S,
    }
}

impl<S> CopyToBytes<S> {
    /// Wraps a sink of `Bytes`.
    pub fn new(inner: S) -> Self {
        Self { inner }
    }

    /// The sink.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The sink. What is sent to it directly comes between what this one was sent.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// The sink.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<'a, S: Sink<Bytes>> Sink<&'a [u8]> for CopyToBytes<S> {
    type Error = S::Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.project().inner.poll_ready(cx)
    }

    fn start_send(self: Pin<&mut Self>, item: &'a [u8]) -> Result<(), S::Error> {
        self.project().inner.start_send(Bytes::copy_from_slice(item))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.project().inner.poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.project().inner.poll_close(cx)
    }
}

impl<S: Stream> Stream for CopyToBytes<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        self.project().inner.poll_next(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }
}
