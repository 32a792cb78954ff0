//! Reading, writing and seeking.

use std::io::{self, IoSlice, SeekFrom};
use std::os::fd::AsFd;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::super::offload::{failed, poll_begin};
use super::File;
use super::reading::{Reading, Seeking, seek};
use crate::base::complaints;
use crate::blocking;
use crate::coop::charge;
use crate::io::write_queue;
use crate::io::{AsyncRead, AsyncSeek, AsyncWrite, ReadBuf};
use crate::sys::cached::{self, Cached};

/// Bytes that are read at a time on the thread of the task: what a file's buffer holds unless told otherwise, and as much
/// as would have to be copied out of that. Copying them takes 70 microseconds from and to the processor's caches, after
/// which the budget of the poll is used up.
pub(super) const MAX_CACHED: usize = 2 << 20;

impl File {
    /// Reads what is in the page cache; `None` when that can't be done.
    fn read_cached(&mut self, buf: &mut ReadBuf<'_>, want: usize) -> Option<io::Result<usize>> {
        if !self.caches || !self.has_cursor() || !self.queue.is_clean() {
            return None;
        }
        // SAFETY: only what the system reads is written, which is initialized.
        let room = &mut unsafe { buf.unfilled_mut() }[..want.min(MAX_CACHED)];
        match cached::read(self.queue.target.as_fd(), room) {
            Cached::Hit(Ok(n)) => {
                // SAFETY: the system has written so many bytes there.
                unsafe { buf.assume_init(n) };
                buf.advance(n);
                self.local = true;
                Some(Ok(n))
            }
            Cached::Hit(Err(error)) => Some(Err(error)),
            Cached::Miss => None,
            Cached::Never => {
                self.caches = false;
                None
            }
        }
    }

    /// Waits for what has the file's position: a read or a seek that was begun, and whose future was dropped. What was
    /// read is kept, and an error of the read is nobody's any longer.
    fn poll_position(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let _ = ready!(self.reading.poll_arrive(cx));
        if let Some(position) = ready!(self.seeking.poll_arrive(cx)) {
            self.position = position?;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_write_parts(&mut self, cx: &mut Context<'_>, parts: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        ready!(self.poll_position(cx))?;
        let proceed = ready!(poll_begin(cx))?;
        let ahead = self.reading.ahead() as u64;
        let limit = self.max_buf_size;
        let room = |held| limit.saturating_sub(held);
        let n = ready!(write_queue::poll_write(&self.queue, cx, parts, ahead, room))?;
        self.reading.forget();
        proceed.made_progress();
        charge(n);
        Poll::Ready(Ok(n))
    }
}

impl AsyncRead for File {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let me = &mut *self;
        if buf.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        if let Some(position) = ready!(me.seeking.poll_arrive(cx)) {
            me.position = position?;
        }
        if matches!(me.reading, Reading::Ahead { .. }) && me.reading.ahead() == 0 {
            let proceed = ready!(poll_begin(cx))?;
            me.queue.take_error()?;
            let want = buf.remaining().min(me.max_buf_size);
            if let Some(read) = me.read_cached(buf, want) {
                proceed.made_progress();
                charge(read?);
                return Poll::Ready(Ok(()));
            }
            me.reading.begin(&me.queue, want)?;
        }
        ready!(me.reading.poll_arrive(cx))?;
        let before = buf.filled().len();
        me.reading.take(buf);
        charge(buf.filled().len() - before);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for File {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_parts(cx, &[IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_parts(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.queue.poll_clean(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}

impl AsyncSeek for File {
    fn start_seek(mut self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        let me = &mut *self;
        if matches!(me.reading, Reading::UnderWay(_)) || !matches!(me.seeking, Seeking::Nothing) {
            return Err(io::Error::other(
                "another operation on the file is under way: call poll_complete before start_seek",
            ));
        }
        match blocking::is_open() {
            Some(true) => {}
            Some(false) => return Err(failed()),
            None => panic!("{}", complaints::NO_RUNTIME),
        }
        let ahead = me.reading.forget();
        // Where the end is, a server may have to be asked.
        let at_once = me.local || !matches!(position, SeekFrom::End(_));
        me.seeking = if at_once && me.has_cursor() && me.queue.is_clean() {
            Seeking::Done(seek(&me.queue.target, ahead, position))
        } else {
            Seeking::begin(&me.queue, ahead, position)
        };
        Ok(())
    }

    fn poll_complete(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        let proceed = ready!(poll_begin(cx))?;
        ready!(self.poll_position(cx))?;
        proceed.made_progress();
        Poll::Ready(Ok(self.position))
    }
}
