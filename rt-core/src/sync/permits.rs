//! The one waiting core: a count of permits, and a line of futures that wait for some.
//!
//! Three things exist: the [`State`] word (permits and two flags), the line of [`Waiter`]s behind a lock,
//! and the [`Acquire`] future, which holds its waiter, so that waiting allocates nothing.
//!
//! ```text
//!                take (1)   put (2)
//!                  ┌───────────┐
//!                  ▼           │          line_up (3)
//!           { free: n }────────┴──────────────────────────▶ { free: n, LINE }
//!                  ▲     grant (4), leave (5): last one left      │   │  ▲
//!                  └──────────────────────────────────────────────┘   └──┘ put (2), grant (4), line_up (3)
//!
//!           any ── close (6) ──▶ { free: n, CLOSED }: only put and forget (7) change it from here
//! ```
//!
//! - `take` (1) never enters while LINE is set: permits that are free then are for the first in line. So a
//!   waiter keeps no part of what it needs, and one that is cancelled has nothing to give back. Only `close` (6) gives
//!   the first in line what lay there for it, which comes back when it learns that it is refused: until then somebody
//!   is left who knows nothing of the end.
//! - `put` (2) is one addition; only when it finds LINE it takes the lock and serves the line.
//! - A channel of messages has the count in one word with the position of its tail, so that sending one takes a permit
//!   and a place at once. So the count lies where the owner says, and all transitions leave the rest of the word alone.
//! - One that was granted permits and finds them closed when it comes to fetch them gives them back, and is refused.
//! - LINE is set (3) and cleared (4, 5, 6) under the lock, and it is set exactly while the line isn't empty. A
//!   `put` that comes before (3) is seen by (3), which works on the same word; one that comes after sees LINE.
//!
//! E1: `put` Release -> `take`, `line_up`, `grant` Acquire: what was done under a permit is seen under the next one.
//! A waiter's verdict (see [`waiter`](super::waiter)) carries it across the hand-over.
//! E2: `close` Release -> `load`, `take` Acquire: who finds it closed sees what was done before.

use std::future::Future;
use std::mem::{self, MaybeUninit};
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll, Waker};

use super::error::{AcquireError, TryAcquireError};
use super::waiter::{Line, WAITING, Waiter};
use crate::base::trace::{self, Bid, Grants};
use crate::base::{Latch, LatchGuard, List, WakeBatch, contain};
use crate::coop;
use crate::shim::atomic::{AtomicU64, Ordering};

pub(super) const CLOSED: u64 = 1;
pub(super) const LINE: u64 = 2;
/// Where the count lies in the word of permits that are on their own; a channel has more flags, and a position.
const SHIFT: u32 = 2;
const BITS: u32 = u64::BITS - SHIFT;

/// The most permits there can be. Two times as many still fit above the flags, which leaves room to notice.
pub(crate) const MAX_PERMITS: usize = usize::MAX >> 3;

/// The state word; see the module's documentation. The count lies in `BITS` bits from `SHIFT` on. What else the word
/// holds is its owner's, and stays as it is.
struct State<const SHIFT: u32, const BITS: u32>(AtomicU64);

/// What [`State::take`] and [`State::line_up`] found.
#[must_use]
enum Take {
    Taken,
    /// Too few are free, or others are first.
    Short,
    Closed,
}

impl<const SHIFT: u32, const BITS: u32> State<SHIFT, BITS> {
    const ONE: u64 = 1 << SHIFT;

    fn free(now: u64) -> usize {
        Snapshot::<SHIFT, BITS>(now).free()
    }

    /// Takes `n` permits that nobody waits for. (1)
    #[inline]
    fn take(&self, n: usize) -> Take {
        // Relaxed: a stale value makes the exchange fail, or makes us look under the lock.
        let mut now = self.0.load(Ordering::Relaxed);
        loop {
            if now & CLOSED != 0 {
                // Once more, since the loads above are Relaxed.
                self.0.load(Ordering::Acquire); // E2
                return Take::Closed;
            }
            if Self::free(now) < n || (now & LINE != 0 && n > 0) {
                return Take::Short;
            }
            let next = now - n as u64 * Self::ONE;
            match self.0.compare_exchange_weak(now, next, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return Take::Taken, // E1
                Err(actual) => now = actual,
            }
        }
    }

    /// Adds `n` permits; the word before is returned. (2)
    #[inline]
    fn put(&self, n: usize) -> Snapshot<SHIFT, BITS> {
        Snapshot(self.0.fetch_add(n as u64 * Self::ONE, Ordering::Release)) // E1
    }

    /// Under the lock: takes `n` permits, or announces that there is a line (`Short`). (3)
    fn line_up(&self, n: usize) -> Take {
        loop {
            match self.take(n) {
                Take::Short => {}
                done => return done,
            }
            let now = self.0.load(Ordering::Relaxed);
            if now & LINE != 0 {
                return Take::Short;
            }
            // Not closed: that takes the lock. If it's enough by now, look again.
            if Self::free(now) < n {
                // Relaxed: LINE publishes nothing; the waiter is published by the lock that is held.
                let lined = self.0.compare_exchange(now, now | LINE, Ordering::Relaxed, Ordering::Relaxed);
                if lined.is_ok() {
                    return Take::Short;
                }
            }
        }
    }

    /// Under the lock: takes `n` permits for the first in line; `last`: nobody is behind it. (4)
    fn grant(&self, n: usize, last: bool) -> bool {
        let mut now = self.0.load(Ordering::Relaxed);
        loop {
            if Self::free(now) < n {
                return false;
            }
            let next = (now - n as u64 * Self::ONE) & if last { !LINE } else { !0 };
            match self.0.compare_exchange_weak(now, next, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return true, // E1
                Err(actual) => now = actual,
            }
        }
    }

    /// Under the lock: the last in line has left it. (5)
    fn leave(&self) {
        // Relaxed: nothing is published; permits that were put meanwhile stay in the word.
        self.0.fetch_and(!LINE, Ordering::Relaxed);
    }

    /// Under the lock: no more permits are given. Takes up to `n` for the first in line, and says how many. (6)
    fn close(&self, n: usize) -> usize {
        let mut now = self.0.load(Ordering::Relaxed);
        loop {
            let held = n.min(Self::free(now));
            let next = ((now | CLOSED) & !LINE) - held as u64 * Self::ONE;
            match self.0.compare_exchange_weak(now, next, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) => return held, // E1 E2
                Err(actual) => now = actual,
            }
        }
    }

    /// Takes up to `n` free permits away for good, and says how many; the flags stay. (7)
    fn forget(&self, n: usize) -> usize {
        let mut now = self.0.load(Ordering::Relaxed);
        loop {
            let less = n.min(Snapshot::<SHIFT, BITS>(now).available());
            let next = now - less as u64 * Self::ONE;
            match self.0.compare_exchange_weak(now, next, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return less, // E1
                Err(actual) => now = actual,
            }
        }
    }

    fn load(&self) -> Snapshot<SHIFT, BITS> {
        // The counts, too, are evidence for the channels.
        Snapshot(self.0.load(Ordering::Acquire)) // E2
    }
}

/// A value of the state word.
#[derive(Clone, Copy)]
pub(crate) struct Snapshot<const SHIFT: u32, const BITS: u32>(u64);

impl<const SHIFT: u32, const BITS: u32> Snapshot<SHIFT, BITS> {
    /// Permits that can be had now; those that lie there for the first in line can't.
    pub(crate) const fn available(self) -> usize {
        if self.0 & LINE == 0 { self.free() } else { 0 }
    }

    /// Permits that nobody holds.
    pub(crate) const fn free(self) -> usize {
        ((self.0 >> SHIFT) & (u64::MAX >> (u64::BITS - BITS))) as usize
    }

    /// Whether somebody waits.
    pub(crate) const fn has_line(self) -> bool {
        self.0 & LINE != 0
    }

    pub(crate) const fn is_closed(self) -> bool {
        self.0 & CLOSED != 0
    }
}

const GRANTED: u8 = 1;
/// Its key is what it was given in part.
const REFUSED: u8 = 2;

/// Permits and the line for them.
pub(crate) type Permits = PermitsAt<SHIFT, BITS>;

/// Waits for [`Permits`].
pub(crate) type Acquire<'a> = AcquireAt<'a, SHIFT, BITS>;

/// Permits whose count lies anywhere in a word, and the line for them.
pub(crate) struct PermitsAt<const SHIFT: u32, const BITS: u32> {
    state: State<SHIFT, BITS>,
    line: Line,
}

impl<const SHIFT: u32, const BITS: u32> PermitsAt<SHIFT, BITS> {
    #[cfg(not(loom))]
    pub(crate) const fn new(n: usize) -> Self {
        Self { state: State(AtomicU64::new((n as u64) << SHIFT)), line: Latch::new(List::new()) }
    }

    #[cfg(loom)]
    pub(crate) fn new(n: usize) -> Self {
        Self { state: State(AtomicU64::new((n as u64) << SHIFT)), line: Latch::new(List::new()) }
    }

    /// No permits, and there won't be any.
    #[cfg(not(loom))]
    pub(crate) const fn new_closed() -> Self {
        Self { state: State(AtomicU64::new(CLOSED)), line: Latch::new(List::new()) }
    }

    #[cfg(loom)]
    pub(crate) fn new_closed() -> Self {
        Self { state: State(AtomicU64::new(CLOSED)), line: Latch::new(List::new()) }
    }

    /// The word itself, for an owner who keeps more in it: a position above the count, flags between it and the two
    /// below. All that he does with count and flags is one of the transitions.
    #[inline]
    pub(super) fn word(&self) -> &AtomicU64 {
        &self.state.0
    }

    /// The permits and whether they are closed, at one moment.
    pub(crate) fn snapshot(&self) -> Snapshot<SHIFT, BITS> {
        self.state.load()
    }

    /// Takes `n` permits if they are there and nobody waits.
    #[inline]
    pub(crate) fn try_acquire(&self, n: usize) -> Result<(), TryAcquireError> {
        match self.state.take(n) {
            Take::Taken => Ok(()),
            Take::Short => Err(TryAcquireError::NoPermits),
            Take::Closed => Err(TryAcquireError::Closed),
        }
    }

    /// Waits for `n` permits, in line.
    #[inline]
    pub(crate) const fn acquire(&self, n: usize) -> AcquireAt<'_, SHIFT, BITS> {
        self.acquire_for(n, Bid::NONE)
    }

    #[inline]
    const fn acquire_for(&self, n: usize, bid: Bid) -> AcquireAt<'_, SHIFT, BITS> {
        AcquireAt { permits: self, n, phase: Phase::New, bid, waiter: MaybeUninit::uninit() }
    }

    /// Waits for `n` permits, and tells of it.
    #[inline]
    pub(crate) fn wait<'a>(
        &'a self,
        trace: &'a trace::Resource,
        source: &'static str,
        n: usize,
    ) -> impl Future<Output = Result<(), AcquireError>> + use<'a, SHIFT, BITS> {
        trace.wait_in_line(source, n, Share(self, n), |bid| self.acquire_for(n, bid))
    }

    /// Tells how many permits there are now.
    #[inline]
    pub(crate) fn tell(&self, trace: &trace::Resource) {
        trace.update_permits(|| trace::Update::Permits(self.snapshot().available()));
    }

    /// Gives `n` permits back, at most [`MAX_PERMITS`]; returns the state as it is with them.
    ///
    /// # Panics
    ///
    /// When that makes more than [`MAX_PERMITS`]. The permits aren't added then.
    #[inline]
    #[track_caller]
    pub(crate) fn release(&self, n: usize) -> Snapshot<SHIFT, BITS> {
        let before = self.state.put(n);
        if before.free() + n > MAX_PERMITS {
            self.undo(n);
        }
        if before.0 & LINE != 0 {
            self.serve();
        }
        Snapshot(before.0 + ((n as u64) << SHIFT))
    }

    #[cold]
    #[track_caller]
    fn undo(&self, n: usize) {
        // Relaxed: it takes back what nobody may rely on.
        self.state.0.fetch_sub((n as u64) << SHIFT, Ordering::Relaxed);
        panic!("a semaphore may not have more than MAX_PERMITS permits ({MAX_PERMITS})");
    }

    /// Hands free permits to those who wait, the first first. That is one as a rule, who is woken without much ado.
    #[cold]
    fn serve(&self) {
        let mut grants = Grants::new();
        let mut line = self.line.lock();
        let Some(first) = self.serve_first(&mut line, &mut grants) else { return };
        match self.serve_first(&mut line, &mut grants) {
            Some(second) => self.serve_more(line, [first, second], grants),
            None => {
                drop(line);
                contain(|| first.wake());
                grants.tell();
                grants.end();
            }
        }
    }

    #[cold]
    fn serve_more<'a>(
        &'a self,
        mut line: LatchGuard<'a, List<Waiter>>,
        served: [Waker; 2],
        mut grants: Grants,
    ) {
        let mut wakers = WakeBatch::new();
        served.into_iter().for_each(|waker| wakers.push(waker));
        loop {
            while wakers.has_room() && grants.has_room() {
                let Some(waker) = self.serve_first(&mut line, &mut grants) else { break };
                wakers.push(waker);
            }
            let done = wakers.has_room() && grants.has_room();
            drop(line);
            wakers.wake_all();
            grants.tell();
            if done {
                return grants.end();
            }
            line = self.line.lock();
        }
    }

    /// Hands the first in line what it waits for, if that is free; its waker is to be woken outside of the lock.
    #[inline]
    fn serve_first(&self, line: &mut List<Waiter>, grants: &mut Grants) -> Option<Waker> {
        let first = line.front()?;
        // SAFETY: a node in the line is live, and we hold the lock.
        let need = unsafe { first.as_ref() }.key();
        if !self.state.grant(need, line.back() == Some(first)) {
            return None;
        }
        line.pop_front();
        // SAFETY: it was in the line, and we hold the lock. One in the line has a waker.
        unsafe {
            grants.push(Waiter::exchange_bid(first, Bid::NONE), need);
            Waiter::conclude_one(first, GRANTED)
        }
    }

    /// No more permits are given; all who wait are refused.
    pub(crate) fn close(&self) {
        let (mut wakers, mut refused) = (WakeBatch::new(), Grants::new());
        let mut line = self.line.lock();
        // SAFETY: a node in the line is live, and we hold the lock.
        let need = line.front().map_or(0, |first| unsafe { first.as_ref() }.key());
        let mut held = self.state.close(need);
        loop {
            while wakers.has_room() && refused.has_room() {
                let Some(first) = line.pop_front() else { break };
                // SAFETY: it was in the line, and we hold the lock.
                unsafe {
                    refused.push(Waiter::exchange_bid(first, Bid::NONE), 0);
                    Waiter::set_key(first, mem::take(&mut held));
                    Waiter::conclude(first, REFUSED, &mut wakers);
                }
            }
            let done = wakers.has_room() && refused.has_room();
            drop(line);
            wakers.wake_all();
            refused.tell();
            if done {
                return refused.end();
            }
            line = self.line.lock();
        }
    }

    /// Takes up to `n` available permits away for good; returns how many there were.
    pub(crate) fn forget(&self, n: usize) -> usize {
        self.state.forget(n)
    }

    /// Puts a waiter into the line, unless its permits are there by now.
    #[cold]
    fn line_up(&self, waiter: NonNull<Waiter>, waker: &Waker) -> Take {
        // Cloned here, since it is code that isn't ours and must not run under the lock.
        let mut unused = Some(waker.clone());
        let mut line = self.line.lock();
        // SAFETY: the caller's own node is live.
        let take = self.state.line_up(unsafe { waiter.as_ref() }.key());
        if matches!(take, Take::Short) {
            // SAFETY: the node is pinned, in no line, and leaves this one before it goes.
            unsafe { Waiter::join(waiter, &mut line, unused.take()) };
        }
        drop(line);
        drop(unused);
        take
    }

    /// Gives back what a waiter has no use for.
    fn give_back(&self, n: usize) {
        if n > 0 {
            self.release(n);
        }
    }

    /// Takes a waiter out of the line, with all it may have been granted.
    ///
    /// # Safety
    ///
    /// `waiter` is the caller's own node, and was put into this line.
    #[cold]
    unsafe fn cancel(&self, waiter: NonNull<Waiter>) {
        // SAFETY: the caller's own node is live.
        let node = unsafe { waiter.as_ref() };
        let mut line = self.line.lock();
        match node.verdict() {
            WAITING => {
                let was_first = line.front() == Some(waiter);
                // SAFETY: it is in the line.
                let left =
                    unsafe { (Waiter::leave(waiter, &mut line), Waiter::exchange_bid(waiter, Bid::NONE)) };
                let others = !line.is_empty();
                if !others {
                    self.state.leave();
                }
                drop(line);
                if was_first && others {
                    // What wasn't enough for it may be enough for those behind it.
                    self.serve();
                }
                drop(left);
            }
            _ => {
                drop(line);
                self.give_back(node.key());
            }
        }
    }
}

/// So many permits that are waited for.
struct Share<'a, const SHIFT: u32, const BITS: u32>(&'a PermitsAt<SHIFT, BITS>, usize);

impl<const SHIFT: u32, const BITS: u32> trace::Line<Result<(), AcquireError>> for Share<'_, SHIFT, BITS> {
    fn available(&self) -> Option<usize> {
        Some(self.0.snapshot().available())
    }

    fn give_back(&self, outcome: &Result<(), AcquireError>) {
        if outcome.is_ok() {
            self.0.give_back(self.1);
        }
    }
}

/// What came of waiting for permits that are never closed: those of a lock.
#[inline]
pub(crate) fn expect_open(result: Result<(), AcquireError>) {
    if result.is_err() {
        unreachable!("the permits of a lock are never closed");
    }
}

enum Phase {
    New,
    /// The waiter was put into the line.
    InLine,
    Done,
}

/// Waits for permits. Once it returned `Ok` they are the caller's; dropped before, it leaves the line and takes none.
#[must_use = "futures do nothing unless polled"]
pub(crate) struct AcquireAt<'a, const SHIFT: u32, const BITS: u32> {
    permits: &'a PermitsAt<SHIFT, BITS>,
    n: usize,
    phase: Phase,
    /// What is told of the wait.
    bid: Bid,
    /// There from InLine on: what is free as a rule shouldn't pay for it.
    waiter: MaybeUninit<Waiter>,
}

impl<const SHIFT: u32, const BITS: u32> Future for AcquireAt<'_, SHIFT, BITS> {
    type Output = Result<(), AcquireError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // SAFETY: the waiter, which is what must stay in place, isn't moved.
        let this = unsafe { self.get_unchecked_mut() };
        let take = match this.phase {
            Phase::New => match this.permits.state.take(this.n) {
                Take::Short => this.line_up(cx.waker()),
                take => take,
            },
            _ => this.look(cx.waker()),
        };
        if let Take::Short = take {
            // No budget is asked for here, so a dump has to be told of the place; the line has the waker.
            let _ = coop::capture::leaf(None, None);
            return Poll::Pending;
        }
        // Only now: a task whose budget is spent comes back after others, and mustn't lose its place to them.
        let Poll::Ready(coop) = coop::poll_proceed(cx) else {
            if let (Phase::New, Take::Taken) = (&this.phase, take) {
                // Nobody was before it, so it has no place to lose. Others would wait for what it doesn't use.
                this.permits.release(this.n);
            }
            return Poll::Pending;
        };
        coop.made_progress();
        this.phase = Phase::Done;
        // Who was told of the wait ends it, where that harms nobody.
        this.bid = Bid::NONE;
        Poll::Ready(match take {
            Take::Closed => Err(AcquireError::closed()),
            _ => Ok(()),
        })
    }
}

impl<const SHIFT: u32, const BITS: u32> AcquireAt<'_, SHIFT, BITS> {
    #[cold]
    fn line_up(&mut self, waker: &Waker) -> Take {
        let waiter = NonNull::from(self.waiter.write(Waiter::new(self.n)));
        // SAFETY: our own node, in no line.
        let none = unsafe { Waiter::exchange_bid(waiter, self.bid.again()) };
        let take = self.permits.line_up(waiter, waker);
        if let Take::Short = take {
            self.phase = Phase::InLine;
        } else {
            // SAFETY: it is still ours, and in no line.
            let _unused = unsafe { Waiter::exchange_bid(waiter, none) };
        }
        take
    }

    #[cold]
    fn look(&mut self, waker: &Waker) -> Take {
        match self.phase {
            Phase::InLine => {}
            _ => panic!("polled after it completed"),
        }
        let waiter = self.waiter();
        // SAFETY: our own node, in the line of these permits.
        match unsafe { Waiter::watch(waiter, || self.permits.line.lock(), waker) } {
            WAITING => Take::Short,
            GRANTED if !self.permits.snapshot().is_closed() => Take::Taken,
            _ => {
                // Closed, perhaps before it came to fetch what it was granted.
                self.phase = Phase::New;
                // SAFETY: our own node, which has left its line.
                self.permits.give_back(unsafe { waiter.as_ref() }.key());
                Take::Closed
            }
        }
    }

    /// In InLine.
    fn waiter(&mut self) -> NonNull<Waiter> {
        // SAFETY: the pointer is that of a reference.
        unsafe { NonNull::new_unchecked(self.waiter.as_mut_ptr()) }
    }

    /// Whether it has asked, and got nothing so far.
    const fn is_waiting(&self) -> bool {
        matches!(self.phase, Phase::InLine)
    }
}

impl<const SHIFT: u32, const BITS: u32> Drop for AcquireAt<'_, SHIFT, BITS> {
    #[inline]
    fn drop(&mut self) {
        if self.is_waiting() {
            self.cancel();
        }
    }
}

impl<const SHIFT: u32, const BITS: u32> AcquireAt<'_, SHIFT, BITS> {
    #[cold]
    fn cancel(&mut self) {
        let waiter = self.waiter();
        // SAFETY: our own node, in the line of these permits. A waiter that has left its line holds nothing that must
        // be dropped.
        unsafe { self.permits.cancel(waiter) };
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
#[cfg(all(test, loom))]
mod tests_loom;
