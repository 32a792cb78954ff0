//! What was accepted for writing and isn't written yet: of a file, or of a standard stream.
//!
//! Writing accepts bytes into a buffer and sends an **errand** to the blocking pool, which writes what is there, and what comes
//! meanwhile, until nothing is left. So many small writes cost few hops to a thread. Whatever else is to be done with a
//! file on a thread of the pool first settles: it writes what is accepted itself, if the errand hasn't come to it.
//!
//! ```text
//!            accept (1)            take (2)              done, nothing came (3)
//!   CLEAN ─────────────▶ ACCEPTED ──────────▶ WRITING ─────────────────────────▶ CLEAN
//!                           ▲                    │
//!                           └────────────────────┘ done, and more came (4)
//! ```
//!
//! `pending` is locked for a few instructions, by tasks and threads; wakers are cloned, woken and dropped outside of it. `work` is
//! held while bytes are written, by threads of the pool only. It is always locked first. All is done under one lock or the
//! other, so there is no ordering to argue about.
//!
//! Invariant W: when bytes are ACCEPTED, an errand is on its way, or `work` is held by somebody who will look again before
//! he lets go. An errand that is dropped instead of run clears the buffer and leaves an error: nobody waits for it for ever.
#![forbid(unsafe_code)]

use std::fmt;
use std::io::{self, IoSlice};
use std::panic::Location;
use std::task::{Context, Poll, Waker, ready};

use crate::base::{complaints, contain, is_gone};
use crate::blocking;
use crate::shim::sync::{Arc, Mutex, MutexGuard};

/// What is written to, on a thread that may block.
pub(crate) trait Target {
    /// Writes all of `bytes`, from where the position is, less what it is `ahead`.
    fn write(&self, bytes: &[u8], ahead: u64) -> io::Result<()>;

    /// Writes what it keeps in a buffer of its own. Called when nothing more is accepted.
    fn flush(&self) -> io::Result<()>;

    /// The error of bytes that the pool was shut down before.
    fn kept_back() -> io::Error;
}

/// A target, and what it's to be given.
pub(crate) struct WriteQueue<T> {
    pub(crate) target: T,
    work: Mutex<()>,
    pending: Mutex<Pending>,
}

#[derive(Default)]
struct Pending {
    bytes: Vec<u8>,
    /// How far the target's position is ahead of where the bytes belong: so much was read and not taken.
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

/// Who waits for what. Writing takes `&mut`, so one waits at a time: the last one.
struct Waiter {
    for_room: bool,
    waker: Waker,
}

impl Pending {
    fn is_clean(&self) -> bool {
        self.bytes.is_empty() && !self.writing
    }

    fn take_error(&mut self) -> io::Result<()> {
        self.error.take().map_or(Ok(()), Err)
    }

    /// Who is to be woken, now that there is room, and nothing else unless it's clean.
    fn waiter(&mut self) -> Option<Waker> {
        let clean = self.is_clean();
        self.waiter.take_if(|waiter| clean || waiter.for_room).map(|waiter| waiter.waker)
    }
}

/// Accepts bytes once there is room, which `room` tells from how many there are, and sees to it that they are written,
/// also when the runtime is shut down. They go where the target's position is, less what it is `ahead`.
///
/// # Panics
///
/// Outside of a runtime.
#[track_caller]
pub(crate) fn poll_write<T>(
    queue: &Arc<WriteQueue<T>>,
    cx: &Context<'_>,
    parts: &[IoSlice<'_>],
    ahead: u64,
    room: impl Fn(usize) -> usize,
) -> Poll<io::Result<usize>>
where
    T: Target + Send + Sync + 'static,
{
    let location = Location::caller();
    let n = match ready!(queue.poll_accept(cx, parts, ahead, room))? {
        Accepted::Expected(n) => return Poll::Ready(Ok(n)),
        Accepted::SendErrand(n) => n,
    };
    let errand = Errand::new(queue);
    let sent = blocking::spawn_mandatory_current(move || errand.run(), location);
    if let Some(Ok(_)) = sent {
        return Poll::Ready(Ok(n));
    }
    // The errand was dropped, which leaves an error unless somebody has written the bytes.
    let left = queue.take_error();
    match sent {
        None => panic!("{}", complaints::NO_RUNTIME),
        // The system has refused a thread.
        Some(Err(error)) if left.is_err() && !is_gone(&error) => Poll::Ready(Err(error)),
        Some(_) => Poll::Ready(left.map(|()| n)),
    }
}

/// What came of an offer of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
enum Accepted {
    /// So many were taken, and somebody will write them.
    Expected(usize),
    /// So many were taken: send an errand.
    SendErrand(usize),
}

impl<T> WriteQueue<T> {
    pub(crate) fn new(target: T) -> Self {
        Self { target, work: Mutex::new(()), pending: Mutex::new(Pending::default()) }
    }

    /// Whether everything is written, and no error is kept.
    #[cfg(feature = "fs")]
    pub(crate) fn is_clean(&self) -> bool {
        let pending = self.pending.lock();
        pending.is_clean() && pending.error.is_none()
    }

    /// The error of the last write, once.
    pub(crate) fn take_error(&self) -> io::Result<()> {
        self.pending.lock().take_error()
    }

    /// Accepts bytes once there is room, which `room` tells from how many there are. They go where the target's position
    /// is, less what it is `ahead`. (1)
    fn poll_accept(
        &self,
        cx: &Context<'_>,
        parts: &[IoSlice<'_>],
        ahead: u64,
        room: impl Fn(usize) -> usize,
    ) -> Poll<io::Result<Accepted>> {
        self.poll_until(cx, true, |pending| {
            pending.take_error()?;
            let before = pending.bytes.len();
            let room = room(before);
            if room == 0 {
                return Poll::Pending;
            }
            debug_assert!(ahead == 0 || pending.is_clean(), "who has read since has settled");
            pending.ahead += ahead;
            for part in parts {
                let left = room - (pending.bytes.len() - before);
                pending.bytes.extend_from_slice(&part[..part.len().min(left)]);
            }
            let accepted = pending.bytes.len() - before;
            if accepted == 0 || std::mem::replace(&mut pending.errand, true) {
                return Poll::Ready(Ok(Accepted::Expected(accepted)));
            }
            Poll::Ready(Ok(Accepted::SendErrand(accepted)))
        })
    }

    /// Waits until everything is written, and gives the error of the last write, once.
    pub(crate) fn poll_clean(&self, cx: &Context<'_>) -> Poll<io::Result<()>> {
        self.poll_until(cx, false, |pending| match pending.is_clean() {
            true => Poll::Ready(pending.take_error()),
            false => Poll::Pending,
        })
    }

    /// Waits until `look` is ready.
    fn poll_until<R>(
        &self,
        cx: &Context<'_>,
        for_room: bool,
        look: impl Fn(&mut Pending) -> Poll<R>,
    ) -> Poll<R> {
        if let Poll::Ready(outcome) = look(&mut self.pending.lock()) {
            return Poll::Ready(outcome);
        }
        let waiter = Waiter { for_room, waker: cx.waker().clone() };
        let mut pending = self.pending.lock();
        let outcome = look(&mut pending);
        let former = if outcome.is_pending() { pending.waiter.replace(waiter) } else { None };
        drop(pending);
        drop(former);
        outcome
    }
}

impl<T: Target> WriteQueue<T> {
    /// Writes what is accepted. On a thread that may block.
    #[cfg(feature = "fs")]
    pub(crate) fn settle(&self) {
        let work = self.work.lock();
        self.write_all(&work, false);
    }

    fn write_all(&self, _work: &MutexGuard<'_, ()>, is_errand: bool) {
        let mut pending = self.pending.lock();
        let mut is_flushed = true;
        while !pending.bytes.is_empty() || !is_flushed {
            let spare = std::mem::take(&mut pending.spare);
            let mut bytes = std::mem::replace(&mut pending.bytes, spare);
            let ahead = std::mem::take(&mut pending.ahead);
            pending.writing = true;
            wake(pending); // (2, 4)
            is_flushed = bytes.is_empty();
            let written = if is_flushed { self.target.flush() } else { self.target.write(&bytes, ahead) };
            bytes.clear();
            pending = self.pending.lock();
            pending.spare = bytes;
            if let Err(error) = written {
                // What came meanwhile would go to the wrong place.
                pending.bytes.clear();
                pending.error = Some(error);
                is_flushed = true;
            }
        }
        pending.writing = false;
        if is_errand {
            pending.errand = false;
        }
        wake(pending); // (3)
    }

    /// No errand will come: what was accepted is given up, unless somebody has taken it, and an error says so.
    fn give_up(&self) {
        let mut pending = self.pending.lock();
        pending.errand = false;
        pending.ahead = 0;
        if !pending.bytes.is_empty() {
            pending.bytes.clear();
            pending.error = Some(T::kept_back());
        }
        wake(pending);
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
struct Errand<T: Target>(Option<Arc<WriteQueue<T>>>);

impl<T: Target> Errand<T> {
    /// For what [`WriteQueue::poll_accept`] asked it for.
    fn new(queue: &Arc<WriteQueue<T>>) -> Self {
        Self(Some(queue.clone()))
    }

    /// Writes what there is. On a thread that may block.
    fn run(mut self) {
        if let Some(queue) = self.0.take() {
            let work = queue.work.lock();
            queue.write_all(&work, true);
        }
    }
}

impl<T: Target> Drop for Errand<T> {
    fn drop(&mut self) {
        if let Some(queue) = self.0.take() {
            queue.give_up();
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for WriteQueue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.target.fmt(f)
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
#[cfg(all(test, loom))]
mod tests_loom;
