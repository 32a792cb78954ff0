//! Models: what is accepted is written once and in order, whoever does it; whoever waits is woken; an error is told once.

use std::future::poll_fn;
use std::io::{self, IoSlice};

use super::{Accepted, Errand, Target, WriteQueue};
use crate::base::gone;
use crate::shim::block_on;
use crate::shim::sync::{Arc, Mutex};
use crate::shim::thread;

/// A file in memory.
#[derive(Default)]
struct Disk(Mutex<State>);

#[derive(Default)]
struct State {
    bytes: Vec<u8>,
    /// Some of them lie in a buffer of the target's own.
    kept: bool,
    /// The first write fails.
    fails: bool,
}

impl Target for Disk {
    fn write(&self, bytes: &[u8], _: u64) -> io::Result<()> {
        let mut state = self.0.lock();
        if std::mem::take(&mut state.fails) {
            return Err(io::Error::other("full"));
        }
        state.bytes.extend_from_slice(bytes);
        state.kept = true;
        Ok(())
    }

    fn flush(&self) -> io::Result<()> {
        self.0.lock().kept = false;
        Ok(())
    }

    fn kept_back() -> io::Error {
        gone()
    }
}

impl WriteQueue<Disk> {
    fn on_disk(&self) -> Vec<u8> {
        let state = self.target.0.lock();
        assert!(!state.kept, "it is flushed");
        state.bytes.clone()
    }
}

fn queue(fails: bool) -> Arc<WriteQueue<Disk>> {
    Arc::new(WriteQueue::new(Disk(Mutex::new(State { fails, ..Default::default() }))))
}

/// Room for one.
fn room(held: usize) -> usize {
    1 - held
}

/// Writes one byte as a task does, with room for one; a thread runs the errand if there is one.
async fn write(queue: &Arc<WriteQueue<Disk>>, byte: u8) -> io::Result<Option<thread::JoinHandle<()>>> {
    let accepted = poll_fn(|cx| queue.poll_accept(cx, &[IoSlice::new(&[byte])], 0, room)).await?;
    Ok(match accepted {
        Accepted::Expected(1) => None,
        Accepted::SendErrand(1) => {
            let errand = Errand::new(queue);
            Some(thread::spawn(move || errand.run()))
        }
        other => panic!("{other:?}"),
    })
}

async fn flush(queue: &WriteQueue<Disk>) -> io::Result<()> {
    poll_fn(|cx| queue.poll_clean(cx)).await
}

#[test]
fn writes_come_in_order_and_a_flush_waits_for_them() {
    loom::model(|| {
        let queue = queue(false);
        let threads = block_on(async {
            let threads = [write(&queue, 1).await, write(&queue, 2).await, write(&queue, 3).await];
            flush(&queue).await.unwrap();
            threads
        });
        assert_eq!(queue.on_disk(), [1, 2, 3]);
        for thread in threads.into_iter().filter_map(Result::unwrap) {
            thread.join().unwrap();
        }
        assert_eq!(Arc::strong_count(&queue), 1, "a queue that is clean is let go");
    });
}

#[test]
fn whoever_settles_finds_everything_written() {
    loom::model(|| {
        let queue = queue(false);
        let first = block_on(write(&queue, 1)).unwrap();
        let other = {
            let queue = queue.clone();
            thread::spawn(move || {
                queue.settle();
                assert_eq!(queue.target.0.lock().bytes.first(), Some(&1));
            })
        };
        let second = block_on(write(&queue, 2)).unwrap();
        block_on(flush(&queue)).unwrap();
        assert_eq!(queue.on_disk(), [1, 2]);
        other.join().unwrap();
        for thread in [first, second].into_iter().flatten() {
            thread.join().unwrap();
        }
    });
}

#[test]
fn an_error_is_told_once_and_nothing_is_written_behind_it_before_it_is_told() {
    loom::model(|| {
        let queue = queue(true);
        let mut threads = Vec::new();
        let mut told = 0;
        block_on(async {
            for byte in [1, 2] {
                match write(&queue, byte).await {
                    Ok(thread) => threads.extend(thread),
                    Err(_) => told += 1,
                }
            }
            told += usize::from(flush(&queue).await.is_err());
            flush(&queue).await.unwrap();
        });
        assert_eq!(told, 1);
        assert!(queue.on_disk().is_empty());
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

#[test]
fn an_errand_that_is_not_run_leaves_nobody_waiting() {
    loom::model(|| {
        let queue = queue(false);
        let accepted = block_on(poll_fn(|cx| queue.poll_accept(cx, &[IoSlice::new(&[1])], 0, room))).unwrap();
        assert_eq!(accepted, Accepted::SendErrand(1));
        let errand = Errand::new(&queue);
        let other = thread::spawn(move || drop(errand));
        assert!(block_on(flush(&queue)).is_err());
        assert!(queue.on_disk().is_empty());
        other.join().unwrap();
        // The next write sends an errand of its own.
        let thread = block_on(write(&queue, 2)).unwrap().expect("an errand");
        block_on(flush(&queue)).unwrap();
        thread.join().unwrap();
        assert_eq!(queue.on_disk(), [2]);
    });
}
