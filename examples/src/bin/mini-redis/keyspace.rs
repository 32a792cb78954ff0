//! The keys: a table in 64 shards, each behind a lock of its own that is held for one command and never
//! across an await.
//!
//! **Expiry.** A key that is due is gone for every command from that moment on, since each lookup compares
//! deadlines. For its memory, each key with a deadline has a task that sleeps until then and drops it: a
//! task and a timer are small, and nothing polls. The task ends when the key or its deadline changes.

use std::hash::BuildHasher;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hashbrown::{DefaultHashBuilder, HashMap};
use rt_core::task::AbortHandle;
use rt_core::time::{Instant, sleep_until};

#[cfg(test)]
mod tests;

/// A set of shards is one word ([`Keyspace::lock_all`]).
const SHARDS: usize = 64;

#[derive(Debug)]
pub(crate) struct Keyspace {
    shards: [Arc<Shard>; SHARDS],
    hasher: DefaultHashBuilder,
}

/// On cache lines of its own, so that the locks of two shards don't share one.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Shard(Mutex<Entries>);

/// Locks, also after a panic under the lock: what it guards is whole between any two steps.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) type Entries = HashMap<Vec<u8>, Entry>;

#[derive(Debug, Default)]
pub(crate) struct Entry {
    pub(crate) value: Vec<u8>,
    expiry: Option<Expiry>,
}

#[derive(Debug)]
struct Expiry {
    at: Instant,
    task: AbortHandle,
}

impl Drop for Expiry {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Entry {
    /// When the key goes, if it does.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.expiry.as_ref().map(|expiry| expiry.at)
    }

    fn is_due(&self, now: Instant) -> bool {
        self.deadline().is_some_and(|at| at <= now)
    }
}

impl Keyspace {
    pub(crate) fn new() -> Self {
        Keyspace { shards: std::array::from_fn(|_| Arc::default()), hasher: DefaultHashBuilder::default() }
    }

    /// The table that holds `key`, locked.
    pub(crate) fn lock(&self, key: &[u8], now: Instant) -> Table<'_> {
        Table::lock(&self.shards[self.index(key)], now)
    }

    /// The tables of all `keys`, locked at once: what a command does to several keys is one step.
    pub(crate) fn lock_all<'a>(&self, keys: impl Iterator<Item = &'a [u8]>, now: Instant) -> Tables<'_> {
        self.lock_shards(keys.fold(0, |set, key| set | 1 << self.index(key)), now)
    }

    /// Each table in turn, locked one at a time.
    pub(crate) fn each(&self, now: Instant) -> impl Iterator<Item = Table<'_>> {
        self.shards.iter().map(move |shard| Table::lock(shard, now))
    }

    /// Empties all tables at once. What was in them is handed out, to be freed when no lock is held.
    pub(crate) fn take(&self, now: Instant) -> Vec<Entries> {
        let mut tables = self.lock_shards(u64::MAX, now);
        tables.tables.iter_mut().flatten().map(|table| mem::take(&mut *table.entries)).collect()
    }

    /// In ascending order, so that two commands can't wait for each other.
    fn lock_shards(&self, set: u64, now: Instant) -> Tables<'_> {
        let lock = |index: usize| (set >> index & 1 == 1).then(|| Table::lock(&self.shards[index], now));
        Tables { keyspace: self, tables: std::array::from_fn(lock) }
    }

    fn index(&self, key: &[u8]) -> usize {
        self.hasher.hash_one(key) as usize % SHARDS
    }
}

/// The tables of several keys while they are locked.
#[derive(Debug)]
pub(crate) struct Tables<'a> {
    keyspace: &'a Keyspace,
    tables: [Option<Table<'a>>; SHARDS],
}

impl<'a> Tables<'a> {
    /// The table of `key`.
    ///
    /// # Panics
    /// If the key was not among those that were locked.
    pub(crate) fn of(&mut self, key: &[u8]) -> &mut Table<'a> {
        self.tables[self.keyspace.index(key)].as_mut().expect("the key's table is locked")
    }
}

/// One shard's keys while it's locked, as they are at one moment: a key that is due by then is gone.
#[derive(Debug)]
pub(crate) struct Table<'a> {
    shard: &'a Arc<Shard>,
    entries: MutexGuard<'a, Entries>,
    now: Instant,
}

impl<'a> Table<'a> {
    fn lock(shard: &'a Arc<Shard>, now: Instant) -> Self {
        Table { shard, entries: lock(&shard.0), now }
    }

    /// How many keys there are, those that are due and not yet dropped among them.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// How many of them have a deadline.
    pub(crate) fn expiring(&self) -> usize {
        self.entries.values().filter(|entry| entry.expiry.is_some()).count()
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.entries.iter().filter(|(_, entry)| !entry.is_due(self.now)).map(|(name, _)| &**name)
    }

    pub(crate) fn entry(&mut self, key: &[u8]) -> Option<&mut Entry> {
        self.entries.get_mut(key).filter(|entry| !entry.is_due(self.now))
    }

    pub(crate) fn value(&mut self, key: &[u8]) -> Option<&mut Vec<u8>> {
        self.entry(key).map(|entry| &mut entry.value)
    }

    pub(crate) fn contains(&mut self, key: &[u8]) -> bool {
        self.entry(key).is_some()
    }

    /// Sets the key, whether or not it exists. The memory of an old value is used again, unless it's far more
    /// than the new one takes.
    pub(crate) fn set(&mut self, key: &[u8], value: &[u8], deadline: Option<Instant>) {
        let expiry = deadline.map(|at| self.expiry(key, at));
        let entry = self.entries.entry_ref(key).or_default();
        entry.expiry = expiry;
        entry.value.clear();
        if entry.value.capacity() > 1024 && entry.value.capacity() / 4 > value.len() {
            entry.value = Vec::new();
        }
        entry.value.extend_from_slice(value);
    }

    /// Changes when the key goes; at once, if that has passed. Says whether there is such a key.
    pub(crate) fn set_deadline(&mut self, key: &[u8], deadline: Option<Instant>) -> bool {
        if deadline.is_some_and(|at| at <= self.now) {
            return self.remove(key);
        }
        let expiry = deadline.map(|at| self.expiry(key, at));
        self.entry(key).map(|entry| entry.expiry = expiry).is_some()
    }

    /// Says whether there was such a key.
    pub(crate) fn remove(&mut self, key: &[u8]) -> bool {
        self.entries.remove(key).is_some_and(|entry| !entry.is_due(self.now))
    }

    /// A task that drops the key when it's due. It finds the key gone, or not due, if it's aborted too late.
    fn expiry(&self, key: &[u8], at: Instant) -> Expiry {
        let (shard, key) = (Arc::downgrade(self.shard), Box::<[u8]>::from(key));
        let task = rt_core::spawn(async move {
            sleep_until(at).await;
            if let Some(shard) = shard.upgrade() {
                let mut table = Table::lock(&shard, at);
                if !table.contains(&key) {
                    table.remove(&key);
                }
            }
        });
        Expiry { at, task: task.abort_handle() }
    }
}
