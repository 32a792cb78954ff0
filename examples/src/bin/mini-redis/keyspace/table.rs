//! One shard's keys, values and deadlines.

use std::collections::BTreeSet;
use std::sync::Arc;

use hashbrown::HashMap;
use rt_core::sync::Notify;
use rt_core::time::Instant;

/// What a command does with the time to live that a key has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expiry {
    Keep,
    Never,
    At(Instant),
}

/// One shard's keys. It knows no clock: each call is told what time it is, and takes keys that are due for gone.
#[derive(Debug, Default)]
pub(crate) struct Table {
    entries: HashMap<Vec<u8>, Entry>,
    deadlines: Deadlines,
}

#[derive(Debug, Default)]
pub(crate) struct Entry {
    pub(crate) value: Vec<u8>,
    deadline: Option<Instant>,
}

impl Entry {
    /// When the key goes, if it does.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    fn is_due(&self, now: Instant) -> bool {
        self.deadline.is_some_and(|at| at <= now)
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
        self.entries.iter().filter(move |(_, entry)| !entry.is_due(now)).map(|(name, _)| &**name)
    }

    pub(crate) fn contains(&mut self, key: &[u8], now: Instant) -> bool {
        self.entry(key, now).is_some()
    }

    pub(crate) fn entry(&mut self, key: &[u8], now: Instant) -> Option<&mut Entry> {
        self.entries.get_mut(key).filter(|entry| !entry.is_due(now))
    }

    pub(crate) fn value(&mut self, key: &[u8], now: Instant) -> Option<&mut Vec<u8>> {
        self.entry(key, now).map(|entry| &mut entry.value)
    }

    /// Sets the key, whether or not it exists. The memory of an old value is used again.
    pub(crate) fn set(&mut self, key: &[u8], value: &[u8], expiry: Expiry, now: Instant) {
        let entry = self.entries.entry_ref(key).or_default();
        // A key that is due is gone: what is set here has no time to live to keep.
        let expiry = if expiry == Expiry::Keep && entry.is_due(now) { Expiry::Never } else { expiry };
        overwrite(&mut entry.value, value);
        self.deadlines.change(key, &mut entry.deadline, expiry);
    }

    /// Changes when the key goes. Says whether there is such a key.
    pub(crate) fn set_expiry(&mut self, key: &[u8], expiry: Expiry, now: Instant) -> bool {
        let found = self.entries.get_mut(key).filter(|entry| !entry.is_due(now));
        found.map(|entry| self.deadlines.change(key, &mut entry.deadline, expiry)).is_some()
    }

    /// Says whether there was such a key.
    pub(crate) fn remove(&mut self, key: &[u8], now: Instant) -> bool {
        let Some(mut entry) = self.entries.remove(key) else { return false };
        let was_there = !entry.is_due(now);
        self.deadlines.change(key, &mut entry.deadline, Expiry::Never);
        was_there
    }

    /// Drops up to `limit` keys that are due, and says when the next one is.
    pub(crate) fn drop_due(&mut self, now: Instant, limit: usize) -> Option<Instant> {
        for _ in 0..limit {
            if self.deadlines.first()? > now {
                break;
            }
            if let Some((_, name)) = self.deadlines.by_time.pop_first() {
                self.entries.remove(&*name);
            }
        }
        self.deadlines.first()
    }

    /// Empties the table. What was in it is handed out, to be freed when no lock is held.
    pub(crate) fn take(&mut self) -> Table {
        // Whoever waits for an earlier deadline goes on waiting for one of this table.
        let deadlines = Deadlines { sooner: Arc::clone(&self.deadlines.sooner), ..Deadlines::default() };
        std::mem::replace(self, Table { deadlines, ..Table::default() })
    }

    /// Notified when the earliest deadline becomes earlier.
    pub(super) fn sooner(&self) -> &Arc<Notify> {
        &self.deadlines.sooner
    }
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

/// The keys that have a deadline, in its order.
#[derive(Debug, Default)]
struct Deadlines {
    by_time: BTreeSet<(Instant, Box<[u8]>)>,
    sooner: Arc<Notify>,
}

impl Deadlines {
    fn first(&self) -> Option<Instant> {
        self.by_time.first().map(|&(at, _)| at)
    }

    /// Changes the deadline of `key`, which is `current`.
    fn change(&mut self, key: &[u8], current: &mut Option<Instant>, expiry: Expiry) {
        let new = match expiry {
            Expiry::Keep => return,
            Expiry::Never => None,
            Expiry::At(at) => Some(at),
        };
        if let Some(old) = std::mem::replace(current, new) {
            self.by_time.remove(&(old, key.into()));
        }
        if let Some(at) = new {
            if self.first().is_none_or(|first| at < first) {
                self.sooner.notify_one();
            }
            self.by_time.insert((at, key.into()));
        }
    }
}
