#![allow(unsafe_code, reason = "the queue in the model asks for an owner")]

use super::*;
use crate::base::Parker;
use crate::sched::idle::{Idle, Rise};
use crate::sched::queue::RunQueue;
use crate::sched::queue::tests_loom::Tracked;
use crate::shim::atomic::AtomicBool;
use crate::shim::sync::Arc;

const THIEF: usize = 1;

/// An owner with its queue, a thief that searches and sleeps as a worker does, and a watch.
struct World {
    idle: Idle,
    sharing: Sharing,
    owners: RunQueue<Tracked>,
    thiefs: RunQueue<Tracked>,
    thief: Parker,
    /// Where the owner waits in a poll for what the thief took.
    owner: Parker,
    taken: AtomicBool,
}

impl World {
    fn new() -> Arc<Self> {
        let sharing = Sharing::default();
        sharing.set(false);
        Arc::new(Self {
            idle: Idle::new(2),
            sharing,
            owners: RunQueue::new(),
            thiefs: RunQueue::new(),
            thief: Parker::new(),
            owner: Parker::new(),
            taken: AtomicBool::new(false),
        })
    }

    fn notify(&self) {
        if self.idle.needs_wake() && self.idle.pick() == Some(THIEF) {
            self.thief.unpark();
        }
    }

    fn has_work(&self) -> bool {
        self.sharing.is_on() && !self.owners.is_empty()
    }

    /// The owner queues a task, and tells of it if it may.
    fn push(&self) {
        // SAFETY: the owner's thread calls this.
        assert!(unsafe { self.owners.push(Tracked::new(1)) }.is_ok());
        if self.sharing.is_on() {
            self.notify();
        }
    }

    /// The owner's poll ends only when the thief has taken something.
    fn hold_up(&self) {
        while !self.taken.load(Ordering::Acquire) {
            self.owner.park();
        }
    }

    /// The watch has tasks shared again.
    fn share(&self) {
        self.sharing.set(true);
        if self.has_work() {
            self.notify();
        }
    }

    /// The thief's loop, until it has taken something.
    fn thieve(&self) {
        let mut searching = false;
        loop {
            searching = searching || self.idle.start_searching();
            // SAFETY: the thief's thread calls this, which owns the queue it is put into.
            if searching && self.sharing.is_on() && unsafe { self.owners.steal(&self.thiefs) }.is_some() {
                let _ = self.idle.stop_searching();
                self.taken.store(true, Ordering::Release);
                return self.owner.unpark();
            }
            self.idle.sleep(THIEF, mem::take(&mut searching));
            let work = self.has_work();
            if !work {
                self.thief.park();
            }
            let picked = self.idle.rise(THIEF) == Rise::Picked;
            searching = picked || (work && self.idle.search_anyway());
        }
    }
}

/// What the owner and the watch do beside a thief, who has to find the owner's task.
fn beside_a_thief(preemptions: usize, f: impl Fn(&Arc<World>) + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(move || {
        let world = World::new();
        let thief = {
            let world = world.clone();
            loom::thread::spawn(move || world.thieve())
        };
        f(&world);
        world.hold_up();
        thief.join().unwrap();
    });
}

/// The thief may look at the flag before that, and sleep after the watch has looked whether somebody does. The owner may see it
/// too late; then the next look tells of its task.
#[test]
fn who_falls_asleep_while_tasks_are_shared_again_finds_them() {
    beside_a_thief(2, |world| {
        let watch = {
            let world = world.clone();
            loom::thread::spawn(move || world.share())
        };
        world.push();
        watch.join().unwrap();
        world.share();
    });
}

/// As it is mostly: nobody looks for the task but the watch, after it was queued.
#[test]
fn a_task_that_was_kept_is_found_when_it_is_shared() {
    beside_a_thief(3, |world| {
        world.push();
        world.share();
    });
}
