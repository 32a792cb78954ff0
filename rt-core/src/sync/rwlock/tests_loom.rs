use super::*;
use loom::future::block_on;
use loom::thread;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

/// A lock whose value checks that writers are alone.
type Checked = Arc<RwLock<UnsafeCell<usize>>>;

fn checked() -> Checked {
    Arc::new(RwLock::with_max_readers(UnsafeCell::new(0), 2))
}

fn write(guard: &RwLockWriteGuard<'_, UnsafeCell<usize>>) {
    // SAFETY: the guard excludes others.
    guard.with_mut(|value| unsafe { *value += 1 });
}

fn read(guard: &RwLockReadGuard<'_, UnsafeCell<usize>>) -> usize {
    // SAFETY: the guard excludes writers.
    guard.with(|value| unsafe { *value })
}

/// Polls once, and drops the future with what it returned.
fn give_up(future: impl Future) {
    let _ = pin!(future).poll(&mut Context::from_waker(Waker::noop()));
}

#[test]
fn writers_are_alone() {
    loom::model(|| {
        let lock = checked();
        let writers: Vec<_> = (0..2)
            .map(|_| {
                let lock = lock.clone();
                thread::spawn(move || write(&block_on(lock.write())))
            })
            .collect();
        assert!(read(&block_on(lock.read())) <= 2);
        for writer in writers {
            writer.join().unwrap();
        }
        assert_eq!(read(&lock.try_read().unwrap()), 2);
    });
}

#[test]
fn a_downgraded_writer_lets_readers_in_and_no_writer() {
    loom::model(|| {
        let lock = checked();
        let writer = lock.try_write().unwrap();
        let reader = {
            let lock = lock.clone();
            thread::spawn(move || assert!(read(&block_on(lock.read())) >= 1))
        };
        let other = {
            let lock = lock.clone();
            thread::spawn(move || write(&block_on(lock.write())))
        };
        write(&writer);
        let guard = writer.downgrade();
        assert_eq!(read(&guard), 1, "no writer came in between");
        drop(guard);
        reader.join().unwrap();
        other.join().unwrap();
        assert!(lock.try_write().is_ok());
    });
}

#[test]
fn a_cancelled_writer_lets_the_reader_behind_it_in() {
    loom::model(|| {
        let lock = checked();
        let guard = lock.try_read().unwrap();
        let quitter = {
            let lock = lock.clone();
            thread::spawn(move || give_up(lock.write()))
        };
        // Behind the writer or before it, or after it has gone; and one reader has the lock all the time.
        drop(block_on(lock.read()));
        drop(guard);
        quitter.join().unwrap();
        assert!(lock.try_write().is_ok());
    });
}

#[test]
fn a_cancelled_reader_passes_it_on() {
    loom::model(|| {
        let lock = checked();
        let guard = lock.clone().try_write_owned().unwrap();
        let quitter = {
            let lock = lock.clone();
            thread::spawn(move || give_up(lock.read_owned()))
        };
        let releaser = thread::spawn(move || drop(guard));
        write(&block_on(lock.write()));
        quitter.join().unwrap();
        releaser.join().unwrap();
        assert!(lock.try_write().is_ok());
    });
}

/// For each of the four waits: the lock is held, one waits and gives up while it is released, another comes.
fn gives_up<F: Future + 'static>(wait: fn(Checked) -> F) {
    loom::model(move || {
        let lock = checked();
        let guard = lock.clone().try_write_owned().unwrap();
        let mut quitter = Box::pin(wait(lock.clone()));
        assert!(quitter.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        let reader = {
            let lock = lock.clone();
            thread::spawn(move || read(&block_on(lock.read())))
        };
        let releaser = thread::spawn(move || drop(guard));
        drop(quitter);
        assert_eq!(reader.join().unwrap(), 0);
        releaser.join().unwrap();
        assert!(lock.try_write().is_ok());
    });
}

#[test]
fn a_read_is_given_up_while_the_writer_goes() {
    gives_up(|lock| async move { drop(lock.read().await) });
}

#[test]
fn an_owned_read_is_given_up_while_the_writer_goes() {
    gives_up(RwLock::read_owned);
}

#[test]
fn a_write_is_given_up_while_the_writer_goes() {
    gives_up(|lock| async move { drop(lock.write().await) });
}

#[test]
fn an_owned_write_is_given_up_while_the_writer_goes() {
    gives_up(RwLock::write_owned);
}

#[test]
fn a_mapped_guard_excludes_and_releases_as_the_whole() {
    loom::model(|| {
        let lock = checked();
        let guard = OwnedRwLockWriteGuard::map(lock.clone().try_write_owned().unwrap(), |value| value);
        let other = thread::spawn(move || {
            // SAFETY: the guard excludes others.
            guard.with_mut(|value| unsafe { *value += 1 });
        });
        let guard = RwLockWriteGuard::map(block_on(lock.write()), |value| value);
        // SAFETY: as above.
        guard.with_mut(|value| unsafe { *value += 1 });
        drop(guard);
        other.join().unwrap();
        let guard = OwnedRwLockReadGuard::map(lock.clone().try_read_owned().unwrap(), |value| value);
        // SAFETY: the guard excludes writers.
        assert_eq!(guard.with(|value| unsafe { *value }), 2);
        drop(guard);
        assert!(lock.try_write().is_ok());
    });
}

#[test]
fn a_downgraded_part_lets_readers_in_and_a_writer_behind_them_gives_up() {
    loom::model(|| {
        let lock = checked();
        let guard = lock.clone().try_write_owned().unwrap();
        let reader = {
            let lock = lock.clone();
            thread::spawn(move || assert_eq!(read(&block_on(lock.read())), 1))
        };
        let quitter = {
            let lock = lock.clone();
            thread::spawn(move || give_up(lock.write()))
        };
        // SAFETY: the guard excludes others.
        guard.with_mut(|value| unsafe { *value += 1 });
        let part = OwnedRwLockWriteGuard::downgrade_map(guard, |value| value);
        // The reader shares it with the part, with no end of that in sight.
        reader.join().unwrap();
        quitter.join().unwrap();
        drop(part);
        assert!(lock.try_write().is_ok());
    });
}
