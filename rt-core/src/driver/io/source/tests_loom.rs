use std::sync::Arc as StdArc;
use std::task::Wake;

use super::*;
use crate::base::Parker;
use crate::shim::sync::Arc;

struct Unpark(Parker);

impl Wake for Unpark {
    fn wake(self: StdArc<Self>) {
        self.0.unpark();
    }
}

fn fresh() -> Arc<Source> {
    let source = Source::new();
    source.clear(source.event(), Ready::ALL);
    source.attach();
    Arc::new(source)
}

fn dispatch(source: &Source, ready: Ready) {
    let mut batch = WakeBatch::new();
    source.dispatch(ready, &mut batch);
    batch.wake_all();
}

#[test]
fn a_reader_is_woken_by_its_event() {
    loom::model(|| {
        let source = fresh();
        let other = {
            let source = source.clone();
            loom::thread::spawn(move || dispatch(&source, Ready::READABLE))
        };
        let unpark = StdArc::new(Unpark(Parker::new()));
        let waker = Waker::from(unpark.clone());
        while source.poll_ready(Direction::Read, &waker).is_pending() {
            unpark.0.park();
        }
        assert!(source.poll_ready(Direction::Write, Waker::noop()).is_pending());
        other.join().unwrap();
    });
}

#[test]
fn a_listed_waiter_is_woken_or_leaves() {
    loom::model(|| {
        let source = fresh();
        let other = {
            let source = source.clone();
            loom::thread::spawn(move || dispatch(&source, Ready::WRITABLE))
        };
        let unpark = StdArc::new(Unpark(Parker::new()));
        let waker = Waker::from(unpark.clone());
        let stays = Waiter::new();
        let leaves = Waiter::new();
        // SAFETY: both waiters stay in place until the last poll returned `Ready`, or `leave` returned.
        unsafe {
            let _ = source.poll_list(&leaves, Ready::WRITABLE, Waker::noop());
            while source.poll_list(&stays, Ready::WRITABLE, &waker).is_pending() {
                unpark.0.park();
            }
            source.leave(&leaves);
        }
        other.join().unwrap();
    });
}

#[test]
fn the_end_reaches_who_waits() {
    loom::model(|| {
        let source = fresh();
        let other = {
            let source = source.clone();
            loom::thread::spawn(move || {
                let mut batch = WakeBatch::new();
                source.end(&mut batch);
                batch.wake_all();
            })
        };
        let unpark = StdArc::new(Unpark(Parker::new()));
        let waker = Waker::from(unpark.clone());
        let event = loop {
            match source.poll_ready(Direction::Write, &waker) {
                Poll::Ready(event) => break event,
                Poll::Pending => unpark.0.park(),
            }
        };
        assert!(event.is_ended());
        other.join().unwrap();
    });
}
