//! Notifications from outside.
#![cfg(feature = "sync")]

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use futures::FutureExt;
use rt_core::sync::Notify;

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn at_most_one_permit() {
    let notify = Notify::new();
    notify.notify_one();
    notify.notify_last();
    assert!(notify.notified().now_or_never().is_some());
    assert!(notify.notified().now_or_never().is_none());
}

#[test]
fn first_and_last() {
    let notify = Notify::new();
    let mut waiting: Vec<_> = (0..3).map(|_| Box::pin(notify.notified())).collect();
    assert!(waiting.iter_mut().all(|notified| poll(notified.as_mut()).is_pending()));
    notify.notify_last();
    notify.notify_one();
    let told: Vec<_> = waiting.iter_mut().map(|notified| poll(notified.as_mut()).is_ready()).collect();
    assert_eq!(told, [true, false, true]);
}

// tokio #7996: who had been told with all took the permit of the one.
#[test]
fn all_have_priority_over_one() {
    let notify = Notify::new();
    let early = notify.notified();
    notify.notify_waiters();
    notify.notify_one();
    assert!(early.now_or_never().is_some());
    assert!(notify.notified().now_or_never().is_some(), "the permit is still there");
}

/// Does something when it is woken for the first time.
struct Once<F>(AtomicUsize, F);

impl<F: Fn() + Send + Sync> Wake for Once<F> {
    fn wake(self: Arc<Self>) {
        if self.0.fetch_add(1, Ordering::SeqCst) == 0 {
            self.1();
        }
    }
}

// tokio #7996, in the middle: those who are told with all are woken in batches, and in between others are told.
#[test]
fn all_have_priority_over_one_that_comes_in_between() {
    for last in [false, true] {
        for (later, cancelled) in [(false, false), (true, false), (false, true)] {
            let notify = Arc::new(Notify::new());
            // More than are woken at once.
            let mut waiting: Vec<_> = (0..100).map(|_| Box::pin(notify.clone().notified_owned())).collect();
            let comes_later = Arc::new(Mutex::new(None));
            let once = Arc::new(Once(AtomicUsize::new(0), {
                let (notify, comes_later) = (notify.clone(), comes_later.clone());
                move || {
                    if later {
                        let mut notified = Box::pin(notify.clone().notified_owned());
                        assert!(poll(notified.as_mut()).is_pending());
                        *comes_later.lock().unwrap() = Some(notified);
                    }
                    if last { notify.notify_last() } else { notify.notify_one() }
                }
            }));
            let waker = Waker::from(once);
            for notified in &mut waiting {
                assert!(notified.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
            }
            notify.notify_waiters();
            if !cancelled {
                assert!(waiting.iter_mut().all(|notified| poll(notified.as_mut()).is_ready()));
            }
            drop(waiting);
            match comes_later.lock().unwrap().take() {
                Some(mut notified) => assert!(poll(notified.as_mut()).is_ready(), "it is the one"),
                None => assert!(notify.notified().now_or_never().is_some(), "the permit is still there"),
            }
            assert!(notify.notified().now_or_never().is_none(), "there was one");
        }
    }
}

#[test]
fn a_dropped_future_passes_its_notification_on() {
    let notify = Notify::new();
    for last in [false, true] {
        let mut waiting: Vec<_> = (0..3).map(|_| Box::pin(notify.notified())).collect();
        assert!(waiting.iter_mut().all(|notified| poll(notified.as_mut()).is_pending()));
        if last {
            notify.notify_last();
            waiting.pop();
            assert!(poll(waiting[1].as_mut()).is_ready());
            assert!(poll(waiting[0].as_mut()).is_pending());
        } else {
            notify.notify_one();
            drop(waiting.remove(0));
            assert!(poll(waiting[0].as_mut()).is_ready());
            assert!(poll(waiting[1].as_mut()).is_pending());
        }
    }
    let mut alone = Box::pin(notify.notified());
    assert!(poll(alone.as_mut()).is_pending());
    notify.notify_one();
    drop(alone);
    assert!(notify.notified().now_or_never().is_some(), "it becomes a permit");
}

#[test]
fn one_told_with_all_leaves_nothing_when_dropped() {
    let notify = Notify::new();
    let mut notified = Box::pin(notify.notified());
    assert!(poll(notified.as_mut()).is_pending());
    notify.notify_waiters();
    notify.notify_one();
    drop(notified);
    assert!(notify.notified().now_or_never().is_some());
    assert!(notify.notified().now_or_never().is_none());
}

#[test]
fn a_wake_in_the_middle_of_telling_all_sees_all_told() {
    /// On a wake, polls another future that was meant, too, and then starts one that wasn't.
    struct Prober(Arc<Notify>, std::sync::Mutex<Vec<bool>>);
    impl Wake for Prober {
        fn wake(self: Arc<Self>) {
            let late = self.0.clone().notified_owned().now_or_never().is_some();
            self.1.lock().unwrap().push(late);
        }
    }
    let notify = Arc::new(Notify::new());
    let prober = Arc::new(Prober(notify.clone(), Default::default()));
    let waker = Waker::from(prober.clone());
    let mut waiting: Vec<_> = (0..100).map(|_| Box::pin(notify.notified())).collect();
    for notified in &mut waiting {
        assert!(notified.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    }
    notify.notify_waiters();
    assert_eq!(*prober.1.lock().unwrap(), [false; 100]);
    assert!(waiting.iter_mut().all(|notified| poll(notified.as_mut()).is_ready()));
}

#[test]
fn enabled_before_the_notification() {
    let notify = Notify::new();
    let mut notified = pin!(notify.notified());
    assert!(!notified.as_mut().enable());
    assert!(!notified.as_mut().enable());
    notify.notify_one();
    assert!(notified.as_mut().enable());
    assert!(poll(notified.as_mut()).is_ready());
    assert!(poll(notified).is_ready(), "again");
}

#[test]
fn an_enabled_future_gets_a_waker_later() {
    struct Count(AtomicUsize);
    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let notify = Notify::new();
    let count = Arc::new(Count(AtomicUsize::new(0)));
    let mut notified = pin!(notify.notified());
    notified.as_mut().enable();
    assert!(notified.as_mut().poll(&mut Context::from_waker(&Waker::from(count.clone()))).is_pending());
    notify.notify_one();
    assert_eq!(count.0.load(Ordering::SeqCst), 1);
}

/// Those woken in a row are queued without a word to other workers until its end.
#[cfg(feature = "rt-multi-thread")]
#[test]
fn those_told_at_once_run_while_who_told_them_goes_on() {
    const TASKS: usize = 300;

    let runtime = rt_core::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    for _ in 0..20 {
        let notify = Arc::new(Notify::new());
        let ran = Arc::new(AtomicUsize::new(0));
        for _ in 0..TASKS {
            let (told, ran) = (notify.clone().notified_owned(), ran.clone());
            runtime.spawn(async move {
                told.await;
                ran.fetch_add(1, Ordering::AcqRel);
            });
        }
        let task = runtime.spawn(async move {
            notify.notify_waiters();
            while ran.load(Ordering::Acquire) < TASKS {
                std::hint::spin_loop();
            }
        });
        runtime.block_on(task).unwrap();
    }
}
