//! A semaphore that is polled: places in the line, numbers that change, and its end.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures::StreamExt;
use futures::executor::block_on;
use rt_core::sync::{OwnedSemaphorePermit, Semaphore};
use rt_util::sync::PollSemaphore;

#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn semaphore(permits: usize) -> (Arc<Semaphore>, PollSemaphore) {
    let semaphore = Arc::new(Semaphore::new(permits));
    (semaphore.clone(), PollSemaphore::new(semaphore))
}

fn poll(semaphore: &mut PollSemaphore, permits: u32) -> Poll<Option<OwnedSemaphorePermit>> {
    semaphore.poll_acquire_many(&mut Context::from_waker(Waker::noop()), permits)
}

#[test]
fn a_wait_is_woken_once_and_keeps_its_place() {
    let (semaphore, mut first) = semaphore(1);
    let mut second = first.clone();
    let held = semaphore.clone().try_acquire_owned().unwrap();
    let wakes = [Arc::new(Wakes::default()), Arc::new(Wakes::default())];
    let wakers = wakes.clone().map(Waker::from);
    assert!(first.poll_acquire(&mut Context::from_waker(&wakers[0])).is_pending());
    assert!(second.poll_acquire(&mut Context::from_waker(&wakers[1])).is_pending());
    let counts = || wakes.each_ref().map(|wakes| wakes.0.load(Ordering::SeqCst));
    drop(held);
    assert_eq!(counts(), [1, 0]);
    // What the first was given is its own before it asks.
    assert!(poll(&mut second, 1).is_pending());
    let Poll::Ready(Some(permit)) = poll(&mut first, 1) else { panic!("it was the first in the line") };
    assert_eq!((permit.num_permits(), semaphore.available_permits()), (1, 0));
    drop(permit);
    assert!(matches!(poll(&mut second, 1), Poll::Ready(Some(_))));
}

#[test]
fn what_is_no_longer_wanted_goes_to_the_next() {
    let (semaphore, mut first) = semaphore(0);
    let mut second = PollSemaphore::new(first.clone_inner());
    assert!(poll(&mut first, 3).is_pending());
    assert!(poll(&mut second, 2).is_pending());
    // Two of the three that the first waits for.
    semaphore.add_permits(2);
    assert!(poll(&mut second, 2).is_pending());
    // Another number is another wait, behind the second.
    assert!(poll(&mut first, 1).is_pending());
    assert!(matches!(poll(&mut second, 2), Poll::Ready(Some(permit)) if permit.num_permits() == 2));
    // Its permits came back.
    drop(first);
    assert_eq!(semaphore.available_permits(), 2);
}

#[test]
fn the_end_is_for_all_and_for_good() {
    let (semaphore, mut waiting) = semaphore(0);
    assert!(poll(&mut waiting, 1).is_pending());
    waiting.clone().close();
    assert!(semaphore.is_closed() && waiting.as_ref().is_closed());
    for permits in [1, 1, 5] {
        assert!(matches!(poll(&mut waiting, permits), Poll::Ready(None)));
    }
    assert!(Arc::ptr_eq(&waiting.into_inner(), &semaphore));
}

#[test]
fn a_stream_gives_all_permits() {
    let (_, mut stream) = semaphore(3);
    block_on(async {
        let permits: Vec<_> = (&mut stream).take(3).collect().await;
        assert_eq!((permits.len(), stream.available_permits()), (3, 0));
        let mut next = pin!(stream.next());
        assert!(next.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        drop(permits);
        assert!(next.await.is_some());
    });
    stream.add_permits(2);
    assert_eq!(stream.available_permits(), 5);
}

#[test]
fn a_task_that_gets_each_permit_leaves_others_their_turn() {
    let runtime = rt_core::runtime::Builder::new_current_thread().build().unwrap();
    let (_, mut greedy) = semaphore(1);
    runtime.block_on(async {
        let task = rt_core::spawn(async move {
            loop {
                drop(greedy.next().await);
            }
        });
        for _ in 0..10 {
            rt_core::task::yield_now().await;
        }
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
    });
}
