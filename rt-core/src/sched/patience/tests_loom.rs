#![allow(unsafe_code, reason = "the queue in the model asks for an owner")]

use super::*;
use crate::base::Parker;
use crate::sched::idle::{Idle, Rise};
use crate::sched::queue::RunQueue;
use crate::sched::queue::tests_loom::Tracked;
use crate::shim::atomic::{AtomicBool, AtomicU64, Ordering};
use crate::shim::sync::{Arc, Mutex};

const THIEF: usize = 1;

/// An owner with its queue, and a thief that searches and sleeps as a worker does.
struct World {
    idle: Idle,
    owners: RunQueue<Tracked>,
    thiefs: RunQueue<Tracked>,
    polls: AtomicU64,
    thief: Parker,
    /// Where the owner waits in a poll for what the thief took.
    owner: Parker,
    taken: AtomicU64,
    over: AtomicBool,
    /// What the watch took from an owner that is held up.
    inject: Mutex<Vec<Tracked>>,
}

impl World {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            idle: Idle::new(2),
            owners: RunQueue::new(),
            thiefs: RunQueue::new(),
            polls: AtomicU64::new(0),
            thief: Parker::new(),
            owner: Parker::new(),
            taken: AtomicU64::new(0),
            over: AtomicBool::new(false),
            inject: Mutex::new(Vec::new()),
        })
    }

    /// The owner queues a task, and tells of it.
    fn push(&self, value: u32) {
        // SAFETY: the owner's thread calls this.
        assert!(unsafe { self.owners.push(Tracked::new(value)) }.is_ok());
        if self.idle.needs_wake() && self.idle.pick() == Some(THIEF) {
            self.thief.unpark();
        }
    }

    /// The owner polls the next of its tasks.
    fn poll(&self) -> bool {
        // SAFETY: the owner's thread calls this.
        let task = unsafe { self.owners.pop() };
        self.polls.fetch_add(1, Ordering::Relaxed);
        task.is_some()
    }

    /// The owner's poll ends only when the thief has taken something.
    fn hold_up(&self) {
        while self.taken.load(Ordering::Acquire) == 0 {
            self.owner.park();
        }
    }

    /// The watch has seen that the owner is held up.
    fn relieve(&self) {
        let mut tasks = Vec::new();
        while self.owners.take_half(|task| tasks.push(task)) > 0 {}
        if !tasks.is_empty() {
            self.inject.lock().append(&mut tasks);
            if self.idle.pick_anyway() == Some(THIEF) {
                self.thief.unpark();
            }
        }
    }

    /// Nothing more comes.
    fn end(&self) {
        self.over.store(true, Ordering::Release);
        self.thief.unpark();
    }

    fn steal(&self) -> bool {
        // SAFETY: the thief's thread calls this, which owns the queue it is put into.
        unsafe { self.owners.steal(&self.thiefs) }.is_some()
    }

    fn search(&self, patience: &mut Patience) -> bool {
        if self.owners.len() > 1 && self.steal() || self.inject.lock().pop().is_some() {
            return true;
        }
        (0..LOOKS).any(|_| {
            let lone = (0..1).filter(|_| self.owners.len() == 1);
            patience.wait(lone, |_| self.polls.load(Ordering::Relaxed)).any(|_| self.steal())
        })
    }

    fn has_work(&self) -> bool {
        !self.inject.lock().is_empty() || self.owners.len() > 1
    }

    /// The thief's loop: until it has taken something, or nothing more comes.
    fn thieve(&self) {
        let mut patience = Patience::default();
        let mut searching = false;
        loop {
            searching = searching || self.idle.start_searching();
            let found = searching && self.search(&mut patience);
            if found || self.over.load(Ordering::Acquire) {
                if std::mem::take(&mut searching) {
                    let _ = self.idle.stop_searching();
                }
                if found {
                    self.taken.fetch_add(1, Ordering::Release);
                    self.owner.unpark();
                }
                return;
            }
            self.idle.sleep(THIEF, std::mem::take(&mut searching));
            let work = self.has_work();
            if !work {
                self.thief.park();
            }
            let picked = self.idle.rise(THIEF) == Rise::Picked;
            searching = picked || (work && self.idle.search_anyway());
        }
    }
}

/// What the owner does beside a thief, and how many tasks there are at the end for each.
fn beside_a_thief(owner: impl Fn(&Arc<World>) -> u64 + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(move || {
        let world = World::new();
        let thief = {
            let world = world.clone();
            loom::thread::spawn(move || world.thieve())
        };
        let tasks = owner(&world);
        let mut polled = 0;
        while world.poll() {
            polled += 1;
        }
        world.end();
        thief.join().unwrap();
        // What the thief has, the first of which it holds and the others in its queue.
        let stolen = world.taken.load(Ordering::Relaxed) + world.thiefs.len() as u64;
        let moved = world.inject.lock().len() as u64;
        assert_eq!(polled + stolen + moved, tasks);
    });
}

/// It may have passed over the first; then the second wakes it.
#[test]
fn two_tasks_behind_a_long_poll_are_not_left_there() {
    beside_a_thief(|world| {
        world.push(1);
        world.push(2);
        world.hold_up();
        2
    });
}

/// It may have looked while the owner went on, and sleep when the long poll begins. Then it's the watch that tells it.
#[test]
fn a_task_that_was_passed_over_is_not_left_behind_a_long_poll() {
    beside_a_thief(|world| {
        world.push(1);
        world.push(2);
        assert!(world.poll(), "a thief takes one of two");
        let watch = {
            let world = world.clone();
            loom::thread::spawn(move || world.relieve())
        };
        world.hold_up();
        watch.join().unwrap();
        // The other has been polled.
        1
    });
}

#[test]
fn an_owner_that_goes_on_and_a_thief_share_a_task() {
    beside_a_thief(|world| {
        world.push(1);
        1
    });
}
