//! What was accepted for writing, and who writes it.
//!
//! Bytes are accepted into a buffer while it has room. The first ones start a writer, which takes all that is there, writes
//! it, and looks again: so many small writes become few large ones. It flushes when nothing is left, and goes. An
//! error ends it too, and takes with it what was accepted and not yet written; it's told once.
//!
//! All is under one lock. Wakers are cloned, woken and dropped outside of it.

use std::io::{self, Write};
use std::task::{Poll, Waker};

use crate::base::{contain, gone};
use crate::shim;
use crate::shim::sync::{Arc, Mutex};

/// With so many bytes in the buffer nothing more is accepted.
const FULL: usize = shim::scaled(64 * 1024, 2);
/// So many of one write are accepted at most.
const AT_ONCE: usize = shim::scaled(256 * 1024, 2);

/// See the module's documentation.
#[derive(Debug)]
pub(super) struct Output(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    accepted: Vec<u8>,
    /// Whether there is a writer, or one is about to be started.
    writer: bool,
    error: Option<io::Error>,
    waiting: Option<Waker>,
}

/// What became of bytes.
#[must_use]
#[derive(Debug)]
pub(super) enum Accepted {
    Ready(io::Result<usize>),
    /// So many were accepted, for a writer that the caller has to start.
    NeedsWriter(usize, Writer),
    Full,
}

impl Output {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(State::default())))
    }

    /// Accepts bytes, or waits until there is room.
    pub(super) fn poll_write(&self, waker: &Waker, bytes: &[u8]) -> Accepted {
        if bytes.is_empty() {
            return Accepted::Ready(Ok(0));
        }
        match self.poll_unless(waker, |state| state.writer && state.accepted.len() >= FULL) {
            Poll::Pending => return Accepted::Full,
            Poll::Ready(Err(error)) => return Accepted::Ready(Err(error)),
            Poll::Ready(Ok(())) => {}
        }
        // Nobody else accepts anything, so there is room still.
        let n = bytes.len().min(AT_ONCE);
        let mut state = self.0.lock();
        state.accepted.extend_from_slice(&bytes[..n]);
        let needs_writer = !std::mem::replace(&mut state.writer, true);
        drop(state);
        if needs_writer {
            Accepted::NeedsWriter(n, Writer { output: Some(self.0.clone()) })
        } else {
            Accepted::Ready(Ok(n))
        }
    }

    /// Waits until all that was accepted is written and flushed.
    pub(super) fn poll_flush(&self, waker: &Waker) -> Poll<io::Result<()>> {
        self.poll_unless(waker, |state| state.writer)
    }

    /// The error that there is, which won't be told again.
    pub(super) fn take_error(&self) -> Option<io::Error> {
        self.0.lock().error.take()
    }

    /// Waits while `busy`. One task may wait: the last one.
    fn poll_unless(&self, waker: &Waker, busy: impl Fn(&State) -> bool) -> Poll<io::Result<()>> {
        let look = |state: &mut State| match state.error.take() {
            Some(error) => Poll::Ready(Err(error)),
            None if busy(state) => Poll::Pending,
            None => Poll::Ready(Ok(())),
        };
        if let Poll::Ready(outcome) = look(&mut self.0.lock()) {
            return Poll::Ready(outcome);
        }
        let waker = waker.clone();
        let mut state = self.0.lock();
        let outcome = look(&mut state);
        let former = if outcome.is_pending() { state.waiting.replace(waker) } else { None };
        drop(state);
        drop(former);
        outcome
    }
}

/// Writes what was accepted. One that is dropped before it did leaves an error.
#[derive(Debug)]
pub(super) struct Writer {
    /// Until its work is done.
    output: Option<Arc<Mutex<State>>>,
}

impl Writer {
    /// Writes all that is there, and what is accepted meanwhile.
    pub(super) fn run(mut self, mut stream: impl Write) {
        let mut chunk = Vec::new();
        let mut is_flushed = true;
        while self.next(&mut chunk, is_flushed) {
            let outcome = if chunk.is_empty() { stream.flush() } else { stream.write_all(&chunk) };
            is_flushed = chunk.is_empty();
            if let Err(error) = outcome {
                self.fail(error);
            }
        }
    }

    /// Fetches the next bytes; none when it is to flush. False when all is done.
    fn next(&mut self, chunk: &mut Vec<u8>, is_flushed: bool) -> bool {
        chunk.clear();
        let Some(output) = &self.output else { return false };
        let mut state = output.lock();
        std::mem::swap(chunk, &mut state.accepted);
        let is_done = chunk.is_empty() && is_flushed;
        if is_done {
            state.writer = false;
        }
        // Who waits, waits for room or for the end of all.
        let waiting = if is_done || !chunk.is_empty() { state.waiting.take() } else { None };
        drop(state);
        if is_done {
            self.output = None;
        }
        wake(waiting);
        !is_done
    }

    /// Gives up: what was accepted won't be written.
    fn fail(&mut self, error: io::Error) {
        let Some(output) = self.output.take() else { return };
        let mut state = output.lock();
        state.accepted.clear();
        state.error = Some(error);
        state.writer = false;
        let waiting = state.waiting.take();
        drop(state);
        wake(waiting);
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.fail(gone());
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        contain(|| waker.wake());
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
#[cfg(all(test, loom))]
mod tests_loom;
