use super::Slot;
use crate::shim::atomic::{AtomicBool, AtomicUsize, Ordering};
use crate::shim::sync::Arc;

/// A child as the kernel has it.
struct Child {
    slot: Slot,
    exited: AtomicBool,
    reaped: AtomicUsize,
}

impl Child {
    fn new() -> Arc<Self> {
        let (slot, exited, reaped) = (Slot::new(), AtomicBool::new(false), AtomicUsize::new(0));
        Arc::new(Self { slot, exited, reaped })
    }

    fn look(&self) {
        self.slot.look(|pid| {
            assert_eq!(pid, 7);
            // Relaxed: the slot has to order it.
            let exited = self.exited.load(Ordering::Relaxed);
            if exited {
                assert_eq!(self.reaped.fetch_add(1, Ordering::Relaxed), 0, "reaped twice");
            }
            exited
        });
    }

    /// It exits, and some thread handles the signal.
    fn exit(&self) {
        self.exited.store(true, Ordering::Relaxed);
        self.look();
    }

    fn check(&self) {
        assert_eq!(self.reaped.load(Ordering::Relaxed), 1, "a zombie is left");
        assert!(self.slot.adopt(8), "the slot isn't free");
    }
}

#[test]
fn an_exit_while_the_child_is_adopted_is_not_missed() {
    loom::model(|| {
        let child = Child::new();
        let kernel = child.clone();
        let kernel = loom::thread::spawn(move || kernel.exit());
        assert!(child.slot.adopt(7));
        child.look();
        kernel.join().unwrap();
        child.check();
    });
}

#[test]
fn many_who_look_reap_a_child_once() {
    loom::model(|| {
        let child = Child::new();
        assert!(child.slot.adopt(7));
        let others: Vec<_> = [Child::exit, Child::look]
            .into_iter()
            .map(|act| {
                let child = child.clone();
                loom::thread::spawn(move || act(&child))
            })
            .collect();
        child.look();
        for other in others {
            other.join().unwrap();
        }
        child.check();
    });
}
