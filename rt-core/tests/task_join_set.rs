//! Sets of tasks: order, ways out of a set, failures, and what becomes of a set's tasks when it or its runtime goes.
#![cfg(feature = "full")]

mod task_support;

use std::future::{Future, pending, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use rt_core::runtime::{Builder, Runtime};
use rt_core::sync::{Notify, Semaphore, oneshot};
use rt_core::task::{JoinSet, yield_now};
use task_support::panic_quietly;

fn runtimes() -> [Runtime; 3] {
    [
        Builder::new_current_thread().enable_all().build().unwrap(),
        Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap(),
        Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap(),
    ]
}

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Counts its own drops.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn tasks_come_in_the_order_in_which_they_ended() {
    current_thread().block_on(async {
        let mut set = JoinSet::new();
        let mut senders: Vec<_> = (0..100)
            .map(|n| {
                let (sender, receiver) = oneshot::channel::<()>();
                set.spawn(async move {
                    receiver.await.unwrap();
                    n
                });
                Some(sender)
            })
            .collect();
        // A yield lets a few dozen tasks run.
        for _ in 0..10 {
            yield_now().await;
        }
        let order: Vec<usize> = (0..100).map(|n| n * 41 % 100).collect();
        for n in &order {
            senders[*n].take().unwrap().send(()).unwrap();
        }
        let mut seen = Vec::new();
        while let Some(n) = set.join_next().await {
            seen.push(n.unwrap());
        }
        assert_eq!(seen, order);
    });
}

#[test]
fn nothing_is_lost_however_tasks_end() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let mut set = JoinSet::new();
            for n in 0..3_000_usize {
                let abort = set.spawn(async move {
                    for _ in 0..n % 4 {
                        yield_now().await;
                    }
                    match n % 3 {
                        0 => n,
                        1 => panic_quietly(),
                        _ => pending().await,
                    }
                });
                if n % 3 == 2 {
                    abort.abort();
                }
            }
            assert_eq!(set.len(), 3_000);
            let mut counts = [0; 3];
            while let Some(result) = set.join_next().await {
                match result {
                    Ok(n) => {
                        assert_eq!(n % 3, 0);
                        counts[0] += 1;
                    }
                    Err(error) if error.is_panic() => counts[1] += 1,
                    Err(error) => {
                        assert!(error.is_cancelled());
                        counts[2] += 1;
                    }
                }
            }
            assert_eq!(counts, [1_000; 3]);
            assert!(set.is_empty());
        });
    }
}

#[test]
fn a_set_is_filled_while_it_is_emptied() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let mut set: JoinSet<usize> = (0..16).map(|n| async move { n }).collect();
            let (mut spawned, mut joined) = (16, 0);
            while let Some(n) = set.join_next().await {
                let n = n.unwrap();
                joined += 1;
                if spawned < 5_000 {
                    set.spawn(async move {
                        yield_now().await;
                        n
                    });
                    spawned += 1;
                }
            }
            assert_eq!(joined, 5_000);
        });
    }
}

#[test]
fn ids_tell_the_tasks_apart() {
    current_thread().block_on(async {
        let mut set = JoinSet::new();
        let fine = set.spawn(async { rt_core::task::id() });
        let bad = set.spawn(async { panic_quietly() });
        let aborted = set.spawn(pending());
        aborted.abort();
        for _ in 0..3 {
            match set.join_next_with_id().await.unwrap() {
                Ok((id, inside)) => assert_eq!((id, inside), (fine.id(), fine.id())),
                Err(error) if error.is_panic() => assert_eq!(error.id(), bad.id()),
                Err(error) => assert_eq!(error.id(), aborted.id()),
            }
        }
        assert!(set.join_next_with_id().await.is_none());
        assert!(set.try_join_next_with_id().is_none());
    });
}

#[test]
fn try_join_next_gives_what_has_ended_whatever_the_budget() {
    current_thread().block_on(async {
        let mut set = JoinSet::new();
        for n in 0..1_000 {
            set.spawn(async move { n });
        }
        assert!(set.try_join_next().is_none());
        for _ in 0..100 {
            yield_now().await;
        }
        // No await from here on: this is one poll.
        let mut seen: Vec<_> = std::iter::from_fn(|| set.try_join_next()).map(Result::unwrap).collect();
        seen.sort_unstable();
        assert!(seen.into_iter().eq(0..1_000));
        assert!(set.is_empty());
    });
}

#[test]
fn joining_spends_the_budget() {
    current_thread().block_on(async {
        let mut set = JoinSet::new();
        let gate = Arc::new(Semaphore::new(0));
        for _ in 0..1_000 {
            let gate = gate.clone();
            set.spawn(async move { gate.add_permits(1) });
        }
        let _all = gate.acquire_many(1_000).await.unwrap();
        // All have ended by now, and yet the loop has to let others run now and then.
        let (mut joined, mut pauses) = (0, 0);
        poll_fn(|cx| {
            while let Poll::Ready(next) = set.poll_join_next(cx) {
                if next.is_none() {
                    return Poll::Ready(());
                }
                joined += 1;
            }
            pauses += 1;
            Poll::Pending
        })
        .await;
        assert_eq!(joined, 1_000);
        assert!((7..=8).contains(&pauses), "{pauses}");
    });
}

#[test]
fn dropping_the_waker_of_before_may_run_the_tasks() {
    struct Drives(Runtime);
    impl Wake for Drives {
        fn wake(self: Arc<Self>) {}
    }
    impl Drop for Drives {
        fn drop(&mut self) {
            self.0.block_on(yield_now());
        }
    }

    let runtime = current_thread();
    let mut set = JoinSet::new();
    set.spawn_on(async { 5 }, runtime.handle());
    let drives = Waker::from(Arc::new(Drives(runtime)));
    assert!(set.poll_join_next(&mut Context::from_waker(&drives)).is_pending());
    drop(drives);
    assert!(set.poll_join_next(&mut Context::from_waker(Waker::noop())).is_pending());
    assert_eq!(set.try_join_next().unwrap().unwrap(), 5);
}

#[test]
fn the_last_who_asked_is_woken_once() {
    #[derive(Default)]
    struct Count(AtomicUsize);
    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    current_thread().block_on(async {
        let counts = [(); 2].map(|()| Arc::new(Count::default()));
        let mut set = JoinSet::new();
        let notify = Arc::new(Notify::new());
        for _ in 0..10 {
            let notify = notify.clone();
            set.spawn(async move { notify.notified().await });
        }
        yield_now().await;
        for count in &counts {
            let waker = Waker::from(count.clone());
            assert!(set.poll_join_next(&mut Context::from_waker(&waker)).is_pending());
        }
        notify.notify_waiters();
        while set.try_join_next().is_none() {
            yield_now().await;
        }
        assert_eq!(counts.each_ref().map(|count| count.0.load(Ordering::SeqCst)), [0, 1]);
    });
}

#[test]
fn join_all_panics_as_the_task_did_and_aborts_the_others() {
    for runtime in runtimes() {
        let drops = Arc::new(AtomicUsize::new(0));
        let counted = Counted(drops.clone());
        let payload = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            runtime.block_on(async {
                let mut set = JoinSet::new();
                set.spawn(async move {
                    let _counted = counted;
                    pending::<()>().await;
                });
                set.spawn(async { panic_quietly() });
                set.join_all().await
            })
        }))
        .unwrap_err();
        assert_eq!(payload.downcast_ref::<&str>(), Some(&"quiet"));
        drop(runtime);
        assert_eq!(drops.load(Ordering::SeqCst), 1);
    }
}

#[test]
fn join_all_panics_when_a_task_was_cancelled() {
    let payload = std::panic::catch_unwind(|| {
        current_thread().block_on(async {
            let mut set = JoinSet::new();
            set.spawn(pending::<()>()).abort();
            set.join_all().await
        })
    })
    .unwrap_err();
    assert!(payload.downcast_ref::<String>().unwrap().ends_with("was cancelled"));
}

#[test]
fn a_dropped_set_aborts_its_tasks_and_a_detached_one_doesnt() {
    for runtime in runtimes() {
        for detached in [false, true] {
            let drops = Arc::new(AtomicUsize::new(0));
            let ends = Arc::new(AtomicUsize::new(0));
            let gate = Arc::new(Semaphore::new(0));
            runtime.block_on(async {
                let mut set = JoinSet::new();
                for _ in 0..10 {
                    let (counted, ends, gate) = (Counted(drops.clone()), ends.clone(), gate.clone());
                    set.spawn(async move {
                        let _counted = counted;
                        gate.acquire().await.unwrap().forget();
                        ends.fetch_add(1, Ordering::SeqCst);
                    });
                }
                if detached {
                    set.detach_all();
                    assert!(set.is_empty());
                    assert!(set.join_next().await.is_none());
                }
                drop(set);
                if detached {
                    assert_eq!(drops.load(Ordering::SeqCst), 0);
                    gate.add_permits(10);
                }
                while drops.load(Ordering::SeqCst) < 10 {
                    yield_now().await;
                }
                assert_eq!(ends.load(Ordering::SeqCst), if detached { 10 } else { 0 });
            });
        }
    }
}

#[test]
fn a_set_that_was_detached_is_used_again_while_old_tasks_end() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let mut set = JoinSet::new();
            for round in 0..200 {
                for _ in 0..10 {
                    set.spawn(async move {
                        yield_now().await;
                        round
                    });
                }
                if round % 2 == 0 {
                    assert!(set.join_next().await.is_some_and(|result| result.unwrap() == round));
                }
                if round % 10 == 9 {
                    while let Some(result) = set.join_next().await {
                        assert_eq!(result.unwrap(), round);
                    }
                } else {
                    set.detach_all();
                }
            }
        });
    }
}

#[test]
fn shutdown_waits_until_all_have_gone() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let drops = Arc::new(AtomicUsize::new(0));
            let mut set = JoinSet::new();
            for _ in 0..50 {
                let counted = Counted(drops.clone());
                set.spawn(async move {
                    let _counted = counted;
                    pending::<()>().await;
                });
            }
            set.shutdown().await;
            assert!(set.is_empty());
            assert_eq!(drops.load(Ordering::SeqCst), 50);
        });
    }
}

#[test]
fn abort_all_keeps_what_has_ended_already() {
    current_thread().block_on(async {
        let mut set = JoinSet::new();
        for n in 0..10 {
            set.spawn(async move {
                if n % 2 == 0 {
                    pending::<()>().await;
                }
            });
        }
        yield_now().await;
        set.abort_all();
        assert_eq!(set.len(), 10);
        let (mut returned, mut cancelled) = (0, 0);
        while let Some(result) = set.join_next().await {
            match result {
                Ok(()) => returned += 1,
                Err(_) => cancelled += 1,
            }
        }
        assert_eq!((returned, cancelled), (5, 5));
    });
}

#[test]
fn a_set_outlives_its_runtime() {
    for runtime in runtimes() {
        let mut set = JoinSet::new();
        for _ in 0..10 {
            set.spawn_on(async { pending::<()>().await }, runtime.handle());
        }
        drop(runtime);
        set.spawn_on(async {}, current_thread().handle());
        for _ in 0..11 {
            let result = futures::executor::block_on(set.join_next()).unwrap();
            assert!(result.unwrap_err().is_cancelled());
        }
        assert!(futures::executor::block_on(set.join_next()).is_none());
    }
}

#[test]
fn blocking_closures_are_tasks_like_others() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let mut set = JoinSet::new();
            for n in 0..100_u64 {
                set.spawn_blocking(move || n);
            }
            let handle = rt_core::runtime::Handle::current();
            set.spawn_blocking_on(|| 100, &handle);
            set.build_task().name("blocking").spawn_blocking(|| 101).unwrap();
            set.build_task().spawn_blocking_on(|| 102, &handle).unwrap();
            set.build_task().name("task").spawn(async { 103 }).unwrap();
            set.build_task().spawn_on(async { 104 }, &handle).unwrap();
            let mut outputs = set.join_all().await;
            outputs.sort_unstable();
            assert!(outputs.into_iter().eq(0..105));
        });
    }
}

#[test]
fn a_cancelled_wait_loses_nothing() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let mut set = JoinSet::new();
            for n in 0..1_000 {
                set.spawn(async move {
                    yield_now().await;
                    n
                });
            }
            let mut seen = Vec::new();
            while !set.is_empty() {
                let waited = poll_fn(|cx| {
                    let wait = pin!(set.join_next());
                    Poll::Ready(wait.poll(cx))
                });
                match waited.await {
                    Poll::Ready(next) => seen.push(next.unwrap().unwrap()),
                    Poll::Pending => yield_now().await,
                }
            }
            seen.sort_unstable();
            assert!(seen.into_iter().eq(0..1_000));
        });
    }
}

#[test]
fn outputs_that_panic_in_their_drop_harm_nobody() {
    struct Loud(Arc<AtomicUsize>);
    impl Drop for Loud {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
            panic_quietly();
        }
    }

    for runtime in runtimes() {
        let drops = Arc::new(AtomicUsize::new(0));
        runtime.block_on(async {
            let mut set = JoinSet::new();
            let mut tasks = Vec::new();
            for _ in 0..10 {
                let loud = drops.clone();
                tasks.push(set.spawn(async move { Loud(loud) }));
            }
            while !tasks.iter().all(|task| task.is_finished()) {
                yield_now().await;
            }
            set.detach_all();
            let loud = drops.clone();
            set.spawn(async move { Loud(loud) });
            drop(set);
        });
        drop(runtime);
        let drops = drops.load(Ordering::SeqCst);
        assert!((10..=11).contains(&drops), "{drops}");
    }
}

#[test]
fn how_a_set_shows_itself() {
    let mut set = JoinSet::default();
    set.spawn_on(async {}, current_thread().handle());
    assert_eq!(format!("{set:?}"), "JoinSet { len: 1 }");
    assert!(format!("{:?}", set.build_task().name("me")).contains("me"));
}
