//! What a file was given to write and hasn't written yet.
//!
//! Writing accepts bytes into a buffer and sends an **errand** to the blocking pool, which writes what is there, and what comes
//! meanwhile, until nothing is left. So many small writes cost few hops to a thread. Whatever else is to be done with the
//! file on a thread of the pool first settles: it writes what is accepted itself, if the errand hasn't come to it.
//!
//! ```text
//!            accept (1)            take (2)              done, nothing came (3)
//!   CLEAN ─────────────▶ ACCEPTED ──────────▶ WRITING ─────────────────────────▶ CLEAN
//!                           ▲                    │
//!                           └────────────────────┘ done, and more came (4)
//! ```
//!
//! `pending` is locked for a few instructions, by tasks and threads. `work` is held while bytes are written, by threads of the pool
//! only. It is always locked first. All is done under one lock or the other, so there is no ordering to argue about.
//!
//! Invariant W: when bytes are ACCEPTED, an errand is on its way, or `work` is held by somebody who will look again before
//! he lets go. An errand that is dropped instead of run clears the buffer and leaves an error: nobody waits for it for ever.
#![forbid(unsafe_code)]

use std::fmt;
use std::io::{self, IoSlice, Seek, SeekFrom, Write};
use std::task::{Context, Poll, Waker};

use crate::base::{complaints, contain};
use crate::shim::sync::{Arc, Mutex, MutexGuard};

/// A file, and what it is to write.
pub(super) struct Queue<F = std::fs::File> {
    pub(super) std: F,
    work: Mutex<()>,
    pending: Mutex<Pending>,
}

#[derive(Default)]
struct Pending {
    bytes: Vec<u8>,
    /// How far the file's position is ahead of where the bytes belong: so much was read and not taken.
    ahead: u64,
    /// Bytes were taken and are being written.
    writing: bool,
    /// An errand is on its way.
    errand: bool,
    /// Of the last write, until somebody is told.
    error: Option<io::Error>,
    waiter: Option<Waiter>,
    /// An empty buffer with memory.
    spare: Vec<u8>,
}

/// Who waits for what. Writing takes `&mut File`, so one waits at a time.
struct Waiter {
    for_room: bool,
    waker: Waker,
}

impl Pending {
    fn is_clean(&self) -> bool {
        self.bytes.is_empty() && !self.writing
    }

    /// Who is to be woken, now that there is room, and nothing else unless it's clean.
    fn waiter(&mut self) -> Option<Waker> {
        let clean = self.is_clean();
        self.waiter.take_if(|waiter| clean || waiter.for_room).map(|waiter| waiter.waker)
    }

    fn wait<T>(&mut self, for_room: bool, cx: &Context<'_>) -> Poll<T> {
        match &mut self.waiter {
            Some(waiter) if waiter.waker.will_wake(cx.waker()) => waiter.for_room = for_room,
            waiter => *waiter = Some(Waiter { for_room, waker: cx.waker().clone() }),
        }
        Poll::Pending
    }
}

/// What came of an offer of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum Accepted {
    /// So many were taken, and somebody will write them.
    Expected(usize),
    /// So many were taken: send an errand.
    SendErrand(usize),
}

impl<F> Queue<F> {
    pub(super) fn new(std: F) -> Self {
        Self { std, work: Mutex::new(()), pending: Mutex::new(Pending::default()) }
    }

    /// Whether everything is written, and no error is kept.
    pub(super) fn is_clean(&self) -> bool {
        let pending = self.pending.lock();
        pending.is_clean() && pending.error.is_none()
    }

    /// The error of the last write, once.
    pub(super) fn take_error(&self) -> io::Result<()> {
        self.pending.lock().error.take().map_or(Ok(()), Err)
    }

    /// Accepts bytes, as many as there is room for below `limit`, once there is any. They go where the file's position is,
    /// less what it is `ahead`. (1)
    pub(super) fn poll_accept(
        &self,
        cx: &Context<'_>,
        parts: &[IoSlice<'_>],
        ahead: u64,
        limit: usize,
    ) -> Poll<io::Result<Accepted>> {
        let mut pending = self.pending.lock();
        if let Some(error) = pending.error.take() {
            return Poll::Ready(Err(error));
        }
        let room = limit.saturating_sub(pending.bytes.len());
        if room == 0 {
            return pending.wait(true, cx);
        }
        debug_assert!(ahead == 0 || pending.is_clean(), "who has read since has settled");
        pending.ahead += ahead;
        let before = pending.bytes.len();
        for part in parts {
            let left = room - (pending.bytes.len() - before);
            pending.bytes.extend_from_slice(&part[..part.len().min(left)]);
        }
        let accepted = pending.bytes.len() - before;
        if accepted == 0 || std::mem::replace(&mut pending.errand, true) {
            return Poll::Ready(Ok(Accepted::Expected(accepted)));
        }
        Poll::Ready(Ok(Accepted::SendErrand(accepted)))
    }

    /// Waits until everything is written, and gives the error of the last write, once.
    pub(super) fn poll_clean(&self, cx: &Context<'_>) -> Poll<io::Result<()>> {
        let mut pending = self.pending.lock();
        if !pending.is_clean() {
            return pending.wait(false, cx);
        }
        Poll::Ready(pending.error.take().map_or(Ok(()), Err))
    }

    /// No errand will come: what was accepted is given up, unless somebody has taken it, and an error says so.
    fn give_up(&self) {
        let mut pending = self.pending.lock();
        pending.errand = false;
        pending.ahead = 0;
        if !pending.bytes.is_empty() {
            pending.bytes.clear();
            pending.error = Some(io::Error::other(complaints::NOT_RUN));
        }
        wake(pending);
    }
}

impl<F> Queue<F>
where
    for<'a> &'a F: Write + Seek,
{
    /// Writes what is accepted. On a thread that may block.
    pub(super) fn settle(&self) {
        let work = self.work.lock();
        self.write_all(&work, false);
    }

    fn write_all(&self, _work: &MutexGuard<'_, ()>, is_errand: bool) {
        loop {
            let mut pending = self.pending.lock();
            pending.writing = false;
            if pending.bytes.is_empty() {
                if is_errand {
                    pending.errand = false;
                }
                wake(pending); // (3)
                return;
            }
            let spare = std::mem::take(&mut pending.spare);
            let mut bytes = std::mem::replace(&mut pending.bytes, spare);
            let ahead = std::mem::take(&mut pending.ahead);
            pending.writing = true;
            wake(pending); // (2, 4)
            let written = self.write(&bytes, ahead);
            bytes.clear();
            let mut pending = self.pending.lock();
            pending.spare = bytes;
            if let Err(error) = written {
                // What came meanwhile would go to the wrong place.
                pending.bytes.clear();
                pending.error = Some(error);
            }
        }
    }

    fn write(&self, bytes: &[u8], ahead: u64) -> io::Result<()> {
        let mut file = &self.std;
        if ahead > 0 {
            // A buffer's length fits.
            file.seek(SeekFrom::Current(-(ahead as i64)))?;
        }
        file.write_all(bytes)
    }
}

/// Wakes whom that concerns, outside of the lock. A panic of the waker's harms nobody else.
fn wake(mut pending: MutexGuard<'_, Pending>) {
    let waiter = pending.waiter();
    drop(pending);
    if let Some(waker) = waiter {
        contain(|| waker.wake());
    }
}

/// What the pool is sent to do: to write what was accepted.
pub(super) struct Errand<F = std::fs::File>(Option<Arc<Queue<F>>>);

impl<F> Errand<F> {
    /// For what [`Queue::poll_accept`] asked it for.
    pub(super) fn new(queue: &Arc<Queue<F>>) -> Self {
        Self(Some(queue.clone()))
    }
}

impl<F> Errand<F>
where
    for<'a> &'a F: Write + Seek,
{
    /// Writes what there is. On a thread that may block.
    pub(super) fn run(mut self) {
        if let Some(queue) = self.0.take() {
            let work = queue.work.lock();
            queue.write_all(&work, true);
        }
    }
}

impl<F> Drop for Errand<F> {
    fn drop(&mut self) {
        if let Some(queue) = self.0.take() {
            queue.give_up();
        }
    }
}

impl<F: fmt::Debug> fmt::Debug for Queue<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.std.fmt(f)
    }
}

#[cfg(all(test, loom))]
mod tests_loom;
