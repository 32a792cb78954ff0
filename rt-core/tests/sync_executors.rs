//! Every type of `sync` on executors that know nothing of the runtime: its types need wakers, and nothing else.
#![cfg(feature = "sync")]

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use futures::executor::{LocalPool, block_on, block_on_stream};
use futures::future::join_all;
use futures::stream::FuturesUnordered;
use futures::task::LocalSpawnExt;
use rt_core::sync::{
    Barrier, Mutex, Notify, OnceCell, RwLock, Semaphore, SetOnce, broadcast, mpsc, oneshot, watch,
};

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

const ROUNDS: usize = 50;

/// Tasks that only end together, by all that `sync` has; and what they have done in the end.
fn tasks() -> (Vec<Task>, Arc<AtomicUsize>) {
    let done = Arc::new(AtomicUsize::new(0));
    let mut tasks: Vec<Task> = Vec::new();
    locks(&mut tasks, &done);
    channels(&mut tasks, &done);
    signals(&mut tasks, &done);
    (tasks, done)
}

/// What `check` expects to have been done.
const DONE: usize = ROUNDS * (3 * 3 + 3 + 3 + 3) + 3 + 3 + 3;

fn check(done: &AtomicUsize) {
    assert_eq!(done.load(Ordering::SeqCst), DONE);
}

fn count(done: &AtomicUsize) {
    done.fetch_add(1, Ordering::SeqCst);
}

fn locks(tasks: &mut Vec<Task>, done: &Arc<AtomicUsize>) {
    let all = Arc::new((Mutex::new(0), RwLock::new(0), Semaphore::new(2)));
    for _ in 0..3 {
        let (all, done) = (all.clone(), done.clone());
        tasks.push(Box::pin(async move {
            for round in 0..ROUNDS {
                {
                    let mut guard = all.0.lock().await;
                    *guard += 1;
                    give_way().await;
                    count(&done);
                }
                if round % 2 == 0 {
                    let mut guard = all.1.write().await;
                    *guard += 1;
                    give_way().await;
                } else {
                    let guard = all.1.read().await;
                    let before = *guard;
                    give_way().await;
                    assert_eq!(*guard, before);
                }
                count(&done);
                let permits = all.2.acquire_many(1 + (round % 2) as u32).await.unwrap();
                give_way().await;
                drop(permits);
                count(&done);
            }
        }));
    }
}

fn channels(tasks: &mut Vec<Task>, done: &Arc<AtomicUsize>) {
    let (bounded, mut receiver) = mpsc::channel(2);
    let (unbounded, mut unbounded_receiver) = mpsc::unbounded_channel();
    for _ in 0..3 {
        let (bounded, unbounded) = (bounded.clone(), unbounded.clone());
        tasks.push(Box::pin(async move {
            for _ in 0..ROUNDS {
                let (answer, answered) = oneshot::channel();
                bounded.send(answer).await.unwrap();
                unbounded.send(answered.await.unwrap()).unwrap();
            }
        }));
    }
    drop((bounded, unbounded));
    tasks.push(Box::pin(async move {
        let mut number = 0_usize;
        while let Some(answer) = receiver.recv().await {
            answer.send(number).unwrap();
            number += 1;
        }
    }));
    let counting = done.clone();
    tasks.push(Box::pin(async move {
        let mut sum = 0;
        while let Some(number) = unbounded_receiver.recv().await {
            sum += number;
            count(&counting);
        }
        assert_eq!(sum, (0..3 * ROUNDS).sum::<usize>());
    }));
    let (sender, _) = broadcast::channel(4 * ROUNDS);
    for _ in 0..3 {
        let (mut receiver, done) = (sender.subscribe(), done.clone());
        tasks.push(Box::pin(async move {
            for expected in 0..ROUNDS {
                assert_eq!(receiver.recv().await, Ok(expected));
                count(&done);
            }
            assert!(receiver.recv().await.is_err());
        }));
    }
    tasks.push(Box::pin(async move {
        for value in 0..ROUNDS {
            sender.send(value).unwrap();
            give_way().await;
        }
    }));
    let (sender, receiver) = watch::channel(0);
    for _ in 0..3 {
        let (mut receiver, done) = (receiver.clone(), done.clone());
        tasks.push(Box::pin(async move {
            assert_eq!(*receiver.wait_for(|value| *value == ROUNDS).await.unwrap(), ROUNDS);
            assert!(receiver.changed().await.is_err());
            count(&done);
        }));
    }
    drop(receiver);
    tasks.push(Box::pin(async move {
        for value in 0..=ROUNDS {
            sender.send_replace(value);
            give_way().await;
        }
    }));
}

fn signals(tasks: &mut Vec<Task>, done: &Arc<AtomicUsize>) {
    let all = Arc::new((Barrier::new(3), OnceCell::new(), SetOnce::new(), Notify::new()));
    let waiting = Arc::new(AtomicUsize::new(0));
    for nth in 0..3 {
        let (all, done, waiting) = (all.clone(), done.clone(), waiting.clone());
        tasks.push(Box::pin(async move {
            for _ in 0..ROUNDS {
                all.0.wait().await;
                count(&done);
            }
            let make = || async {
                give_way().await;
                nth
            };
            let made = *all.1.get_or_init(make).await;
            assert!(made < 3);
            let told = all.3.notified();
            waiting.fetch_add(1, Ordering::SeqCst);
            told.await;
            count(&done);
            assert_eq!(*all.2.wait().await, 7);
            count(&done);
        }));
    }
    tasks.push(Box::pin(async move {
        while waiting.load(Ordering::SeqCst) < 3 {
            give_way().await;
        }
        all.3.notify_waiters();
        give_way().await;
        all.2.set(7).unwrap();
    }));
}

/// Pending once, with a wake on the spot.
async fn give_way() {
    let mut given = false;
    std::future::poll_fn(|cx| {
        if std::mem::replace(&mut given, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[test]
fn one_future_of_many() {
    let (tasks, done) = tasks();
    block_on(join_all(tasks));
    check(&done);
}

#[test]
fn a_stream_of_futures() {
    let (tasks, done) = tasks();
    let all: FuturesUnordered<_> = tasks.into_iter().collect();
    assert!(block_on_stream(all).count() > 10);
    check(&done);
}

#[test]
fn a_pool_of_one_thread() {
    let (tasks, done) = tasks();
    let mut pool = LocalPool::new();
    for task in tasks {
        pool.spawner().spawn_local(task).unwrap();
    }
    pool.run();
    check(&done);
}

#[test]
fn a_thread_for_each() {
    let (tasks, done) = tasks();
    let threads: Vec<_> = tasks.into_iter().map(|task| thread::spawn(|| block_on(task))).collect();
    for thread in threads {
        thread.join().unwrap();
    }
    check(&done);
}

/// Polls all over and over, and never asks who was woken.
#[test]
fn a_loop_that_only_polls() {
    let (mut tasks, done) = tasks();
    let mut cx = Context::from_waker(Waker::noop());
    while !tasks.is_empty() {
        tasks.retain_mut(|task| task.as_mut().poll(&mut cx).is_pending());
    }
    check(&done);
}

/// Parks until it is woken; each poll has another waker.
#[test]
fn a_loop_that_parks() {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let (tasks, done) = tasks();
    let threads: Vec<_> = tasks
        .into_iter()
        .map(|task| {
            thread::spawn(move || {
                let mut task = pin!(task);
                loop {
                    let waker = Waker::from(Arc::new(Unpark(thread::current())));
                    if task.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
                        return;
                    }
                    thread::park();
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    check(&done);
}
