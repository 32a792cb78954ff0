use super::*;
use crate::shim::sync::Arc;

#[test]
fn an_event_after_the_operation_outlives_the_clear() {
    loom::model(|| {
        let word = Arc::new(Readiness::new());
        // What the "kernel" holds; the operation takes it, and would block without it.
        let data = Arc::new(crate::shim::atomic::AtomicBool::new(false));
        let other = {
            let (word, data) = (word.clone(), data.clone());
            loom::thread::spawn(move || {
                data.store(true, Ordering::SeqCst);
                word.set(Ready::READABLE);
            })
        };
        let seen = word.load();
        let would_block = !data.swap(false, Ordering::SeqCst);
        if would_block {
            word.clear(seen, Ready::READABLE);
        }
        other.join().unwrap();
        assert!(!would_block || word.load().ready().is_readable());
    });
}

#[test]
fn two_events_at_once_both_count() {
    loom::model(|| {
        let word = Arc::new(Readiness::new());
        let seen = word.load();
        word.clear(seen, Ready::ALL);
        let other = {
            let word = word.clone();
            loom::thread::spawn(move || word.set(Ready::WRITABLE))
        };
        word.set(Ready::READABLE);
        other.join().unwrap();
        let event = word.load();
        assert_eq!(event.ready(), Ready::READABLE | Ready::WRITABLE);
        word.clear(seen, Ready::ALL);
        assert_eq!(word.load(), event);
    });
}
