use super::*;
use crate::base::Parker;
use crate::shim::sync::Arc;

/// What the protocol is about and no more: a count of work, workers that take it, a pusher.
struct World {
    idle: Idle,
    parkers: Vec<Parker>,
    work: AtomicUsize,
    taken: AtomicUsize,
    total: usize,
}

impl World {
    fn new(workers: usize, total: usize) -> Arc<Self> {
        Arc::new(Self {
            idle: Idle::new(workers),
            parkers: (0..workers).map(|_| Parker::new()).collect(),
            work: AtomicUsize::new(0),
            taken: AtomicUsize::new(0),
            total,
        })
    }

    fn push(&self) {
        self.work.fetch_add(1, Ordering::Relaxed);
        self.notify();
    }

    fn notify(&self) {
        if self.idle.needs_wake() {
            if let Some(worker) = self.idle.pick() {
                self.parkers[worker].unpark();
            }
        }
    }

    /// Wakes all that sleep, for no work that it knows of.
    fn wake_all(&self) {
        for worker in self.idle.pick_all() {
            self.parkers[worker].unpark();
        }
    }

    /// Nobody is on the move: the counts are those of the list, in which no worker stands twice.
    fn assert_sound(&self) {
        let mut sleepers = self.idle.sleepers.lock().clone();
        let counts = self.idle.counts();
        assert_eq!((counts.sleeping, counts.searching), (sleepers.len(), 0));
        sleepers.sort_unstable();
        sleepers.dedup();
        assert_eq!(counts.sleeping, sleepers.len());
    }

    fn take(&self) -> bool {
        let mut work = self.work.load(Ordering::Relaxed);
        while work > 0 {
            match self.work.compare_exchange(work, work - 1, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return true,
                Err(now) => work = now,
            }
        }
        false
    }

    /// A worker: takes work until all is taken, and sleeps by the protocol when there is none.
    fn work(&self, me: usize) {
        let mut searching = false;
        loop {
            if !searching {
                searching = self.idle.start_searching();
            }
            if self.take() {
                if std::mem::take(&mut searching) && self.idle.stop_searching() {
                    self.notify();
                }
                if self.taken.fetch_add(1, Ordering::AcqRel) + 1 == self.total {
                    for parker in &self.parkers {
                        parker.unpark();
                    }
                }
                continue;
            }
            if self.taken.load(Ordering::Acquire) == self.total {
                if searching {
                    let _ = self.idle.stop_searching();
                }
                return;
            }
            self.idle.sleep(me, std::mem::take(&mut searching));
            let work = self.work.load(Ordering::Relaxed) > 0;
            if !work {
                self.parkers[me].park();
            }
            let picked = self.idle.rise(me) == Rise::Picked;
            searching = picked || (work && self.idle.search_anyway());
        }
    }
}

#[test]
fn a_push_from_outside_is_never_slept_through() {
    loom::model(|| {
        let world = World::new(1, 2);
        let worker = {
            let world = world.clone();
            loom::thread::spawn(move || world.work(0))
        };
        world.push();
        world.push();
        worker.join().unwrap();
    });
}

#[test]
fn two_workers_and_a_push() {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(|| {
        let world = World::new(2, 1);
        let workers: Vec<_> = (0..2)
            .map(|me| {
                let world = world.clone();
                loom::thread::spawn(move || world.work(me))
            })
            .collect();
        world.push();
        for worker in workers {
            worker.join().unwrap();
        }
        world.assert_sound();
    });
}

/// What a dump does: each that sleeps rises once as one that was picked, and the books are right afterwards.
fn all_are_woken_beside_a_push(workers: usize) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(move || {
        let world = World::new(workers, 1);
        let threads: Vec<_> = (0..workers)
            .map(|me| {
                let world = world.clone();
                loom::thread::spawn(move || world.work(me))
            })
            .collect();
        world.wake_all();
        world.push();
        for thread in threads {
            thread.join().unwrap();
        }
        world.assert_sound();
    });
}

#[test]
fn one_worker_is_woken_for_nothing_beside_a_push() {
    all_are_woken_beside_a_push(1);
}

#[test]
fn two_workers_are_woken_for_nothing_beside_a_push() {
    all_are_woken_beside_a_push(2);
}

/// A waker of all on one thread, a pusher on another.
#[test]
fn a_push_while_all_are_being_woken_is_never_slept_through() {
    loom::model(|| {
        let world = World::new(1, 1);
        let threads = [World::wake_all, World::push].map(|act| {
            let world = world.clone();
            loom::thread::spawn(move || act(&world))
        });
        world.work(0);
        for thread in threads {
            thread.join().unwrap();
        }
        world.assert_sound();
    });
}
