//! Pipes in memory.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use crate::coop;
use crate::io::{AsyncRead, AsyncWrite, ReadBuf, ReadHalf, WriteHalf, split};
use crate::shim::sync::{Arc, Mutex};

/// One end of a pipe in memory that goes both ways: see [`duplex`].
///
/// When one end is dropped, the other one reads what was written before, and then the end; writing to it fails
/// with [`BrokenPipe`](io::ErrorKind::BrokenPipe).
#[derive(Debug)]
pub struct DuplexStream {
    /// What the other end writes.
    incoming: Arc<Mutex<SimplexStream>>,
    /// What the other end reads.
    outgoing: Arc<Mutex<SimplexStream>>,
}

/// Makes a pair of streams, each of which reads what is written to the other.
///
/// Up to `max_buf_size` bytes are kept in each direction; who writes more waits until some are read.
///
/// # Panics
///
/// When `max_buf_size` is 0: nothing would ever come through.
///
/// # Examples
///
/// ```
/// use rt_core::io::{AsyncReadExt, AsyncWriteExt};
///
/// # futures::executor::block_on(async {
/// let (mut client, mut server) = rt_core::io::duplex(64);
/// client.write_all(b"ping").await?;
/// let mut message = [0; 4];
/// server.read_exact(&mut message).await?;
/// assert_eq!(&message, b"ping");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[track_caller]
pub fn duplex(max_buf_size: usize) -> (DuplexStream, DuplexStream) {
    has_room(max_buf_size);
    let pipe = || Arc::new(Mutex::new(SimplexStream::new_unsplit(max_buf_size)));
    let (there, back) = (pipe(), pipe());
    let one = DuplexStream { incoming: there.clone(), outgoing: back.clone() };
    (one, DuplexStream { incoming: back, outgoing: there })
}

impl AsyncRead for DuplexStream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        poll_with(&self.incoming, cx, |pipe| &mut pipe.reader, |pipe| pipe.poll_take(buf))
    }
}

impl AsyncWrite for DuplexStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        poll_with(&self.outgoing, cx, |pipe| &mut pipe.writer, |pipe| pipe.poll_put(bufs))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let reader = self.outgoing.lock().end();
        wake(reader);
        Poll::Ready(Ok(()))
    }
}

impl Drop for DuplexStream {
    fn drop(&mut self) {
        let reader = self.outgoing.lock().end();
        wake(reader);
        let writer = self.incoming.lock().abandon();
        wake(writer);
    }
}

/// Does something with a pipe that others share, or leaves the task's waker in its slot. Wakers are cloned, woken and
/// dropped outside of the lock: what they do may lead back to the pipe.
fn poll_with<R>(
    pipe: &Mutex<SimplexStream>,
    cx: &mut Context<'_>,
    slot: fn(&mut SimplexStream) -> &mut Option<Waker>,
    mut f: impl FnMut(&mut SimplexStream) -> (Option<Waker>, Poll<io::Result<R>>),
) -> Poll<io::Result<R>> {
    let coop = ready!(coop::poll_proceed(cx));
    let mut unused = None;
    let mut guard = pipe.lock();
    let (mut other, mut result) = f(&mut guard);
    if result.is_pending() && !holds(slot(&mut guard), cx) {
        drop(guard);
        let waker = cx.waker().clone();
        guard = pipe.lock();
        (other, result) = f(&mut guard);
        unused = if result.is_pending() { slot(&mut guard).replace(waker) } else { Some(waker) };
    }
    drop(guard);
    drop(unused);
    wake(other);
    if result.is_ready() {
        coop.made_progress();
    }
    result
}

/// Whether the task's waker is there from a former poll.
fn holds(slot: &Option<Waker>, cx: &Context<'_>) -> bool {
    slot.as_ref().is_some_and(|waker| waker.will_wake(cx.waker()))
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// A pipe in memory that goes one way: see [`simplex`].
///
/// It reads what was written to it. After a shutdown it reads what was written before, and then the end.
#[derive(Debug)]
pub struct SimplexStream {
    bytes: VecDeque<u8>,
    max_len: usize,
    /// The writer was shut down: nothing more will come.
    ended: bool,
    /// The reader is gone: nobody will take anything.
    abandoned: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

/// Makes a pipe in memory, and gives the half that reads it and the half that writes to it.
///
/// Up to `max_buf_size` bytes are kept; who writes more waits until some are read. Shut the writer down for the
/// reader to find the end: dropping a half doesn't tell the other.
///
/// # Panics
///
/// When `max_buf_size` is 0: nothing would ever come through.
///
/// # Examples
///
/// ```
/// use rt_core::io::{AsyncReadExt, AsyncWriteExt};
///
/// # futures::executor::block_on(async {
/// let (mut reader, mut writer) = rt_core::io::simplex(64);
/// writer.write_all(b"abc").await?;
/// writer.shutdown().await?;
/// let mut text = String::new();
/// reader.read_to_string(&mut text).await?;
/// assert_eq!(text, "abc");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[track_caller]
pub fn simplex(max_buf_size: usize) -> (ReadHalf<SimplexStream>, WriteHalf<SimplexStream>) {
    has_room(max_buf_size);
    split(SimplexStream::new_unsplit(max_buf_size))
}

#[track_caller]
fn has_room(max_buf_size: usize) {
    assert!(max_buf_size > 0, "a stream in memory needs room for a byte at least");
}

impl SimplexStream {
    /// A pipe that is both read and written through one handle. It keeps up to `max_buf_size` bytes.
    ///
    /// # Panics
    ///
    /// When `max_buf_size` is 0: nothing would ever come through.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::io::{AsyncReadExt, AsyncWriteExt, SimplexStream};
    ///
    /// # futures::executor::block_on(async {
    /// let mut pipe = SimplexStream::new_unsplit(64);
    /// pipe.write_u16(258).await?;
    /// assert_eq!(pipe.read_u8().await?, 1);
    /// # std::io::Result::Ok(()) }).unwrap();
    /// ```
    #[track_caller]
    pub fn new_unsplit(max_buf_size: usize) -> SimplexStream {
        has_room(max_buf_size);
        SimplexStream {
            bytes: VecDeque::new(),
            max_len: max_buf_size,
            ended: false,
            abandoned: false,
            reader: None,
            writer: None,
        }
    }

    /// Moves bytes into `buf`. Gives the writer, if it's to be woken.
    fn poll_take(&mut self, buf: &mut ReadBuf<'_>) -> (Option<Waker>, Poll<io::Result<()>>) {
        if self.bytes.is_empty() && !self.ended && buf.remaining() > 0 {
            return (None, Poll::Pending);
        }
        let (front, back) = self.bytes.as_slices();
        let in_front = front.len().min(buf.remaining());
        buf.put_slice(&front[..in_front]);
        let behind = back.len().min(buf.remaining());
        buf.put_slice(&back[..behind]);
        self.bytes.drain(..in_front + behind);
        let writer = if in_front > 0 { self.writer.take() } else { None };
        (writer, Poll::Ready(Ok(())))
    }

    /// Takes bytes from `bufs`. Gives the reader, if it's to be woken.
    fn poll_put(&mut self, bufs: &[IoSlice<'_>]) -> (Option<Waker>, Poll<io::Result<usize>>) {
        if self.ended || self.abandoned {
            return (None, Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())));
        }
        let room = self.max_len - self.bytes.len();
        let mut left = room;
        let mut is_empty = true;
        for buf in bufs {
            let taken = &buf[..buf.len().min(left)];
            self.bytes.extend(taken);
            left -= taken.len();
            is_empty &= buf.is_empty();
        }
        if left == room && !is_empty {
            return (None, Poll::Pending);
        }
        let reader = if left < room { self.reader.take() } else { None };
        (reader, Poll::Ready(Ok(room - left)))
    }

    /// Nothing more will be written. Gives the reader, which is to be woken.
    fn end(&mut self) -> Option<Waker> {
        self.ended = true;
        self.reader.take()
    }

    /// Nothing more will be read. Gives the writer, which is to be woken.
    fn abandon(&mut self) -> Option<Waker> {
        self.abandoned = true;
        self.bytes = VecDeque::new();
        self.writer.take()
    }
}

/// As [`poll_with`], with a pipe that is the task's for as long as it polls.
fn poll_own<R>(
    pipe: &mut SimplexStream,
    cx: &mut Context<'_>,
    slot: fn(&mut SimplexStream) -> &mut Option<Waker>,
    f: impl FnOnce(&mut SimplexStream) -> (Option<Waker>, Poll<io::Result<R>>),
) -> Poll<io::Result<R>> {
    let coop = ready!(coop::poll_proceed(cx));
    let (other, result) = f(pipe);
    if result.is_pending() && !holds(slot(pipe), cx) {
        *slot(pipe) = Some(cx.waker().clone());
    }
    wake(other);
    if result.is_ready() {
        coop.made_progress();
    }
    result
}

impl AsyncRead for SimplexStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        poll_own(&mut self, cx, |pipe| &mut pipe.reader, |pipe| pipe.poll_take(buf))
    }
}

impl AsyncWrite for SimplexStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        poll_own(&mut self, cx, |pipe| &mut pipe.writer, |pipe| pipe.poll_put(bufs))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let reader = self.end();
        wake(reader);
        Poll::Ready(Ok(()))
    }
}

#[cfg(all(test, loom))]
mod tests_loom;
