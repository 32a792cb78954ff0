//! Tasks with keys.

mod keys;

use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::hash::{BuildHasher, Hash, RandomState};
use std::panic::{RefUnwindSafe, UnwindSafe};

use hashbrown::HashTable;
use rt_core::runtime::Handle;
use rt_core::task::{AbortHandle, Id, JoinError, JoinSet, LocalSet};

pub use keys::JoinMapKeys;

/// A set of tasks, each with a key, all with the same type of output.
///
/// The tasks run on their own, whether or not they are awaited. [`join_next`](Self::join_next) gives key and output of the one
/// that ended first among those that weren't taken yet. By its key, a task can be found, aborted and replaced: a
/// task that is spawned with a key that is there already takes the place of the former one, which is aborted and
/// whose output is never seen.
///
/// Dropping the map aborts all tasks in it. [`detach_all`](Self::detach_all) lets them go on instead.
///
/// # Panics
///
/// When a key's `Hash` or `Eq` panics, or dropping a key does, the panic goes to the caller; the map stays whole.
///
/// # Examples
///
/// ```
/// use rt_util::task::JoinMap;
///
/// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
/// let mut fetches = JoinMap::new();
/// fetches.spawn("slow", std::future::pending());
/// fetches.spawn("fast", async { 5 });
/// let (name, five) = fetches.join_next().await.unwrap();
/// assert_eq!((name, five.unwrap()), ("fast", 5));
///
/// assert!(fetches.abort("slow"));
/// let (name, aborted) = fetches.join_next().await.unwrap();
/// assert_eq!(name, "slow");
/// assert!(aborted.unwrap_err().is_cancelled());
/// # });
/// ```
#[must_use = "the tasks are aborted when the map is dropped"]
pub struct JoinMap<K, V, S = RandomState> {
    /// The tasks with keys, and those that were replaced and haven't ended yet.
    tasks: JoinSet<V>,
    /// By the hashes of the keys.
    entries: HashTable<Entry<K>>,
    /// For each task in `entries`, the hash of its key.
    hashes: HashMap<Id, u64>,
    hasher: S,
}

struct Entry<K> {
    key: K,
    /// Kept, so that the table grows without calling a `Hash` that isn't ours.
    hash: u64,
    task: AbortHandle,
}

impl<K, V> JoinMap<K, V> {
    /// An empty map.
    pub fn new() -> Self {
        Self::with_hasher(RandomState::new())
    }

    /// An empty map with room for so many tasks.
    pub fn with_capacity(capacity: usize) -> Self {
        Self::with_capacity_and_hasher(capacity, RandomState::new())
    }
}

impl<K, V, S> JoinMap<K, V, S> {
    /// An empty map that hashes keys in a given way.
    pub fn with_hasher(hash_builder: S) -> Self {
        Self::with_capacity_and_hasher(0, hash_builder)
    }

    /// An empty map with room for so many tasks, that hashes keys in a given way.
    pub fn with_capacity_and_hasher(capacity: usize, hash_builder: S) -> Self {
        Self {
            tasks: JoinSet::new(),
            entries: HashTable::with_capacity(capacity),
            hashes: HashMap::with_capacity(capacity),
            hasher: hash_builder,
        }
    }

    /// How many keys are in the map, those whose task ended and wasn't taken included.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no key is in the map.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// For how many keys there's room without allocating.
    pub fn capacity(&self) -> usize {
        self.entries.capacity().min(self.hashes.capacity())
    }
}

impl<K, V: 'static, S> JoinMap<K, V, S> {
    /// Asks all tasks to stop. They stay in the map until they are joined.
    pub fn abort_all(&mut self) {
        self.tasks.abort_all();
    }

    /// Takes all tasks out of the map and lets them go on by themselves, but for those that were replaced, which are
    /// aborted already. What has ended is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
    /// let (sender, receiver) = rt_core::sync::oneshot::channel();
    /// let mut map = rt_util::task::JoinMap::new();
    /// map.spawn(1, async { sender.send("still here").unwrap() });
    /// map.detach_all();
    /// assert!(map.is_empty());
    /// assert_eq!(receiver.await, Ok("still here"));
    /// # });
    /// ```
    pub fn detach_all(&mut self) {
        self.hashes.clear();
        self.tasks.detach_all();
        self.entries.clear();
    }
}

impl<K, V, S> JoinMap<K, V, S>
where
    K: Hash + Eq,
    V: 'static,
    S: BuildHasher,
{
    /// Spawns a task on the calling thread's runtime, in the place of one with that key.
    ///
    /// # Panics
    ///
    /// When the thread has entered no runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
    /// let mut map = rt_util::task::JoinMap::new();
    /// map.spawn("latest", std::future::pending());
    /// map.spawn("latest", async { 2 });
    /// assert_eq!(map.join_next().await.unwrap().1.unwrap(), 2);
    /// assert!(map.join_next().await.is_none());
    /// # });
    /// ```
    #[track_caller]
    pub fn spawn<F>(&mut self, key: K, task: F)
    where
        F: Future<Output = V> + Send + 'static,
        V: Send,
    {
        // Not in a closure: that would be the caller whom a panic names.
        let place = self.find(&key);
        let task = self.tasks.spawn(task);
        self.put(key, place, task);
    }

    /// Spawns a task on a runtime, in the place of one with that key.
    #[track_caller]
    pub fn spawn_on<F>(&mut self, key: K, task: F, handle: &Handle)
    where
        F: Future<Output = V> + Send + 'static,
        V: Send,
    {
        let place = self.find(&key);
        let task = self.tasks.spawn_on(task, handle);
        self.put(key, place, task);
    }

    /// Spawns a task that stays on this thread, in the place of one with that key: see
    /// [`spawn_local`](rt_core::task::spawn_local()).
    ///
    /// # Panics
    ///
    /// When the thread has entered no [`LocalSet`], and no local runtime of its own.
    #[track_caller]
    pub fn spawn_local<F>(&mut self, key: K, task: F)
    where
        F: Future<Output = V> + 'static,
    {
        let place = self.find(&key);
        let task = self.tasks.spawn_local(task);
        self.put(key, place, task);
    }

    /// Spawns a task on a [`LocalSet`], in the place of one with that key. It runs when the `LocalSet` is polled.
    #[track_caller]
    pub fn spawn_local_on<F>(&mut self, key: K, task: F, local_set: &LocalSet)
    where
        F: Future<Output = V> + 'static,
    {
        let place = self.find(&key);
        let task = self.tasks.spawn_local_on(task, local_set);
        self.put(key, place, task);
    }

    /// Runs a closure that may block on a thread of the runtime's, in the place of a task with that key.
    ///
    /// A closure that has begun can't be aborted: see [`spawn_blocking`](rt_core::task::spawn_blocking). When it's
    /// replaced, it runs on, and its output is dropped.
    ///
    /// # Panics
    ///
    /// When the thread has entered no runtime, or when the system gives no thread and there is none yet.
    #[track_caller]
    pub fn spawn_blocking<F>(&mut self, key: K, f: F)
    where
        F: FnOnce() -> V + Send + 'static,
        V: Send,
    {
        let place = self.find(&key);
        let task = self.tasks.spawn_blocking(f);
        self.put(key, place, task);
    }

    /// As [`spawn_blocking`](Self::spawn_blocking), on a given runtime.
    ///
    /// # Panics
    ///
    /// When the system gives no thread and there is none yet.
    #[track_caller]
    pub fn spawn_blocking_on<F>(&mut self, key: K, f: F, handle: &Handle)
    where
        F: FnOnce() -> V + Send + 'static,
        V: Send,
    {
        let place = self.find(&key);
        let task = self.tasks.spawn_blocking_on(f, handle);
        self.put(key, place, task);
    }

    /// The key's hash, and the task that it has now. Runs the key's code, before anything has changed.
    fn find(&self, key: &K) -> (u64, Option<Id>) {
        let hash = self.hasher.hash_one(key);
        let task = self.entries.find(hash, |entry| entry.key == *key).map(|entry| entry.task.id());
        (hash, task)
    }

    /// Gives the key to a new task. Runs no code of the key's until everything is in its place.
    fn put(&mut self, key: K, (hash, former): (u64, Option<Id>), task: AbortHandle) {
        self.hashes.insert(task.id(), hash);
        let Some(former) = former else {
            self.entries.insert_unique(hash, Entry { key, hash, task }, |entry| entry.hash);
            return;
        };
        self.hashes.remove(&former);
        let entry = self.entries.find_mut(hash, |entry| entry.task.id() == former);
        let entry = entry.expect("it was there before the task was spawned");
        std::mem::replace(&mut entry.task, task).abort();
        drop(key);
    }

    /// Waits until a task ends, takes it out of the map, and gives its key and output; `None` when the map is empty.
    ///
    /// # Cancel safety
    ///
    /// Cancelling it loses nothing: no task has left the map.
    ///
    /// # Errors
    ///
    /// With the key: when the task panicked or was cancelled.
    pub async fn join_next(&mut self) -> Option<(K, Result<V, JoinError>)> {
        while !self.is_empty() {
            let ended = self.tasks.join_next_with_id().await.expect("each key has its task");
            if let Some(next) = self.take(ended) {
                return Some(next);
            }
        }
        None
    }

    /// Takes a task that has ended out of the map, and gives its key and output; `None` when there is none.
    ///
    /// # Errors
    ///
    /// With the key: when the task panicked or was cancelled.
    ///
    /// # Examples
    ///
    /// ```
    /// # rt_core::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let mut map = rt_util::task::JoinMap::new();
    /// map.spawn('a', async { 5 });
    /// assert!(map.try_join_next().is_none());
    /// rt_core::task::yield_now().await;
    /// assert_eq!(map.try_join_next().unwrap().0, 'a');
    /// # });
    /// ```
    pub fn try_join_next(&mut self) -> Option<(K, Result<V, JoinError>)> {
        loop {
            let ended = self.tasks.try_join_next_with_id()?;
            if let Some(next) = self.take(ended) {
                return Some(next);
            }
        }
    }

    /// Takes the key of a task that has ended; `None` when it was replaced.
    fn take(&mut self, ended: Result<(Id, V), JoinError>) -> Option<(K, Result<V, JoinError>)> {
        let (id, result) = match ended {
            Ok((id, output)) => (id, Ok(output)),
            Err(error) => (error.id(), Err(error)),
        };
        let hash = self.hashes.remove(&id)?;
        let entry = self.entries.find_entry(hash, |entry| entry.task.id() == id);
        let (entry, _) = entry.ok().expect("each task that has a hash has a key").remove();
        Some((entry.key, result))
    }

    /// Aborts all tasks and waits until they have ended. Their outputs are dropped, as are their panics.
    ///
    /// # Cancel safety
    ///
    /// Cancelling it leaves tasks that were aborted, and haven't been waited for, in the map.
    ///
    /// # Examples
    ///
    /// ```
    /// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
    /// let mut map = rt_util::task::JoinMap::new();
    /// map.spawn("forever", std::future::pending::<()>());
    /// map.shutdown().await;
    /// assert!(map.is_empty());
    /// # });
    /// ```
    pub async fn shutdown(&mut self) {
        self.abort_all();
        while self.join_next().await.is_some() {}
        // Those that were replaced have no keys.
        self.tasks.shutdown().await;
    }

    /// Asks the task with this key to stop. It stays in the map until it's joined. Gives whether there is such a key.
    pub fn abort<Q>(&mut self, key: &Q) -> bool
    where
        Q: Hash + Eq + ?Sized,
        K: Borrow<Q>,
    {
        let entry = self.entry(key);
        if let Some(entry) = entry {
            entry.task.abort();
        }
        entry.is_some()
    }

    /// Asks all tasks to stop for whose keys `predicate` holds. They stay in the map until they are joined.
    ///
    /// # Examples
    ///
    /// ```
    /// # rt_core::runtime::Runtime::new().unwrap().block_on(async {
    /// let mut map = rt_util::task::JoinMap::new();
    /// for n in 0..4 {
    ///     map.spawn(n, std::future::pending::<()>());
    /// }
    /// map.abort_matching(|n| n % 2 == 0);
    /// assert_eq!(map.join_next().await.unwrap().0 % 2, 0);
    /// # });
    /// ```
    pub fn abort_matching(&mut self, mut predicate: impl FnMut(&K) -> bool) {
        for entry in self.entries.iter().filter(|entry| predicate(&entry.key)) {
            entry.task.abort();
        }
    }

    /// The keys, in no particular order.
    pub fn keys(&self) -> JoinMapKeys<'_, K, V> {
        JoinMapKeys::new(self.entries.iter())
    }

    /// Whether there's a task with this key, be it that it has ended.
    pub fn contains_key<Q>(&self, key: &Q) -> bool
    where
        Q: Hash + Eq + ?Sized,
        K: Borrow<Q>,
    {
        self.entry(key).is_some()
    }

    /// Whether a task is in the map, be it that it has ended. One that was replaced isn't.
    pub fn contains_task(&self, task: &Id) -> bool {
        self.hashes.contains_key(task)
    }

    fn entry<Q>(&self, key: &Q) -> Option<&Entry<K>>
    where
        Q: Hash + Eq + ?Sized,
        K: Borrow<Q>,
    {
        self.entries.find(self.hasher.hash_one(key), |entry| entry.key.borrow() == key)
    }

    /// Makes room for so many more keys.
    ///
    /// # Panics
    ///
    /// When the capacity would be too large for a `usize`.
    pub fn reserve(&mut self, additional: usize) {
        self.entries.reserve(additional, |entry| entry.hash);
        self.hashes.reserve(additional);
    }

    /// Gives back memory that isn't needed for the keys that are there.
    pub fn shrink_to_fit(&mut self) {
        self.shrink_to(0);
    }

    /// Gives back memory, but for room for so many keys, or for those that are there if they are more.
    pub fn shrink_to(&mut self, min_capacity: usize) {
        self.entries.shrink_to(min_capacity, |entry| entry.hash);
        self.hashes.shrink_to(min_capacity);
    }
}

// What is there after a panic is whole: code that isn't ours runs only between two states that are.
impl<K: UnwindSafe, V, S: UnwindSafe> UnwindSafe for JoinMap<K, V, S> {}
impl<K: RefUnwindSafe, V, S: RefUnwindSafe> RefUnwindSafe for JoinMap<K, V, S> {}

impl<K, V> Default for JoinMap<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: fmt::Debug, V, S> fmt::Debug for JoinMap<K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.entries.iter().map(|entry| (&entry.key, entry.task.id()))).finish()
    }
}
