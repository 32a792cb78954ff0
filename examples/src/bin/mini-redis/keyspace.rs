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

pub(crate) struct Keyspace {
    shards: [Arc<Shard>; SHARDS],
    hasher: DefaultHashBuilder,
}

/// On cache lines of its own, so that the locks of two shards don't share one.
#[derive(Default)]
#[repr(align(128))]
struct Shard(Mutex<Entries>);

/// Locks, also after a panic under the lock: what it guards is whole between any two steps.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) type Entries = HashMap<Vec<u8>, Entry>;

#[derive(Default)]
pub(crate) struct Entry {
    pub(crate) value: Vec<u8>,
    /// When the key goes, if it does, and the task that drops it then.
    pub(crate) deadline: Option<Instant>,
    expiry: Option<Expiry>,
}

impl Entry {
    fn is_due(&self, now: Instant) -> bool {
        self.deadline.is_some_and(|at| at <= now)
    }
}

/// Dropping it ends the task.
struct Expiry(AbortHandle);

impl Drop for Expiry {
    fn drop(&mut self) {
        self.0.abort();
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

    /// How many keys there are, those that are due and not yet dropped among them.
    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| lock(&shard.0).len()).sum()
    }

    /// Each table in turn, locked one at a time.
    pub(crate) fn each(&self, now: Instant) -> impl Iterator<Item = Table<'_>> {
        self.shards.iter().map(move |shard| Table::lock(shard, now))
    }

    /// Empties all tables at once. What was in them is handed out, to be freed when no lock is held.
    pub(crate) fn take(&self, now: Instant) -> Vec<Entries> {
        let mut tables = self.lock_shards(u64::MAX, now).tables;
        tables.iter_mut().flatten().map(|table| mem::take(&mut *table.entries)).collect()
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
pub(crate) struct Tables<'a> {
    keyspace: &'a Keyspace,
    tables: [Option<Table<'a>>; SHARDS],
}

impl Tables<'_> {
    /// One of the keys.
    ///
    /// # Panics
    /// If the key was not among those that were locked.
    pub(crate) fn key<'a>(&'a mut self, name: &'a [u8]) -> Key<'a> {
        self.tables[self.keyspace.index(name)].as_mut().expect("the key's table is locked").key(name)
    }
}

/// One shard's keys while it's locked, as they are at one moment: a key that is due by then is gone.
pub(crate) struct Table<'a> {
    shard: &'a Arc<Shard>,
    /// Those that are due and not yet dropped are among them.
    pub(crate) entries: MutexGuard<'a, Entries>,
    now: Instant,
}

impl<'a> Table<'a> {
    fn lock(shard: &'a Arc<Shard>, now: Instant) -> Self {
        Table { shard, entries: lock(&shard.0), now }
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.entries.iter().filter(|(_, entry)| !entry.is_due(self.now)).map(|(name, _)| &**name)
    }

    /// One of its keys, or one that may come to be.
    pub(crate) fn key<'k>(&'k mut self, name: &'k [u8]) -> Key<'k> {
        Key { shard: self.shard, entries: &mut self.entries, name, now: self.now }
    }
}

/// A key, whether or not it exists, while its table is locked.
pub(crate) struct Key<'a> {
    shard: &'a Arc<Shard>,
    entries: &'a mut Entries,
    name: &'a [u8],
    pub(crate) now: Instant,
}

impl Key<'_> {
    pub(crate) fn entry(&mut self) -> Option<&mut Entry> {
        self.entries.get_mut(self.name).filter(|entry| !entry.is_due(self.now))
    }

    pub(crate) fn value(&mut self) -> Option<&mut Vec<u8>> {
        self.entry().map(|entry| &mut entry.value)
    }

    pub(crate) fn exists(&mut self) -> bool {
        self.entry().is_some()
    }

    /// Sets the key, whether or not it exists. The memory of an old value is used again, unless it's far more
    /// than the new one takes.
    pub(crate) fn set(&mut self, value: &[u8], deadline: Option<Instant>) {
        let expiry = deadline.map(|at| self.expiry(at));
        let entry = self.entries.entry_ref(self.name).or_default();
        (entry.deadline, entry.expiry) = (deadline, expiry);
        entry.value.clear();
        entry.value.shrink_to((4 * value.len()).max(512));
        entry.value.extend_from_slice(value);
    }

    /// Changes when the key goes; at once, if that has passed. Says whether there is such a key.
    pub(crate) fn set_deadline(&mut self, deadline: Option<Instant>) -> bool {
        if deadline.is_some_and(|at| at <= self.now) {
            return self.remove();
        }
        let expiry = deadline.map(|at| self.expiry(at));
        self.entry().map(|entry| (entry.deadline, entry.expiry) = (deadline, expiry)).is_some()
    }

    /// Says whether there was such a key.
    pub(crate) fn remove(&mut self) -> bool {
        self.entries.remove(self.name).is_some_and(|entry| !entry.is_due(self.now))
    }

    /// A task that drops the key when it's due. It finds the key gone, or not due, if it's aborted too late.
    fn expiry(&self, at: Instant) -> Expiry {
        let (shard, name) = (Arc::downgrade(self.shard), Box::<[u8]>::from(self.name));
        let task = rt_core::spawn(async move {
            sleep_until(at).await;
            if let Some(shard) = shard.upgrade() {
                let mut table = Table::lock(&shard, at);
                let mut key = table.key(&name);
                if !key.exists() {
                    key.remove();
                }
            }
        });
        Expiry(task.abort_handle())
    }
}
