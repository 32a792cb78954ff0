//! Signals, sent by the process to itself. Alone in its file: handlers are the process's.
#![cfg(feature = "full")]

use std::io::ErrorKind;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use rt_core::runtime::{Builder, Runtime};
use rt_core::signal::ctrl_c;
use rt_core::signal::unix::{Signal, SignalKind, signal};
use rt_core::time::{Duration, timeout};

fn current() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn send(kind: SignalKind) {
    // SAFETY: the call takes a number; each signal that is sent here has a handler.
    assert_eq!(unsafe { libc::raise(kind.as_raw_value()) }, 0);
}

fn has_come(signal: &mut Signal) -> bool {
    let polled = signal.poll_recv(&mut Context::from_waker(Waker::noop()));
    matches!(polled, Poll::Ready(Some(())))
}

/// Each test has a signal of its own, for the handlers and counters are shared.
fn real_time(offset: i32) -> SignalKind {
    SignalKind::from_raw(libc::SIGRTMIN() + offset)
}

#[test]
fn ctrl_c_is_heard_by_all_who_wait_in_any_runtime() {
    let threads: Vec<_> =
        [current(), Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()]
            .into_iter()
            .map(|runtime| {
                let (ready, wait) = std::sync::mpsc::channel();
                let thread = std::thread::spawn(move || {
                    runtime.block_on(async {
                        let mut first = pin!(ctrl_c());
                        let mut second = pin!(ctrl_c());
                        std::future::poll_fn(|cx| {
                            assert!(first.as_mut().poll(cx).is_pending());
                            assert!(second.as_mut().poll(cx).is_pending());
                            Poll::Ready(())
                        })
                        .await;
                        ready.send(()).unwrap();
                        first.await.unwrap();
                        second.await.unwrap();
                    });
                });
                wait.recv().unwrap();
                thread
            })
            .collect();
    send(SignalKind::interrupt());
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn what_comes_while_nobody_waits_counts_once() {
    current().block_on(async {
        let mut listener = signal(real_time(1)).unwrap();
        for _ in 0..3 {
            send(real_time(1));
        }
        assert_eq!(listener.recv().await, Some(()));
        assert!(timeout(Duration::from_millis(5), listener.recv()).await.is_err());
        send(real_time(1));
        assert_eq!(listener.recv().await, Some(()));
    });
}

#[test]
fn one_signal_is_not_another_and_the_past_is_past() {
    current().block_on(async {
        let mut early = signal(real_time(2)).unwrap();
        send(real_time(2));
        assert_eq!(early.recv().await, Some(()));
        let mut late = signal(real_time(2)).unwrap();
        let mut other = signal(real_time(3)).unwrap();
        assert!(timeout(Duration::from_millis(5), late.recv()).await.is_err());
        assert!(!has_come(&mut other));
        send(real_time(3));
        assert_eq!(other.recv().await, Some(()));
        assert!(timeout(Duration::from_millis(5), late.recv()).await.is_err());
    });
}

#[test]
fn a_signal_between_two_listeners_is_heard_until_the_driver_had_its_turn() {
    fn heard(offset: i32) -> bool {
        drop(signal(real_time(offset)).unwrap());
        send(real_time(offset));
        let (mut first, mut second) =
            (signal(real_time(offset)).unwrap(), signal(real_time(offset)).unwrap());
        let heard = has_come(&mut first);
        assert_eq!(heard, has_come(&mut second));
        assert!(!has_come(&mut first), "once");
        heard
    }
    let runtime = current();
    runtime.block_on(async {
        assert!(heard(6));
        // Another one doesn't count.
        assert!(!has_come(&mut signal(real_time(7)).unwrap()));
        rt_core::spawn(async {
            assert!(heard(6));
            send(real_time(6));
            timeout(Duration::from_millis(1), std::future::pending::<()>()).await.unwrap_err();
            assert!(!has_come(&mut signal(real_time(6)).unwrap()), "the driver has slept");
        })
        .await
        .unwrap();
        send(real_time(6));
    });
    // Nor does one that came before the runtime ran.
    runtime.block_on(async { assert!(!has_come(&mut signal(real_time(6)).unwrap())) });
    // Who isn't a worker doesn't know when a driver was turned.
    let _entered = runtime.enter();
    assert!(!heard(6));
    let workers = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let task = workers.spawn(async { assert!(heard(8)) });
    workers.block_on(task).unwrap();
}

#[test]
fn a_runtime_that_goes_takes_its_listeners_and_leaves_the_others() {
    let mut orphan = {
        let runtime = current();
        runtime.block_on(async { signal(real_time(4)).unwrap() })
    };
    current().block_on(async {
        assert_eq!(orphan.recv().await, None);
        let mut listener = signal(real_time(4)).unwrap();
        send(real_time(4));
        assert_eq!(listener.recv().await, Some(()));
    });
}

#[test]
fn thousands_of_signals_are_heard_without_one_being_read() {
    current().block_on(async {
        let mut listener = signal(real_time(5)).unwrap();
        for _ in 0..5_000 {
            send(real_time(5));
            assert_eq!(listener.recv().await, Some(()));
        }
    });
}

#[test]
fn what_cannot_be_handled_is_an_error() {
    current().block_on(async {
        for number in [libc::SIGKILL, libc::SIGSEGV, 0, -1, 1_000] {
            let error = signal(SignalKind::from_raw(number)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{number}");
        }
        assert!(signal(SignalKind::from_raw(100)).is_err());
    });
}

#[test]
#[should_panic(expected = "no runtime here")]
fn outside_of_a_runtime_it_panics() {
    let _ = signal(SignalKind::user_defined1());
}

#[test]
#[should_panic(expected = "without I/O")]
fn without_io_it_panics() {
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async { ctrl_c().await.unwrap() });
}
