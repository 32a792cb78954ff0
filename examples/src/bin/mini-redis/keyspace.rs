//! The keys: a table in 64 shards, each behind a lock of its own that is held for one command and never
//! across an await.
//!
//! **Expiry.** A key that is due is gone for every command from that moment on, since each lookup compares
//! deadlines ([`Table`]). For its memory, every shard has a task that sleeps until the shard's next
//! deadline ([`Keyspace::expire`]); a command that sets an earlier one tells the task. Nothing polls:
//! 64 tasks without deadlines cost nothing.

use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hashbrown::DefaultHashBuilder;
use rt_core::time::Instant;

pub(crate) use table::{Expiry, Table};

mod table;
#[cfg(test)]
mod tests;

/// A set of shards is one word ([`Keyspace::lock_all`]).
const SHARDS: usize = 64;

/// So many keys expire under one hold of the lock, so that a burst of them delays no command for long.
const EXPIRED_AT_ONCE: usize = 128;

#[derive(Debug)]
pub(crate) struct Keyspace {
    shards: [Shard; SHARDS],
    hasher: DefaultHashBuilder,
}

/// On cache lines of its own, so that the locks of two shards don't share one.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Shard(Mutex<Table>);

/// One shard's table while it's locked.
pub(crate) type Locked<'a> = MutexGuard<'a, Table>;

impl Keyspace {
    pub(crate) fn new() -> Self {
        Keyspace { shards: std::array::from_fn(|_| Shard::default()), hasher: DefaultHashBuilder::default() }
    }

    /// The table that holds `key`, locked.
    pub(crate) fn lock(&self, key: &[u8]) -> Locked<'_> {
        self.shards[self.index(key)].lock()
    }

    /// The tables of all `keys`, locked at once: what a command does to several keys is one step.
    pub(crate) fn lock_all<'a>(&self, keys: impl Iterator<Item = &'a [u8]>) -> LockedSet<'_> {
        self.lock_shards(keys.fold(0, |set, key| set | 1 << self.index(key)))
    }

    /// Every table, locked at once.
    pub(crate) fn lock_everything(&self) -> LockedSet<'_> {
        self.lock_shards(u64::MAX)
    }

    /// Each table in turn, locked one at a time.
    pub(crate) fn each(&self) -> impl Iterator<Item = Locked<'_>> {
        self.shards.iter().map(Shard::lock)
    }

    /// How many tasks have to run [`expire`](Keyspace::expire), one for each number below this.
    pub(crate) const fn shard_count() -> usize {
        SHARDS
    }

    /// Drops the keys of one shard when they are due, forever.
    pub(crate) async fn expire(&self, shard: usize) {
        let shard = &self.shards[shard];
        let sooner = Arc::clone(shard.lock().sooner());
        loop {
            let now = Instant::now();
            let next = shard.lock().drop_due(now, EXPIRED_AT_ONCE);
            match next {
                None => sooner.notified().await,
                Some(at) if at <= now => rt_core::task::yield_now().await,
                Some(at) => rt_core::select! {
                    () = rt_core::time::sleep_until(at) => {}
                    () = sooner.notified() => {}
                },
            }
        }
    }

    /// In ascending order, so that two commands can't wait for each other.
    fn lock_shards(&self, set: u64) -> LockedSet<'_> {
        let lock = |index: usize| (set >> index & 1 == 1).then(|| self.shards[index].lock());
        LockedSet { keyspace: self, tables: std::array::from_fn(lock) }
    }

    fn index(&self, key: &[u8]) -> usize {
        self.hasher.hash_one(key) as usize % SHARDS
    }
}

impl Shard {
    fn lock(&self) -> Locked<'_> {
        // A panic under the lock would be in a command that is between two steps of the table, both whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The tables of several keys while they are locked.
#[derive(Debug)]
pub(crate) struct LockedSet<'a> {
    keyspace: &'a Keyspace,
    tables: [Option<Locked<'a>>; SHARDS],
}

impl<'a> LockedSet<'a> {
    /// The table of `key`.
    ///
    /// # Panics
    /// If the key was not among those that the set was locked for.
    pub(crate) fn table(&mut self, key: &[u8]) -> &mut Table {
        self.tables[self.keyspace.index(key)].as_mut().expect("the key's table is locked")
    }

    pub(crate) fn tables(&mut self) -> impl Iterator<Item = &mut Locked<'a>> {
        self.tables.iter_mut().flatten()
    }
}
