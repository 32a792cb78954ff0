use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::base::FastRng;

/// A wheel beside the plainest structure that does the same: entries by deadline.
struct Pair {
    wheel: Wheel,
    entries: BTreeMap<usize, Box<Entry>>,
    next: usize,
    now: u64,
}

impl Pair {
    fn new() -> Self {
        Self { wheel: Wheel::new(), entries: BTreeMap::new(), next: 0, now: 0 }
    }

    fn insert(&mut self, deadline: u64) {
        let entry = Box::new(Entry::new(deadline));
        // SAFETY: the box keeps the entry in its place until it is removed or popped.
        match unsafe { self.wheel.insert(NonNull::from(&*entry), deadline) } {
            Insert::Due => assert!(deadline <= self.now),
            Insert::Queued => {
                assert!(deadline > self.now);
                self.entries.insert(self.next, entry);
                self.next += 1;
            }
        }
    }

    fn remove(&mut self, nth: usize) {
        let Some(&key) = self.entries.keys().nth(nth % self.entries.len().max(1)) else { return };
        let entry = self.entries.remove(&key).unwrap();
        // SAFETY: what is in `entries` is in the wheel.
        unsafe { self.wheel.remove(NonNull::from(&*entry)) };
    }

    /// Puts a queued entry off, as its owner does without the lock.
    fn put_off(&mut self, nth: usize, by: u64) {
        let Some(&key) = self.entries.keys().nth(nth % self.entries.len().max(1)) else { return };
        let entry = &self.entries[&key];
        entry.set_deadline(entry.deadline().saturating_add(by).min(FOREVER_NS));
    }

    /// Goes on to `now`: exactly what is due must come out.
    fn advance(&mut self, now: u64, exact: bool) {
        self.now = self.now.max(now);
        let mut popped = Vec::new();
        while let Some(entry) = self.wheel.pop_due(now, exact) {
            popped.push(entry);
        }
        for entry in popped {
            let mut keys = self.entries.keys().copied();
            let key = keys.find(|key| NonNull::from(&*self.entries[key]) == entry).expect("popped twice");
            let entry = self.entries.remove(&key).unwrap();
            assert!(entry.deadline() <= now, "early");
        }
        for entry in self.entries.values() {
            let deadline = entry.deadline();
            let due = if exact { deadline <= now } else { tick_after(deadline) <= tick_of(now) };
            assert!(!due, "late: {deadline} at {now}");
        }
        let earliest = self.entries.values().map(|entry| entry.deadline()).min();
        assert!(self.wheel.earliest() <= earliest.unwrap_or(NEVER));
        assert_eq!(self.wheel.earliest() == NEVER, earliest.is_none());
        assert_eq!(self.wheel.len, self.entries.len());
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        let mut left = 0;
        while self.wheel.pop_any().is_some() {
            left += 1;
        }
        assert_eq!(left, self.entries.len());
        assert!(self.wheel.is_empty());
    }
}

use crate::driver::clock::FOREVER_NS;

#[derive(Debug, Clone)]
enum Op {
    Insert(u64),
    Remove(usize),
    PutOff(usize, u64),
    Advance(u64),
}

/// A span of time whose magnitude is as likely to be any.
fn span() -> impl Strategy<Value = u64> {
    (0_u32..63, any::<u64>()).prop_map(|(shift, bits)| bits >> (63 - shift) >> 1)
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        5 => span().prop_map(Op::Insert),
        2 => any::<usize>().prop_map(Op::Remove),
        1 => (any::<usize>(), span()).prop_map(|(nth, by)| Op::PutOff(nth, by)),
        3 => span().prop_map(Op::Advance),
    ]
}

proptest! {
    #[test]
    fn agrees_with_a_plain_map(ops in prop::collection::vec(op(), 1..200), modes in any::<u64>()) {
        let mut pair = Pair::new();
        for (step, op) in ops.into_iter().enumerate() {
            match op {
                Op::Insert(after) => pair.insert(pair.now.saturating_add(after).min(FOREVER_NS)),
                Op::Remove(nth) => pair.remove(nth),
                Op::PutOff(nth, by) => pair.put_off(nth, by),
                // The clock may be paused and go on in between.
                Op::Advance(by) => {
                    let now = pair.now.saturating_add(by).min(FOREVER_NS - 1);
                    pair.advance(now, modes >> (step % 64) & 1 == 0);
                }
            }
        }
    }
}

#[test]
fn a_deadline_at_every_level_fires_in_its_tick() {
    for level in 0..LEVELS as u32 {
        for digit in [1, 2, SLOTS as u64 - 1] {
            let Some(tick) = digit.checked_shl(level * BITS).filter(|tick| tick >> 50 == 0) else { continue };
            if tick << TICK_SHIFT >> TICK_SHIFT != tick || tick << TICK_SHIFT >= FOREVER_NS {
                continue;
            }
            let mut pair = Pair::new();
            let deadline = tick_start(tick);
            pair.insert(deadline);
            pair.advance(deadline - 1, false);
            assert_eq!(pair.entries.len(), 1);
            pair.advance(deadline, false);
            assert_eq!(pair.entries.len(), 0);
        }
    }
}

#[test]
fn crossing_the_border_of_a_level_loses_nothing() {
    let mut pair = Pair::new();
    for around in [256_u64, 65_536, 16_777_216, 1 << 32] {
        for tick in around - 2..=around + 2 {
            pair.insert(tick_start(tick));
        }
    }
    let mut fired = 0;
    while !pair.entries.is_empty() {
        let before = pair.entries.len();
        let next = pair.wheel.earliest();
        pair.advance(next, false);
        fired += before - pair.entries.len();
    }
    assert_eq!(fired, 20);
}

#[test]
fn the_last_deadline_there_is_can_be_waited_for() {
    let mut pair = Pair::new();
    pair.insert(FOREVER_NS);
    pair.advance(FOREVER_NS - (1 << TICK_SHIFT), false);
    assert_eq!(pair.entries.len(), 1);
    assert_eq!(pair.wheel.earliest(), FOREVER_NS);
}

#[test]
fn a_paused_clock_is_exact_within_a_tick() {
    let mut pair = Pair::new();
    for deadline in [100, 200, 300, 20_000] {
        pair.insert(deadline);
    }
    pair.advance(200, true);
    assert_eq!(pair.entries.len(), 2);
    assert_eq!(pair.wheel.earliest(), 300);
    // A timer for the tick that is being served.
    pair.insert(250);
    assert_eq!(pair.wheel.earliest(), 250);
    pair.remove(2);
    pair.advance(299, true);
    assert_eq!(pair.entries.len(), 2);
    pair.advance(300, true);
    assert_eq!(pair.entries.len(), 1);
    pair.advance(40_000, false);
    assert_eq!(pair.entries.len(), 0);
}

#[test]
fn half_a_million_timers_agree_with_a_plain_map() {
    let mut rng = FastRng::from_seed(0x005e_ed0f_71e5);
    let mut wheel = Wheel::new();
    // Deadlines in order, with the entries that have them.
    let mut model: BTreeMap<(u64, usize), Box<Entry>> = BTreeMap::new();
    let mut now = 0;
    for number in 0..500_000_usize {
        let after = u64::from(rng.next_u32()) << (rng.below(20));
        let deadline = now + 1 + after;
        let entry = Box::new(Entry::new(deadline));
        // SAFETY: the box keeps the entry in its place until it is removed or popped.
        unsafe { assert_eq!(wheel.insert(NonNull::from(&*entry), deadline), Insert::Queued) };
        model.insert((deadline, number), entry);
        if rng.below(3) == 0 {
            let at = (now + (u64::from(rng.next_u32()) << 8), 0);
            if let Some(key) = model.range(at..).next().map(|(key, _)| *key) {
                let entry = model.remove(&key).unwrap();
                // SAFETY: what is in the model is in the wheel.
                unsafe { wheel.remove(NonNull::from(&*entry)) };
            }
        }
        if rng.below(64) == 0 {
            now += u64::from(rng.next_u32()) << rng.below(8);
            let mut count = 0;
            while let Some(entry) = wheel.pop_due(now, false) {
                // SAFETY: the model still owns it.
                assert!(unsafe { entry.as_ref().deadline() } <= now);
                count += 1;
            }
            let bound = tick_start(tick_of(now)) + 1;
            let rest = model.split_off(&(bound, 0));
            assert_eq!(std::mem::replace(&mut model, rest).len(), count);
            assert!(wheel.earliest() <= model.first_key_value().map_or(NEVER, |(key, _)| key.0));
        }
    }
    assert_eq!(wheel.len, model.len());
    while wheel.pop_any().is_some() {}
}
