//! Local sets: who runs the tasks, wakes from everywhere, and the ends of a set.
#![cfg(feature = "full")]

mod task_support;

use std::cell::{Cell, RefCell};
use std::future::{Future, pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use rt_core::runtime::{Builder, Runtime};
use rt_core::sync::{Notify, mpsc, oneshot};
use rt_core::task::{self, JoinSet, LocalSet, spawn_local, yield_now};
use task_support::{Stays, message, panic_quietly};

fn runtimes() -> [Runtime; 3] {
    [
        Builder::new_current_thread().enable_all().build().unwrap(),
        Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap(),
        Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap(),
    ]
}

/// Counts wakes.
#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Count {
    fn take(&self) -> usize {
        self.0.swap(0, Ordering::SeqCst)
    }
}

#[test]
fn all_tasks_run_on_the_threads_of_the_set() {
    for runtime in runtimes() {
        let here = thread::current().id();
        let seen = Rc::new(RefCell::new(Vec::new()));
        LocalSet::new().block_on(&runtime, async {
            let tasks: Vec<_> = (0..500)
                .map(|n| {
                    let seen = seen.clone();
                    spawn_local(async move {
                        for _ in 0..n % 5 {
                            yield_now().await;
                            assert_eq!(thread::current().id(), here);
                        }
                        let inner = spawn_local(async move { thread::current().id() });
                        assert_eq!(inner.await.unwrap(), here);
                        seen.borrow_mut().push(n);
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
        });
        seen.borrow_mut().sort_unstable();
        assert!(seen.take().into_iter().eq(0..500));
    }
}

#[test]
fn other_threads_and_timers_wake_the_tasks() {
    for runtime in runtimes() {
        let local = LocalSet::new();
        let (sender, mut receiver) = mpsc::channel(4);
        let senders: Vec<_> = (0..4)
            .map(|_| {
                let sender = sender.clone();
                thread::spawn(move || (0..500).for_each(|n| sender.blocking_send(n).unwrap()))
            })
            .collect();
        drop(sender);
        let sum = Rc::new(Cell::new(0));
        let same = sum.clone();
        local.spawn_local(async move {
            while let Some(n) = receiver.recv().await {
                same.set(same.get() + n);
            }
        });
        local.spawn_local(async { rt_core::time::sleep(Duration::from_millis(2)).await });
        runtime.block_on(local);
        assert_eq!(sum.get(), 4 * 499 * 250);
        senders.into_iter().for_each(|sender| sender.join().unwrap());
    }
}

#[test]
fn a_set_is_a_future_that_ends_with_its_tasks() {
    let count = Arc::new(Count::default());
    let waker = Waker::from(count.clone());
    let mut cx = Context::from_waker(&waker);
    let mut local = pin!(LocalSet::new());
    assert!(local.as_mut().poll(&mut cx).is_ready(), "an empty set has nothing to do");
    let (sender, receiver) = oneshot::channel();
    let task = local.spawn_local(async move { receiver.await.unwrap() });
    assert_eq!(count.take(), 1, "a task that is spawned on a set which isn't polled has it polled");
    assert!(local.as_mut().poll(&mut cx).is_pending());
    assert_eq!(count.take(), 0);
    sender.send(5).unwrap();
    assert_eq!(count.take(), 1);
    assert!(local.as_mut().poll(&mut cx).is_ready());
    assert_eq!(futures::executor::block_on(task).unwrap(), 5);
}

#[test]
fn a_turn_has_an_end() {
    let count = Arc::new(Count::default());
    let waker = Waker::from(count.clone());
    let mut cx = Context::from_waker(&waker);
    let mut local = pin!(LocalSet::new());
    let polls = Rc::new(Cell::new(0));
    for _ in 0..3 {
        let polls = polls.clone();
        local.spawn_local(async move {
            loop {
                polls.set(polls.get() + 1);
                yield_now().await;
            }
        });
    }
    count.take();
    for turn in 1..10 {
        assert!(local.as_mut().poll(&mut cx).is_pending());
        assert_eq!(count.take(), 1);
        assert!(polls.get() >= turn && polls.get() < turn * 1_000);
    }
}

#[test]
fn busy_tasks_leave_room_for_those_that_others_wake() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let local = LocalSet::new();
    local.spawn_local(async {
        loop {
            yield_now().await;
        }
    });
    let (sender, receiver) = oneshot::channel();
    local.block_on(&runtime, async {
        let waits = spawn_local(async { receiver.await.unwrap() });
        yield_now().await;
        thread::spawn(move || sender.send(5).unwrap());
        assert_eq!(waits.await.unwrap(), 5);
        // The runtime's own tasks, too.
        assert_eq!(rt_core::spawn(async { 6 }).await.unwrap(), 6);
    });
}

#[test]
fn what_isnt_finished_goes_on_later() {
    for runtime in runtimes() {
        let local = LocalSet::new();
        let notify = Arc::new(Notify::new());
        let steps = Rc::new(Cell::new(0));
        let (theirs, same) = (notify.clone(), steps.clone());
        let task = local.spawn_local(async move {
            loop {
                theirs.notified().await;
                same.set(same.get() + 1);
            }
        });
        for n in 0..5 {
            assert_eq!(steps.get(), n);
            notify.notify_one();
            local.block_on(&runtime, async {
                while steps.get() == n {
                    yield_now().await;
                }
            });
        }
        task.abort();
        let error = local.block_on(&runtime, task).unwrap_err();
        assert!(error.is_cancelled());
        runtime.block_on(local);
    }
}

#[test]
fn a_dropped_set_drops_its_tasks_here_and_now() {
    let drops = Rc::new(Cell::new(0));
    let runtime = Runtime::new().unwrap();
    let local = LocalSet::new();
    let spawn = |wait: bool| {
        let stays = Stays::new(&drops);
        local.spawn_local(async move {
            let _stays = stays;
            if wait {
                pending::<()>().await;
            }
            yield_now().await;
            pending::<()>().await;
        })
    };
    let waits = spawn(true);
    local.block_on(&runtime, yield_now());
    let yields = spawn(false);
    let never_polled = spawn(true);
    let abort = waits.abort_handle();
    drop(local);
    assert_eq!(drops.get(), 3);
    for task in [waits, yields, never_polled] {
        assert!(task.is_finished());
        assert!(futures::executor::block_on(task).unwrap_err().is_cancelled());
    }
    abort.abort();
}

#[test]
fn a_set_may_go_while_other_threads_wake_and_abort_its_tasks() {
    for _ in 0..300 {
        let drops = Rc::new(Cell::new(0));
        let notify = Arc::new(Notify::new());
        let runtime = Builder::new_current_thread().build().unwrap();
        let local = LocalSet::new();
        let mut aborts = Vec::new();
        for _ in 0..8 {
            let (stays, notify) = (Stays::new(&drops), notify.clone());
            let task = local.spawn_local(async move {
                let _stays = stays;
                loop {
                    notify.notified().await;
                }
            });
            aborts.push(task.abort_handle());
        }
        local.block_on(&runtime, yield_now());
        let barrier = Arc::new(std::sync::Barrier::new(3));
        let (ready, theirs) = (barrier.clone(), notify);
        let waker = thread::spawn(move || {
            ready.wait();
            theirs.notify_waiters();
        });
        let ready = barrier.clone();
        let aborter = thread::spawn(move || {
            ready.wait();
            aborts.into_iter().for_each(|abort| abort.abort());
        });
        barrier.wait();
        drop(local);
        assert_eq!(drops.get(), 8);
        waker.join().unwrap();
        aborter.join().unwrap();
    }
}

#[test]
fn destructors_may_wake_and_spawn() {
    struct Spawns(Rc<Cell<usize>>, Option<oneshot::Sender<()>>);
    impl Drop for Spawns {
        fn drop(&mut self) {
            let stays = Stays::new(&self.0);
            let task = spawn_local(async move {
                let _stays = stays;
                unreachable!("the set is gone");
            });
            assert!(task.is_finished());
            if let Some(sender) = self.1.take() {
                let _ = sender.send(());
            }
        }
    }

    let runtime = Runtime::new().unwrap();
    for polled in [false, true] {
        let drops = Rc::new(Cell::new(0));
        let local = LocalSet::new();
        let (sender, receiver) = oneshot::channel();
        let spawns = Spawns(drops.clone(), Some(sender));
        local.spawn_local(async move {
            let _spawns = spawns;
            pending::<()>().await;
        });
        let stays = Stays::new(&drops);
        local.spawn_local(async move {
            let _stays = stays;
            let _ = receiver.await;
            pending::<()>().await;
        });
        if polled {
            local.block_on(&runtime, yield_now());
        }
        drop(local);
        assert_eq!(drops.get(), 2);
    }
}

#[test]
fn a_task_of_one_set_drops_another_set() {
    let runtime = Runtime::new().unwrap();
    let drops = Rc::new(Cell::new(0));
    let outer = LocalSet::new();
    let inner = LocalSet::new();
    let stays = Stays::new(&drops);
    inner.spawn_local(async move {
        let _stays = stays;
        pending::<()>().await;
    });
    let seen = drops.clone();
    outer.block_on(&runtime, async move {
        spawn_local(async move {
            inner.run_until(yield_now()).await;
            drop(inner);
            assert_eq!(seen.get(), 1);
            // Back in the outer set.
            spawn_local(async {}).await.unwrap();
        })
        .await
        .unwrap();
    });
    assert_eq!(drops.get(), 1);
}

#[test]
fn sets_nest() {
    for runtime in runtimes() {
        let (outer, inner) = (LocalSet::new(), Rc::new(LocalSet::new()));
        let log = Rc::new(RefCell::new(Vec::new()));
        let (same, theirs) = (log.clone(), inner.clone());
        outer.block_on(&runtime, async move {
            theirs
                .run_until(async { drop(spawn_local(async move { same.borrow_mut().push("inner") })) })
                .await;
            assert!(log.borrow().is_empty());
            theirs.run_until(yield_now()).await;
            assert_eq!(log.take(), ["inner"]);
            let same = log.clone();
            spawn_local(async move { same.borrow_mut().push("outer") }).await.unwrap();
            assert_eq!(log.take(), ["outer"]);
        });
        drop(inner);
    }
}

#[test]
fn a_set_may_run_itself_from_within() {
    let runtime = Runtime::new().unwrap();
    let local = Rc::new(LocalSet::new());
    let same = local.clone();
    let five = local.block_on(&runtime, async move {
        spawn_local(async move {
            let other = spawn_local(async { 5 });
            same.run_until(other).await.unwrap()
        })
        .await
        .unwrap()
    });
    assert_eq!(five, 5);
}

#[test]
fn who_runs_a_set_beside_others_goes_on_when_they_stop() {
    use futures::StreamExt;
    use futures::stream::FuturesUnordered;

    // Polls only those of its futures that were woken.
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let local = LocalSet::new();
        let (sender, receiver) = oneshot::channel();
        let task = local.spawn_local(async { receiver.await.unwrap() });
        let waits = async { task.await.unwrap() };
        let stops = async {
            yield_now().await;
            0
        };
        let mut both = FuturesUnordered::new();
        both.push(Box::pin(local.run_until(waits)) as std::pin::Pin<Box<dyn Future<Output = i32>>>);
        both.push(Box::pin(local.run_until(stops)));
        assert_eq!(both.next().await, Some(0));
        sender.send(5).unwrap();
        let five = rt_core::time::timeout(Duration::from_secs(30), both.next()).await;
        assert_eq!(five, Ok(Some(5)));
    });
}

#[test]
fn guards_may_be_dropped_in_any_order() {
    let runtime = Runtime::new().unwrap();
    let (one, two) = (LocalSet::new(), LocalSet::new());
    let first = one.enter();
    let second = two.enter();
    let on_two = spawn_local(async { 2 });
    drop(first);
    drop(second);
    // The second guard's place is taken by what was there before it.
    let on_one = spawn_local(async { 1 });
    assert_eq!(one.block_on(&runtime, on_one).unwrap(), 1);
    assert_eq!(two.block_on(&runtime, on_two).unwrap(), 2);
    drop(one);
    // What was entered is gone: a task is cancelled at once.
    assert!(spawn_local(async {}).is_finished());
    drop(two);
}

#[test]
fn without_a_set_there_is_nowhere_to_spawn() {
    let refuse = || assert!(catch_unwind(|| _ = spawn_local(async {})).is_err());
    refuse();
    for runtime in runtimes() {
        runtime.block_on(async {
            refuse();
            rt_core::spawn(async move { refuse() }).await.unwrap();
            LocalSet::new()
                .run_until(async {
                    spawn_local(async {}).await.unwrap();
                    // Neither tasks of the runtime nor blocking closures are in the set.
                    if rt_core::runtime::Handle::current().runtime_flavor()
                        == rt_core::runtime::RuntimeFlavor::MultiThread
                    {
                        rt_core::spawn(async move { refuse() }).await.unwrap();
                    }
                    task::spawn_blocking(refuse).await.unwrap();
                })
                .await;
            refuse();
        });
    }
    let text = message(catch_unwind(|| _ = spawn_local(async {})));
    assert_eq!(text, "`spawn_local` called from outside of a `task::LocalSet` or `runtime::LocalRuntime`");
}

#[test]
fn a_set_needs_no_runtime() {
    let local = LocalSet::new();
    let sum = futures::executor::block_on(local.run_until(async {
        let (sender, receiver) = oneshot::channel();
        thread::spawn(move || sender.send(1).unwrap());
        let task = spawn_local(async { receiver.await.unwrap() });
        task.await.unwrap() + 1
    }));
    assert_eq!(sum, 2);
}

#[test]
fn a_set_in_a_thread_local_ends_with_the_thread() {
    thread_local! {
        static SET: RefCell<Option<LocalSet>> = const { RefCell::new(None) };
    }
    let drops = Arc::new(AtomicUsize::new(0));
    struct Counted(Arc<AtomicUsize>);
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    for first in [false, true] {
        let counted = Counted(drops.clone());
        thread::spawn(move || {
            // Thread-locals go in the reverse order of their first use, as a rule: try both.
            if first {
                SET.with(|_| ());
            }
            let local = LocalSet::new();
            local.spawn_local(async move {
                let _counted = counted;
                pending::<()>().await;
            });
            Runtime::new().unwrap().block_on(local.run_until(yield_now()));
            SET.with(|set| *set.borrow_mut() = Some(local));
        })
        .join()
        .unwrap();
    }
    assert_eq!(drops.load(Ordering::SeqCst), 2);
}

#[test]
fn the_worker_cant_be_handed_over_in_a_set() {
    let runtime = Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let refused = |result: thread::Result<()>| {
        assert_eq!(message(result), "can call blocking only when running on the multi-threaded runtime");
    };
    LocalSet::new().block_on(&runtime, async {
        refused(catch_unwind(|| task::block_in_place(|| ())));
        spawn_local(async move { refused(catch_unwind(|| task::block_in_place(|| ()))) }).await.unwrap();
        // A task of the runtime can.
        assert_eq!(rt_core::spawn(async { task::block_in_place(|| 5) }).await.unwrap(), 5);
    });
    runtime.block_on(async {
        // And so can whoever was polling the set, afterwards.
        LocalSet::new().run_until(async {}).await;
        task::block_in_place(|| ());
        rt_core::spawn(async {
            task::block_in_place(|| {
                // Where blocking is fine, a set may block on another runtime, set and all.
                let inner = Builder::new_current_thread().build().unwrap();
                LocalSet::new().block_on(&inner, async { spawn_local(async {}).await.unwrap() });
            });
        })
        .await
        .unwrap();
    });
}

#[test]
fn sets_of_tasks_hold_local_ones() {
    let runtime = Runtime::new().unwrap();
    let local = LocalSet::new();
    let mut set = JoinSet::new();
    let five = Rc::new(5);
    for n in 0..100 {
        let five = five.clone();
        set.spawn_local_on(async move { Rc::new(n * *five) }, &local);
    }
    local.block_on(&runtime, async {
        let mut sum = 0;
        for n in 0..100 {
            let five = five.clone();
            set.spawn_local(async move { Rc::new(n * *five) });
            set.build_task().name("same").spawn_local(async move { Rc::new(0) }).unwrap();
        }
        while let Some(product) = set.join_next().await {
            sum += *product.unwrap();
        }
        assert_eq!(sum, 2 * 5 * 99 * 50);
        set.build_task().spawn_local_on(async move { Rc::new(7) }, &local).unwrap();
        assert_eq!(*set.join_all().await[0], 7);
        let named = task::Builder::new().name("six").spawn_local(async { Rc::new(6) }).unwrap();
        assert_eq!(*named.await.unwrap(), 6);
        let named = task::Builder::new().name("six").spawn_local_on(async { Rc::new(6) }, &local).unwrap();
        assert_eq!(*named.await.unwrap(), 6);
    });
}

#[test]
fn each_task_has_a_budget_of_its_own() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let spent = Rc::new(Cell::new(0));
    LocalSet::new().block_on(&runtime, async {
        for _ in 0..2 {
            let same = spent.clone();
            spawn_local(async move {
                let mut polls = 0;
                let mut all = pin!(async {
                    for _ in 0..1_000 {
                        task::coop::consume_budget().await;
                    }
                });
                poll_fn(|cx| {
                    polls += 1;
                    all.as_mut().poll(cx)
                })
                .await;
                same.set(polls);
            })
            .await
            .unwrap();
            assert_eq!(spent.take(), 8);
        }
    });
}

#[test]
fn panics_and_large_futures_are_as_in_all_tasks() {
    let runtime = Runtime::new().unwrap();
    LocalSet::new().block_on(&runtime, async {
        let error = spawn_local(async { panic_quietly() }).await.map(|_: ()| ()).unwrap_err();
        assert!(error.is_panic());
        let large = [1_u8; 100_000];
        let sum = spawn_local(async move {
            yield_now().await;
            large.iter().map(|n| usize::from(*n)).sum::<usize>()
        });
        assert_eq!(sum.await.unwrap(), 100_000);
        let ids = spawn_local(async { (task::id(), task::try_id()) });
        let id = ids.id();
        assert_eq!(ids.await.unwrap(), (id, Some(id)));
    });
    // The future of `run_until` is no task, and its panic is the caller's.
    let local = LocalSet::new();
    let result = catch_unwind(AssertUnwindSafe(|| local.block_on(&runtime, async { panic_quietly() })));
    assert_eq!(message(result), "quiet");
    local.block_on(&runtime, async { spawn_local(async {}).await.unwrap() });
}

#[test]
fn how_they_show_themselves() {
    let local = LocalSet::default();
    assert_eq!(format!("{local:?}"), "LocalSet { .. }");
    assert_eq!(format!("{:?}", local.enter()), "LocalEnterGuard { .. }");
    assert_ne!(local.id(), LocalSet::new().id());
    let runtime = Runtime::new().unwrap();
    assert_ne!(runtime.handle().id(), local.id());
}

#[test]
fn a_poll_that_is_pending_leaves_nothing_entered() {
    let local = LocalSet::new();
    let mut waits = pin!(local.run_until(pending::<()>()));
    let mut cx = Context::from_waker(Waker::noop());
    assert_eq!(waits.as_mut().poll(&mut cx), Poll::Pending);
    assert!(catch_unwind(|| _ = spawn_local(async {})).is_err());
}
