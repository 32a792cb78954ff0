use std::sync::Arc as StdArc;
use std::task::Wake;

use super::*;
use crate::base::Parker;
use crate::shim::sync::Arc;

/// A tick in nanoseconds.
const TICK: u64 = 1 << 14;

struct Unpark(Parker);

impl Wake for Unpark {
    fn wake(self: StdArc<Self>) {
        self.0.unpark();
    }
}

fn waker() -> (StdArc<Unpark>, Waker) {
    let unpark = StdArc::new(Unpark(Parker::new()));
    let waker = Waker::from(unpark.clone());
    (unpark, waker)
}

// tokio #8252: a timer could be cancelled between its being queued and its being noted.
#[test]
fn a_cancelled_timer_may_be_freed_while_it_fires() {
    loom::model(|| {
        let timers = Arc::new(Timers::new());
        let mut entry = Box::new(Entry::new(3 * TICK));
        let (_unpark, waker) = waker();
        // SAFETY: the entry is ours, and freed after `cancel` or after it was seen to have fired.
        unsafe { assert_eq!(timers.arm(&entry, &waker), Armed::Queued { unpark: false }) };
        let other = {
            let timers = timers.clone();
            loom::thread::spawn(move || timers.fire(5 * TICK, false))
        };
        if entry.look() == Look::Queued {
            // SAFETY: as above.
            unsafe { timers.cancel(&entry) };
        }
        entry.touch();
        drop(entry);
        other.join().unwrap();
        assert_eq!(timers.next(), NEVER);
    });
}

#[test]
fn a_new_waker_or_the_old_one_is_woken() {
    loom::model(|| {
        let timers = Arc::new(Timers::new());
        let mut entry = Box::new(Entry::new(2 * TICK));
        // SAFETY: the entry is ours, and freed after it was seen to have fired.
        unsafe { assert_ne!(timers.arm(&entry, Waker::noop()), Armed::Due) };
        let other = {
            let timers = timers.clone();
            loom::thread::spawn(move || timers.fire(2 * TICK, false))
        };
        let (unpark, waker) = waker();
        loop {
            // SAFETY: as above.
            match unsafe { Timers::peek(&entry, &waker) } {
                Peek::Fired => break,
                Peek::Pending => unpark.0.park(),
                // SAFETY: as above.
                Peek::OtherWaker => {
                    let _ = unsafe { timers.rewake(&entry, &waker) };
                }
                peek => panic!("{peek:?}"),
            }
        }
        entry.touch();
        drop(entry);
        other.join().unwrap();
    });
}

#[test]
fn a_timer_that_is_put_off_is_never_early() {
    loom::model(|| {
        let timers = Arc::new(Timers::new());
        let entry = Box::new(Entry::new(2 * TICK));
        let (unpark, waker) = waker();
        // SAFETY: the entry is ours, and freed after it was cancelled.
        unsafe { assert_ne!(timers.arm(&entry, &waker), Armed::Due) };
        let other = {
            let timers = timers.clone();
            loom::thread::spawn(move || timers.fire(2 * TICK, false))
        };
        entry.set_deadline(9 * TICK);
        // SAFETY: as above.
        unsafe {
            match Timers::peek(&entry, &waker) {
                Peek::Pending => {}
                Peek::Idle => assert_ne!(timers.arm(&entry, &waker), Armed::Due),
                early => panic!("{early:?}"),
            }
        }
        other.join().unwrap();
        // It is due at nine, having been fired at two or not.
        timers.fire(8 * TICK, false);
        // SAFETY: as above.
        let mut seen = unsafe { Timers::peek(&entry, &waker) };
        if seen == Peek::Idle {
            // SAFETY: as above.
            unsafe { assert_ne!(timers.arm(&entry, &waker), Armed::Due) };
            seen = Peek::Pending;
        }
        assert_eq!(seen, Peek::Pending);
        timers.fire(9 * TICK, false);
        // SAFETY: as above.
        unsafe { assert_eq!(Timers::peek(&entry, &waker), Peek::Fired) };
        drop(entry);
        drop(unpark);
    });
}

#[test]
fn hastening_meets_firing() {
    loom::model(|| {
        let timers = Arc::new(Timers::new());
        let entry = Box::new(Entry::new(20 * TICK));
        let (unpark, waker) = waker();
        // SAFETY: the entry is ours, and freed after it was seen to have fired.
        unsafe { assert_ne!(timers.arm(&entry, &waker), Armed::Due) };
        let other = {
            let timers = timers.clone();
            loom::thread::spawn(move || timers.fire(6 * TICK, false))
        };
        // SAFETY: as above.
        let armed = unsafe { timers.hasten(&entry, 5 * TICK) };
        assert!(armed.is_some());
        other.join().unwrap();
        timers.fire(7 * TICK, false);
        unpark.0.park();
        // SAFETY: as above.
        unsafe { assert_eq!(Timers::peek(&entry, &waker), Peek::Fired) };
    });
}

#[test]
fn an_insert_is_seen_or_sees_the_sleeper() {
    loom::model(|| {
        let timers = Arc::new(Timers::new());
        let other = {
            let timers = timers.clone();
            loom::thread::spawn(move || {
                let entry = Box::new(Entry::new(2 * TICK));
                // SAFETY: the entry stays until `cancel` has returned.
                let armed = unsafe { timers.arm(&entry, Waker::noop()) };
                (entry, armed)
            })
        };
        let reckoned = timers.fall_asleep();
        let (entry, armed) = other.join().unwrap();
        assert!(reckoned == 2 * TICK || armed == Armed::Queued { unpark: true });
        // SAFETY: as above.
        unsafe { timers.cancel(&entry) };
    });
}

#[test]
fn two_threads_may_fire_at_once() {
    loom::model(|| {
        let timers = Arc::new(Timers::new());
        let entries: Vec<_> = (1..4).map(|tick| Box::new(Entry::new(tick * TICK))).collect();
        for entry in &entries {
            // SAFETY: the entries stay until they have been seen to have fired.
            unsafe { assert_ne!(timers.arm(entry, Waker::noop()), Armed::Due) };
        }
        let other = {
            let timers = timers.clone();
            loom::thread::spawn(move || timers.fire(5 * TICK, false))
        };
        timers.fire(4 * TICK, false);
        other.join().unwrap();
        for entry in &entries {
            assert!(matches!(entry.look(), Look::Fired(_)));
        }
    });
}

#[test]
fn shutdown_meets_an_insert() {
    loom::model(|| {
        let timers = Arc::new(Timers::new());
        let other = {
            let timers = timers.clone();
            loom::thread::spawn(move || timers.shutdown(false))
        };
        let mut entry = Box::new(Entry::new(2 * TICK));
        let (unpark, waker) = waker();
        // SAFETY: the entry stays until it has been seen to have ended.
        let armed = unsafe { timers.arm(&entry, &waker) };
        if armed != Armed::Ended {
            unpark.0.park();
            assert_eq!(entry.look(), Look::Ended);
        }
        entry.touch();
        other.join().unwrap();
    });
}
