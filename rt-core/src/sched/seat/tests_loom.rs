use super::*;
use crate::shim::atomic::AtomicBool;

/// Two threads need the seat one after the other, as `block_on` does: neither waits for ever.
#[test]
fn a_waiting_thread_gets_the_seat() {
    loom::model(|| {
        let seat = Arc::new(Seat::new(Some(Box::new(0_u32))));
        let sit = |seat: &Seat<u32>| {
            let parker = Arc::new(Parker::new());
            let mut core = seat.take();
            if core.is_none() {
                seat.enlist(&parker);
                loop {
                    core = seat.take();
                    if core.is_some() {
                        break;
                    }
                    parker.park();
                }
                seat.delist(&parker);
                seat.pass_on();
            }
            let mut core = core.unwrap();
            *core += 1;
            seat.release(core);
        };
        let other = {
            let seat = seat.clone();
            loom::thread::spawn(move || sit(&seat))
        };
        sit(&seat);
        other.join().unwrap();
        assert_eq!(*seat.take().unwrap(), 2);
    });
}

/// A thread that is told of the free seat, and doesn't need it any more, tells the next.
#[test]
fn who_leaves_without_sitting_passes_the_word_on() {
    loom::model(|| {
        let seat = Arc::new(Seat::new(Some(Box::new(0_u32))));
        let core = seat.take().unwrap();
        let leaver = Arc::new(Parker::new());
        seat.enlist(&leaver);
        let waiter = {
            let seat = seat.clone();
            loom::thread::spawn(move || {
                let parker = Arc::new(Parker::new());
                seat.enlist(&parker);
                let core = loop {
                    if let Some(core) = seat.take() {
                        break core;
                    }
                    parker.park();
                };
                seat.delist(&parker);
                seat.release(core);
            })
        };
        seat.release(core);
        seat.delist(&leaver);
        seat.pass_on();
        waiter.join().unwrap();
    });
}

/// A thread polls before it sits down, and its waker is the one of whoever sits: it has the wake-up, or learns that
/// another, who left, may have had it.
#[test]
fn who_polled_before_sitting_hears_of_a_wake() {
    loom::model(|| {
        let seat = Arc::new(Seat::new(Some(Box::new(()))));
        let woken = Arc::new(AtomicBool::new(false));
        let other = {
            let (seat, woken) = (seat.clone(), woken.clone());
            loom::thread::spawn(move || {
                if let Some(core) = seat.take() {
                    woken.swap(false, Ordering::Acquire);
                    seat.release(core);
                }
            })
        };

        let departures = seat.departures();
        // The poll, within which the waker is called by another thread.
        let waking = {
            let woken = woken.clone();
            loom::thread::spawn(move || woken.store(true, Ordering::Release))
        };
        let seated = seat.take();
        if seated.is_some() {
            let departed = seat.departures() != departures;
            waking.join().unwrap();
            assert!(departed || woken.swap(false, Ordering::Acquire), "the wake-up is lost");
        }
        other.join().unwrap();
    });
}
