//! Where a thread leaves what it reads, and readers fetch it.
//!
//! The thread reads only when somebody has asked. It reads once for all who asked meanwhile; what came is given to
//! whoever comes first, and the others ask anew. An end or an error is told once, for a terminal goes on after an end.
//!
//! All is under one lock. Wakers are cloned, woken and dropped outside of it.

use std::io;
use std::task::{Poll, Waker};
use std::time::Duration;

use crate::base::contain;
use crate::io::ReadBuf;
use crate::shim::sync::{Condvar, Mutex};

/// What is read at once, in bytes. The least is what the standard library's buffer takes in any case.
const CHUNK: std::ops::RangeInclusive<usize> = 8 * 1024..=128 * 1024;

/// See the module's documentation.
#[derive(Debug)]
pub(super) struct Input {
    state: Mutex<State>,
    /// Signalled when something is asked for.
    asked: Condvar,
}

#[derive(Debug, Default)]
struct State {
    bytes: Vec<u8>,
    /// How many of them were fetched.
    fetched: usize,
    /// The end, or an error, behind the bytes.
    told: Option<io::Result<()>>,
    /// How much the thread is to read. It stays until it has done so.
    wanted: Option<usize>,
    /// Whether there is a thread, or one is about to be started.
    thread: bool,
    /// Who waits, by the number of the reader.
    waiting: Vec<(usize, Waker)>,
}

/// What a reader gets.
#[must_use]
#[derive(Debug)]
pub(super) enum Fetched {
    Ready(io::Result<()>),
    Pending,
    /// It waits, for a thread that the caller has to start.
    NeedsThread,
}

impl Input {
    pub(super) fn new() -> Self {
        Self { state: Mutex::new(State::default()), asked: Condvar::new() }
    }

    /// Fetches what is there, or waits for it.
    pub(super) fn poll_read(&self, reader: usize, waker: &Waker, buf: &mut ReadBuf<'_>) -> Fetched {
        if buf.remaining() == 0 {
            return Fetched::Ready(Ok(()));
        }
        if let Poll::Ready(outcome) = self.state.lock().fetch(buf) {
            return Fetched::Ready(outcome);
        }
        let waker = waker.clone();
        let mut state = self.state.lock();
        if let Poll::Ready(outcome) = state.fetch(buf) {
            drop(state);
            return Fetched::Ready(outcome);
        }
        let former = state.wait(reader, waker);
        state.wanted.get_or_insert(buf.remaining().clamp(*CHUNK.start(), *CHUNK.end()));
        let needs_thread = !std::mem::replace(&mut state.thread, true);
        drop(state);
        drop(former);
        self.asked.notify_one();
        if needs_thread { Fetched::NeedsThread } else { Fetched::Pending }
    }

    /// A reader waits no longer.
    pub(super) fn forget(&self, reader: usize) {
        let former = {
            let mut state = self.state.lock();
            let place = state.waiting.iter().position(|(waiting, _)| *waiting == reader);
            place.map(|place| state.waiting.swap_remove(place))
        };
        drop(former);
    }

    /// The thread: how much it is to read. `None` when it was idle for so long that it is to go.
    pub(super) fn next(&self, idle: Duration) -> Option<usize> {
        let mut state = self.state.lock();
        loop {
            if let Some(wanted) = state.wanted {
                return Some(wanted);
            }
            let (guard, too_long) = self.asked.wait_timeout(state, idle);
            state = guard;
            if too_long && state.wanted.is_none() {
                state.thread = false;
                return None;
            }
        }
    }

    /// The thread: this was read, none at the end.
    pub(super) fn deliver(&self, read: io::Result<&[u8]>) {
        self.tell(|state| match read {
            Ok([]) => state.told = Some(Ok(())),
            Ok(bytes) => {
                state.bytes.clear();
                state.bytes.extend_from_slice(bytes);
                state.fetched = 0;
            }
            Err(error) => state.told = Some(Err(error)),
        });
    }

    /// The thread couldn't be started.
    pub(super) fn no_thread(&self, error: io::Error) {
        self.tell(|state| {
            state.thread = false;
            state.told = Some(Err(error));
        });
    }

    fn tell(&self, change: impl FnOnce(&mut State)) {
        let waiting = {
            let mut state = self.state.lock();
            state.wanted = None;
            change(&mut state);
            std::mem::take(&mut state.waiting)
        };
        for (_, waker) in waiting {
            contain(|| waker.wake());
        }
    }
}

impl State {
    fn fetch(&mut self, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let left = &self.bytes[self.fetched..];
        if left.is_empty() {
            return self.told.take().map_or(Poll::Pending, Poll::Ready);
        }
        let n = left.len().min(buf.remaining());
        buf.put_slice(&left[..n]);
        self.fetched += n;
        Poll::Ready(Ok(()))
    }

    /// Notes who waits, and gives the reader's former waker.
    fn wait(&mut self, reader: usize, waker: Waker) -> Option<Waker> {
        match self.waiting.iter_mut().find(|(waiting, _)| *waiting == reader) {
            Some((_, former)) => Some(std::mem::replace(former, waker)),
            None => {
                self.waiting.push((reader, waker));
                None
            }
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
#[cfg(all(test, loom))]
mod tests_loom;
