//! Reads and seeks that were begun.

use std::fs;
use std::future::Future;
use std::io::{self, Seek, SeekFrom};
use std::os::fd::AsFd;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::super::offload::{failed, spawn};
use super::queue::Queue;
use crate::blocking::JoinHandle;
use crate::io::ReadBuf;
use crate::shim::sync::Arc;
use crate::sys;

/// What a file has read.
#[derive(Debug)]
pub(super) enum Reading {
    /// Bytes that nobody has taken, from `at` on: the file's position is behind them. Most often none.
    Ahead { bytes: Vec<u8>, at: usize },
    /// A thread reads into a buffer that is the operation's own.
    UnderWay(JoinHandle<(Vec<u8>, io::Result<()>)>),
}

impl Reading {
    pub(super) const NOTHING: Self = Self::Ahead { bytes: Vec::new(), at: 0 };

    /// Begins to read at most `want` bytes on the pool, after what is still to be written.
    pub(super) fn begin(&mut self, queue: &Arc<Queue>, want: usize) -> io::Result<()> {
        let mut bytes = match std::mem::replace(self, Self::NOTHING) {
            Self::Ahead { bytes, .. } => bytes,
            Self::UnderWay(_) => Vec::new(),
        };
        bytes.clear();
        bytes.try_reserve_exact(want)?;
        let queue = queue.clone();
        *self = Self::UnderWay(spawn(move || {
            queue.settle();
            let read = queue.take_error().and_then(|()| read(&queue.target, &mut bytes, want));
            (bytes, read)
        }));
        Ok(())
    }

    /// Waits for a read that was begun, and gives its error.
    pub(super) fn poll_arrive(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self::UnderWay(join) = self else { return Poll::Ready(Ok(())) };
        let arrived = ready!(Pin::new(join).poll(cx));
        *self = Self::NOTHING;
        let (bytes, read) = arrived.map_err(|_| failed())?;
        *self = Self::Ahead { bytes, at: 0 };
        Poll::Ready(read)
    }

    /// How much was read and not taken.
    pub(super) fn ahead(&self) -> usize {
        match self {
            Self::Ahead { bytes, at } => bytes.len() - at,
            Self::UnderWay(_) => 0,
        }
    }

    /// Gives what was read.
    pub(super) fn take(&mut self, buf: &mut ReadBuf<'_>) {
        if let Self::Ahead { bytes, at } = self {
            let n = buf.remaining().min(bytes.len() - *at);
            buf.put_slice(&bytes[*at..*at + n]);
            *at += n;
        }
    }

    /// Forgets what was read and not taken, since the position will be where that begins. Says how much it was.
    pub(super) fn forget(&mut self) -> u64 {
        let ahead = self.ahead();
        if let Self::Ahead { bytes, at } = self {
            bytes.clear();
            *at = 0;
        }
        ahead as u64
    }
}

/// Reads once, at most `want` bytes, for which there is memory behind those that are there.
fn read(file: &fs::File, bytes: &mut Vec<u8>, want: usize) -> io::Result<()> {
    let n = sys::file::read(file.as_fd(), &mut bytes.spare_capacity_mut()[..want])?;
    // SAFETY: so many bytes behind the length were initialized by the read.
    unsafe { bytes.set_len(bytes.len() + n) };
    Ok(())
}

/// A seek that was begun.
#[derive(Debug)]
pub(super) enum Seeking {
    Nothing,
    Done(io::Result<u64>),
    UnderWay(JoinHandle<io::Result<u64>>),
}

impl Seeking {
    /// Begins a seek on the pool, after what is still to be written. The position is so far `ahead` of what was taken.
    pub(super) fn begin(queue: &Arc<Queue>, ahead: u64, to: SeekFrom) -> Self {
        let queue = queue.clone();
        Self::UnderWay(spawn(move || {
            queue.settle();
            queue.take_error()?;
            seek(&queue.target, ahead, to)
        }))
    }

    /// Waits for a seek that was begun; `None` when there was none.
    pub(super) fn poll_arrive(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<u64>>> {
        let result = match self {
            Self::Nothing => return Poll::Ready(None),
            Self::UnderWay(join) => ready!(Pin::new(join).poll(cx)).unwrap_or_else(|_| Err(failed())),
            Self::Done(result) => std::mem::replace(result, Ok(0)),
        };
        *self = Self::Nothing;
        Poll::Ready(Some(result))
    }
}

/// Seeks from where the bytes that nobody took begin.
pub(super) fn seek(mut file: &fs::File, ahead: u64, to: SeekFrom) -> io::Result<u64> {
    match to {
        // A buffer's length fits.
        SeekFrom::Current(_) if ahead > 0 => {
            file.seek(SeekFrom::Current(-(ahead as i64)))?;
            file.seek(to)
        }
        _ => file.seek(to),
    }
}
