//! Timers by deadline: a hierarchical wheel (Varghese and Lauck, "Hashed and hierarchical timing wheels",
//! 1987).
//!
//! Time is cut into ticks of 2^14 ns (16.384 us). A slot of level 0 holds the timers of one tick, a slot of
//! level 1 those of 256 ticks, and so on; seven levels hold every deadline there is. A timer goes to the level
//! of the highest base-256 digit in which its tick differs from the tick served last, so that all timers of a
//! level come before all those of the next, and within a level the first occupied slot comes first. When the
//! served tick enters a slot of a higher level, its timers move down: each moves at most once a level. With so
//! many slots that is once for a sleep of milliseconds to a second, and each move touches memory that is cold by
//! then: base 64, with its smaller tables, cost a third more for 100,000 timers within 0.4 s.
//!
//! Deadlines round up to whole ticks, so a timer is never early. A paused clock is exact instead: it stands
//! still at a deadline, and of the tick around it only the timers due by then may fire. The others wait in
//! `rest`, the slot of the tick that is being served; with a running clock `rest` stays empty.
//!
//! Each slot knows the earliest deadline that was put into it since it was last empty. That is a lower bound
//! of what is in it now (the earliest may have been removed): a driver that sleeps by it wakes early once, and
//! then the slot is spread over lower ones.
//!
//! The wheel trusts its caller to hold its lock.

use std::ptr::NonNull;

use super::entry::Entry;
use crate::base::List;
use crate::shim::scaled;

/// Nanoseconds of a tick, as a power of two.
const TICK_SHIFT: u32 = 14;
/// Bits of a level.
const BITS: u32 = scaled(8, 2) as u32;
const SLOTS: usize = 1 << BITS;
/// Words of a level's bits.
const WORDS: usize = SLOTS.div_ceil(64);
/// Enough for all ticks of 50 bits; a model has timers of the first few ticks only.
const LEVELS: usize = scaled(7, 3);
/// The last slot: `rest`.
const REST: usize = LEVELS * SLOTS;
const NEVER: u64 = u64::MAX;

/// See the module's documentation.
pub(super) struct Wheel {
    /// The tick served last: the timers up to here have fired, but for those in `rest`.
    served: u64,
    /// The time served last, in nanoseconds.
    served_ns: u64,
    len: usize,
    /// The slot of a higher level that is being emptied: its start is the tick served last.
    entering: Option<(usize, usize)>,
    /// One bit for each slot of a level that isn't empty.
    occupied: [[u64; WORDS]; LEVELS],
    /// Empty until the first timer comes, as is `slots`.
    earliest: Vec<u64>,
    /// All levels in a row, and `rest` behind them.
    slots: Vec<List<Entry>>,
}

/// Where a timer was put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum Insert {
    /// Into a slot.
    Queued,
    /// Nowhere: its deadline has passed.
    Due,
}

/// A deadline's tick: the first that starts at or after it.
#[inline]
pub(super) const fn tick_after(ns: u64) -> u64 {
    (ns >> TICK_SHIFT) + (ns & ((1 << TICK_SHIFT) - 1) != 0) as u64
}

/// The tick that a time lies in.
#[inline]
pub(super) const fn tick_of(ns: u64) -> u64 {
    ns >> TICK_SHIFT
}

/// When a tick starts, in nanoseconds.
#[inline]
pub(super) const fn tick_start(tick: u64) -> u64 {
    tick.saturating_mul(1 << TICK_SHIFT)
}

impl Wheel {
    pub(super) fn new() -> Self {
        Self {
            served: 0,
            served_ns: 0,
            len: 0,
            entering: None,
            occupied: [[0; WORDS]; LEVELS],
            earliest: Vec::new(),
            slots: Vec::new(),
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Puts a timer into the slot of its deadline, unless that has passed.
    ///
    /// # Safety
    ///
    /// The entry is in no wheel. When it is queued, it stays where it is until it is removed or fired.
    #[inline]
    pub(super) unsafe fn insert(&mut self, entry: NonNull<Entry>, deadline: u64) -> Insert {
        if deadline <= self.served_ns {
            return Insert::Due;
        }
        if self.slots.is_empty() {
            self.make_slots();
        }
        // SAFETY: passed on to the caller.
        unsafe { self.place(entry, deadline) };
        self.len += 1;
        Insert::Queued
    }

    #[cold]
    fn make_slots(&mut self) {
        self.earliest = vec![NEVER; REST];
        self.slots.resize_with(REST + 1, List::new);
    }

    /// # Safety
    ///
    /// The entry is live and in no slot.
    #[inline]
    unsafe fn place(&mut self, entry: NonNull<Entry>, deadline: u64) {
        let tick = tick_after(deadline);
        let index = if tick <= self.served {
            REST
        } else {
            let level = ((tick ^ self.served).ilog2() / BITS) as usize;
            let slot = (tick >> (level as u32 * BITS)) as usize % SLOTS;
            let index = level * SLOTS + slot;
            let (word, bit) = (&mut self.occupied[level][slot / 64], 1 << (slot % 64));
            if *word & bit == 0 {
                *word |= bit;
                self.earliest[index] = deadline;
            } else if deadline < self.earliest[index] {
                self.earliest[index] = deadline;
            }
            index
        };
        // SAFETY: the entry is live, and the lock is held.
        unsafe {
            entry.as_ref().set_slot(index as u16);
            self.slots[index].push_back(entry);
        }
    }

    /// Takes a timer out.
    ///
    /// # Safety
    ///
    /// The entry is in this wheel.
    #[inline]
    pub(super) unsafe fn remove(&mut self, entry: NonNull<Entry>) {
        // SAFETY: the entry is in the wheel, hence live, and in the slot that it names.
        unsafe {
            let index = usize::from(entry.as_ref().slot());
            let linked = self.slots[index].remove(entry);
            debug_assert!(linked);
            self.note_if_empty(index);
        }
        self.len -= 1;
    }

    #[inline]
    fn note_if_empty(&mut self, index: usize) {
        if index < REST && self.slots[index].is_empty() {
            let slot = index % SLOTS;
            self.occupied[index / SLOTS][slot / 64] &= !(1 << (slot % 64));
        }
    }

    /// Takes out a timer that is due at `now`, if there is one. With `exact`, timers fire at their deadline
    /// rather than at the start of the next tick.
    pub(super) fn pop_due(&mut self, now: u64, exact: bool) -> Option<NonNull<Entry>> {
        let target = if exact { tick_after(now) } else { tick_of(now) };
        loop {
            if let Some(entry) = self.pop_rest(now) {
                return Some(entry);
            }
            let Some((level, slot)) = self.entering.or_else(|| self.first()) else { break };
            let start = self.start_of(level, slot);
            if start > target {
                break;
            }
            self.served = self.served.max(start);
            self.entering = Some((level, slot));
            let index = level * SLOTS + slot;
            let Some(entry) = self.slots[index].pop_front() else {
                self.entering = None;
                continue;
            };
            if self.slots[index].is_empty() {
                self.note_if_empty(index);
                self.entering = None;
            }
            // SAFETY: the entry was in the wheel, hence is live.
            let deadline = unsafe { entry.as_ref().deadline() };
            if deadline <= now {
                self.len -= 1;
                return Some(entry);
            }
            // Not yet: it was in a slot of many ticks, or its owner has put it off.
            // SAFETY: the entry is live, and in no slot since `pop_front`.
            unsafe { self.place(entry, deadline) };
        }
        self.served = self.served.max(target);
        self.served_ns = self.served_ns.max(now);
        None
    }

    /// Takes a due timer out of `rest`.
    #[inline]
    fn pop_rest(&mut self, now: u64) -> Option<NonNull<Entry>> {
        if self.slots.last().is_none_or(List::is_empty) {
            return None;
        }
        let mut aside = List::new();
        let mut found = None;
        while let Some(entry) = self.slots[REST].pop_front() {
            // SAFETY: the entry was in the wheel, hence is live.
            let deadline = unsafe { entry.as_ref().deadline() };
            if deadline <= now {
                found = Some(entry);
                self.len -= 1;
                break;
            }
            // SAFETY: as above; it is in no list since `pop_front`, and goes back below.
            unsafe { aside.push_back(entry) };
        }
        self.slots[REST].append(&mut aside);
        found
    }

    /// Takes out any timer, due or not.
    pub(super) fn pop_any(&mut self) -> Option<NonNull<Entry>> {
        let (index, list) = self.slots.iter_mut().enumerate().find(|(_, list)| !list.is_empty())?;
        let entry = list.pop_front();
        self.note_if_empty(index);
        self.len -= 1;
        entry
    }

    /// The first slot in time that holds a timer.
    #[inline]
    fn first(&self) -> Option<(usize, usize)> {
        // A level's words in one look: most are empty.
        let any = |words: &[u64; WORDS]| words.iter().fold(0, |all, word| all | word) != 0;
        let level = self.occupied.iter().position(any)?;
        let (nth, word) = self.occupied[level].iter().enumerate().find(|(_, word)| **word != 0)?;
        Some((level, nth * 64 + word.trailing_zeros() as usize))
    }

    /// The tick that a slot starts with. The digits above its level are those of the tick served last.
    #[inline]
    fn start_of(&self, level: usize, slot: usize) -> u64 {
        let shift = level as u32 * BITS;
        let above = match (u64::MAX).checked_shl(shift + BITS) {
            Some(mask) => self.served & mask,
            None => 0,
        };
        above | (slot as u64) << shift
    }

    /// A lower bound of the earliest deadline, `u64::MAX` when there is no timer.
    pub(super) fn earliest(&mut self) -> u64 {
        let earliest = self.earliest_rest();
        match self.entering.or_else(|| self.first()) {
            Some((level, slot)) => earliest.min(self.earliest[level * SLOTS + slot]),
            None => earliest,
        }
    }

    fn earliest_rest(&mut self) -> u64 {
        let mut earliest = NEVER;
        if self.slots.last().is_none_or(List::is_empty) {
            return earliest;
        }
        let mut seen = List::new();
        while let Some(entry) = self.slots[REST].pop_front() {
            // SAFETY: the entry was in the wheel, hence is live; it is in no list since `pop_front`, and goes
            // back below.
            unsafe {
                earliest = earliest.min(entry.as_ref().deadline());
                seen.push_back(entry);
            }
        }
        self.slots[REST].append(&mut seen);
        earliest
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
