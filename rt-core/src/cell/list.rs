//! A queue of notifications, linked through the tasks themselves.

use std::fmt;
use std::ptr::NonNull;

use super::header::Header;
use super::notified::Notified;

/// Notified tasks, first in, first out. Needs no memory of its own, and knows no lock.
///
/// Dropping it cancels the tasks.
pub(crate) struct TaskList {
    front: Option<NonNull<Header>>,
    back: Option<NonNull<Header>>,
    len: usize,
}

// SAFETY: the list owns the notifications in it, which are `Send`.
unsafe impl Send for TaskList {}
// SAFETY: a shared reference gives only the length.
unsafe impl Sync for TaskList {}

impl TaskList {
    pub(crate) const fn new() -> Self {
        Self { front: None, back: None, len: 0 }
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(crate) fn push_back(&mut self, task: Notified) {
        let task = task.into_raw();
        self.link(task, task, 1);
    }

    pub(crate) fn pop_front(&mut self) -> Option<Notified> {
        let front = self.front?;
        // SAFETY: the list holds the notification, hence the task lives and its link is ours.
        self.front = unsafe { front.as_ref().next.with_mut(|next| (*next).take()) };
        if self.front.is_none() {
            self.back = None;
        }
        self.len -= 1;
        // SAFETY: `link` was given what `into_raw` returned, and it has left the list.
        Some(unsafe { Notified::from_raw(front) })
    }

    /// Moves all of `other` behind what is here.
    pub(crate) fn append(&mut self, other: &mut Self) {
        if let (Some(front), Some(back)) = (other.front.take(), other.back.take()) {
            self.link(front, back, std::mem::take(&mut other.len));
        }
    }

    /// Links a chain of `len` notifications, whose last `next` is `None`.
    fn link(&mut self, front: NonNull<Header>, back: NonNull<Header>, len: usize) {
        match self.back {
            // SAFETY: as in `pop_front`.
            Some(last) => unsafe { last.as_ref().next.with_mut(|next| *next = Some(front)) },
            None => self.front = Some(front),
        }
        self.back = Some(back);
        self.len += len;
    }
}

impl Default for TaskList {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for TaskList {
    fn drop(&mut self) {
        while let Some(task) = self.pop_front() {
            task.cancel();
        }
    }
}

impl fmt::Debug for TaskList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskList").field("len", &self.len).finish()
    }
}
