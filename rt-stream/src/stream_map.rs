//! Many streams as one, by key.

use std::borrow::Borrow;
use std::future::poll_fn;
use std::hash::{BuildHasher, Hash, RandomState};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

/// Streams by key: itself a stream of what they give, each item with the key of its stream.
///
/// Streams may be added and removed at any time, between two items. One that ends is removed; to be told
/// when one does, put it into a [`StreamNotifyClose`](crate::StreamNotifyClose) first. When none is left,
/// the map ends; it may be filled and polled again.
///
/// The map asks its streams one after the other, starting with a random one, so that no busy stream
/// starves the others. Asking is linear in the number of streams: it's made for some dozens of them.
///
/// ```
/// use rt_stream::{StreamExt, StreamMap};
///
/// # futures::executor::block_on(async {
/// let mut map = StreamMap::new();
/// map.insert("low", rt_stream::iter([1]));
/// map.insert("high", rt_stream::iter([100]));
/// let mut all: Vec<_> = map.collect().await;
/// all.sort();
/// assert_eq!(all, [("high", 100), ("low", 1)]);
/// # });
/// ```
#[derive(Debug)]
pub struct StreamMap<K, V> {
    entries: Vec<(K, V)>,
    random: Random,
}

impl<K, V> StreamMap<K, V> {
    /// A map without streams. It allocates with the first.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(0)
    }

    /// A map with room for `capacity` streams.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self { entries: Vec::with_capacity(capacity), random: Random::new() }
    }

    /// The keys and their streams, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = &(K, V)> {
        self.entries.iter()
    }

    /// The keys and their streams, to change them, in no particular order.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut (K, V)> {
        self.entries.iter_mut()
    }

    /// How many streams there is room for without allocating.
    pub fn capacity(&self) -> usize {
        self.entries.capacity()
    }

    /// The keys, in no particular order.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.entries.iter().map(|(key, _)| key)
    }

    /// The streams, in no particular order.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.entries.iter().map(|(_, stream)| stream)
    }

    /// The streams, to change them, in no particular order.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries.iter_mut().map(|(_, stream)| stream)
    }

    /// How many streams there are. One that has ended counts until the map has noticed.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no stream.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Drops all streams, and keeps the room they took.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// Adds a stream; the one that had the key before is returned.
    ///
    /// ```
    /// use rt_stream::{StreamMap, pending};
    ///
    /// let mut map = StreamMap::new();
    /// assert!(map.insert("a", pending::<i32>()).is_none());
    /// assert!(map.insert("a", pending::<i32>()).is_some());
    /// assert_eq!(map.len(), 1);
    /// ```
    pub fn insert(&mut self, k: K, stream: V) -> Option<V>
    where
        K: Hash + Eq,
    {
        let old = self.remove(&k);
        self.entries.push((k, stream));
        old
    }

    /// Removes the stream with that key.
    ///
    /// ```
    /// use rt_stream::{StreamMap, pending};
    ///
    /// let mut map = StreamMap::from_iter([("a", pending::<i32>())]);
    /// assert!(map.remove("a").is_some());
    /// assert!(map.remove("a").is_none());
    /// ```
    pub fn remove<Q: Hash + Eq + ?Sized>(&mut self, k: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let at = self.entries.iter().position(|(key, _)| key.borrow() == k)?;
        Some(self.entries.swap_remove(at).1)
    }

    /// Whether there is a stream with that key.
    pub fn contains_key<Q: Hash + Eq + ?Sized>(&self, k: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.entries.iter().any(|(key, _)| key.borrow() == k)
    }
}

impl<K: Clone + Unpin, V: Stream + Unpin> StreamMap<K, V> {
    /// Waits for an item, then takes up to `limit` of those that are there, and appends them to `buffer`.
    /// Returns how many; 0 means that there is no stream left, or that `limit` is 0.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, no item has been taken.
    ///
    /// ```
    /// use rt_stream::StreamMap;
    ///
    /// # futures::executor::block_on(async {
    /// let mut map = StreamMap::from_iter([("a", rt_stream::iter(1..=3))]);
    /// let mut buffer = Vec::new();
    /// assert_eq!(map.next_many(&mut buffer, 2).await, 2);
    /// assert_eq!(buffer, [("a", 1), ("a", 2)]);
    /// # });
    /// ```
    pub async fn next_many(&mut self, buffer: &mut Vec<(K, V::Item)>, limit: usize) -> usize {
        poll_fn(|cx| self.poll_next_many(cx, buffer, limit)).await
    }

    /// What [`next_many`](Self::next_many) waits on.
    pub fn poll_next_many(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut Vec<(K, V::Item)>,
        limit: usize,
    ) -> Poll<usize> {
        if limit == 0 || self.entries.is_empty() {
            return Poll::Ready(0);
        }
        // Round and round, so that each stream has its turn before one has its second.
        let mut at = self.random.below(self.entries.len());
        let (mut added, mut idle_in_a_row) = (0, 0);
        while added < limit && idle_in_a_row < self.entries.len() {
            let (key, stream) = &mut self.entries[at];
            match Pin::new(stream).poll_next(cx) {
                Poll::Ready(Some(item)) => {
                    buffer.push((key.clone(), item));
                    (added, idle_in_a_row) = (added + 1, 0);
                    at += 1;
                }
                Poll::Ready(None) => drop(self.entries.remove(at)),
                Poll::Pending => {
                    idle_in_a_row += 1;
                    at += 1;
                }
            }
            at = if at < self.entries.len() { at } else { 0 };
        }
        if added == 0 && !self.entries.is_empty() { Poll::Pending } else { Poll::Ready(added) }
    }
}

impl<K, V: Stream + Unpin> StreamMap<K, V> {
    /// An item of some stream, and where that stream is. Each is asked once, from a random one on.
    fn poll_any(&mut self, cx: &mut Context<'_>) -> Poll<Option<(usize, V::Item)>> {
        let mut left = self.entries.len();
        let mut at = self.random.below(left);
        while left > 0 {
            left -= 1;
            match Pin::new(&mut self.entries[at].1).poll_next(cx) {
                Poll::Ready(Some(item)) => return Poll::Ready(Some((at, item))),
                Poll::Ready(None) => {
                    at = self.remove_ended(at, left);
                }
                Poll::Pending => at = (at + 1) % self.entries.len(),
            }
        }
        if self.entries.is_empty() { Poll::Ready(None) } else { Poll::Pending }
    }

    /// Removes the stream at `at`, and says which to ask next, `left` of them being still unasked.
    fn remove_ended(&mut self, at: usize, left: usize) -> usize {
        // The unasked ones are the `left` after `at`, around the end; `Vec::remove` keeps their order.
        // With none of them left the position no longer matters.
        self.entries.remove(at);
        if left == 0 || at == self.entries.len() { 0 } else { at }
    }
}

impl<K: Clone + Unpin, V: Stream + Unpin> Stream for StreamMap<K, V> {
    type Item = (K, V::Item);

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let found = ready!(self.poll_any(cx));
        Poll::Ready(found.map(|(at, item)| (self.entries[at].0.clone(), item)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.entries.iter().map(|(_, stream)| stream.size_hint()).fold((0, Some(0)), |all, one| {
            let upper = all.1.zip(one.1).and_then(|(a, b)| a.checked_add(b));
            (all.0.saturating_add(one.0), upper)
        })
    }
}

impl<K, V> Default for StreamMap<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Hash + Eq, V> FromIterator<(K, V)> for StreamMap<K, V> {
    fn from_iter<T: IntoIterator<Item = (K, V)>>(iter: T) -> Self {
        let iter = iter.into_iter();
        let mut map = Self::with_capacity(iter.size_hint().0);
        for (key, stream) in iter {
            map.insert(key, stream);
        }
        map
    }
}

impl<K, V> Extend<(K, V)> for StreamMap<K, V> {
    fn extend<T: IntoIterator<Item = (K, V)>>(&mut self, iter: T) {
        self.entries.extend(iter);
    }
}

/// A generator of numbers that are random enough to be fair (xorshift).
#[derive(Debug)]
struct Random(u64);

impl Random {
    fn new() -> Self {
        // std seeds its hashers at random: the cheapest seed there is. Zero would stay zero.
        Self(RandomState::new().hash_one(0) | 1)
    }

    /// A number below `bound`, or 0.
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        // The product's upper half is the number scaled to the bound, without a division.
        ((u128::from(self.0) * bound as u128) >> 64) as usize
    }
}
