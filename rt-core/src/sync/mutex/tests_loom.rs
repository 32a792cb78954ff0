use super::*;
use loom::future::block_on;
use loom::thread;

#[test]
fn one_at_a_time() {
    loom::model(|| {
        let lock = Arc::new(Mutex::new(0));
        let others: Vec<_> = (0..2)
            .map(|_| {
                let lock = lock.clone();
                thread::spawn(move || *block_on(lock.lock()) += 1)
            })
            .collect();
        for other in others {
            other.join().unwrap();
        }
        assert_eq!(*lock.try_lock().unwrap(), 2);
    });
}

#[test]
fn an_owned_guard_moves_to_another_thread() {
    loom::model(|| {
        let lock = Arc::new(Mutex::new(0));
        let guard = lock.clone().try_lock_owned().unwrap();
        let other = thread::spawn(move || {
            let mut guard = guard;
            *guard += 1;
        });
        assert_eq!(*block_on(lock.lock()), 1);
        other.join().unwrap();
    });
}
