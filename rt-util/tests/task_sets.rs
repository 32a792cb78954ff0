//! `JoinMap`, `JoinQueue` and `LocalPoolHandle`: what is left after panics, cancelled waits, replacements and drops.
#![cfg(feature = "join-map")]

use std::future::{Future, pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;

use futures::FutureExt;
use rt_core::runtime::{Builder, Runtime};
use rt_core::sync::oneshot;
use rt_core::task::yield_now;
use rt_util::task::{JoinMap, JoinQueue, LocalPoolHandle};

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// A task's own end, seen from outside: ready when what it holds was dropped.
fn held() -> (oneshot::Sender<()>, impl Future<Output = ()>) {
    let (held, dropped) = oneshot::channel();
    (held, async { assert!(dropped.await.is_err()) })
}

#[test]
fn a_queue_keeps_its_order_whatever_ends_first() {
    runtime().block_on(async {
        let mut queue = JoinQueue::new();
        let (let_go, wait) = oneshot::channel::<()>();
        queue.spawn(async {
            wait.await.unwrap();
            1
        });
        queue.spawn(async { 2 });
        yield_now().await;
        assert!(queue.try_join_next().is_none());
        // A wait that is given up takes nothing.
        assert!(queue.join_next().now_or_never().is_none());
        assert_eq!(queue.len(), 2);
        let_go.send(()).unwrap();
        assert_eq!(queue.join_all().await, [1, 2]);
    });
}

#[test]
fn a_panic_in_a_queue_is_its_own_tasks() {
    runtime().block_on(async {
        let mut queue = JoinQueue::new();
        let failing = queue.spawn(async { panic!("on purpose") });
        queue.spawn(async { 2 });
        let error = queue.join_next_with_id().await.unwrap().unwrap_err();
        assert!(error.is_panic() && error.id() == failing.id());
        assert_eq!(queue.join_next().await.unwrap().unwrap(), 2);

        let (held, dropped) = held();
        let mut queue = JoinQueue::new();
        queue.spawn(async { panic!("on purpose") });
        queue.spawn(async {
            let _held = held;
            pending().await
        });
        let payload = AssertUnwindSafe(queue.join_all()).catch_unwind().await.unwrap_err();
        assert_eq!(*payload.downcast::<&str>().unwrap(), "on purpose");
        dropped.await;
    });
}

#[test]
fn a_shutdown_that_is_given_up_can_be_repeated() {
    runtime().block_on(async {
        let (held, dropped) = held();
        let mut queue = JoinQueue::new();
        let mut map = JoinMap::new();
        queue.spawn(pending::<()>());
        map.spawn(1, pending::<()>());
        map.spawn(1, async {
            let _held = held;
            pending().await
        });
        assert!(queue.shutdown().now_or_never().is_none());
        assert!(map.shutdown().now_or_never().is_none());
        assert_eq!((queue.len(), map.len()), (1, 1));
        queue.shutdown().await;
        map.shutdown().await;
        assert!(queue.is_empty() && map.is_empty() && !map.contains_key(&1));
        dropped.await;
    });
}

#[test]
fn detached_tasks_go_on() {
    runtime().block_on(async {
        let (first, first_ended) = oneshot::channel();
        let (second, second_ended) = oneshot::channel();
        let mut queue = JoinQueue::new();
        queue.spawn(async move { first.send(1).unwrap() });
        queue.detach_all();
        let mut map = JoinMap::new();
        map.spawn("key", async move { second.send(2).unwrap() });
        map.detach_all();
        assert!(!map.contains_key("key"));
        assert_eq!((first_ended.await, second_ended.await), (Ok(1), Ok(2)));
        assert!(map.join_next().await.is_none());
    });
}

#[test]
fn a_task_that_was_replaced_is_never_seen() {
    runtime().block_on(async {
        let (held, dropped) = held();
        let mut map = JoinMap::new();
        map.spawn("a", async {
            let _held = held;
            pending().await
        });
        map.spawn("a", async { 2 });
        map.spawn("b", async { 3 });
        dropped.await;
        assert_eq!(map.len(), 2);
        let mut seen =
            [map.join_next().await.unwrap(), map.join_next().await.unwrap()].map(|(k, v)| (k, v.unwrap()));
        seen.sort();
        assert_eq!(seen, [("a", 2), ("b", 3)]);
        assert!(map.join_next().await.is_none());
    });
}

#[test]
fn the_end_of_a_map_waits_for_no_task_that_was_replaced() {
    runtime().block_on(async {
        // A closure that has begun can't be aborted.
        let (let_go, wait) = std::sync::mpsc::channel::<()>();
        let (begin, begun) = oneshot::channel();
        let mut map = JoinMap::new();
        map.spawn_blocking("a", move || {
            begin.send(()).unwrap();
            wait.recv().unwrap();
            1
        });
        begun.await.unwrap();
        map.spawn("a", async { 2 });
        assert_eq!(map.join_next().await.unwrap().1.unwrap(), 2);
        assert!(map.join_next().now_or_never().unwrap().is_none());
        assert!(map.try_join_next().is_none());
        let_go.send(()).unwrap();
        map.shutdown().await;
    });
}

#[test]
fn keys_and_tasks_are_found_as_long_as_they_are_there() {
    runtime().block_on(async {
        let mut map: JoinMap<String, u32> = JoinMap::with_capacity(4);
        assert!(map.capacity() >= 4);
        for n in 0..100 {
            map.spawn(n.to_string(), async move { n });
        }
        assert!(map.contains_key("42") && !map.contains_key("100"));
        assert_eq!((map.keys().len(), map.keys().count()), (100, 100));
        map.abort_matching(|key| key.len() == 1);
        assert!(map.abort("50") && !map.abort("500"));
        while let Some((key, result)) = map.join_next().await {
            assert_eq!(result.is_err(), key.len() == 1 || key == "50", "{key}");
            assert!(!map.contains_key(&key));
        }
        map.shrink_to_fit();
        assert_eq!(map.capacity(), 0);
    });
}

/// Compares well, or panics.
#[derive(Debug)]
struct Key(u32, bool);

impl std::hash::Hash for Key {
    fn hash<H: std::hash::Hasher>(&self, hasher: &mut H) {
        assert!(!self.1, "on purpose");
        // All in one bucket: each insertion compares.
        hasher.write_u8(0);
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        assert!(self.0 != 13 && other.0 != 13, "on purpose");
        self.0 == other.0
    }
}

impl Eq for Key {}

#[test]
fn a_key_that_panics_leaves_the_map_as_it_was() {
    runtime().block_on(async {
        let mut map = JoinMap::new();
        map.spawn(Key(1, false), async { 1 });
        map.spawn(Key(2, false), async { 2 });
        let alive = Arc::new(());
        for key in [Key(13, false), Key(3, true)] {
            let alive = alive.clone();
            let spawned = catch_unwind(AssertUnwindSafe(|| {
                map.spawn(key, async move {
                    drop(alive);
                    3
                });
            }));
            assert!(spawned.is_err());
        }
        assert_eq!((map.len(), Arc::strong_count(&alive)), (2, 1));
        for _ in 0..2 {
            let (key, n) = map.join_next().await.unwrap();
            assert_eq!(key.0, n.unwrap());
        }
        assert!(map.join_next().await.is_none());
    });
}

#[test]
fn a_pool_runs_what_is_not_send_and_what_that_spawns() {
    let pool = LocalPoolHandle::new(2);
    let sum = runtime().block_on(pool.spawn_pinned(|| {
        let shared = Rc::new(5);
        async move {
            let other = shared.clone();
            let half = rt_core::task::spawn_local(async move { *other });
            *shared + half.await.unwrap()
        }
    }));
    assert_eq!(sum.unwrap(), 10);
    assert_eq!(pool.get_task_loads_for_each_worker(), [0, 0]);
    assert_eq!(pool.clone().num_threads(), 2);
}

#[test]
fn the_end_of_a_pool_drops_its_tasks_where_they_ran() {
    struct Noted(std::thread::ThreadId, std::sync::mpsc::Sender<bool>);
    impl Drop for Noted {
        fn drop(&mut self) {
            self.1.send(self.0 == std::thread::current().id()).unwrap();
        }
    }
    let (sender, dropped) = std::sync::mpsc::channel();
    let (begin, begun) = oneshot::channel();
    let pool = LocalPoolHandle::new(1);
    let task = pool.spawn_pinned(move || async move {
        let _noted = Noted(std::thread::current().id(), sender);
        begin.send(()).unwrap();
        pending::<()>().await;
    });
    runtime().block_on(async {
        begun.await.unwrap();
        assert_eq!(pool.get_task_loads_for_each_worker(), [1]);
        drop(pool);
        assert!(task.await.unwrap_err().is_cancelled());
    });
    assert_eq!(dropped.recv(), Ok(true));
}

#[test]
fn a_pool_may_end_on_a_thread_of_its_own() {
    let pool = LocalPoolHandle::new(1);
    let own = pool.clone();
    let (begin, begun) = oneshot::channel::<()>();
    let task = pool.spawn_pinned(move || async move {
        begun.await.unwrap();
        drop(own);
    });
    drop(pool);
    begin.send(()).unwrap();
    // Whether it ends first or is cancelled is open; that somebody is told isn't.
    let _ = runtime().block_on(task);
}

#[test]
fn an_aborted_task_of_a_pool_is_dropped_at_each_point() {
    let pool = LocalPoolHandle::new(1);
    runtime().block_on(async {
        for polls in 0..4 {
            let (held, dropped) = held();
            let task = pool.spawn_pinned(move || async move {
                let _held = held;
                pending::<()>().await;
            });
            let mut task = pin!(task);
            for _ in 0..polls {
                let _ = poll_fn(|cx| Poll::Ready(task.as_mut().poll(cx).is_ready())).await;
                yield_now().await;
            }
            task.abort();
            dropped.await;
            assert!(task.await.unwrap_err().is_cancelled());
        }
        let load = || pool.get_task_loads_for_each_worker();
        pool.spawn_pinned(|| async {}).await.unwrap();
        assert_eq!(load(), [0]);
    });
}
