//! A queue of values, each of which comes out when its time has come.
//!
//! The entries lie in a slab. A heap with four children a node orders them by deadline and knows each one's place, so that it
//! can be removed and moved. One [`Sleep`] waits for the earliest deadline.
//!
//! *Rejected*: a timing wheel. Deadlines that are inserted in their order, as those of equal timeouts are, cost a heap one
//! comparison, and taking out of the middle is cheap where much came later; in exchange deadlines are exact, and the earliest is
//! known without a search. Beside tokio-util's wheel, which keeps milliseconds (nanoseconds an entry, medians of 2026-11-23):
//!
//! | entries | | wheel | heap |
//! |---|---|---|---|
//! | 10,000 | one inserted and removed | 104 | 49 |
//! | 10,000 | one put off | 99 | 59 |
//! | 1,000,000 | one put off | 561 | 576 |
//! | 10,000 | all inserted, and taken, due within 2 ms | 138 | 101 |
//! | 100,000 | the same | 225 | 222 |
//! | 1,000,000 | the same | 202 | 285 |
//! | 1,000,000 | the same, due within 1 s | 431 | 456 |
//!
//! So what loses is a million deadlines within two milliseconds, which the wheel doesn't sort: a heap too large for the caches,
//! whose ways down are misses.

mod heap;

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use futures_core::Stream;
use rt_core::task::coop;
use rt_core::time::{Instant, Sleep, sleep_until};
use slab::Slab;

use heap::{Heap, Ticks};

/// The farthest that a deadline may lie ahead: some two years. What is farther is rather a mistake.
const MAX_AHEAD: Duration = Duration::from_millis((1 << 36) - 1);

/// The most entries.
const MAX_LEN: usize = (1 << 30) - 1;

/// A queue of values, each of which comes out when its deadline has passed.
///
/// It's a stream of what has [expired](Expired), the earliest deadline first; of values with the same deadline any may come
/// first. An entry can be removed, or given another deadline, by the [`Key`] that its insertion gave. The stream ends when
/// the queue is empty, and goes on when something is inserted afterwards.
///
/// Values come out at their deadlines or after, as the runtime's timers are, and never before. While the queue is waited for it needs
/// one timer, however many entries it has. Inserting, removing and resetting take time that grows with the logarithm
/// of their number at most; inserting later and later deadlines, constant time.
///
/// It belongs to one task, which is woken when an entry expires; and when somebody inserts, resets or removes one so that
/// there is something new to wait for.
///
/// # Cancel safety
///
/// Nothing is lost when the next value is no longer waited for.
///
/// # Panics
///
/// When it's polled with an entry that has to be waited for, outside of a runtime or where its time isn't enabled.
///
/// # Examples
///
/// A cache whose values live for a while:
///
/// ```
/// use std::collections::HashMap;
/// use std::time::Duration;
///
/// use futures::StreamExt;
/// use rt_util::time::{DelayQueue, delay_queue::Key};
///
/// # rt_core::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let mut values: HashMap<&str, (u32, Key)> = HashMap::new();
/// let mut expirations = DelayQueue::new();
/// for (name, value, lifetime) in [("a", 1, 1), ("b", 2, 60_000)] {
///     let key = expirations.insert(name, Duration::from_millis(lifetime));
///     values.insert(name, (value, key));
/// }
/// // What is used lives longer.
/// expirations.reset(&values["b"].1, Duration::from_secs(120));
///
/// let expired = expirations.next().await.unwrap();
/// values.remove(expired.get_ref());
/// assert!(values.contains_key("b") && !values.contains_key("a"));
/// # });
/// ```
#[derive(Debug)]
pub struct DelayQueue<T> {
    entries: Slab<Entry<T>>,
    heap: Heap,
    /// Where the entries are that `compact` moved, by their ids.
    moved: HashMap<u64, u32>,
    next_id: u64,
    /// From when ticks are counted.
    start: Instant,
    /// The time when it was last asked for. What is due by then needs no look at the clock.
    now: Ticks,
    /// The end of a wait for what was the earliest deadline.
    sleep: Option<Pin<Box<Sleep>>>,
    /// Who waits.
    waker: Option<Waker>,
}

#[derive(Debug)]
struct Entry<T> {
    value: T,
    deadline: Instant,
    key: Key,
}

/// Names an entry of a [`DelayQueue`], until it has expired or been removed.
///
/// No two entries of a queue ever have the same key. A key of one queue says nothing to another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    id: u64,
    /// Where the entry was inserted.
    index: u32,
}

/// A value that has come out of a [`DelayQueue`], with its deadline and the key that it had.
#[derive(Debug)]
pub struct Expired<T> {
    value: T,
    deadline: Instant,
    key: Key,
}

impl<T> DelayQueue<T> {
    /// An empty queue.
    pub fn new() -> Self {
        Self::with_capacity(0)
    }

    /// An empty queue with room for so many entries.
    ///
    /// # Panics
    ///
    /// When there would be more than 2³⁰ - 1 entries.
    #[track_caller]
    pub fn with_capacity(capacity: usize) -> Self {
        assert!(capacity <= MAX_LEN, "{TOO_MANY}");
        Self {
            entries: Slab::with_capacity(capacity),
            heap: Heap::with_capacity(capacity),
            moved: HashMap::new(),
            next_id: 0,
            start: Instant::now(),
            now: Ticks::START,
            sleep: None,
            waker: None,
        }
    }

    /// Inserts a value that expires at `when`: at once if that has passed.
    ///
    /// # Panics
    ///
    /// When `when` lies more than 2³⁶ - 1 milliseconds ahead, some two years, and when the queue has 2³⁰ - 1 entries.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures::StreamExt;
    /// use rt_core::time::Instant;
    /// use rt_util::time::DelayQueue;
    ///
    /// # rt_core::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let mut queue = DelayQueue::new();
    /// let deadline = Instant::now();
    /// let key = queue.insert_at("due", deadline);
    /// let expired = queue.next().await.unwrap();
    /// assert_eq!((expired.key(), expired.deadline()), (key, deadline));
    /// # });
    /// ```
    #[track_caller]
    pub fn insert_at(&mut self, value: T, when: Instant) -> Key {
        let ticks = self.ticks(when);
        assert!(self.entries.len() < MAX_LEN, "{TOO_MANY}");
        let vacant = self.entries.vacant_entry();
        let index = u32::try_from(vacant.key()).expect("there are fewer entries");
        let key = Key { id: self.next_id, index };
        self.next_id += 1;
        vacant.insert(Entry { value, deadline: when, key });
        self.heap.push(ticks, index);
        self.notify_if_first(index);
        key
    }

    /// Inserts a value that expires when `timeout` has passed.
    ///
    /// # Panics
    ///
    /// When `timeout` is longer than 2³⁶ - 1 milliseconds, some two years, and when the queue has 2³⁰ - 1 entries.
    ///
    /// # Examples
    ///
    /// See [`DelayQueue`].
    #[track_caller]
    pub fn insert(&mut self, value: T, timeout: Duration) -> Key {
        let when = self.after(timeout);
        self.insert_at(value, when)
    }

    /// Gives an entry another deadline.
    ///
    /// # Panics
    ///
    /// When there's no such entry: it has expired and was taken, or was removed; and when `when` lies more than 2³⁶ - 1
    /// milliseconds ahead.
    #[track_caller]
    pub fn reset_at(&mut self, key: &Key, when: Instant) {
        let ticks = self.ticks(when);
        let index = self.index(key).expect(NO_ENTRY);
        self.entries[index as usize].deadline = when;
        let was_first = self.heap.is_first(index);
        self.heap.change(index, ticks);
        // A first entry that isn't due any more is news, too: the task would be woken in vain at its former deadline.
        if was_first {
            self.notify();
        } else {
            self.notify_if_first(index);
        }
    }

    /// Gives an entry a deadline when `timeout` has passed from now.
    ///
    /// # Panics
    ///
    /// When there's no such entry: it has expired and was taken, or was removed; and when `timeout` is longer than 2³⁶ - 1
    /// milliseconds.
    ///
    /// # Examples
    ///
    /// See [`DelayQueue`].
    #[track_caller]
    pub fn reset(&mut self, key: &Key, timeout: Duration) {
        let when = self.after(timeout);
        self.reset_at(key, when);
    }

    /// Removes an entry, whether or not its deadline has passed.
    ///
    /// # Panics
    ///
    /// When there's no such entry: it has expired and was taken, or was removed.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use rt_util::time::DelayQueue;
    ///
    /// let mut queue = DelayQueue::new();
    /// let key = queue.insert("no longer wanted", Duration::from_secs(60));
    /// assert_eq!(queue.remove(&key).into_inner(), "no longer wanted");
    /// assert!(queue.try_remove(&key).is_none());
    /// ```
    #[track_caller]
    pub fn remove(&mut self, key: &Key) -> Expired<T> {
        self.try_remove(key).expect(NO_ENTRY)
    }

    /// Removes an entry, whether or not its deadline has passed; `None` when there's no such entry.
    pub fn try_remove(&mut self, key: &Key) -> Option<Expired<T>> {
        let index = self.index(key)?;
        let expired = self.take(index);
        // With other entries left, at worst the task is woken at a deadline that is no more.
        if self.is_empty() {
            self.notify();
        }
        Some(expired)
    }

    /// The deadline of an entry.
    ///
    /// # Panics
    ///
    /// When there's no such entry: it has expired and was taken, or was removed.
    #[track_caller]
    pub fn deadline(&self, key: &Key) -> Instant {
        let index = self.index(key).expect(NO_ENTRY);
        self.entries[index as usize].deadline
    }

    /// The key of the entry that comes out next; `None` when the queue is empty.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use rt_util::time::DelayQueue;
    ///
    /// let mut queue = DelayQueue::new();
    /// queue.insert("later", Duration::from_secs(60));
    /// let sooner = queue.insert("sooner", Duration::from_secs(6));
    /// assert_eq!(queue.peek(), Some(sooner));
    /// ```
    pub fn peek(&self) -> Option<Key> {
        let (_, index) = self.heap.first()?;
        Some(self.entries[index as usize].key)
    }

    /// Takes the value whose deadline is the earliest, if it has passed, or has the caller woken when it has; `None` when
    /// the queue is empty. The last caller is woken.
    pub fn poll_expired(&mut self, cx: &mut Context<'_>) -> Poll<Option<Expired<T>>> {
        let coop = ready!(coop::poll_proceed(cx));
        loop {
            let Some((due, index)) = self.heap.first() else {
                self.waker = None;
                return Poll::Ready(None);
            };
            if due > self.now {
                self.now = Ticks::new(Instant::now(), self.start);
            }
            if due <= self.now {
                coop.made_progress();
                self.waker = None;
                return Poll::Ready(Some(self.take(index)));
            }
            let deadline = self.entries[index as usize].deadline;
            let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
            if sleep.deadline() != deadline {
                sleep.as_mut().reset(deadline);
            }
            if sleep.as_mut().poll(cx).is_pending() {
                if !self.waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
                    self.waker = Some(cx.waker().clone());
                }
                return Poll::Pending;
            }
        }
    }

    /// Removes all entries. Their keys are no longer valid.
    pub fn clear(&mut self) {
        self.heap.clear();
        self.moved.clear();
        // It empties the slab before it drops a value, in case that panics; whoever waits is told all the same.
        let values = self.entries.drain();
        let waker = self.waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
        drop(values);
    }

    /// How many entries there are, those that have expired and weren't taken included.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// For how many entries there's room without allocating.
    pub fn capacity(&self) -> usize {
        self.entries.capacity()
    }

    /// Makes room for so many more entries.
    ///
    /// # Panics
    ///
    /// When there would be more than 2³⁰ - 1.
    #[track_caller]
    pub fn reserve(&mut self, additional: usize) {
        assert!(additional <= MAX_LEN - self.len(), "{TOO_MANY}");
        self.entries.reserve(additional);
        self.heap.reserve(additional);
    }

    /// Gives back memory, as far as the entries needn't be moved for it. See also [`compact`](Self::compact).
    pub fn shrink_to_fit(&mut self) {
        self.entries.shrink_to_fit();
        self.heap.shrink_to_fit(self.entries.capacity());
        self.moved.shrink_to_fit();
    }

    /// Gives back all memory that isn't needed for the entries that are there. It moves entries; their keys stay valid, though each
    /// use of one costs a little more from then on.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use rt_util::time::DelayQueue;
    ///
    /// let mut queue = DelayQueue::with_capacity(10);
    /// let first = queue.insert(1, Duration::from_secs(1));
    /// let second = queue.insert(2, Duration::from_secs(2));
    /// queue.remove(&first);
    /// queue.compact();
    /// assert_eq!(queue.capacity(), 1);
    /// assert_eq!(queue.remove(&second).into_inner(), 2);
    /// ```
    pub fn compact(&mut self) {
        let (heap, moved) = (&mut self.heap, &mut self.moved);
        self.entries.compact(|entry, from, to| {
            let [from, to] = [from, to].map(|index| u32::try_from(index).expect("there are fewer entries"));
            heap.rename(from, to);
            moved.insert(entry.key.id, to);
            true
        });
        self.shrink_to_fit();
    }

    fn after(&self, timeout: Duration) -> Instant {
        // What can't be reckoned is too far as well: `ticks` says so.
        let now = Instant::now();
        now.checked_add(timeout).unwrap_or(now + 2 * MAX_AHEAD)
    }

    /// When a deadline is, in the heap's terms.
    #[track_caller]
    fn ticks(&mut self, when: Instant) -> Ticks {
        let ticks = Ticks::new(when, self.start);
        if ticks.is_after(self.now, MAX_AHEAD) {
            // `now` is a lower bound.
            self.now = Ticks::new(Instant::now(), self.start);
            assert!(!ticks.is_after(self.now, MAX_AHEAD), "a deadline lies more than {MAX_AHEAD:?} ahead");
        }
        ticks
    }

    fn index(&self, key: &Key) -> Option<u32> {
        let is_here = |index: u32| self.entries.get(index as usize).is_some_and(|entry| entry.key == *key);
        if is_here(key.index) {
            return Some(key.index);
        }
        self.moved.get(&key.id).copied()
    }

    fn take(&mut self, index: u32) -> Expired<T> {
        let Entry { value, deadline, key } = self.entries.remove(index as usize);
        self.heap.remove(index);
        if !self.moved.is_empty() {
            self.moved.remove(&key.id);
        }
        Expired { value, deadline, key }
    }

    fn notify_if_first(&mut self, index: u32) {
        if self.heap.is_first(index) {
            self.notify();
        }
    }

    /// Wakes who waits: what it waits for has changed.
    fn notify(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

const NO_ENTRY: &str = "the queue has no entry with this key: it has expired or was removed";
const TOO_MANY: &str = "a queue has 2^30 - 1 entries at most";

impl<T> Default for DelayQueue<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// Values are never pinned.
impl<T> Unpin for DelayQueue<T> {}

impl<T> Stream for DelayQueue<T> {
    type Item = Expired<T>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Expired<T>>> {
        self.poll_expired(cx)
    }
}

impl<T> Expired<T> {
    /// The value.
    pub fn get_ref(&self) -> &T {
        &self.value
    }

    /// The value.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.value
    }

    /// The value, alone.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// When it was to expire.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// The key that its insertion gave. It names nothing any more.
    pub fn key(&self) -> Key {
        self.key
    }
}
