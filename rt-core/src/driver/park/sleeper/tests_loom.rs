use super::*;
use crate::base::Parker;
use crate::shim::cell::UnsafeCell;
use crate::shim::sync::Arc;

/// The event queue is played by a parker: a write wakes the wait in it, also when it came first.
struct Bed {
    sleeper: Sleeper,
    queue: Parker,
    work: UnsafeCell<u32>,
}

impl Bed {
    fn new() -> Arc<Self> {
        Arc::new(Self { sleeper: Sleeper::new(), queue: Parker::new(), work: UnsafeCell::new(0) })
    }

    fn sleep(&self) -> bool {
        match self.sleeper.fall_asleep() {
            FallAsleep::Sleep => {
                self.queue.park();
                self.sleeper.wake_up()
            }
            FallAsleep::StayAwake => true,
        }
    }

    fn unpark(&self) {
        if self.sleeper.notify() {
            self.queue.unpark();
        }
    }
}

#[test]
fn an_unpark_ends_the_sleep_and_publishes() {
    loom::model(|| {
        let bed = Bed::new();
        let other = {
            let bed = bed.clone();
            loom::thread::spawn(move || {
                // SAFETY: the sleeper reads only after the unpark.
                bed.work.with_mut(|work| unsafe { *work = 7 });
                bed.unpark();
            })
        };
        while !bed.sleep() {}
        // SAFETY: written before the unpark that ended the sleep.
        assert_eq!(bed.work.with(|work| unsafe { *work }), 7);
        other.join().unwrap();
    });
}

#[test]
fn of_two_unparks_neither_is_lost() {
    loom::model(|| {
        let bed = Bed::new();
        let flags = Arc::new([(); 2].map(|()| crate::shim::atomic::AtomicBool::new(false)));
        let others: Vec<_> = (0..2)
            .map(|index| {
                let (bed, flags) = (bed.clone(), flags.clone());
                loom::thread::spawn(move || {
                    flags[index].store(true, Ordering::Relaxed);
                    bed.unpark();
                })
            })
            .collect();
        // Each unpark that isn't merged into the first ends another sleep; merged ones show their flag.
        while !flags.iter().all(|flag| flag.load(Ordering::Relaxed)) {
            bed.sleep();
        }
        for other in others {
            other.join().unwrap();
        }
    });
}
