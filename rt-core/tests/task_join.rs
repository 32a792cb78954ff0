//! Handles: what they tell, whom they outlive, and that a wake is never lost between a task and who awaits it.
#![cfg(feature = "full")]

use std::future::{Future, pending, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use futures::channel::oneshot;
use rt_core::runtime::{Builder, Runtime};
use rt_core::task::{self, AbortHandle, JoinHandle, yield_now};

fn current() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn multi() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn on_each(test: impl Fn(Runtime)) {
    test(current());
    test(multi());
}

#[test]
fn an_output_waits_for_its_handle() {
    on_each(|runtime| {
        runtime.block_on(async {
            let join = rt_core::spawn(async { String::from("kept") });
            while !join.is_finished() {
                yield_now().await;
            }
            assert!(join.abort_handle().is_finished());
            join.abort();
            assert_eq!(join.await.unwrap(), "kept", "too late to abort");
        });
    });
}

#[test]
fn a_handle_can_be_awaited_by_any_executor() {
    on_each(|runtime| {
        let (go, may_go) = oneshot::channel();
        let join = runtime.spawn(async move { may_go.await.unwrap() });
        let waits = thread::spawn(move || futures::executor::block_on(join).unwrap());
        go.send(7).unwrap();
        // The current-thread runtime runs its task only now.
        runtime.block_on(async {
            while !waits.is_finished() {
                yield_now().await;
            }
        });
        assert_eq!(waits.join().unwrap(), 7);
    });
}

#[test]
fn a_join_that_is_given_up_loses_nothing() {
    on_each(|runtime| {
        runtime.block_on(async {
            let (go, may_go) = oneshot::channel::<()>();
            let mut join = rt_core::spawn(async move {
                may_go.await.unwrap();
                7
            });
            for _ in 0..3 {
                let pending = poll_fn(|cx| Poll::Ready(Pin::new(&mut join).poll(cx).is_pending()));
                assert!(pending.await);
                yield_now().await;
            }
            go.send(()).unwrap();
            assert_eq!((&mut join).await.unwrap(), 7);
        });
    });
}

#[test]
fn a_task_may_hold_its_own_handles() {
    on_each(|runtime| {
        let (dropped, was_dropped) = mpsc::channel();
        struct Report(mpsc::Sender<Option<task::Id>>);
        impl Drop for Report {
            fn drop(&mut self) {
                self.0.send(task::try_id()).unwrap();
            }
        }
        let report = Report(dropped);
        let id = runtime.block_on(async move {
            let (send, receive) = oneshot::channel::<JoinHandle<()>>();
            let (ran, has_run) = oneshot::channel();
            let join = rt_core::spawn(async move {
                let _report = report;
                let own = receive.await.unwrap();
                let _abort = own.abort_handle();
                ran.send(()).unwrap();
                let _own = own;
                pending::<()>().await;
            });
            let (id, abort) = (join.id(), join.abort_handle());
            assert!(send.send(join).is_ok());
            has_run.await.unwrap();
            abort.abort();
            while !abort.is_finished() {
                yield_now().await;
            }
            id
        });
        assert_eq!(was_dropped.recv(), Ok(Some(id)), "the future is dropped in its task");
    });
}

#[test]
fn a_task_may_abort_itself() {
    on_each(|runtime| {
        runtime.block_on(async {
            let (send, receive) = oneshot::channel::<AbortHandle>();
            let join = rt_core::spawn(async move {
                receive.await.unwrap().abort();
                // It goes on until it next waits.
                let id = task::id();
                yield_now().await;
                unreachable!("task {id} was to stop");
            });
            send.send(join.abort_handle()).unwrap();
            assert!(join.await.unwrap_err().is_cancelled());
        });
    });
}

#[test]
fn handles_outlive_their_runtime() {
    on_each(|runtime| {
        let join = runtime.spawn(pending::<()>());
        let abort = join.abort_handle();
        drop(runtime);
        assert!(abort.is_finished());
        abort.abort();
        assert!(futures::executor::block_on(join).unwrap_err().is_cancelled());
    });
}

#[test]
fn wakers_outlive_their_runtime() {
    on_each(|runtime| {
        let slot: Arc<Mutex<Option<Waker>>> = Arc::default();
        let theirs = slot.clone();
        runtime.block_on(async {
            let (ran, has_run) = oneshot::channel();
            let mut ran = Some(ran);
            rt_core::spawn(poll_fn(move |cx| {
                *theirs.lock().unwrap() = Some(cx.waker().clone());
                ran.take().unwrap().send(()).unwrap();
                Poll::<()>::Pending
            }));
            has_run.await.unwrap();
        });
        drop(runtime);
        let waker = slot.lock().unwrap().take().unwrap();
        waker.wake_by_ref();
        #[allow(clippy::waker_clone_wake, reason = "the clone's count is what is tested")]
        waker.clone().wake();
    });
}

/// Threads wake tasks just while the runtime goes.
#[test]
fn wakes_race_with_the_end_of_the_runtime() {
    let rounds = if cfg!(debug_assertions) { 200 } else { 1_000 };
    for round in 0..rounds {
        let runtime = if round % 2 == 0 { current() } else { multi() };
        let (sender, wakers) = mpsc::channel::<Waker>();
        let joins: Vec<_> = (0..4)
            .map(|_| {
                let sender = sender.clone();
                runtime.spawn(poll_fn(move |cx| {
                    let _ = sender.send(cx.waker().clone());
                    Poll::<()>::Pending
                }))
            })
            .collect();
        drop(sender);
        runtime.block_on(yield_now());
        let wakes = thread::spawn(move || {
            // Ends when all tasks are dropped.
            for waker in wakers {
                waker.wake_by_ref();
                waker.wake();
            }
        });
        drop(runtime);
        wakes.join().unwrap();
        for join in joins {
            assert!(futures::executor::block_on(join).unwrap_err().is_cancelled());
        }
    }
}

#[test]
fn a_joiner_whose_waker_panics_harms_only_itself() {
    struct Angry;
    impl Wake for Angry {
        fn wake(self: Arc<Self>) {
            std::panic::resume_unwind(Box::new("angry"));
        }
    }
    on_each(|runtime| {
        runtime.block_on(async {
            let (go, may_go) = oneshot::channel::<()>();
            let mut join = rt_core::spawn(async move {
                may_go.await.unwrap();
                7
            });
            let angry = Waker::from(Arc::new(Angry));
            assert!(Pin::new(&mut join).poll(&mut Context::from_waker(&angry)).is_pending());
            go.send(()).unwrap();
            while !join.is_finished() {
                yield_now().await;
            }
            assert_eq!(join.await.unwrap(), 7);
            assert_eq!(rt_core::spawn(async { 8 }).await.unwrap(), 8, "the worker goes on");
        });
    });
}

#[test]
fn ids_name_tasks_and_nothing_else() {
    on_each(|runtime| {
        runtime.block_on(async {
            assert_eq!(task::try_id(), None, "block_on is no task");
            let join = rt_core::spawn(async {
                let before = task::id();
                yield_now().await;
                (before, task::id(), task::try_id())
            });
            let id = join.id();
            assert_eq!(join.await.unwrap(), (id, id, Some(id)));
            let join = task::spawn_blocking(task::id);
            let id = join.id();
            assert_eq!(join.await.unwrap(), id);
        });
        assert_eq!(task::try_id(), None);
    });
}

#[test]
#[should_panic = "Can't get a task id when not inside a task"]
fn an_id_outside_of_a_task_is_a_panic() {
    current().block_on(async { task::id() });
}

/// A future on its way to the heap must not pass the stack of each function between.
#[test]
fn large_futures_can_be_spawned() {
    on_each(|runtime| {
        runtime.block_on(async {
            let join = rt_core::spawn(async {
                let large = [1_u8; 192 * 1024];
                yield_now().await;
                large.iter().map(|byte| u64::from(*byte)).sum::<u64>()
            });
            assert_eq!(join.await.unwrap(), 192 * 1024);
        });
    });
}
