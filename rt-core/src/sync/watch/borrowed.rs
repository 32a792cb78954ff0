//! A look at the value.

use std::fmt;
use std::ops::Deref;

use crate::shim::sync::RwLockReadGuard;

/// The value, borrowed.
///
/// While it exists the value can't change, and senders block their thread: keep it short, and don't hold it
/// across an `.await`. Returned by [`Receiver::borrow`](super::Receiver::borrow) and its relatives.
///
/// # Examples
///
/// ```
/// let (_sender, receiver) = rt_core::sync::watch::channel(String::from("on"));
/// assert_eq!(receiver.borrow().len(), 2);
/// ```
pub struct Ref<'a, T> {
    value: RwLockReadGuard<'a, T>,
    has_changed: bool,
}

impl<'a, T> Ref<'a, T> {
    pub(super) const fn new(value: RwLockReadGuard<'a, T>, has_changed: bool) -> Self {
        Self { value, has_changed }
    }

    /// Whether the receiver it was borrowed from hadn't seen this value before.
    ///
    /// Always false for what is borrowed from a sender.
    ///
    /// # Examples
    ///
    /// ```
    /// let (sender, mut receiver) = rt_core::sync::watch::channel(1);
    /// sender.send(2).unwrap();
    /// assert!(receiver.borrow().has_changed());
    /// assert!(receiver.borrow_and_update().has_changed());
    /// assert!(!receiver.borrow().has_changed());
    /// ```
    pub fn has_changed(&self) -> bool {
        self.has_changed
    }
}

impl<T> Deref for Ref<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Ref<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ref").field("value", &**self).field("has_changed", &self.has_changed).finish()
    }
}
