//! A reader made of a stream of chunks.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Buf;
use futures_core::Stream;
use futures_sink::Sink;
use pin_project_lite::pin_project;
use rt_core::io::{AsyncBufRead, AsyncRead, ReadBuf};

pin_project! {
    /// Reads a stream of chunks, and buffers: the chunk at hand is the buffer.
    ///
    /// A read gives what is left of a chunk, and never goes beyond it. Empty chunks are passed over. The end of the stream is
    /// the end of the file, and the stream isn't polled after it; an error of the stream is given as it
    /// comes, and reading may go on after it if the stream does.
    ///
    /// # Cancel safety
    ///
    /// A read that is pending has taken nothing from the stream.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::stream;
    /// use rt_core::io::AsyncBufReadExt;
    /// use rt_util::io::StreamReader;
    ///
    /// # futures::executor::block_on(async {
    /// let chunks = ["one\ntw", "o\nthr", "ee\n"].map(|chunk| std::io::Result::Ok(chunk.as_bytes()));
    /// let mut lines = StreamReader::new(stream::iter(chunks)).lines();
    /// let mut seen = Vec::new();
    /// while let Some(line) = lines.next_line().await? {
    ///     seen.push(line);
    /// }
    /// assert_eq!(seen, ["one", "two", "three"]);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[derive(Debug)]
    pub struct StreamReader<S, B> {
        #[pin]
        stream: S,
        chunk: Chunk<B>,
        has_ended: bool,
    }
}

/// What was taken from the stream and isn't read yet.
#[derive(Debug)]
struct Chunk<B>(Option<B>);

/// Chunks are never pinned.
impl<B> Unpin for Chunk<B> {}

impl<S, B, E> StreamReader<S, B>
where
    S: Stream<Item = Result<B, E>>,
    B: Buf,
    E: Into<io::Error>,
{
    /// Makes a reader of a stream.
    pub fn new(stream: S) -> Self {
        Self { stream, chunk: Chunk(None), has_ended: false }
    }

    /// The stream, and what is left of the chunk that was taken from it last.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::stream;
    /// use rt_core::io::AsyncReadExt;
    /// use rt_util::io::StreamReader;
    ///
    /// # futures::executor::block_on(async {
    /// let chunks = stream::iter([std::io::Result::Ok(&b"headbody"[..])]);
    /// let mut reader = StreamReader::new(chunks);
    /// reader.read_exact(&mut [0; 4]).await?;
    /// let (_, left) = reader.into_inner_with_chunk();
    /// assert_eq!(left, Some(&b"body"[..]));
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    pub fn into_inner_with_chunk(self) -> (S, Option<B>) {
        let chunk = self.chunk.0.filter(Buf::has_remaining);
        (self.stream, chunk)
    }

    /// The chunk at hand, with something left in it; `None` at the end.
    fn poll_chunk(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<Option<&mut B>>> {
        let mut this = self.project();
        while !this.chunk.0.as_ref().is_some_and(Buf::has_remaining) {
            // A chunk that is used up may hold on to much memory.
            this.chunk.0 = None;
            if *this.has_ended {
                break;
            }
            match ready!(this.stream.as_mut().poll_next(cx)) {
                Some(item) => this.chunk.0 = Some(item.map_err(Into::into)?),
                None => *this.has_ended = true,
            }
        }
        Poll::Ready(Ok(this.chunk.0.as_mut()))
    }
}

impl<S, B> StreamReader<S, B> {
    /// The stream.
    pub fn get_ref(&self) -> &S {
        &self.stream
    }

    /// The stream. Items that are taken from it are missing in what is read.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.stream
    }

    /// The stream, pinned.
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut S> {
        self.project().stream
    }

    /// The stream. What is left of the chunk at hand is lost: see
    /// [`into_inner_with_chunk`](Self::into_inner_with_chunk).
    pub fn into_inner(self) -> S {
        self.stream
    }
}

impl<S, B, E> AsyncRead for StreamReader<S, B>
where
    S: Stream<Item = Result<B, E>>,
    B: Buf,
    E: Into<io::Error>,
{
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if buf.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        if let Some(chunk) = ready!(self.poll_chunk(cx))? {
            // A chunk may be in pieces, of which `chunk` gives one at a time.
            while buf.remaining() > 0 && chunk.has_remaining() {
                let piece = chunk.chunk();
                let len = piece.len().min(buf.remaining());
                buf.put_slice(&piece[..len]);
                chunk.advance(len);
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<S, B, E> AsyncBufRead for StreamReader<S, B>
where
    S: Stream<Item = Result<B, E>>,
    B: Buf,
    E: Into<io::Error>,
{
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let chunk = ready!(self.poll_chunk(cx))?;
        Poll::Ready(Ok(chunk.map_or(&[], |chunk| B::chunk(chunk))))
    }

    fn consume(self: Pin<&mut Self>, amt: usize) {
        if amt > 0 {
            let chunk = self.project().chunk.0.as_mut();
            chunk.expect("only what was filled in is consumed").advance(amt);
        }
    }
}

impl<S, B, T, E> Sink<T> for StreamReader<S, B>
where
    S: Sink<T, Error = E>,
{
    type Error = E;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), E>> {
        self.project().stream.poll_ready(cx)
    }

    fn start_send(self: Pin<&mut Self>, item: T) -> Result<(), E> {
        self.project().stream.start_send(item)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), E>> {
        self.project().stream.poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), E>> {
        self.project().stream.poll_close(cx)
    }
}
