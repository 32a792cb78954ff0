use super::Latch;
use crate::shim::sync::Arc;
use loom::thread;

#[test]
fn one_at_a_time_and_each_sees_what_was_done_before() {
    loom::model(|| {
        let latch = Arc::new(Latch::new(0));
        let other = {
            let latch = latch.clone();
            thread::spawn(move || *latch.lock() += 1)
        };
        *latch.lock() += 1;
        other.join().unwrap();
        assert_eq!(*latch.lock(), 2);
    });
}

#[test]
fn a_panic_lets_go_of_it() {
    loom::model(|| {
        let latch = Latch::new(0);
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _held = latch.lock();
            std::panic::resume_unwind(Box::new(()));
        }));
        assert!(panicked.is_err());
        assert_eq!(*latch.lock(), 0);
    });
}
