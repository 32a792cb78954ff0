//! Streams in memory that do what a script says.
#![allow(dead_code, reason = "each test binary uses a part")]

use std::collections::VecDeque;
use std::io::{self, IoSlice, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll};

use proptest::prelude::*;
use rt_core::io::{AsyncRead, AsyncSeek, AsyncWrite, ReadBuf};

/// What a reader does next.
#[derive(Debug, Clone)]
pub(crate) enum Read {
    Bytes(Vec<u8>),
    /// Says `Pending`, and wakes the task at once.
    Pending,
    /// Says `Pending`, and wakes nobody.
    Stuck,
    Error(io::ErrorKind),
}

/// Reads what its script says, and then the end.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    pub(crate) script: VecDeque<Read>,
    /// How many bytes there was room for in each call.
    pub(crate) rooms: Vec<usize>,
}

impl Reader {
    pub(crate) fn new(script: impl IntoIterator<Item = Read>) -> Self {
        Self { script: script.into_iter().collect(), rooms: Vec::new() }
    }

    pub(crate) fn chunks<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Self {
        Self::new(chunks.into_iter().map(|chunk| Read::Bytes(chunk.to_vec())))
    }
}

impl AsyncRead for Reader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let room = buf.remaining();
        self.rooms.push(room);
        match self.script.pop_front() {
            None => Poll::Ready(Ok(())),
            Some(Read::Bytes(mut bytes)) => {
                if bytes.len() > room {
                    let later = bytes.split_off(room);
                    self.script.push_front(Read::Bytes(later));
                }
                buf.put_slice(&bytes);
                Poll::Ready(Ok(()))
            }
            Some(Read::Pending) => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Some(Read::Stuck) => {
                self.script.push_front(Read::Stuck);
                Poll::Pending
            }
            Some(Read::Error(kind)) => Poll::Ready(Err(kind.into())),
        }
    }
}

/// What a writer does next.
#[derive(Debug, Clone)]
pub(crate) enum Write {
    /// Takes so many bytes at most.
    Upto(usize),
    Pending,
    Error(io::ErrorKind),
}

/// What happened to a writer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    Wrote(Vec<u8>),
    Flushed,
    ShutDown,
}

/// Writes as its script says, and afterwards everything.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    pub(crate) script: VecDeque<Write>,
    pub(crate) vectored: bool,
    pub(crate) written: Vec<u8>,
    pub(crate) events: Vec<Event>,
}

impl Writer {
    pub(crate) fn new(script: impl IntoIterator<Item = Write>) -> Self {
        Self { script: script.into_iter().collect(), ..Self::default() }
    }

    pub(crate) fn vectored(mut self) -> Self {
        self.vectored = true;
        self
    }

    fn step(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let n = match self.script.pop_front() {
            None => bytes.len(),
            Some(Write::Upto(n)) => n.min(bytes.len()),
            Some(Write::Pending) => {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Some(Write::Error(kind)) => return Poll::Ready(Err(kind.into())),
        };
        self.written.extend_from_slice(&bytes[..n]);
        self.events.push(Event::Wrote(bytes[..n].to_vec()));
        Poll::Ready(Ok(n))
    }
}

impl AsyncWrite for Writer {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.step(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let bytes = if self.vectored {
            bufs.iter().flat_map(|buf| buf.to_vec()).collect()
        } else {
            bufs.iter().find(|buf| !buf.is_empty()).map_or(Vec::new(), |buf| buf.to_vec())
        };
        self.step(cx, &bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.vectored
    }

    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.events.push(Event::Flushed);
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.events.push(Event::ShutDown);
        Poll::Ready(Ok(()))
    }
}

/// A file in memory that reads in chunks of a given size, whose seeks take two polls.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) cursor: io::Cursor<Vec<u8>>,
    pub(crate) chunk: usize,
    pub(crate) seeks: Vec<SeekFrom>,
    pub(crate) pending: Option<(SeekFrom, bool)>,
}

impl File {
    pub(crate) fn new(bytes: impl Into<Vec<u8>>, chunk: usize) -> Self {
        Self { cursor: io::Cursor::new(bytes.into()), chunk, seeks: Vec::new(), pending: None }
    }
}

impl AsyncRead for File {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut part = vec![0; self.chunk.min(buf.remaining())];
        let mut read = ReadBuf::new(&mut part);
        let result = Pin::new(&mut self.cursor).poll_read(cx, &mut read);
        buf.put_slice(read.filled());
        result
    }
}

impl AsyncWrite for File {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let n = self.chunk.min(buf.len());
        Pin::new(&mut self.cursor).poll_write(cx, &buf[..n])
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl AsyncSeek for File {
    fn start_seek(mut self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        assert!(self.pending.is_none(), "a seek is under way");
        self.seeks.push(position);
        self.pending = Some((position, false));
        Ok(())
    }

    fn poll_complete(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        match self.pending {
            Some((position, false)) => {
                self.pending = Some((position, true));
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Some((position, true)) => {
                self.pending = None;
                Poll::Ready(io::Seek::seek(&mut self.cursor, position))
            }
            None => Poll::Ready(Ok(self.cursor.position())),
        }
    }
}

/// Scripts that read given bytes in random pieces, with waits between.
pub(crate) fn reads(bytes: Vec<u8>) -> impl Strategy<Value = Vec<Read>> {
    prop::collection::vec((1..40_usize, 0..3_u8), 0..64).prop_map(move |cuts| {
        let mut script = Vec::new();
        let mut rest = &bytes[..];
        for (len, waits) in cuts {
            script.extend((0..waits).map(|_| Read::Pending));
            let (now, later) = rest.split_at(len.min(rest.len()));
            if !now.is_empty() {
                script.push(Read::Bytes(now.to_vec()));
            }
            rest = later;
        }
        if !rest.is_empty() {
            script.push(Read::Bytes(rest.to_vec()));
        }
        script
    })
}

/// Scripts that write in random pieces, with waits between.
pub(crate) fn writes() -> impl Strategy<Value = Vec<Write>> {
    let step = prop_oneof![3 => (1..40_usize).prop_map(Write::Upto), 1 => Just(Write::Pending)];
    prop::collection::vec(step, 0..64)
}

/// Any number of bytes, with many line endings, and now and then something that isn't UTF-8.
pub(crate) fn text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => "[a-zé€]{0,12}".prop_map(String::into_bytes),
        3 => Just(b"\n".to_vec()),
        1 => Just(b"\r\n".to_vec()),
        1 => Just(b"\r".to_vec()),
        1 => Just(vec![0xff]),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Polls a future once, with a waker that does nothing.
pub(crate) fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(std::task::Waker::noop()))
}
