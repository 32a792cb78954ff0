//! Waits in a line, of which those tell who serve it.
//!
//! What a subscriber is told of a wait is told in its span; so whoever gives a waiter what it waits for needs that
//! span. It lies with the waiter as a [`Bid`], which is taken out under the line's lock and told of outside of it: a
//! subscriber is code that isn't ours.

use std::any::Any;
use std::array;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::resource::Waiting;
use super::{Update, shim};
use crate::base::contain;

/// As many as are woken at once.
const CAPACITY: usize = 32;

/// A wait in a line. To move one runs no code of a subscriber's; to drop one may.
#[derive(Debug)]
pub(crate) struct Bid(Option<Waiting>);

impl Bid {
    /// A wait of which nobody is told.
    pub(crate) const NONE: Self = Self(None);

    pub(super) const fn new(waiting: Waiting) -> Self {
        Self(Some(waiting))
    }

    /// The same wait once more.
    pub(crate) fn again(&self) -> Self {
        Self(self.0.as_ref().map(Waiting::share))
    }

    fn tell(self, obtained: usize) {
        if let Self(Some(waiting)) = self {
            waiting.tell(Update::Obtained(obtained));
        }
    }
}

/// What those in a line were given, until it can be told.
pub(crate) struct Grants {
    granted: [(Bid, usize); CAPACITY],
    len: usize,
    panic: Option<Box<dyn Any + Send>>,
}

impl Grants {
    pub(crate) fn new() -> Self {
        Self { granted: array::from_fn(|_| (Bid::NONE, 0)), len: 0, panic: None }
    }

    /// Whether another one fits; when not, release the lock and [`tell`](Self::tell).
    pub(crate) const fn has_room(&self) -> bool {
        self.len < CAPACITY
    }

    /// One that was given so many permits, none if it was refused.
    pub(crate) fn push(&mut self, bid: Bid, permits: usize) {
        if bid.0.is_some() {
            self.granted[self.len] = (bid, permits);
            self.len += 1;
        }
    }

    /// Tells of those that there are. A panic of the subscriber's waits for [`end`](Self::end), since others in the
    /// line may have to be served first.
    pub(crate) fn tell(&mut self) {
        for granted in &mut self.granted[..self.len] {
            let (bid, permits) = mem::replace(granted, (Bid::NONE, 0));
            let told = catch_unwind(AssertUnwindSafe(|| {
                if permits > 0 {
                    bid.tell(permits);
                }
            }));
            match told {
                Err(payload) if self.panic.is_none() => self.panic = Some(payload),
                Err(payload) => contain(move || drop(payload)),
                Ok(()) => {}
            }
        }
        self.len = 0;
    }

    /// All is done: if the subscriber panicked, the panic goes on, unless the thread has one already.
    pub(crate) fn end(self) {
        match self.panic {
            Some(payload) if shim::thread::panicking() => contain(move || drop(payload)),
            Some(payload) => resume_unwind(payload),
            None => {}
        }
    }
}
