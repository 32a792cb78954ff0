//! Notifications on their way to the one thread that may run them.

use std::ptr::NonNull;

use super::header::Header;
use super::list::TaskList;
use super::notified::Notified;
use crate::base::{Inbox, Link, Linked, Pushed};

// SAFETY: the link is a field of the header, always the same, and belongs to who holds the notification.
unsafe impl Linked for Header {
    unsafe fn link(node: NonNull<Self>) -> NonNull<Link<Self>> {
        // SAFETY: the caller gives a live header.
        unsafe { NonNull::new_unchecked(&raw mut (*node.as_ptr()).next) }
    }
}

/// Tasks notified by any thread, to be taken by one, in order. Needs no memory of its own, and no lock.
///
/// It must be empty when it is dropped.
pub(crate) struct TaskInbox(Inbox<Header>);

impl TaskInbox {
    pub(crate) fn new() -> Self {
        Self(Inbox::new())
    }

    /// Adds a task.
    pub(crate) fn push(&self, task: Notified) -> Pushed {
        // SAFETY: the notification is given up: it keeps the task alive, its link was ours, and it is `Send`.
        unsafe { self.0.push(task.into_raw()) }
    }

    /// Moves all tasks to the back of a list.
    pub(crate) fn take_all(&self, list: &mut TaskList) {
        let mut chain = self.0.take_all();
        while let Some(task) = chain.pop() {
            // SAFETY: `push` gave what `into_raw` returned, and it has left the inbox.
            list.push_back(unsafe { Notified::from_raw(task) });
        }
    }
}
