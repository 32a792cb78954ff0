//! The part of a set that never leaves its thread: the queue, and the loop that polls.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::panic::Location;
use std::ptr;
use std::rc::Rc;
use std::task::Waker;

use super::shared::Shared;
use crate::base::contain;
use crate::cell::{self, Id, JoinHandle, Notified, Ran, TaskList};
use crate::coop::region::{self, Region};
use crate::shim;
use crate::shim::sync::Arc;

/// Polls in one turn of a set, after which whoever polls it does something else.
const TURN: u32 = 61;

/// Polls between two looks into the inbox by a set that has tasks of its own.
const INBOX_INTERVAL: u32 = 31;

/// See the module's documentation.
pub(super) struct Tasks {
    shared: Arc<Shared>,
    queue: RefCell<TaskList>,
    /// Tasks spawned and not complete.
    alive: Cell<usize>,
    polls: Cell<u32>,
    /// Whether it is this set's turn: it sees by itself what is queued.
    in_turn: Cell<bool>,
    /// Whether the set has been dropped, or has failed. What is spawned now is cancelled at once.
    closed: Cell<bool>,
    /// Whether the panic of a task ends the set.
    fails_with_task: Cell<bool>,
    /// Whether one has.
    failed: Cell<bool>,
    pollers: RefCell<Pollers>,
}

shim::thread_slot! {
    // The set that the thread has entered last. Counted, so that sets may be entered and left in any order.
    static CURRENT: RefCell<Option<Rc<Tasks>>> = RefCell::new(None)
}

/// The set that the calling thread has entered.
pub(super) fn current() -> Option<Rc<Tasks>> {
    CURRENT.try_with(|current| current.borrow().clone()).ok().flatten()
}

/// Queues a task at the set whose turn it is; gives it back when that isn't the task's.
pub(super) fn queue_here(shared: &Shared, task: Notified) -> Option<Notified> {
    let mut task = Some(task);
    // A thread that is ending has entered nothing.
    let _ = CURRENT.try_with(|current| {
        if let Some(tasks) = &*current.borrow() {
            if ptr::eq(&*tasks.shared, shared) && tasks.in_turn.get() {
                tasks.queue.borrow_mut().push_back(task.take().expect("it was just put there"));
            }
        }
    });
    task
}

/// A set entered, until this is dropped.
pub(super) struct Entered {
    before: Option<Rc<Tasks>>,
}

impl Entered {
    /// Makes a set the one that the thread has entered.
    pub(super) fn new(tasks: &Rc<Tasks>) -> Self {
        let before = CURRENT.try_with(|current| current.replace(Some(tasks.clone()))).ok().flatten();
        Self { before }
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        let before = self.before.take();
        let left = CURRENT.try_with(|current| current.replace(before));
        // Its drop may be the end of what it counts: not while the slot is borrowed.
        drop(left);
    }
}

/// A set's turn, until this is dropped.
struct Turn<'a> {
    tasks: &'a Tasks,
    before: bool,
    _entered: Entered,
    /// No code in a set's turn may hand the worker over: the set's other tasks can't go with it.
    _region: Option<region::Enter>,
}

impl<'a> Turn<'a> {
    fn new(tasks: &'a Rc<Tasks>) -> Self {
        let can_hand_over = region::current() == Region::Driving { can_hand_over: true };
        Self {
            before: tasks.in_turn.replace(true),
            _entered: Entered::new(tasks),
            _region: can_hand_over.then(|| region::Enter::new(Region::Driving { can_hand_over: false })),
            tasks,
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.tasks.in_turn.set(self.before);
    }
}

/// Somebody who runs the set beside others. The set wakes who polled it last; when that one stops, the others are
/// woken, and poll again.
pub(super) struct Poller<'a> {
    tasks: &'a Rc<Tasks>,
    number: u64,
}

impl<'a> Poller<'a> {
    pub(super) fn new(tasks: &'a Rc<Tasks>) -> Self {
        let mut pollers = tasks.pollers.borrow_mut();
        pollers.made += 1;
        Self { tasks, number: pollers.made }
    }

    /// See [`Tasks::turn`].
    pub(super) fn turn<R>(&self, waker: &Waker, first: impl FnOnce() -> Option<R>) -> Option<R> {
        self.tasks.turn_for(self.number, waker, first)
    }
}

impl Drop for Poller<'_> {
    fn drop(&mut self) {
        let mut pollers = self.tasks.pollers.borrow_mut();
        let own = pollers.remove(self.number);
        let others =
            if pollers.last == self.number { std::mem::take(&mut pollers.ousted) } else { Vec::new() };
        drop(pollers);
        // Wakers are anybody's code: not while anything is borrowed.
        drop(own);
        for (_, waker) in others {
            contain(|| waker.wake());
        }
    }
}

/// Who polls a set.
#[derive(Default)]
struct Pollers {
    made: u64,
    /// Who polled last, and is woken by the set. 0 is the set's owner.
    last: u64,
    /// Those who polled before that, and aren't.
    ousted: Vec<(u64, Waker)>,
}

impl Pollers {
    fn remove(&mut self, number: u64) -> Option<Waker> {
        let index = self.ousted.iter().position(|(other, _)| *other == number)?;
        Some(self.ousted.swap_remove(index).1)
    }
}

impl Tasks {
    pub(super) fn new() -> Rc<Self> {
        Rc::new(Self {
            shared: Shared::new(),
            queue: RefCell::new(TaskList::new()),
            alive: Cell::new(0),
            polls: Cell::new(0),
            in_turn: Cell::new(false),
            closed: Cell::new(false),
            fails_with_task: Cell::new(false),
            failed: Cell::new(false),
            pollers: RefCell::default(),
        })
    }

    /// Spawns a task, to be polled by this thread.
    pub(super) fn spawn<F>(&self, future: F, location: &'static Location<'static>) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        // SAFETY: `close` completes all tasks before it returns, and nobody drops the count of `shared` before.
        // The future is polled by `turn`, and dropped there or in `close` or here: always on this thread, which
        // `Tasks`, counted by an `Rc`, never leaves. Other threads only pass notifications on.
        let (task, handle) =
            unsafe { cell::new_task(future, Arc::as_ptr(&self.shared), Id::next(), location) };
        if self.closed.get() {
            task.cancel();
            return handle;
        }
        self.alive.set(self.alive.get() + 1);
        self.queue.borrow_mut().push_back(task);
        if !self.in_turn.get() {
            self.shared.poller.wake();
        }
        handle
    }

    /// Says whether the panic of a task ends the set.
    pub(super) fn set_fails_with_task(&self, fails: bool) {
        self.fails_with_task.set(fails);
    }

    /// Whether all tasks have ended.
    pub(super) fn is_empty(&self) -> bool {
        self.alive.get() == 0
    }

    /// Calls `first`, and runs tasks unless that is ready: until none is left to run, or the turn is over and
    /// `waker` was woken for the next.
    ///
    /// # Panics
    ///
    /// When the panic of a task has ended the set.
    pub(super) fn turn<R>(self: &Rc<Self>, waker: &Waker, first: impl FnOnce() -> Option<R>) -> Option<R> {
        self.turn_for(0, waker, first)
    }

    fn turn_for<R>(
        self: &Rc<Self>,
        poller: u64,
        waker: &Waker,
        first: impl FnOnce() -> Option<R>,
    ) -> Option<R> {
        // Before the first look into the inbox: who comes after it wakes this waker.
        drop(self.oust(poller, self.shared.poller.replace(waker)));
        let _turn = Turn::new(self);
        self.assert_sound();
        if let Some(result) = first() {
            return Some(result);
        }
        for _ in 0..TURN {
            let task = self.next()?;
            if let Ran::Completed { panicked } = task.run() {
                self.alive.set(self.alive.get() - 1);
                if panicked && self.fails_with_task.get() {
                    self.failed.set(true);
                    self.assert_sound();
                }
            }
        }
        waker.wake_by_ref();
        None
    }

    /// Fails if a task has, and that ends the set.
    fn assert_sound(self: &Rc<Self>) {
        if self.failed.get() {
            self.stop();
            panic!("a spawned task panicked and the LocalSet is configured to shutdown on unhandled panic");
        }
    }

    /// Notes who polls now, and keeps the waker of who did before, if that's another one. Returns wakers to drop.
    fn oust(&self, poller: u64, before: Option<Waker>) -> [Option<Waker>; 2] {
        let mut pollers = self.pollers.borrow_mut();
        let last = std::mem::replace(&mut pollers.last, poller);
        if last == poller {
            return [before, None];
        }
        let own = pollers.remove(poller);
        // Without a waker it was woken, and will poll again.
        let replaced = before.and_then(|waker| {
            let replaced = pollers.remove(last);
            pollers.ousted.push((last, waker));
            replaced
        });
        [own, replaced]
    }

    fn next(&self) -> Option<Notified> {
        let mut queue = self.queue.borrow_mut();
        let polls = self.polls.get().wrapping_add(1);
        self.polls.set(polls);
        if polls % INBOX_INTERVAL == 0 || queue.is_empty() {
            self.shared.inbox.take_all(&mut queue);
        }
        queue.pop_front()
    }

    /// Ends all tasks: on this thread, and before it returns. None is being polled.
    pub(super) fn close(self: &Rc<Self>) {
        self.stop();
        while self.shared.registry.len() > 0 {
            // Another thread has noted its wake in a task, and is about to put it into the inbox. The future must
            // be dropped here, and the inbox live until then. It takes that thread a few instructions.
            shim::thread::yield_now();
            self.stop();
        }
        self.alive.set(0);
    }

    /// Ends the tasks that wait or are queued, and refuses others.
    fn stop(self: &Rc<Self>) {
        self.closed.set(true);
        // Whatever a destructor wakes or spawns is found in the queue, or cancelled.
        let _turn = Turn::new(self);
        self.shared.registry.close_and_shutdown_all();
        self.shared.inbox.take_all(&mut self.queue.borrow_mut());
        while let Some(task) = self.pop() {
            task.cancel();
        }
    }

    fn pop(&self) -> Option<Notified> {
        self.queue.borrow_mut().pop_front()
    }
}
