//! The keys of a map.

use std::fmt;
use std::iter::FusedIterator;
use std::marker::PhantomData;

use hashbrown::hash_table;

use super::Entry;

/// The keys of a [`JoinMap`](super::JoinMap), in no particular order: see [`keys`](super::JoinMap::keys).
pub struct JoinMapKeys<'a, K, V> {
    entries: hash_table::Iter<'a, Entry<K>>,
    /// It borrows a map of these.
    _outputs: PhantomData<&'a V>,
}

impl<'a, K, V> JoinMapKeys<'a, K, V> {
    pub(super) fn new(entries: hash_table::Iter<'a, Entry<K>>) -> Self {
        Self { entries, _outputs: PhantomData }
    }
}

impl<'a, K, V> Iterator for JoinMapKeys<'a, K, V> {
    type Item = &'a K;

    fn next(&mut self) -> Option<&'a K> {
        self.entries.next().map(|entry| &entry.key)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.entries.size_hint()
    }
}

impl<K, V> ExactSizeIterator for JoinMapKeys<'_, K, V> {}

impl<K, V> FusedIterator for JoinMapKeys<'_, K, V> {}

impl<K: Clone, V: Clone> Clone for JoinMapKeys<'_, K, V> {
    fn clone(&self) -> Self {
        Self::new(self.entries.clone())
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for JoinMapKeys<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.entries.clone().map(|entry| &entry.key)).finish()
    }
}
