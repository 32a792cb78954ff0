//! Telling tasks to look.
//!
//! ```text
//!            notify_one (1)                       line up (3)
//!   NOTIFIED ◀──────────── EMPTY ◀───────────────────────────▶ WAITING
//!            ────────────▶         the last one left (4)
//!             consume (2)                     │ notify_one (5): one waiter
//!                                             ▼
//!   each state, notify_waiters (6): generation + 1; in WAITING the line is told
//!   each state ── hold (7) ──▶ the same, HELD ── drop of `Held` (8) ──▶ what its holder made of it
//! ```
//!
//! The word holds one of these states, the generation, and the lock of the line. (3), (4), (5), and (6) in WAITING, are the
//! holder's: it writes the word as it lets go of the lock, by a store, since nobody else writes it while it is HELD. So
//! to wait takes one exchange of the word, and to tell one that waits takes one. Nobody sleeps for the lock: see
//! [`Spin`].
//!
//! A future remembers the generation in which it was
//! made: when that has passed, `notify_waiters` meant it, whether it was in the line or not, and also if it is
//! still there, since the line is told in batches, with the lock released in between. So everybody who finds
//! one of an older generation in the line treats it as told. The line is in the order of generations.
//!
//! E1: `notify` Release -> `consume` Acquire, and for who is in the line its verdict: what was done before the
//! call is seen by the one notified. Also a call that finds NOTIFIED writes, so that this holds for it.
//! E2: `advance`, `Held`'s drop Release -> `generation`, `consume` Acquire: what was done before
//! `notify_waiters` is seen by who sees the generation. Exchanges in between keep that, being read-modify-writes, and
//! holders hand on what they have acquired.
//! E3: `Held`'s drop Release -> `hold` Acquire: the line is as its last holder left it.

mod notified;
mod owned;

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc; // std: in public signatures
use std::task::Waker;

pub use notified::Notified;
pub use owned::OwnedNotified;

use super::waiter::Waiter;
use crate::base::{List, Spin, WakeBatch, contain};
use crate::shim::atomic::{AtomicUsize, Ordering};
use crate::shim::cell::UnsafeCell;

const EMPTY: usize = 0;
const NOTIFIED: usize = 1;
const WAITING: usize = 2;
const STATE: usize = 3;
const HELD: usize = 4;
const GENERATION: usize = 8;

/// Verdicts of waiters.
const TOLD_FIRST: u8 = 1;
const TOLD_LAST: u8 = 2;
const TOLD_ALL: u8 = 3;

/// The state word; see the module's documentation.
struct State(AtomicUsize);

/// The generation in a value of the word.
const fn generation(word: usize) -> usize {
    word & !(GENERATION - 1)
}

impl State {
    /// The current generation.
    #[inline]
    fn generation(&self) -> usize {
        generation(self.0.load(Ordering::Acquire)) // E2
    }

    /// Stores a notification for the next to come, unless some wait. (1)
    #[inline]
    fn notify(&self) -> bool {
        self.tell_nobody(|now| (now & !STATE) | NOTIFIED) // E1
    }

    /// Begins a generation, unless some wait. (6)
    #[inline]
    fn advance(&self) -> bool {
        self.tell_nobody(|now| now.wrapping_add(GENERATION)) // E2
    }

    /// Exchanges the word for the `next`, unless some wait. (1, 6)
    #[inline]
    fn tell_nobody(&self, next: impl Fn(usize) -> usize) -> bool {
        let mut spin = Spin::new();
        let mut now = self.0.load(Ordering::Relaxed);
        while now & STATE != WAITING {
            if now & HELD != 0 {
                spin.turn();
                now = self.0.load(Ordering::Relaxed);
                continue;
            }
            match self.0.compare_exchange_weak(now, next(now), Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return true, // E1 E2
                Err(actual) => now = actual,
            }
        }
        false
    }

    /// What there is for a future of `generation`.
    #[inline]
    fn look(&self, of: usize) -> Look {
        // Relaxed: `consume` or `hold` looks again.
        let now = self.0.load(Ordering::Relaxed);
        if generation(now) != of || now & STATE == NOTIFIED { Look::Told } else { Look::Nothing }
    }

    /// Takes the notification that is stored, in `generation`. (2)
    fn consume(&self, of: usize) -> Look {
        let mut spin = Spin::new();
        let mut now = self.0.load(Ordering::Acquire); // E2
        loop {
            if generation(now) != of {
                return Look::Told;
            }
            if now & STATE != NOTIFIED {
                return Look::Nothing;
            }
            if now & HELD != 0 {
                spin.turn();
                now = self.0.load(Ordering::Acquire); // E2
                continue;
            }
            match self.0.compare_exchange_weak(now, of | EMPTY, Ordering::Acquire, Ordering::Acquire) {
                Ok(_) => return Look::Told, // E1
                Err(actual) => now = actual,
            }
        }
    }

    /// Takes the lock; the word without it. (7)
    #[inline]
    fn hold(&self) -> usize {
        let mut spin = Spin::new();
        let mut now = self.0.load(Ordering::Relaxed);
        loop {
            if now & HELD != 0 {
                spin.turn();
                now = self.0.load(Ordering::Relaxed);
                continue;
            }
            match self.0.compare_exchange_weak(now, now | HELD, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return now, // E3
                Err(actual) => now = actual,
            }
        }
    }

    /// Writes the word, and with it lets go of the lock. (8)
    #[inline]
    fn let_go(&self, next: usize) {
        self.0.store(next, Ordering::Release); // E2 E3
    }
}

/// The lock of the line.
struct Held<'a> {
    notify: &'a Notify,
    /// The word as it will be.
    word: usize,
}

impl Held<'_> {
    #[inline]
    fn generation(&self) -> usize {
        generation(self.word)
    }

    #[inline]
    fn set(&mut self, state: usize) {
        self.word = (self.word & !STATE) | state;
    }

    #[inline]
    fn line(&mut self) -> &mut List<Waiter> {
        // SAFETY: the lock is held, and the reference borrows it.
        self.notify.line.with_mut(|line| unsafe { &mut *line })
    }

    /// Nobody waits any more, if that is so. (4)
    #[inline]
    fn settle(&mut self) {
        if self.line().is_empty() && self.word & STATE == WAITING {
            self.set(EMPTY);
        }
    }

    /// The first in the line, if the generation that it waits in has passed.
    #[inline]
    fn old(&mut self) -> bool {
        let generation = self.generation();
        // SAFETY: a node in the line is live, and we hold the lock.
        self.line().front().is_some_and(|first| unsafe { first.as_ref() }.key() != generation)
    }

    /// Takes a waiter out of the line, and its waker; or stores the notification when there is none. (5)
    fn tell(&mut self, order: Order) -> Option<Waker> {
        let (chosen, verdict) = match order {
            Order::First => (self.line().pop_front(), TOLD_FIRST),
            Order::Last => (self.line().pop_back(), TOLD_LAST),
        };
        let Some(chosen) = chosen else {
            self.set(NOTIFIED);
            return None;
        };
        self.settle();
        // SAFETY: it was in the line, whose lock is held.
        unsafe { Waiter::conclude_one(chosen, verdict) }
    }
}

impl Drop for Held<'_> {
    #[inline]
    fn drop(&mut self) {
        self.notify.state.let_go(self.word);
    }
}

/// What a future that looks at the word finds.
#[must_use]
enum Look {
    /// It was notified.
    Told,
    Nothing,
}

/// Which waiter a notification is for.
#[derive(Clone, Copy)]
enum Order {
    First,
    Last,
}

/// Tells one task, or all that wait, to look: a notification without data.
///
/// `Notify` can be seen as a [`Semaphore`](super::Semaphore) that starts with no permit:
/// [`notified().await`](Self::notified) waits for a permit, and [`notify_one`](Self::notify_one) makes one
/// available if there is none yet. The data that the notification is about lies elsewhere; whoever is told
/// looks there, and what was done before the notification is visible then.
///
/// # Examples
///
/// A queue whose consumer sleeps while it is empty:
///
/// ```
/// use std::collections::VecDeque;
/// use std::sync::{Arc, Mutex};
/// use rt_core::sync::Notify;
///
/// #[derive(Default)]
/// struct Queue {
///     values: Mutex<VecDeque<u32>>,
///     filled: Notify,
/// }
///
/// impl Queue {
///     fn push(&self, value: u32) {
///         self.values.lock().unwrap().push_back(value);
///         self.filled.notify_one();
///     }
///
///     // For one consumer: with several, each of which takes what it finds, see `Notified::enable`.
///     async fn pop(&self) -> u32 {
///         loop {
///             if let Some(value) = self.values.lock().unwrap().pop_front() {
///                 return value;
///             }
///             self.filled.notified().await;
///         }
///     }
/// }
///
/// # futures::executor::block_on(async {
/// let queue = Arc::new(Queue::default());
/// let producer = queue.clone();
/// std::thread::spawn(move || producer.push(5));
/// assert_eq!(queue.pop().await, 5);
/// # });
/// ```
pub struct Notify {
    state: State,
    /// Its lock is in the word.
    line: UnsafeCell<List<Waiter>>,
}

// SAFETY: the line is touched by who holds the lock, and waiters are `Send`.
unsafe impl Send for Notify {}
// SAFETY: as above.
unsafe impl Sync for Notify {}

impl UnwindSafe for Notify {}
impl RefUnwindSafe for Notify {}

impl Notify {
    /// A `Notify` without a permit.
    ///
    /// # Examples
    ///
    /// ```
    /// let notify = rt_core::sync::Notify::new();
    /// notify.notify_one();
    /// ```
    pub fn new() -> Self {
        Self { state: State(AtomicUsize::new(EMPTY)), line: UnsafeCell::new(List::new()) }
    }

    /// A `Notify` without a permit, for a `static`.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::sync::Notify;
    ///
    /// static RELOAD: Notify = Notify::const_new();
    /// RELOAD.notify_one();
    /// ```
    #[cfg(not(loom))]
    pub const fn const_new() -> Self {
        Self { state: State(AtomicUsize::new(EMPTY)), line: UnsafeCell::new(List::new()) }
    }

    /// Waits for a notification.
    ///
    /// The future takes the permit that a `notify_one` left, or waits for the next notification. It gets
    /// those of [`notify_waiters`](Self::notify_waiters) from the moment of this call, and those of
    /// [`notify_one`](Self::notify_one) once it was polled or [enabled](Notified::enable); those that wait
    /// get them in the order in which they began to.
    ///
    /// # Cancel safety
    ///
    /// Cancelled, it leaves the line. If `notify_one` had chosen it, the notification goes to the next one.
    ///
    /// # Examples
    ///
    /// ```
    /// # futures::executor::block_on(async {
    /// let notify = rt_core::sync::Notify::new();
    /// notify.notify_one();
    /// notify.notified().await;
    /// # });
    /// ```
    #[inline]
    pub fn notified(&self) -> Notified<'_> {
        Notified::new(self)
    }

    /// Waits for a notification, by a future that keeps the `Notify` alive and can move into a task.
    ///
    /// It behaves as [`notified`](Self::notified).
    ///
    /// # Cancel safety
    ///
    /// Cancelled, it leaves the line. If `notify_one` had chosen it, the notification goes to the next one.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use rt_core::sync::Notify;
    ///
    /// let notify = Arc::new(Notify::new());
    /// let notified = notify.clone().notified_owned();
    /// let thread = std::thread::spawn(move || futures::executor::block_on(notified));
    /// notify.notify_waiters();
    /// thread.join().unwrap();
    /// ```
    pub fn notified_owned(self: Arc<Self>) -> OwnedNotified {
        OwnedNotified::new(self)
    }

    /// Notifies the task that has waited longest.
    ///
    /// When none waits, the notification is kept as a permit, and the next `notified().await` returns at
    /// once. There is at most one permit: calling this again before it is used adds nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// # use futures::FutureExt;
    /// let notify = rt_core::sync::Notify::new();
    /// notify.notify_one();
    /// notify.notify_one();
    /// assert!(notify.notified().now_or_never().is_some());
    /// assert!(notify.notified().now_or_never().is_none());
    /// ```
    pub fn notify_one(&self) {
        self.notify(Order::First);
    }

    /// Notifies the task that began to wait last; otherwise as [`notify_one`](Self::notify_one).
    ///
    /// For when the latest is the one whose data is still in the caches, and fairness doesn't matter.
    ///
    /// # Examples
    ///
    /// ```
    /// # use futures::FutureExt;
    /// let notify = rt_core::sync::Notify::new();
    /// notify.notify_last();
    /// assert!(notify.notified().now_or_never().is_some());
    /// ```
    pub fn notify_last(&self) {
        self.notify(Order::Last);
    }

    /// Notifies all tasks that wait, and all futures that exist.
    ///
    /// Unlike [`notify_one`](Self::notify_one) it leaves no permit: a future made later waits.
    ///
    /// # Examples
    ///
    /// ```
    /// # use futures::FutureExt;
    /// let notify = rt_core::sync::Notify::new();
    /// let (one, two) = (notify.notified(), notify.notified());
    /// notify.notify_waiters();
    /// assert!(one.now_or_never().is_some());
    /// assert!(two.now_or_never().is_some());
    /// assert!(notify.notified().now_or_never().is_none());
    /// ```
    pub fn notify_waiters(&self) {
        if !self.state.advance() {
            let mut held = self.hold();
            held.word = held.word.wrapping_add(GENERATION);
            self.deliver(held, None);
        }
    }

    #[inline]
    fn notify(&self, order: Order) {
        if !self.state.notify() {
            self.notify_line(order);
        }
    }

    #[inline]
    fn hold(&self) -> Held<'_> {
        Held { notify: self, word: self.state.hold() }
    }

    fn notify_line(&self, order: Order) {
        let mut held = self.hold();
        if held.old() {
            return self.deliver(held, Some(order));
        }
        let waker = held.tell(order);
        drop(held);
        if let Some(waker) = waker {
            contain(|| waker.wake());
        }
    }

    /// Tells those in the line whose generation has passed, and then `one` of the others, or stores that.
    fn deliver<'a>(&'a self, mut held: Held<'a>, one: Option<Order>) {
        let mut wakers = WakeBatch::new();
        loop {
            while wakers.has_room() && held.old() {
                let Some(first) = held.line().pop_front() else { break };
                // SAFETY: it was in the line, and we hold the lock.
                unsafe { Waiter::conclude(first, TOLD_ALL, &mut wakers) };
            }
            let done = wakers.has_room();
            if done {
                held.settle();
                if let Some(waker) = one.and_then(|order| held.tell(order)) {
                    wakers.push(waker);
                }
            }
            drop(held);
            wakers.wake_all();
            if done {
                return;
            }
            held = self.hold();
        }
    }
}

impl Default for Notify {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Notify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Relaxed: for the reader's eyes only.
        let state = match self.state.0.load(Ordering::Relaxed) & STATE {
            NOTIFIED => "notified",
            WAITING => "waiting",
            _ => "empty",
        };
        f.debug_struct("Notify").field("state", &format_args!("{state}")).finish_non_exhaustive()
    }
}

#[cfg(all(test, loom))]
mod tests_loom;
