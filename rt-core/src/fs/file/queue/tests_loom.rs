//! Models: what is accepted is written once and in order, whoever does it; whoever waits is woken; an error is told once.

use std::future::poll_fn;
use std::io::{self, IoSlice, Seek, SeekFrom, Write};

use super::{Accepted, Errand, Queue};
use crate::shim::block_on;
use crate::shim::sync::{Arc, Mutex};
use crate::shim::thread;

/// A file in memory, which fails one write, counted from the first.
struct Disk {
    bytes: Mutex<Vec<u8>>,
    left: Mutex<Option<usize>>,
}

impl Disk {
    fn new(fails: Option<usize>) -> Arc<Queue<Self>> {
        Arc::new(Queue::new(Self { bytes: Mutex::new(Vec::new()), left: Mutex::new(fails) }))
    }
}

impl Write for &Disk {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let mut left = self.left.lock();
        let fails = *left == Some(0);
        *left = left.and_then(|left| left.checked_sub(1));
        if fails {
            return Err(io::Error::other("full"));
        }
        self.bytes.lock().extend_from_slice(buf);
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for &Disk {
    fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
        unreachable!("nothing was read")
    }
}

/// Writes one byte as a task does, with room for one; a thread runs the errand if there is one.
async fn write(queue: &Arc<Queue<Disk>>, byte: u8) -> io::Result<Option<thread::JoinHandle<()>>> {
    let accepted = poll_fn(|cx| queue.poll_accept(cx, &[IoSlice::new(&[byte])], 0, 1)).await?;
    Ok(match accepted {
        Accepted::Expected(1) => None,
        Accepted::SendErrand(1) => {
            let errand = Errand::new(queue);
            Some(thread::spawn(move || errand.run()))
        }
        other => panic!("{other:?}"),
    })
}

async fn flush(queue: &Queue<Disk>) -> io::Result<()> {
    poll_fn(|cx| queue.poll_clean(cx)).await
}

#[test]
fn writes_come_in_order_and_a_flush_waits_for_them() {
    loom::model(|| {
        let queue = Disk::new(None);
        let threads = block_on(async {
            let threads = [write(&queue, 1).await, write(&queue, 2).await, write(&queue, 3).await];
            flush(&queue).await.unwrap();
            threads
        });
        assert_eq!(*queue.std.bytes.lock(), [1, 2, 3]);
        for thread in threads.into_iter().filter_map(Result::unwrap) {
            thread.join().unwrap();
        }
        assert_eq!(Arc::strong_count(&queue), 1, "a queue that is clean is let go");
    });
}

#[test]
fn whoever_settles_finds_everything_written() {
    loom::model(|| {
        let queue = Disk::new(None);
        let first = block_on(write(&queue, 1)).unwrap();
        let other = {
            let queue = queue.clone();
            thread::spawn(move || {
                queue.settle();
                assert_eq!(queue.std.bytes.lock().first(), Some(&1));
            })
        };
        let second = block_on(write(&queue, 2)).unwrap();
        block_on(flush(&queue)).unwrap();
        assert_eq!(*queue.std.bytes.lock(), [1, 2]);
        other.join().unwrap();
        for thread in [first, second].into_iter().flatten() {
            thread.join().unwrap();
        }
    });
}

#[test]
fn an_error_is_told_once_and_nothing_is_written_behind_it_before_it_is_told() {
    loom::model(|| {
        let queue = Disk::new(Some(0));
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
        assert!(queue.std.bytes.lock().is_empty());
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

#[test]
fn an_errand_that_is_not_run_leaves_nobody_waiting() {
    loom::model(|| {
        let queue = Disk::new(None);
        let accepted = block_on(poll_fn(|cx| queue.poll_accept(cx, &[IoSlice::new(&[1])], 0, 1))).unwrap();
        assert_eq!(accepted, Accepted::SendErrand(1));
        let errand = Errand::new(&queue);
        let other = thread::spawn(move || drop(errand));
        assert!(block_on(flush(&queue)).is_err());
        assert!(queue.std.bytes.lock().is_empty());
        other.join().unwrap();
        // The next write sends an errand of its own.
        let thread = block_on(write(&queue, 2)).unwrap().expect("an errand");
        block_on(flush(&queue)).unwrap();
        thread.join().unwrap();
        assert_eq!(*queue.std.bytes.lock(), [2]);
    });
}
