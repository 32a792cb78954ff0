//! Telling tasks to look.
//!
//! ```text
//!            notify_one (1)                       wait (3), under the lock
//!   NOTIFIED ◀──────────── EMPTY ◀───────────────────────────▶ WAITING
//!            ────────────▶         the last one left (4), under the lock
//!             consume (2)                     │ notify_one (5), under the lock: one waiter, or NOTIFIED
//!                                             ▼
//!   each state, notify_waiters (6): generation + 1; in WAITING under the lock, and the line is told
//! ```
//!
//! The word holds one of these states and the generation. A future remembers the generation in which it was
//! made: when that has passed, `notify_waiters` meant it, whether it was in the line or not, and also if it is
//! still there, since the line is told in batches, with the lock released in between. So everybody who finds
//! one of an older generation in the line treats it as told.
//!
//! E1: `notify_one` Release -> `consume` Acquire, and for who is in the line its verdict: what was done before the
//! call is seen by the one notified. Also a call that finds NOTIFIED writes, so that this holds for it.
//! E2: `notify_waiters`, `leave` Release -> `generation`, `consume`, `leave` Acquire: what was done before
//! `notify_waiters` is seen by who sees the generation.

mod notified;
mod owned;

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc; // std: in public signatures

pub use notified::Notified;
pub use owned::OwnedNotified;

use super::waiter::{Line, Waiter};
use crate::base::{List, WakeBatch};
use crate::shim::atomic::{AtomicUsize, Ordering};
use crate::shim::sync::Mutex;

const EMPTY: usize = 0;
const NOTIFIED: usize = 1;
const WAITING: usize = 2;
const STATE: usize = 3;
const GENERATION: usize = 4;

/// Verdicts of waiters.
const TOLD_FIRST: u8 = 1;
const TOLD_LAST: u8 = 2;
const TOLD_ALL: u8 = 3;

/// The state word; see the module's documentation.
struct State(AtomicUsize);

impl State {
    /// The current generation.
    fn generation(&self) -> usize {
        self.0.load(Ordering::Acquire) & !STATE // E2
    }

    /// Stores a notification for the next to come, unless some wait. (1)
    fn notify(&self) -> bool {
        let mut now = self.0.load(Ordering::Relaxed);
        while now & STATE != WAITING {
            let next = (now & !STATE) | NOTIFIED;
            match self.0.compare_exchange_weak(now, next, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return true, // E1
                Err(actual) => now = actual,
            }
        }
        false
    }

    /// Takes the notification that is stored, in `generation`. (2)
    fn consume(&self, generation: usize) -> Look {
        let mut now = self.0.load(Ordering::Acquire); // E2
        loop {
            if now & !STATE != generation {
                return Look::Told;
            }
            if now & STATE != NOTIFIED {
                return Look::Nothing;
            }
            match self.0.compare_exchange_weak(now, generation | EMPTY, Ordering::Acquire, Ordering::Acquire)
            {
                Ok(_) => return Look::Told, // E1
                Err(actual) => now = actual,
            }
        }
    }

    /// Under the lock: as `consume`, and if there is nothing announces a waiter. (3)
    fn wait(&self, generation: usize) -> Look {
        loop {
            if let Look::Told = self.consume(generation) {
                return Look::Told;
            }
            let (empty, waiting) = (generation | EMPTY, generation | WAITING);
            // Relaxed: the lock publishes the waiter.
            match self.0.compare_exchange(empty, waiting, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return Look::Nothing,
                Err(now) if now == waiting => return Look::Nothing,
                Err(_) => {}
            }
        }
    }

    /// Under the lock: nobody waits any more. (4)
    fn leave(&self) {
        // While some wait the word changes under the lock only: no exchange is needed.
        let now = self.0.load(Ordering::Acquire); // E2
        if now & STATE == WAITING {
            // It hands on what the generation publishes.
            self.0.store(now - (WAITING - EMPTY), Ordering::Release); // E2
        }
    }

    /// Under the lock, nobody waits: stores a notification. (5)
    fn store(&self) {
        let mut now = self.0.load(Ordering::Relaxed);
        loop {
            let next = (now & !STATE) | NOTIFIED;
            match self.0.compare_exchange_weak(now, next, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return, // E1
                Err(actual) => now = actual,
            }
        }
    }

    /// Begins a generation, unless some wait and `locked` isn't set. (6)
    fn advance(&self, locked: bool) -> bool {
        let mut now = self.0.load(Ordering::Relaxed);
        while locked || now & STATE != WAITING {
            let next = now.wrapping_add(GENERATION);
            match self.0.compare_exchange_weak(now, next, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return true, // E2
                Err(actual) => now = actual,
            }
        }
        false
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
    line: Line,
}

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
        Self { state: State(AtomicUsize::new(EMPTY)), line: Mutex::new(List::new()) }
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
        Self { state: State(AtomicUsize::new(EMPTY)), line: Mutex::new(List::new()) }
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
    pub fn notified(&self) -> Notified<'_> {
        Notified::new(self)
    }

    /// Waits for a notification, by a future that keeps the `Notify` alive and can move into a task.
    ///
    /// It behaves as [`notified`](Self::notified).
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
        if !self.state.advance(false) {
            self.notify_line();
        }
    }

    #[inline]
    fn notify(&self, order: Order) {
        if !self.state.notify() {
            self.deliver(Some(order));
        }
    }

    #[cold]
    fn notify_line(&self) {
        let line = self.line.lock();
        self.state.advance(true);
        drop(line);
        self.deliver(None);
    }

    /// Tells those in the line whose generation has passed, and then `one` of the others, or stores that.
    #[cold]
    fn deliver(&self, one: Option<Order>) {
        let mut wakers = WakeBatch::new();
        loop {
            let mut line = self.line.lock();
            let generation = self.state.generation();
            while wakers.has_room() {
                // SAFETY: a node in the line is live, and we hold the lock.
                let old = line.front().filter(|node| unsafe { node.as_ref() }.key != generation);
                let Some(first) = old else { break };
                line.pop_front();
                // SAFETY: it was in the line, and we hold the lock.
                unsafe { Waiter::conclude(first, TOLD_ALL, &mut wakers) };
            }
            let done = wakers.has_room();
            if done {
                if let Some(order) = one {
                    self.deliver_one(&mut line, order, &mut wakers);
                }
                if line.is_empty() {
                    self.state.leave();
                }
            }
            drop(line);
            wakers.wake_all();
            if done {
                return;
            }
        }
    }

    fn deliver_one(&self, line: &mut List<Waiter>, order: Order, wakers: &mut WakeBatch) {
        let (chosen, verdict) = match order {
            Order::First => (line.pop_front(), TOLD_FIRST),
            Order::Last => (line.pop_back(), TOLD_LAST),
        };
        match chosen {
            // SAFETY: it was in the line, whose lock is held.
            Some(chosen) => unsafe { Waiter::conclude(chosen, verdict, wakers) },
            None => self.state.store(),
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
