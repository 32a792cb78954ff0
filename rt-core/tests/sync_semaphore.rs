//! The semaphore from outside: documented behaviour, a model, cancellation at each point.
#![cfg(feature = "sync")]

mod sync_support;

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures::executor::block_on;
use proptest::prelude::*;
use rt_core::sync::{AcquireError, OwnedSemaphorePermit, Semaphore, TryAcquireError};
use sync_support::Wait;

fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn permits_come_back() {
    let semaphore = Arc::new(Semaphore::new(3));
    {
        let _one = block_on(semaphore.acquire()).unwrap();
        let _two = semaphore.clone().try_acquire_many_owned(2).unwrap();
        assert_eq!(semaphore.try_acquire().unwrap_err(), TryAcquireError::NoPermits);
    }
    assert_eq!(semaphore.available_permits(), 3);
}

/// They are woken in batches, with the lock released in between.
#[test]
fn however_many_wait_all_are_served_or_refused() {
    for count in [1, 2, 31, 32, 33, 34, 64, 65, 66, 150] {
        for closes in [false, true] {
            let semaphore = &Semaphore::new(0);
            let begin = || Wait::begin(async { semaphore.acquire().await.map(|permit| permit.forget()) });
            let mut waiting: Vec<_> = (0..count).map(|_| begin().err().unwrap()).collect();
            if closes {
                semaphore.close()
            } else {
                semaphore.add_permits(count)
            }
            assert!(waiting.iter().all(|wait| wait.woken() == 1), "of {count}");
            assert!(waiting.iter_mut().all(|wait| match wait.poll() {
                Poll::Ready(result) => result.is_err() == closes,
                Poll::Pending => false,
            }));
            assert_eq!(semaphore.available_permits(), 0);
        }
    }
}

// tokio #8021: it was open again.
#[test]
fn forgetting_permits_leaves_a_closed_semaphore_closed() {
    let semaphore = Semaphore::new(10);
    semaphore.close();
    assert_eq!(semaphore.forget_permits(4), 4);
    assert!(semaphore.is_closed());
    assert_eq!(semaphore.available_permits(), 6);
    assert_eq!(semaphore.try_acquire().unwrap_err(), TryAcquireError::Closed);
}

#[test]
fn merge_and_split_keep_the_count() {
    let semaphore = Semaphore::new(10);
    let mut a = semaphore.try_acquire_many(4).unwrap();
    let b = a.split(3).unwrap();
    assert!(a.split(2).is_none());
    drop(a);
    assert_eq!(semaphore.available_permits(), 7);
    let mut c = semaphore.try_acquire().unwrap();
    c.merge(b);
    assert_eq!(c.num_permits(), 4);
    drop(c);
    assert_eq!(semaphore.available_permits(), 10);
}

#[test]
#[should_panic = "merging permits from different semaphore instances"]
fn permits_of_two_semaphores_do_not_merge() {
    let (a, b) = (Semaphore::new(1), Semaphore::new(1));
    a.try_acquire().unwrap().merge(b.try_acquire().unwrap());
}

#[test]
#[should_panic = "may not have more than MAX_PERMITS permits"]
fn too_many_permits() {
    Semaphore::new(Semaphore::MAX_PERMITS + 1);
}

#[test]
#[should_panic = "may not have more than MAX_PERMITS permits"]
fn too_many_permits_added() {
    let semaphore = Semaphore::new(1);
    semaphore.add_permits(Semaphore::MAX_PERMITS);
}

#[test]
fn none_are_needed_for_none() {
    let semaphore = Semaphore::new(0);
    assert_eq!(block_on(semaphore.acquire_many(0)).unwrap().num_permits(), 0);
}

#[test]
fn threads_block_and_go_on() {
    let semaphore = Arc::new(Semaphore::new(2));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let semaphore = semaphore.clone();
            std::thread::spawn(move || {
                for _ in 0..500 {
                    let permit = semaphore.clone().blocking_acquire_many_owned(2).unwrap();
                    assert_eq!(semaphore.available_permits(), 0);
                    drop(permit);
                    drop(semaphore.blocking_acquire().unwrap());
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(semaphore.available_permits(), 2);
}

#[derive(Debug, Clone)]
enum Step {
    Acquire(u32),
    Try(u32),
    Drop(usize),
    PollOrCancel(usize, bool),
    Add(usize),
    Forget(usize),
    Close,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0_u32..5).prop_map(Step::Acquire),
        2 => (0_u32..5).prop_map(Step::Try),
        4 => (0_usize..8).prop_map(Step::Drop),
        4 => (0_usize..8, any::<bool>()).prop_map(|(i, cancel)| Step::PollOrCancel(i, cancel)),
        2 => (0_usize..5).prop_map(Step::Add),
        1 => (0_usize..5).prop_map(Step::Forget),
        1 => Just(Step::Close),
    ]
}

type Waiting = Pin<Box<dyn Future<Output = Result<OwnedSemaphorePermit, AcquireError>>>>;

/// What the semaphore must do, in a sequential world: who waits, in order, with what it needs.
#[derive(Default)]
struct Model {
    free: usize,
    line: VecDeque<(u64, usize)>,
    granted: Vec<u64>,
    closed: bool,
    /// What lay there for the first in line when it was closed; that one has it until it learns.
    refused: Option<(u64, usize)>,
}

impl Model {
    fn serve(&mut self) {
        while let Some(&(id, need)) = self.line.front() {
            if self.free < need {
                break;
            }
            self.free -= need;
            self.granted.push(id);
            self.line.pop_front();
        }
    }

    /// Whether a waiter was granted what it needs, which it comes to fetch.
    fn fetch(&mut self, id: u64) -> bool {
        let granted = self.granted.iter().position(|&granted| granted == id);
        granted.map(|at| self.granted.swap_remove(at)).is_some()
    }

    /// A waiter doesn't want what it needs any more.
    fn give_back(&mut self, id: u64, need: usize, granted: bool) {
        if granted {
            self.free += need;
        } else if let Some((_, part)) = self.refused.take_if(|(first, _)| *first == id) {
            self.free += part;
        } else {
            self.line.retain(|&(waiter, _)| waiter != id);
        }
        self.serve();
    }

    fn close(&mut self) {
        self.closed = true;
        if let Some((first, need)) = self.line.pop_front() {
            let part = need.min(self.free);
            self.free -= part;
            self.refused = Some((first, part));
        }
        self.line.clear();
    }

    fn take(&mut self, n: usize) -> Result<(), TryAcquireError> {
        if self.closed {
            return Err(TryAcquireError::Closed);
        }
        if self.free < n || (n > 0 && !self.line.is_empty()) {
            return Err(TryAcquireError::NoPermits);
        }
        self.free -= n;
        Ok(())
    }
}

fn poll_or_cancel(
    model: &mut Model,
    held: &mut Vec<OwnedSemaphorePermit>,
    waiting: &mut Vec<(u64, usize, Waiting)>,
    i: usize,
    cancel: bool,
) -> Result<(), TestCaseError> {
    if waiting.is_empty() {
        return Ok(());
    }
    let (id, need, mut future) = waiting.swap_remove(i % waiting.len());
    let granted = model.fetch(id);
    if cancel {
        drop(future);
        model.give_back(id, need, granted);
        return Ok(());
    }
    match poll(future.as_mut()) {
        Poll::Ready(Ok(permit)) => {
            prop_assert!(granted && !model.closed);
            held.push(permit);
        }
        Poll::Ready(Err(_)) => {
            prop_assert!(model.closed);
            // It may have been granted, and closed before it came to fetch them.
            model.give_back(id, need, granted);
        }
        Poll::Pending => {
            prop_assert!(!granted && !model.closed);
            waiting.push((id, need, future));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn behaves_as_the_model(start in 0_usize..4, steps in prop::collection::vec(step(), 1..60)) {
        let semaphore = Arc::new(Semaphore::new(start));
        let mut model = Model { free: start, ..Model::default() };
        let mut held: Vec<OwnedSemaphorePermit> = Vec::new();
        let mut waiting: Vec<(u64, usize, Waiting)> = Vec::new();
        for (id, step) in (0_u64..).zip(steps) {
            match step {
                Step::Acquire(n) => {
                    let mut future: Waiting = Box::pin(semaphore.clone().acquire_many_owned(n));
                    match (poll(future.as_mut()), model.take(n as usize)) {
                        (Poll::Ready(Ok(permit)), Ok(())) => held.push(permit),
                        (Poll::Ready(Err(_)), Err(TryAcquireError::Closed)) => {}
                        (Poll::Pending, Err(TryAcquireError::NoPermits)) => {
                            model.line.push_back((id, n as usize));
                            waiting.push((id, n as usize, future));
                        }
                        (got, expected) => prop_assert!(false, "{got:?} rather than {expected:?}"),
                    }
                }
                Step::Try(n) => {
                    let got = semaphore.clone().try_acquire_many_owned(n);
                    let expected = model.take(n as usize);
                    prop_assert_eq!(got.as_ref().err(), expected.as_ref().err());
                    held.extend(got);
                }
                Step::Drop(i) => {
                    if !held.is_empty() {
                        let permit = held.swap_remove(i % held.len());
                        model.free += permit.num_permits();
                        model.serve();
                    }
                }
                Step::PollOrCancel(i, cancel) => {
                    poll_or_cancel(&mut model, &mut held, &mut waiting, i, cancel)?;
                }
                Step::Add(n) => {
                    semaphore.add_permits(n);
                    model.free += n;
                    model.serve();
                }
                Step::Forget(n) => {
                    let there = if model.line.is_empty() { n.min(model.free) } else { 0 };
                    prop_assert_eq!(semaphore.forget_permits(n), there);
                    model.free -= there;
                }
                Step::Close => {
                    semaphore.close();
                    model.close();
                }
            }
            let available = if model.line.is_empty() { model.free } else { 0 };
            prop_assert_eq!(semaphore.available_permits(), available);
            prop_assert_eq!(semaphore.is_closed(), model.closed);
        }
    }
}
