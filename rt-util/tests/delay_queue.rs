//! `DelayQueue`: against a simple model under a paused clock, and what its waiters, panics and keys come to.
#![cfg(feature = "time")]

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use futures::{FutureExt, StreamExt};
use proptest::prelude::*;
use rt_core::runtime::{Builder, Runtime};
use rt_core::time::{Instant, advance, sleep};
use rt_util::time::{DelayQueue, delay_queue::Key};

fn paused() -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// One thing that is done to a queue. Entries are named by how many were inserted before.
#[derive(Clone, Debug)]
enum Step {
    Insert(u64),
    InsertPast(u64),
    Remove(usize),
    Reset(usize, u64),
    Advance(u64),
    Poll,
    Compact,
    Shrink,
    Clear,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0_u64..5_000).prop_map(Step::Insert),
        1 => (0_u64..5_000).prop_map(Step::InsertPast),
        4 => any::<usize>().prop_map(Step::Remove),
        4 => (any::<usize>(), 0_u64..5_000).prop_map(|(n, after)| Step::Reset(n, after)),
        4 => (0_u64..2_000).prop_map(Step::Advance),
        8 => Just(Step::Poll),
        1 => Just(Step::Compact),
        1 => Just(Step::Shrink),
        1 => Just(Step::Clear),
    ]
}

/// What a queue should hold: deadlines by number, in plain sight.
#[derive(Default)]
struct Model {
    deadlines: BTreeMap<usize, Instant>,
}

impl Model {
    fn earliest(&self) -> Option<Instant> {
        self.deadlines.values().min().copied()
    }
}

async fn run(steps: Vec<Step>) {
    sleep(ms(10_000)).await;
    let (mut queue, mut model) = (DelayQueue::new(), Model::default());
    let mut keys: Vec<Key> = Vec::new();
    let count = Arc::new(Count::default());
    let waker = Waker::from(count.clone());
    let wakes = || count.0.load(Ordering::Relaxed);
    // What the last poll waits for, if it does, and how many wakes there were before.
    let mut waits_for: Option<(Instant, usize)> = None;
    for step in steps {
        let now = Instant::now();
        match step {
            Step::Insert(after) => {
                model.deadlines.insert(keys.len(), now + ms(after));
                keys.push(queue.insert(keys.len(), ms(after)));
            }
            Step::InsertPast(before) => {
                model.deadlines.insert(keys.len(), now - ms(before));
                keys.push(queue.insert_at(keys.len(), now - ms(before)));
            }
            Step::Remove(n) if !keys.is_empty() => {
                let n = n % keys.len();
                let removed = queue.try_remove(&keys[n]);
                assert_eq!(removed.as_ref().map(|expired| expired.deadline()), model.deadlines.remove(&n));
                assert!(removed.is_none_or(|expired| *expired.get_ref() == n && expired.key() == keys[n]));
            }
            Step::Reset(n, after) if !keys.is_empty() => {
                let n = n % keys.len();
                if let Some(deadline) = model.deadlines.get_mut(&n) {
                    *deadline = now + ms(after);
                    queue.reset(&keys[n], ms(after));
                    assert_eq!(queue.deadline(&keys[n]), now + ms(after));
                } else {
                    assert!(catch_unwind(AssertUnwindSafe(|| queue.reset(&keys[n], ms(after)))).is_err());
                }
            }
            Step::Remove(_) | Step::Reset(..) => {}
            Step::Advance(by) => advance(ms(by)).await,
            Step::Poll => match rt_core::task::coop::unconstrained(poll(&mut queue, &waker)).await {
                Poll::Ready(None) => assert!(model.deadlines.is_empty()),
                Poll::Ready(Some(expired)) => {
                    assert!(expired.deadline() <= now);
                    assert_eq!(Some(expired.deadline()), model.earliest());
                    assert_eq!(expired.key(), keys[*expired.get_ref()]);
                    assert_eq!(model.deadlines.remove(expired.get_ref()), Some(expired.deadline()));
                    waits_for = None;
                }
                Poll::Pending => {
                    let earliest = model.earliest().unwrap();
                    assert!(earliest > now);
                    waits_for = Some((earliest, wakes()));
                }
            },
            Step::Compact => queue.compact(),
            Step::Shrink => queue.shrink_to_fit(),
            Step::Clear => {
                queue.clear();
                model.deadlines.clear();
            }
        }
        assert_eq!((queue.len(), queue.is_empty()), (model.deadlines.len(), model.deadlines.is_empty()));
        assert_eq!(queue.peek().map(|key| queue.deadline(&key)), model.earliest());
        // Who waits for too long a time, or for nothing, has been told.
        if let Some((until, before)) = waits_for {
            let in_vain = model.earliest().is_none_or(|earliest| earliest < until);
            assert!(!in_vain || wakes() > before);
        }
    }
}

async fn poll(
    queue: &mut DelayQueue<usize>,
    waker: &Waker,
) -> Poll<Option<rt_util::time::delay_queue::Expired<usize>>> {
    queue.poll_expired(&mut Context::from_waker(waker))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_queue_does_what_a_list_of_deadlines_would(steps in prop::collection::vec(step(), 0..80)) {
        paused().block_on(run(steps));
    }
}

#[test]
fn many_come_out_in_the_order_of_their_deadlines() {
    paused().block_on(async {
        let start = Instant::now();
        let mut queue = DelayQueue::new();
        // 7,919 is prime: the times are all different, and in no order.
        for n in 0..2_000 {
            queue.insert(n, ms(n * 7_919 % 2_000));
        }
        for due in 0..2_000 {
            let expired = queue.next().await.unwrap();
            assert_eq!((expired.deadline(), expired.into_inner() * 7_919 % 2_000), (start + ms(due), due));
            assert!(start.elapsed() >= ms(due));
        }
        assert!(queue.next().await.is_none());
    });
}

#[test]
fn a_wait_that_is_given_up_loses_nothing() {
    paused().block_on(async {
        let mut queue = DelayQueue::new();
        queue.insert("kept", ms(10));
        assert!(queue.next().now_or_never().is_none());
        sleep(ms(20)).await;
        assert_eq!(queue.next().await.unwrap().into_inner(), "kept");
    });
}

#[test]
fn a_task_is_woken_at_the_deadline_and_by_what_changes_it() {
    paused().block_on(async {
        let count = Arc::new(Count::default());
        let waker = Waker::from(count.clone());
        let wakes = || count.0.load(Ordering::Relaxed);
        let mut queue = DelayQueue::new();
        let first = queue.insert(1, ms(100));
        let second = queue.insert(2, ms(200));
        assert!(poll(&mut queue, &waker).await.is_pending());
        queue.reset(&second, ms(300));
        queue.insert(3, ms(400));
        assert_eq!(wakes(), 0, "what is later than the first is no news");
        queue.reset(&first, ms(50));
        assert_eq!(wakes(), 1);
        assert!(poll(&mut queue, &waker).await.is_pending());
        sleep(ms(49)).await;
        assert_eq!(wakes(), 1);
        sleep(ms(1)).await;
        assert_eq!(wakes(), 2);
        assert!(matches!(poll(&mut queue, &waker).await, Poll::Ready(Some(_))));
        queue.insert(4, ms(1));
        assert_eq!(wakes(), 2, "nobody waits");
    });
}

#[test]
fn a_queue_that_expires_much_lets_others_have_their_turn() {
    paused().block_on(async {
        let mut queue = DelayQueue::new();
        for n in 0..1_000 {
            queue.insert(n, ms(0));
        }
        let mut at_once = 0;
        while let Some(Some(_)) = queue.next().now_or_never() {
            at_once += 1;
        }
        assert!((1..1_000).contains(&at_once), "{at_once} in one poll");
        assert_eq!(queue.count().await, 1_000 - at_once);
    });
}

#[test]
fn a_value_whose_drop_panics_leaves_a_queue_that_works() {
    struct Fails(bool);
    impl Drop for Fails {
        fn drop(&mut self) {
            assert!(!self.0, "on purpose");
        }
    }
    let mut queue = DelayQueue::new();
    let keys: Vec<Key> = (0..4).map(|n| queue.insert(Fails(n == 1), ms(n))).collect();
    assert!(catch_unwind(AssertUnwindSafe(|| queue.clear())).is_err());
    assert!(queue.is_empty() && queue.peek().is_none());
    assert!(keys.iter().all(|key| queue.try_remove(key).is_none()));
    let key = queue.insert(Fails(false), ms(1));
    assert_eq!(queue.peek(), Some(key));
}

#[test]
fn deadlines_too_far_ahead_are_refused_and_change_nothing() {
    paused().block_on(async {
        let mut queue = DelayQueue::new();
        let limit = ms((1 << 36) - 1);
        let key = queue.insert(1, limit);
        let deadline = queue.deadline(&key);
        for far in [limit + ms(1), Duration::MAX] {
            assert!(catch_unwind(AssertUnwindSafe(|| queue.insert(2, far))).is_err());
            assert!(catch_unwind(AssertUnwindSafe(|| queue.reset(&key, far))).is_err());
        }
        assert_eq!((queue.len(), queue.deadline(&key)), (1, deadline));
        // What counts is the time that is left.
        advance(ms(1)).await;
        queue.insert(2, limit);
    });
}
