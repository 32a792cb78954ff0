//! One shard's keys, values and deadlines.

use std::collections::BTreeMap;

use hashbrown::HashTable;
use hashbrown::hash_table::{Entry as Slot, OccupiedEntry};
use rt_core::time::Instant;

use super::Key;

/// What a command does with the time to live that a key has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expiry {
    Keep,
    Never,
    At(Instant),
}

/// One shard's keys. It knows no clock: each call is told what time it is.
#[derive(Debug, Default)]
pub(crate) struct Table {
    entries: HashTable<Entry>,
    deadlines: Deadlines,
}

#[derive(Debug)]
struct Entry {
    hash: u64,
    name: Box<[u8]>,
    value: Vec<u8>,
    deadline: Option<Deadline>,
}

/// When, and a number that tells equal times apart.
type Deadline = (Instant, u64);

impl Entry {
    fn is(&self, key: Key<'_>) -> bool {
        *self.name == *key.bytes
    }

    fn is_due(&self, now: Instant) -> bool {
        self.deadline.is_some_and(|(at, _)| at <= now)
    }
}

impl Table {
    /// How many keys there are, those that are due and not yet dropped among them.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// How many keys have a time to live.
    pub(crate) fn expiring(&self) -> usize {
        self.deadlines.by_time.len()
    }

    pub(crate) fn names(&self, now: Instant) -> impl Iterator<Item = &[u8]> {
        self.entries.iter().filter(move |entry| !entry.is_due(now)).map(|entry| &*entry.name)
    }

    pub(crate) fn contains(&mut self, key: Key<'_>, now: Instant) -> bool {
        self.find(key, now).is_some()
    }

    pub(crate) fn value(&mut self, key: Key<'_>, now: Instant) -> Option<&mut Vec<u8>> {
        self.find(key, now).map(|found| &mut found.into_mut().value)
    }

    /// When the key goes: `None` if there is no such key, `Some(None)` if it stays.
    pub(crate) fn deadline(&mut self, key: Key<'_>, now: Instant) -> Option<Option<Instant>> {
        self.find(key, now).map(|found| found.get().deadline.map(|(at, _)| at))
    }

    /// Sets the key, whether or not it exists. The memory of an old value is used again.
    pub(crate) fn set(&mut self, key: Key<'_>, value: &[u8], expiry: Expiry, now: Instant) {
        match self.entries.entry(key.hash, |entry| entry.is(key), |entry| entry.hash) {
            Slot::Occupied(found) => {
                let entry = found.into_mut();
                // A key that is due is gone: what is set here has no time to live to keep.
                let expiry = if entry.is_due(now) && expiry == Expiry::Keep { Expiry::Never } else { expiry };
                overwrite(&mut entry.value, value);
                self.deadlines.update(entry, expiry);
            }
            Slot::Vacant(free) => {
                let entry =
                    Entry { hash: key.hash, name: key.bytes.into(), value: value.to_vec(), deadline: None };
                self.deadlines.update(free.insert(entry).into_mut(), expiry);
            }
        }
    }

    /// Changes when the key goes. Says whether there is such a key.
    pub(crate) fn set_expiry(&mut self, key: Key<'_>, expiry: Expiry, now: Instant) -> bool {
        match find(&mut self.entries, &mut self.deadlines, key, now) {
            None => false,
            Some(found) => {
                self.deadlines.update(found.into_mut(), expiry);
                true
            }
        }
    }

    /// Says whether there was such a key.
    pub(crate) fn remove(&mut self, key: Key<'_>, now: Instant) -> bool {
        match find(&mut self.entries, &mut self.deadlines, key, now) {
            None => false,
            Some(found) => {
                drop_entry(&mut self.deadlines, found);
                true
            }
        }
    }

    /// Drops up to `limit` keys that are due, and says when the next one is.
    pub(crate) fn drop_due(&mut self, now: Instant, limit: usize) -> Option<Instant> {
        for _ in 0..limit {
            let first = self.deadlines.by_time.first_entry()?;
            let &(at, number) = first.key();
            if at > now {
                return Some(at);
            }
            let (hash, name) = first.remove();
            let is_the_one = |entry: &Entry| entry.deadline == Some((at, number)) && entry.name == name;
            if let Ok(due) = self.entries.find_entry(hash, is_the_one) {
                due.remove();
            }
        }
        self.deadlines.first()
    }

    /// Whether the earliest deadline has become earlier since the last time this was asked.
    pub(super) fn take_sooner(&mut self) -> bool {
        std::mem::take(&mut self.deadlines.sooner)
    }

    fn find(&mut self, key: Key<'_>, now: Instant) -> Option<OccupiedEntry<'_, Entry>> {
        find(&mut self.entries, &mut self.deadlines, key, now)
    }
}

/// The key's entry, unless it's due: then it's dropped.
fn find<'t>(
    entries: &'t mut HashTable<Entry>,
    deadlines: &mut Deadlines,
    key: Key<'_>,
    now: Instant,
) -> Option<OccupiedEntry<'t, Entry>> {
    let found = entries.find_entry(key.hash, |entry| entry.is(key)).ok()?;
    if found.get().is_due(now) {
        drop_entry(deadlines, found);
        return None;
    }
    Some(found)
}

fn drop_entry(deadlines: &mut Deadlines, found: OccupiedEntry<'_, Entry>) {
    let (mut entry, _) = found.remove();
    deadlines.update(&mut entry, Expiry::Never);
}

/// Writes `new` into the memory of `old`, unless that is far more than `new` takes.
fn overwrite(old: &mut Vec<u8>, new: &[u8]) {
    if old.capacity() > 1024 && old.capacity() / 4 > new.len() {
        *old = new.to_vec();
    } else {
        old.clear();
        old.extend_from_slice(new);
    }
}

/// The keys that have a deadline, in its order, with the hash that finds them.
#[derive(Debug, Default)]
struct Deadlines {
    by_time: BTreeMap<Deadline, (u64, Box<[u8]>)>,
    last_number: u64,
    sooner: bool,
}

impl Deadlines {
    fn first(&self) -> Option<Instant> {
        self.by_time.first_key_value().map(|(&(at, _), _)| at)
    }

    fn update(&mut self, entry: &mut Entry, expiry: Expiry) {
        if expiry == Expiry::Keep {
            return;
        }
        if let Some(old) = entry.deadline.take() {
            self.by_time.remove(&old);
        }
        if let Expiry::At(at) = expiry {
            self.sooner |= self.first().is_none_or(|first| at < first);
            self.last_number += 1;
            let deadline = (at, self.last_number);
            self.by_time.insert(deadline, (entry.hash, entry.name.clone()));
            entry.deadline = Some(deadline);
        }
    }
}
