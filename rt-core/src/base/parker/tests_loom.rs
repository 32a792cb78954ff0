use super::*;
use crate::shim::cell::UnsafeCell;
use crate::shim::sync::Arc;

#[test]
fn an_unpark_is_never_lost_and_publishes() {
    loom::model(|| {
        let shared = Arc::new((Parker::new(), UnsafeCell::new(0)));
        let other = {
            let shared = shared.clone();
            loom::thread::spawn(move || {
                // SAFETY: the parked thread reads only after the unpark below.
                shared.1.with_mut(|value| unsafe { *value = 7 });
                shared.0.unpark();
            })
        };
        shared.0.park();
        // SAFETY: written before the unpark that ended the park.
        assert_eq!(shared.1.with(|value| unsafe { *value }), 7);
        other.join().unwrap();
    });
}

#[test]
fn two_unparks_make_one_notification_at_least() {
    loom::model(|| {
        let parker = Arc::new(Parker::new());
        let others: Vec<_> = (0..2)
            .map(|_| {
                let parker = parker.clone();
                loom::thread::spawn(move || parker.unpark())
            })
            .collect();
        parker.park();
        for other in others {
            other.join().unwrap();
        }
    });
}
