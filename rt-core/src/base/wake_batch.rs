//! Wakers collected under a lock and woken outside it.
//!
//! While several are woken in a row, a scheduler can queue what comes of it without a word to others, and say it
//! once, [at the end](at_end_of_row) of the row. A row lasts from the first that several are woken until the batch is dropped,
//! however often it was filled: a worker that is woken earlier gets in the way of the one that wakes.

use std::cell::Cell;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::task::Waker;

use super::contain;
use crate::shim;

const CAPACITY: usize = shim::scaled(32, 2);

/// Up to 32 wakers on the stack; two in models, so that they come to the second batch.
///
/// Wakers run code that isn't ours, which may take locks or panic: it must never run under a lock of ours.
/// A waker that panics doesn't keep the others from being woken.
pub(crate) struct WakeBatch {
    wakers: [MaybeUninit<Waker>; CAPACITY],
    start: usize,
    end: usize,
    row: Option<Row>,
}

impl WakeBatch {
    pub(crate) const fn new() -> Self {
        Self { wakers: [const { MaybeUninit::uninit() }; CAPACITY], start: 0, end: 0, row: None }
    }

    /// Whether another waker fits; when not, release the lock and call [`wake_all`](Self::wake_all).
    pub(crate) const fn has_room(&self) -> bool {
        self.end < CAPACITY
    }

    /// How many there are.
    pub(crate) const fn len(&self) -> usize {
        self.end - self.start
    }

    /// Adds a waker.
    ///
    /// # Panics
    ///
    /// When the batch is full.
    pub(crate) fn push(&mut self, waker: Waker) {
        assert!(self.has_room(), "wake batch is full");
        self.wakers[self.end].write(waker);
        self.end += 1;
    }

    /// Wakes all, in the order they came, and is empty again.
    ///
    /// The panic of a waker ends here: it concerns neither the other wakers nor the caller, who may have taken
    /// a message or a permit that an unwinding would lose. The panic hook has told of it.
    pub(crate) fn wake_all(&mut self) {
        if self.len() > 1 && self.row.is_none() {
            self.row = Some(Row::begin());
        }
        while let Some(waker) = self.take() {
            contain(|| waker.wake());
        }
        (self.start, self.end) = (0, 0);
    }

    fn take(&mut self) -> Option<Waker> {
        if self.start == self.end {
            return None;
        }
        let index = self.start;
        self.start += 1;
        // SAFETY: slots from `start` to `end` are initialized, and `start` has moved past this one.
        Some(unsafe { self.wakers[index].assume_init_read() })
    }
}

shim::thread_slot! {
    static ROW: Cell<State> = Cell::new(State::None)
}

/// Where the calling thread is.
#[derive(Clone, Copy)]
enum State {
    None,
    Row,
    /// In a row, at the end of which this is to be called.
    Owing(fn()),
}

/// Several wakes by the calling thread, from here to the drop of this. Rows within it are part of it.
struct Row {
    before: State,
    /// It ends where it began.
    _not_send: PhantomData<*mut ()>,
}

impl Row {
    fn begin() -> Self {
        let before = ROW.try_with(|row| row.replace(State::Row)).unwrap_or(State::None);
        Self { before, _not_send: PhantomData }
    }
}

impl Drop for Row {
    fn drop(&mut self) {
        let Ok(State::Owing(owed)) = ROW.try_with(|row| row.replace(self.before)) else { return };
        match self.before {
            State::None => owed(),
            State::Row | State::Owing(_) => ROW.with(|row| row.set(State::Owing(owed))),
        }
    }
}

/// Whether the calling thread is waking several in a row; then `owed` is called at the end. Whoever asks in the same row
/// gives the same function.
#[inline]
pub(crate) fn at_end_of_row(owed: fn()) -> bool {
    ROW.try_with(|row| {
        let in_a_row = !matches!(row.get(), State::None);
        if in_a_row {
            row.set(State::Owing(owed));
        }
        in_a_row
    })
    .unwrap_or(false)
}

impl Drop for WakeBatch {
    fn drop(&mut self) {
        while self.take().is_some() {}
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
