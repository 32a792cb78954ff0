//! A subscriber of `tracing` that panics loses nobody's permits, locks, values or wakes.
//!
//! Each scenario runs again and again; the subscriber panics at the first thing it is told, then at the second, and so on
//! until it isn't told that much. What is left each time must be whole.
#![cfg(all(feature = "full", feature = "test-util", feature = "tracing"))]

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use rt_core::runtime::{Builder, Runtime};
use rt_core::sync::{Barrier, Mutex, Notify, RwLock, Semaphore, oneshot};
use rt_core::task::{JoinHandle, yield_now};
use rt_core::time::{Instant, Interval, interval, sleep};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Panics once, when it is told something for the `at`-th time.
struct Panicking {
    at: u64,
    told: Arc<AtomicU64>,
    /// Spans outlive the run, and go on telling.
    over: Arc<AtomicBool>,
    spans: AtomicU64,
}

/// What it panics with.
struct OfSubscriber;

impl Panicking {
    fn is_told(&self) {
        if !self.over.load(Ordering::SeqCst) && self.told.fetch_add(1, Ordering::SeqCst) == self.at {
            resume_unwind(Box::new(OfSubscriber));
        }
    }
}

impl Subscriber for Panicking {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        self.is_told();
        Id::from_u64(self.spans.fetch_add(1, Ordering::SeqCst) + 1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {
        self.is_told();
    }

    fn enter(&self, _: &Id) {
        self.is_told();
    }

    fn exit(&self, _: &Id) {
        self.is_told();
    }

    fn try_close(&self, _: Id) -> bool {
        self.is_told();
        true
    }
}

/// Makes something and runs it, with a subscriber that panics at each thing it is told; `check` gets what was made.
fn at_each<S>(make: impl Fn() -> S, run: impl Fn(&S), check: impl Fn(S)) {
    for at in 0.. {
        let (told, over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let subscriber = Panicking { at, told: told.clone(), over: over.clone(), spans: AtomicU64::new(0) };
        let made = tracing::subscriber::with_default(subscriber, || {
            let made = caught(&make)?;
            let _ = caught(|| run(&made));
            Some(made)
        });
        over.store(true, Ordering::SeqCst);
        if let Some(made) = made {
            check(made);
        }
        let told = told.load(Ordering::SeqCst);
        if told <= at {
            assert!(told > 10, "it was told of {told} things only");
            break;
        }
    }
}

/// Runs something in which only the subscriber may panic.
fn caught<R>(f: impl FnOnce() -> R) -> Option<R> {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(result) => Some(result),
        Err(payload) if payload.is::<OfSubscriber>() => None,
        Err(payload) => resume_unwind(payload),
    }
}

type Waits<T> = RefCell<Vec<Pin<Box<dyn Future<Output = T>>>>>;

/// Begins a wait, or goes on with it.
fn poll<T>(wait: &mut Pin<Box<dyn Future<Output = T>>>) -> Poll<T> {
    wait.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

/// Polls each wait, and drops what comes of it. One in which the subscriber panics has ended by that.
fn poll_all<T>(waits: &Waits<T>) {
    let mut index = 0;
    while index < waits.borrow().len() {
        // Out of the others' way, should it panic; it comes back when it goes on waiting.
        let mut wait = waits.borrow_mut().remove(index);
        if poll(&mut wait).is_pending() {
            waits.borrow_mut().insert(index, wait);
            index += 1;
        }
    }
}

/// All waits come to their end.
fn finish<T>(waits: &Waits<T>) {
    for _ in 0..100 {
        poll_all(waits);
    }
    assert!(waits.borrow().is_empty(), "somebody waits for ever");
}

fn wait<T: 'static>(waits: &Waits<T>, future: impl Future<Output = T> + 'static) {
    waits.borrow_mut().push(Box::pin(future));
}

#[test]
fn a_semaphore_keeps_its_permits() {
    at_each(
        || (Arc::new(Semaphore::new(2)), Waits::default()),
        |(semaphore, waits)| {
            let permit = semaphore.try_acquire_many(2).unwrap();
            for n in [1, 2, 1] {
                wait(waits, semaphore.clone().acquire_many_owned(n));
            }
            poll_all(waits);
            // The first in line gives up.
            let mut given_up = waits.borrow_mut().remove(0);
            let _ = poll(&mut given_up);
            drop(given_up);
            drop(permit);
            poll_all(waits);
            semaphore.add_permits(1);
            assert_eq!(semaphore.forget_permits(1), 1);
            drop(semaphore.clone().try_acquire_owned().unwrap());
        },
        |(semaphore, waits)| {
            finish(&waits);
            let free = semaphore.available_permits();
            // Where it was added and not yet forgotten.
            assert!((2..=3).contains(&free), "{free}");
        },
    );
}

#[test]
fn a_mutex_is_unlocked() {
    at_each(
        || (Arc::new(Mutex::new((0, 0))), Waits::default()),
        |(mutex, waits)| {
            let guard = mutex.try_lock().unwrap();
            for _ in 0..3 {
                wait(waits, mutex.clone().lock_owned());
            }
            poll_all(waits);
            let part = rt_core::sync::MutexGuard::map(guard, |pair| &mut pair.0);
            drop(part);
            poll_all(waits);
            poll_all(waits);
            drop(mutex.clone().try_lock_owned());
        },
        |(mutex, waits)| {
            finish(&waits);
            assert!(mutex.try_lock().is_ok());
        },
    );
}

#[test]
fn a_rwlock_is_unlocked() {
    at_each(
        || (Arc::new(RwLock::with_max_readers(0, 3)), Waits::default(), Waits::default()),
        |(lock, readers, writers)| {
            let guard = lock.try_write().unwrap();
            for _ in 0..2 {
                wait(readers, lock.clone().read_owned());
                wait(writers, lock.clone().write_owned());
            }
            poll_all(readers);
            poll_all(writers);
            let reader = guard.downgrade();
            poll_all(readers);
            drop(reader);
            poll_all(writers);
            poll_all(readers);
            drop(lock.try_read());
        },
        |(lock, readers, writers)| {
            for _ in 0..100 {
                poll_all(&readers);
                poll_all(&writers);
            }
            finish(&readers);
            finish(&writers);
            assert!(lock.try_write().is_ok());
        },
    );
}

#[test]
fn a_value_sent_once_arrives() {
    type Channel =
        (RefCell<Option<oneshot::Sender<u8>>>, RefCell<oneshot::Receiver<u8>>, RefCell<Option<u8>>);
    at_each(
        || -> Channel {
            let (sender, receiver) = oneshot::channel();
            (RefCell::new(Some(sender)), RefCell::new(receiver), RefCell::new(None))
        },
        |(sender, receiver, received)| {
            let mut receiver = receiver.borrow_mut();
            let mut cx = Context::from_waker(Waker::noop());
            assert!(Pin::new(&mut *receiver).poll(&mut cx).is_pending());
            let taken = sender.take().unwrap();
            let _ = taken.send(5);
            if let Poll::Ready(value) = Pin::new(&mut *receiver).poll(&mut cx) {
                *received.borrow_mut() = Some(value.unwrap());
            }
        },
        |(sender, receiver, received)| {
            let sent = sender.borrow_mut().take().is_none();
            if received.borrow().is_none() {
                let received = receiver.into_inner().try_recv();
                assert_eq!(received.ok(), sent.then_some(5));
            }
        },
    );
}

#[test]
fn a_barrier_lets_all_through() {
    at_each(
        || (Arc::new(Barrier::new(2)), Waits::default()),
        |(barrier, waits)| {
            for _ in 0..2 {
                let barrier = barrier.clone();
                wait(waits, async move { barrier.wait().await });
            }
            poll_all(waits);
            poll_all(waits);
        },
        |(barrier, waits)| {
            for others in 0.. {
                poll_all(&waits);
                poll_all(&waits);
                if waits.borrow().is_empty() {
                    return;
                }
                // The other has gone by a panic, before it came or after both were through.
                assert!(others < 2);
                let barrier = barrier.clone();
                wait(&waits, async move { barrier.wait().await });
            }
        },
    );
}

fn paused() -> Runtime {
    Builder::new_current_thread().enable_all().start_paused(true).build().unwrap()
}

#[test]
#[expect(clippy::await_holding_refcell_ref, reason = "nobody else borrows it")]
fn sleeps_end_and_no_tick_is_lost() {
    type Timers = (Runtime, RefCell<Interval>, RefCell<Vec<Instant>>);
    at_each(
        || -> Timers {
            let runtime = paused();
            let interval = runtime.block_on(async { interval(Duration::from_millis(5)) });
            (runtime, RefCell::new(interval), RefCell::default())
        },
        |(runtime, interval, ticks)| {
            runtime.block_on(async {
                sleep(Duration::from_millis(1)).await;
                for _ in 0..3 {
                    let tick = interval.borrow_mut().tick().await;
                    ticks.borrow_mut().push(tick);
                }
            });
        },
        |(runtime, interval, ticks)| {
            runtime.block_on(async {
                let tick = interval.borrow_mut().tick().await;
                ticks.borrow_mut().push(tick);
                sleep(Duration::from_millis(1)).await;
            });
            let ticks = ticks.take();
            assert!(ticks.windows(2).all(|pair| pair[1] - pair[0] == Duration::from_millis(5)), "{ticks:?}");
        },
    );
}

#[test]
fn tasks_are_woken_and_joined() {
    type Tasks = (Runtime, Arc<Notify>, RefCell<Vec<JoinHandle<()>>>);
    at_each(
        || -> Tasks {
            (Builder::new_current_thread().enable_all().build().unwrap(), Arc::default(), RefCell::default())
        },
        |(runtime, notify, handles)| {
            runtime.block_on(async {
                for _ in 0..2 {
                    let notify = notify.clone();
                    handles.borrow_mut().push(rt_core::spawn(async move { notify.notified().await }));
                }
                yield_now().await;
                notify.notify_waiters();
                handles.borrow_mut().push(rt_core::task::spawn_blocking(|| ()));
                yield_now().await;
            });
        },
        |(runtime, notify, handles)| {
            runtime.block_on(async {
                for handle in handles.take() {
                    // Those that came too late to be told; one that was told ends without it.
                    notify.notify_one();
                    if let Err(error) = handle.await {
                        assert!(error.into_panic().is::<OfSubscriber>());
                    }
                }
            });
            assert_eq!(runtime.metrics().num_alive_tasks(), 0);
        },
    );
}

/// Ends each task in its own way, and counts the futures that are dropped.
#[test]
fn each_future_is_dropped() {
    /// Counts how many there are, and panics when it is dropped if it is told to.
    struct Counted(Arc<AtomicU64>, bool);

    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::SeqCst);
            if self.1 && !std::thread::panicking() {
                resume_unwind(Box::new(OfSubscriber));
            }
        }
    }

    let count = Arc::new(AtomicU64::new(0));
    let counted = |panics| {
        count.fetch_add(1, Ordering::SeqCst);
        Counted(count.clone(), panics)
    };
    for panics in [false, true] {
        at_each(
            || Builder::new_current_thread().enable_all().build().unwrap(),
            |runtime| {
                runtime.block_on(async {
                    let (returns, in_main) = (counted(panics), counted(false));
                    rt_core::spawn(async move { drop(returns) });
                    let unwinds = counted(panics);
                    rt_core::spawn(async move {
                        let _unwinds = unwinds;
                        resume_unwind(Box::new(OfSubscriber));
                    });
                    let waits = |counted: Counted| async move {
                        let _counted = counted;
                        std::future::pending::<()>().await;
                    };
                    let (aborted, at_once) =
                        (rt_core::spawn(waits(counted(panics))), rt_core::spawn(waits(counted(panics))));
                    at_once.abort();
                    yield_now().await;
                    aborted.abort();
                    // Goes with the runtime.
                    rt_core::spawn(waits(counted(panics)));
                    yield_now().await;
                    drop(in_main);
                });
            },
            |runtime| {
                drop(runtime);
                assert_eq!(count.load(Ordering::SeqCst), 0);
            },
        );
    }
}
