//! The builder's intervals and limits, each by what it does to a runtime that would do otherwise by default.
#![cfg(feature = "full")]

use std::net::UdpSocket as StdUdpSocket;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use rt_core::net::UdpSocket;
use rt_core::runtime::{Builder, Runtime};
use rt_core::sync::Notify;

/// Whether there is I/O, and whether there is time.
fn offers(builder: &mut Builder) -> (bool, bool) {
    let runtime = builder.build().unwrap();
    let works = |what: AssertUnwindSafe<&dyn Fn()>| std::panic::catch_unwind(what).is_ok();
    let binds = || drop(runtime.block_on(UdpSocket::bind("127.0.0.1:0")).unwrap());
    let sleeps = || runtime.block_on(async { rt_core::time::sleep(Duration::from_micros(1)).await });
    (works(AssertUnwindSafe(&binds)), works(AssertUnwindSafe(&sleeps)))
}

#[test]
fn what_is_not_enabled_is_not_there() {
    let new = Builder::new_current_thread;
    assert_eq!(offers(&mut new()), (false, false));
    assert_eq!(offers(new().enable_io()), (true, false));
    assert_eq!(offers(new().enable_io_uring()), (true, false));
    assert_eq!(offers(new().enable_time()), (false, true));
    assert_eq!(offers(new().enable_all()), (true, true));
    assert_eq!(offers(Builder::new_multi_thread().worker_threads(1).enable_alt_timer()), (false, true));
}

#[test]
fn there_are_as_many_workers_as_asked_for() {
    for threads in [1, 3, 5] {
        let runtime = Builder::new_multi_thread().worker_threads(threads).build().unwrap();
        assert_eq!(runtime.metrics().num_workers(), threads);
    }
}

/// Two tasks that wake each other until the end, and count how often.
struct Rally {
    turns: AtomicUsize,
    over: AtomicBool,
}

impl Rally {
    fn begin(runtime: &Runtime) -> Arc<Self> {
        let rally = Arc::new(Self { turns: AtomicUsize::new(0), over: AtomicBool::new(false) });
        let sides = [Arc::new(Notify::new()), Arc::new(Notify::new())];
        sides[0].notify_one();
        for nth in 0..2 {
            let (rally, ours, theirs) = (rally.clone(), sides[nth].clone(), sides[1 - nth].clone());
            runtime.spawn(async move {
                while !rally.over.load(Ordering::Relaxed) {
                    ours.notified().await;
                    rally.turns.fetch_add(1, Ordering::Relaxed);
                    theirs.notify_one();
                }
            });
        }
        rally
    }

    fn turns(&self) -> usize {
        self.turns.load(Ordering::Relaxed)
    }
}

/// How many polls a task from another thread waits for while others are always ready.
fn polls_before_one_from_outside(interval: u32) -> usize {
    let runtime = Builder::new_current_thread().global_queue_interval(interval).build().unwrap();
    let rally = Rally::begin(&runtime);
    let (handle, counted) = (runtime.handle().clone(), rally.clone());
    runtime.block_on(async {
        // In a task, so that the others have begun.
        let spawned = rt_core::spawn(async move {
            while counted.turns() < 50 {
                rt_core::task::yield_now().await;
            }
            let before = counted.turns();
            let spawning = std::thread::spawn(move || {
                handle.spawn(async move {
                    counted.over.store(true, Ordering::Relaxed);
                    counted.turns() - before
                })
            });
            spawning.join().unwrap().await.unwrap()
        });
        spawned.await.unwrap()
    })
}

#[test]
fn tasks_from_outside_are_looked_for_as_often_as_asked_for() {
    let (often, seldom) = (polls_before_one_from_outside(2), polls_before_one_from_outside(400));
    assert!(often <= 4, "{often} polls");
    assert!((200..=400).contains(&seldom), "{seldom} polls");
}

/// How many polls a datagram waits for while tasks are always ready.
fn polls_before_an_event(interval: u32) -> usize {
    let runtime = Builder::new_current_thread().enable_io().event_interval(interval).build().unwrap();
    let rally = Rally::begin(&runtime);
    let counted = rally.clone();
    runtime.block_on(async move {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let sent_at = Arc::new(AtomicUsize::new(0));
        let sending = sent_at.clone();
        let sent = rt_core::spawn(async move {
            StdUdpSocket::bind("127.0.0.1:0").unwrap().send_to(&[1], address).unwrap();
            sending.store(rally.turns(), Ordering::Relaxed);
        });
        let mut byte = [0];
        socket.recv_from(&mut byte).await.unwrap();
        counted.over.store(true, Ordering::Relaxed);
        sent.await.unwrap();
        counted.turns() - sent_at.load(Ordering::Relaxed)
    })
}

#[test]
fn events_are_looked_for_as_often_as_asked_for() {
    let (often, seldom) = (polls_before_an_event(4), polls_before_an_event(2_000));
    assert!(often <= 20, "{often} polls");
    assert!((500..=2_020).contains(&seldom), "{seldom} polls");
}

/// How often a worker goes to sleep while so many sockets have something to tell it at once.
fn turns_for_events(limit: Option<usize>) -> usize {
    const SOCKETS: usize = 32;

    let parks = Arc::new(AtomicUsize::new(0));
    let counting = parks.clone();
    let mut builder = Builder::new_current_thread();
    builder.enable_io().on_thread_park(move || _ = counting.fetch_add(1, Ordering::Relaxed));
    if let Some(limit) = limit {
        builder.max_io_events_per_tick(limit);
    }
    let runtime = builder.build().unwrap();
    runtime.block_on(async {
        let mut waiting = Vec::new();
        let mut addresses = Vec::new();
        for _ in 0..SOCKETS {
            let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            addresses.push(socket.local_addr().unwrap());
            waiting.push(rt_core::spawn(async move { socket.recv_from(&mut [0]).await.unwrap().0 }));
        }
        // All wait by then: they were queued before.
        rt_core::task::yield_now().await;
        let before = parks.load(Ordering::Relaxed);
        let sender = StdUdpSocket::bind("127.0.0.1:0").unwrap();
        for address in addresses {
            sender.send_to(&[1], address).unwrap();
        }
        for socket in waiting {
            assert_eq!(socket.await.unwrap(), 1);
        }
        parks.load(Ordering::Relaxed) - before
    })
}

#[test]
fn so_many_events_are_taken_at_a_time() {
    let (all, few) = (turns_for_events(None), turns_for_events(Some(4)));
    assert!(all <= 3, "{all} turns");
    assert!(few >= 7, "{few} turns");
}
