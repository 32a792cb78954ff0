//! The system's event queue, and the sources attached to it.
//!
//! An event names its source by address. A source is freed only when no event in flight can name it: taking it
//! out of the queue keeps new events from being made, and those already fetched are handled by the one thread
//! that holds `turn`. So a source that goes is freed at once if nobody holds `turn`; otherwise it goes on the
//! list `released`, which the next holder frees before it fetches events.
//!
//! That holds for descriptors that stay open until they have left the queue. One that isn't ours may be closed before, or name
//! something else by then; while a duplicate of it is open, its events go on, and nothing takes them out of the queue. So the
//! events of such a source name a number, which is looked up: once the source is gone there is nothing to find.
//!
//! E1: a source is pushed to `released` after it left the queue -> the list is taken under `turn`, before events
//! are fetched: what is on it is named by no event.
//! Both counts, and `ended`, are Relaxed: written under the lock of `sources`, and hints without it.

use std::collections::BTreeMap;
use std::io;
use std::ptr::NonNull;
use std::time::Duration;

use super::Ready;
use super::source::Source;
use crate::base::{List, WakeBatch, gone};
use crate::driver::Config;
use crate::driver::lock::Lock;
use crate::shim::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use crate::shim::sync::Arc;
use crate::sys;

/// Tokens that aren't addresses of sources, which are aligned.
const INTERRUPT: mio::Token = mio::Token(1);
const ALARM: mio::Token = mio::Token(2);

/// What the two lowest bits of a token say: addresses have zeros there.
const NAMED: usize = 3;

/// So many released sources make it worth to interrupt a sleeper that would free them.
const MANY_RELEASED: usize = 64;

/// See the module's documentation.
#[derive(Debug)]
pub(crate) struct Io {
    registry: mio::Registry,
    interrupt: mio::Waker,
    /// Whoever handles events holds it, also while it sleeps. It is only ever tried.
    turn: Lock<Turn>,
    sources: Lock<Sources>,
    /// How many sources are attached; a hint without the lock.
    attached: AtomicUsize,
    /// How many are released; a hint without the lock.
    released: AtomicUsize,
    /// Whether `sources` has ended; a hint without the lock.
    ended: AtomicBool,
    counts: Counts,
}

/// What happened so far. Statistics, each written under one lock.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    attached: AtomicU64,
    detached: AtomicU64,
    events: AtomicU64,
}

impl Counts {
    fn add(counter: &AtomicU64, n: u64) {
        // Relaxed: a statistic, with one writer at a time.
        counter.store(counter.load(Ordering::Relaxed) + n, Ordering::Relaxed);
    }

    /// Sources that entered the queue.
    pub(crate) fn attached(&self) -> u64 {
        self.attached.load(Ordering::Relaxed)
    }

    /// Sources that left it.
    pub(crate) fn detached(&self) -> u64 {
        self.detached.load(Ordering::Relaxed)
    }

    /// Events of sources.
    pub(crate) fn events(&self) -> u64 {
        self.events.load(Ordering::Relaxed)
    }
}

/// What a turn brought.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::driver) struct Turned {
    /// How many events, interruptions included.
    pub(in crate::driver) events: usize,
    /// Whether the alarm rang.
    pub(in crate::driver) alarm: bool,
}

struct Turn {
    poll: mio::Poll,
    events: mio::Events,
    /// For turns without a wait, if they are to handle fewer.
    busy_events: Option<mio::Events>,
}

struct Sources {
    /// Each owns a reference count.
    list: List<Source>,
    /// Those of the list that have a name.
    named: BTreeMap<usize, Arc<Source>>,
    released: Vec<Arc<Source>>,
    ended: bool,
}

impl Io {
    pub(in crate::driver) fn new(config: &Config) -> io::Result<Self> {
        let poll = mio::Poll::new()?;
        let registry = poll.registry().try_clone()?;
        let interrupt = mio::Waker::new(&registry, INTERRUPT)?;
        let (waiting, busy) = (config.io_events_per_turn, config.io_events_per_busy_turn);
        let events = mio::Events::with_capacity(waiting.max(1));
        let busy_events = (busy != waiting).then(|| mio::Events::with_capacity(busy.max(1)));
        Ok(Self {
            registry,
            interrupt,
            turn: Lock::new(Turn { poll, events, busy_events }),
            sources: Lock::new(Sources {
                list: List::new(),
                named: BTreeMap::new(),
                released: Vec::new(),
                ended: false,
            }),
            attached: AtomicUsize::new(0),
            released: AtomicUsize::new(0),
            ended: AtomicBool::new(false),
            counts: Counts::default(),
        })
    }

    /// Makes the current or the next wait in the queue end at once.
    pub(in crate::driver) fn interrupt(&self) {
        // It can't fail but for want of memory in the kernel; the sleeper then wakes for its next event.
        let _ = self.interrupt.wake();
    }

    /// Makes the alarm end waits in the queue.
    pub(in crate::driver) fn add_alarm(&self, alarm: &sys::Alarm) -> io::Result<()> {
        sys::register(&self.registry, alarm.fd(), ALARM, mio::Interest::READABLE)
    }

    /// Whether a source is attached.
    #[inline]
    pub(in crate::driver) fn has_sources(&self) -> bool {
        // Relaxed: whoever attaches a source on this thread knows of it, others needn't at once.
        self.attached.load(Ordering::Relaxed) != 0
    }

    /// Waits for events as long as `timeout`, calls `waited`, and handles them; `None` when another thread is
    /// at it.
    pub(in crate::driver) fn turn(&self, timeout: Option<Duration>, waited: impl FnOnce()) -> Option<Turned> {
        self.turn.try_with(|turn| {
            self.free_released();
            // An error is an interruption by a signal, after which there are no events.
            let events = match &mut turn.busy_events {
                Some(events) if timeout == Some(Duration::ZERO) => events,
                _ => &mut turn.events,
            };
            let outcome = turn.poll.poll(events, timeout);
            waited();
            let mut turned = Turned::default();
            if outcome.is_err() {
                return turned;
            }
            let mut batch = WakeBatch::new();
            let mut of_sources = 0;
            for event in &*events {
                if event.token() == ALARM {
                    turned.alarm = true;
                    continue;
                }
                turned.events += 1;
                if event.token().0 & NAMED == NAMED {
                    of_sources += 1;
                    if let Some(source) = self.find(event.token()) {
                        source.dispatch(ready_of(event), &mut batch);
                    }
                } else if event.token() != INTERRUPT {
                    of_sources += 1;
                    let source = event.token().0 as *const Source;
                    // SAFETY: the token is the address of a source that was attached when the event was
                    // fetched. It may have been released since, but isn't freed while we hold `turn`.
                    unsafe { (*source).dispatch(ready_of(event), &mut batch) };
                }
            }
            if of_sources > 0 {
                Counts::add(&self.counts.events, of_sources);
            }
            batch.wake_all();
            turned
        })
    }

    fn find(&self, token: mio::Token) -> Option<Arc<Source>> {
        self.sources.with(|sources| sources.named.get(&(token.0 >> 2)).cloned())
    }

    pub(crate) const fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Enters a source into the queue.
    pub(super) fn attach(
        &self,
        source: &Arc<Source>,
        fd: sys::Fd,
        interest: mio::Interest,
    ) -> io::Result<()> {
        if !self.list(source, true) {
            return Err(gone());
        }
        let outcome = sys::register(&self.registry, fd, token_of(source), interest);
        if outcome.is_err() {
            drop(self.unlist(source, true));
        }
        outcome
    }

    /// Moves an attached source to another queue. It enters that one first, which reports at once what it is
    /// ready for, so that no event falls between the two. False when that queue has ended: the caller ends
    /// the waits, which the shutdown of either may have missed between the two lists.
    ///
    /// # Errors
    ///
    /// When the other queue refuses it; then it stays in this one.
    pub(super) fn move_to(
        &self,
        other: &Self,
        source: &Arc<Source>,
        fd: sys::Fd,
        interest: mio::Interest,
    ) -> io::Result<bool> {
        sys::register(&other.registry, fd, token_of(source), interest)?;
        self.leave(source.clone(), fd, false);
        Ok(other.list(source, false))
    }

    /// Whether it has been shut down, to the best of one's knowledge.
    #[inline]
    pub(super) fn has_ended(&self) -> bool {
        // Relaxed: a hint. Who needs to be sure attaches a source.
        self.ended.load(Ordering::Relaxed)
    }

    /// Takes a source out of the queue, and frees it as soon as that can be.
    pub(super) fn detach(&self, source: Arc<Source>, fd: sys::Fd) {
        self.leave(source, fd, true);
    }

    fn leave(&self, source: Arc<Source>, fd: sys::Fd, counts: bool) {
        let _ = sys::deregister(&self.registry, fd);
        drop(self.unlist(&source, counts));
        if self.turn.try_with(|_| ()).is_some() {
            // Nobody handles events, and no later one names the source.
            return;
        }
        let count = self.sources.with(|sources| {
            sources.released.push(source); // E1
            let count = sources.released.len();
            self.released.store(count, Ordering::Relaxed);
            count
        });
        if count % MANY_RELEASED == 0 {
            self.interrupt();
        }
    }

    /// Lists a source as attached; false when the queue has ended. One that only moves doesn't count.
    fn list(&self, source: &Arc<Source>, counts: bool) -> bool {
        let node = NonNull::from(&**source);
        self.sources.with(|sources| {
            if sources.ended {
                return false;
            }
            // The list's own reference.
            let _ = Arc::into_raw(source.clone());
            // SAFETY: a source is in one list at a time: it is attached once, and leaves one list before it moves
            // to another. The reference keeps it.
            unsafe { sources.list.push_back(node) };
            if let Some(name) = source.name() {
                sources.named.insert(name, source.clone());
            }
            self.attached.store(self.attached.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
            Counts::add(&self.counts.attached, u64::from(counts));
            true
        })
    }

    /// Takes a source off the list; returns the list's reference. One that only moves doesn't count.
    fn unlist(&self, source: &Arc<Source>, counts: bool) -> Option<Arc<Source>> {
        let node = NonNull::from(&**source);
        self.sources.with(|sources| {
            // SAFETY: the source is live, and in this list or in none (after a shutdown).
            let listed = unsafe { sources.list.remove(node) };
            if let Some(name) = source.name() {
                sources.named.remove(&name);
            }
            listed.then(|| {
                self.attached.store(self.attached.load(Ordering::Relaxed) - 1, Ordering::Relaxed);
                Counts::add(&self.counts.detached, u64::from(counts));
                // SAFETY: the list owned a reference, made by `into_raw` in `attach`.
                unsafe { Arc::from_raw(node.as_ptr().cast_const()) }
            })
        })
    }

    fn free_released(&self) {
        if self.released.load(Ordering::Relaxed) == 0 {
            return;
        }
        let released = self.sources.with(|sources| {
            self.released.store(0, Ordering::Relaxed);
            std::mem::take(&mut sources.released) // E1
        });
        drop(released);
    }

    /// Ends all waits: the operations fail from now on.
    pub(in crate::driver) fn shutdown(&self) {
        let mut batch = WakeBatch::new();
        loop {
            let source = self.sources.with(|sources| {
                sources.ended = true;
                self.ended.store(true, Ordering::Relaxed);
                // The list has another reference to each.
                sources.named.clear();
                let node = sources.list.pop_front()?;
                self.attached.store(self.attached.load(Ordering::Relaxed) - 1, Ordering::Relaxed);
                Counts::add(&self.counts.detached, 1);
                // SAFETY: the list owned a reference, made by `into_raw` in `attach`.
                Some(unsafe { Arc::from_raw(node.as_ptr().cast_const()) })
            });
            let Some(source) = source else { break };
            source.end(&mut batch);
            // The owner of the resource may be gone by now, and an event in flight name the source.
            self.sources.with(|sources| sources.released.push(source)); // E1
        }
        batch.wake_all();
    }
}

impl Drop for Io {
    fn drop(&mut self) {
        // Nobody is left who could have a resource attached here, for each holds on to the driver; `shutdown`
        // may not have been called when the runtime failed to start.
        self.shutdown();
    }
}

/// What the events of a source name.
fn token_of(source: &Arc<Source>) -> mio::Token {
    mio::Token(match source.name() {
        Some(name) => name << 2 | NAMED,
        None => Arc::as_ptr(source) as usize,
    })
}

/// What an event says.
fn ready_of(event: &mio::event::Event) -> Ready {
    let mut ready = Ready::EMPTY;
    let mut add = |is: bool, what| {
        if is {
            ready |= what;
        }
    };
    add(event.is_readable(), Ready::READABLE);
    add(event.is_writable(), Ready::WRITABLE);
    add(event.is_read_closed(), Ready::READ_CLOSED);
    add(event.is_write_closed(), Ready::WRITE_CLOSED);
    add(event.is_error(), Ready::ERROR);
    add(event.is_priority(), Ready::PRIORITY);
    ready
}

impl std::fmt::Debug for Turn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Turn")
    }
}
