use super::super::queue::tests_loom::Tracked;
use super::*;
use crate::sched::queue::RunQueue;
use crate::shim::sync::Arc;

/// The owner replaces and takes while the watch takes: each task comes out once.
#[test]
fn owner_and_watch() {
    loom::model(|| {
        let slot = Arc::new(LifoSlot::new());
        assert!(slot.put(Tracked::new(0)).is_none());
        let watch = {
            let slot = slot.clone();
            loom::thread::spawn(move || slot.take().map(|task| task.value()))
        };
        let mut got: Vec<u32> = slot.put(Tracked::new(1)).into_iter().map(|task| task.value()).collect();
        got.extend(slot.take().map(|task| task.value()));
        got.extend(watch.join().unwrap());
        got.sort_unstable();
        assert_eq!(got, [0, 1]);
    });
}

/// What the slot gives back goes to the ring, from which a thief steals while the watch empties the slot.
#[test]
fn slot_ring_thief_and_watch() {
    loom::model(|| {
        let shared = Arc::new((LifoSlot::new(), RunQueue::new()));
        assert!(shared.0.put(Tracked::new(0)).is_none());
        let thief = {
            let shared = shared.clone();
            loom::thread::spawn(move || {
                let mine = RunQueue::new();
                // SAFETY: `mine` is this thread's.
                let stolen: Option<Tracked> = unsafe { shared.1.steal(&mine) };
                let mut got: Vec<u32> = stolen.into_iter().map(|task| task.value()).collect();
                got.extend(shared.0.take().map(|task| task.value()));
                got
            })
        };
        let mut got = Vec::new();
        for i in 1..3 {
            if let Some(before) = shared.0.put(Tracked::new(i)) {
                // SAFETY: the model's main thread owns the ring.
                assert!(unsafe { shared.1.push(before) }.is_ok());
            }
        }
        got.extend(shared.0.take().map(|task| task.value()));
        // SAFETY: the model's main thread owns the ring.
        got.extend(std::iter::from_fn(|| unsafe { shared.1.pop() }).map(|task| task.value()));
        got.extend(thief.join().unwrap());
        got.extend(shared.0.take().map(|task| task.value()));
        got.sort_unstable();
        assert_eq!(got, [0, 1, 2]);
    });
}
