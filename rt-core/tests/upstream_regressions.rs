//! Defects that tokio had and mended, to which a runtime of this kind is prone, as far as no other test of ours stands for
//! them. `docs/upstream-regressions.md` says where each is tested.
#![cfg(feature = "full")]

use std::net::UdpSocket;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex as StdMutex, mpsc as std_mpsc};
use std::task::{Context, Wake, Waker};
use std::time::{Duration, Instant};

use rt_core::runtime::{Builder, Handle, Runtime};
use rt_core::sync::{Mutex, Notify, RwLock, mpsc};
use rt_core::task::{block_in_place, yield_now};
use rt_core::time::sleep;

fn multi(workers: usize) -> Runtime {
    Builder::new_multi_thread().worker_threads(workers).enable_all().build().unwrap()
}

/// Runs what once ran forever.
fn ends(test: impl FnOnce() + Send + 'static) {
    let (tell, told) = std_mpsc::channel();
    let thread = std::thread::spawn(move || {
        test();
        tell.send(()).unwrap();
    });
    // Disconnected: it panicked, which the join tells.
    assert_ne!(told.recv_timeout(Duration::from_secs(60)), Err(std_mpsc::RecvTimeoutError::Timeout), "stuck");
    thread.join().unwrap();
}

// tokio #7209: in `block_in_place` nobody woke a future whose budget was used up.
#[test]
fn a_budget_that_is_used_up_in_block_in_place_holds_nobody_up() {
    for workers in [1, 2] {
        ends(move || {
            let runtime = multi(workers);
            let task = runtime.spawn(async {
                block_in_place(|| {
                    Handle::current().block_on(async {
                        let (lock, rw) = (Mutex::new(0), RwLock::new(0));
                        for _ in 0..1_000 {
                            *lock.lock().await += 1;
                            *rw.write().await += 1;
                        }
                        *lock.lock().await + *rw.read().await
                    })
                })
            });
            assert_eq!(runtime.block_on(task).unwrap(), 2_000);
        });
    }
}

// tokio #7210: nor one that yielded.
#[test]
fn what_yields_in_block_in_place_goes_on() {
    for workers in [1, 2] {
        ends(move || {
            let runtime = multi(workers);
            let task = runtime.spawn(async {
                for _ in 0..100 {
                    block_in_place(|| Handle::current().block_on(yield_now()));
                }
            });
            runtime.block_on(task).unwrap();
        });
    }
}

/// A waker that notifies.
struct Notifies(Notify);

impl Wake for Notifies {
    fn wake(self: Arc<Self>) {
        self.0.notify_one();
    }
}

// tokio #7835: what yielded in the hook of a thread that is about to sleep was slept over.
#[test]
fn what_yields_in_the_hook_before_a_sleep_is_woken() {
    for mut builder in [Builder::new_current_thread(), Builder::new_multi_thread()] {
        ends(move || {
            let notifies = Arc::new(Notifies(Notify::new()));
            let (waker, yielded) = (Waker::from(notifies.clone()), AtomicBool::new(false));
            let runtime = builder
                .worker_threads(1)
                .on_thread_park(move || {
                    if !yielded.swap(true, Ordering::SeqCst) {
                        assert!(pin!(yield_now()).poll(&mut Context::from_waker(&waker)).is_pending());
                    }
                })
                .build()
                .unwrap();
            runtime.block_on(notifies.0.notified());
        });
    }
}

// tokio #7835, from outside: what another thread wakes while its thread falls asleep.
#[test]
fn what_another_thread_wakes_before_or_in_a_sleep_is_woken() {
    ends(|| {
        let notify = Arc::new(Notify::new());
        let (falls_asleep, sleeps) = std_mpsc::channel();
        let runtime = Builder::new_current_thread()
            .on_thread_park(move || falls_asleep.send(()).unwrap())
            .build()
            .unwrap();
        let other = std::thread::spawn({
            let notify = notify.clone();
            // Ends with the hook, which goes with the runtime.
            move || sleeps.iter().for_each(|()| notify.notify_one())
        });
        for _ in 0..1_000 {
            runtime.block_on(notify.notified());
        }
        drop(runtime);
        other.join().unwrap();
    });
}

/// How long it takes until all has run that the hook of the only worker spawns before each of so many sleeps.
fn run_what_hooks_spawn(mut builder: Builder, sleeps: usize, tasks: usize) -> Duration {
    let (slept, ran, done) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let told = done.clone();
    let runtime = builder
        .worker_threads(1)
        .on_thread_park(move || {
            if slept.fetch_add(1, Ordering::SeqCst) >= sleeps {
                return;
            }
            for _ in 0..tasks {
                let (ran, done) = (ran.clone(), done.clone());
                rt_core::spawn(async move {
                    if ran.fetch_add(1, Ordering::SeqCst) + 1 == sleeps * tasks {
                        done.notify_one();
                    }
                });
            }
        })
        .build()
        .unwrap();
    let start = Instant::now();
    runtime.block_on(told.notified());
    start.elapsed()
}

// tokio #7835, with tasks: the worker runs what its hook has made. The watch would find it, too, after two milliseconds.
#[test]
fn what_the_hook_before_a_sleep_spawns_is_run_at_once() {
    for builder in [Builder::new_current_thread, Builder::new_multi_thread] {
        for tasks in [1, 3] {
            // One of ten runs is undisturbed by others who want the processor.
            ends(move || {
                let limit = Duration::from_millis(40);
                assert!((0..10).any(|_| run_what_hooks_spawn(builder(), 40, tasks) < limit));
            });
        }
    }
}

// tokio #8222: a hook that makes work before each sleep kept the driver from ever being turned.
#[test]
fn a_hook_that_always_makes_work_keeps_no_timer_from_firing() {
    ends(|| {
        let notify = Arc::new(Notify::new());
        let runtime = {
            let notify = notify.clone();
            Builder::new_current_thread()
                .enable_all()
                .on_thread_park(move || notify.notify_waiters())
                .build()
                .unwrap()
        };
        let done = Arc::new(AtomicBool::new(false));
        runtime.spawn({
            let done = done.clone();
            async move {
                sleep(Duration::from_millis(5)).await;
                done.store(true, Ordering::SeqCst);
            }
        });
        while !done.load(Ordering::SeqCst) {
            runtime.block_on(notify.notified());
        }
    });
}

// tokio #8222, with a task that the hook wakes, on both flavors: a thread that only looks around has turned its driver, too.
#[test]
fn a_hook_that_always_wakes_a_task_keeps_no_timer_from_firing() {
    for mut builder in [Builder::new_current_thread(), Builder::new_multi_thread()] {
        ends(move || {
            let notify = Arc::new(Notify::new());
            let told = notify.clone();
            let runtime = builder
                .worker_threads(1)
                .enable_all()
                .on_thread_park(move || told.notify_waiters())
                .build()
                .unwrap();
            runtime.spawn(async move {
                loop {
                    notify.notified().await;
                }
            });
            runtime.block_on(runtime.spawn(async { sleep(Duration::from_millis(5)).await })).unwrap();
        });
    }
}

// tokio #7991: at the end of a channel, a buffer that held something was taken for a fault.
#[test]
fn recv_many_leaves_alone_what_the_buffer_holds() {
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let (sender, mut receiver) = mpsc::channel::<u32>(4);
        let (unbounded, mut from_unbounded) = mpsc::unbounded_channel::<u32>();
        sender.send(2).await.unwrap();
        unbounded.send(2).unwrap();
        receiver.close();
        from_unbounded.close();
        let (mut buffer, mut other) = (vec![1], vec![1]);
        for received in [1, 0, 0] {
            assert_eq!(receiver.recv_many(&mut buffer, 3).await, received);
            assert_eq!(from_unbounded.recv_many(&mut other, 3).await, received);
            assert_eq!((&buffer[..], &other[..]), (&[1, 2][..], &[1, 2][..]));
        }
    });
}

/// How often each worker fell asleep while a task ran.
fn parks_during(runtime: &Runtime, task: impl Future<Output = ()> + Send + 'static) -> Vec<u64> {
    let metrics = runtime.metrics();
    let parks = || (0..metrics.num_workers()).map(|i| metrics.worker_park_count(i)).collect::<Vec<_>>();
    let before = parks();
    runtime.block_on(runtime.spawn(task)).unwrap();
    parks().iter().zip(before).map(|(now, before)| now - before).collect()
}

// tokio #7431: others were woken to take the task that its worker takes next anyway.
#[test]
fn nobody_is_woken_for_the_task_that_comes_next() {
    const SPAWNS: u64 = 10_000;

    let runtime = multi(2);
    let parks = parks_during(&runtime, async {
        for _ in 0..SPAWNS {
            rt_core::spawn(async {}).await.unwrap();
        }
    });
    // Some for a worker that others keep from running for a while, which looks as if it were stuck.
    assert!(parks.iter().sum::<u64>() < SPAWNS / 10, "{parks:?}");
}

// tokio #7226: with wheels in shards, each sleeper had to know the earliest timer of all.
#[test]
fn a_timer_wakes_no_worker_but_its_own() {
    const SLEEPS: u64 = 200;

    let runtime = multi(2);
    let parks = parks_during(&runtime, async {
        for _ in 0..SLEEPS {
            sleep(Duration::from_millis(1)).await;
        }
    });
    // One sleep of a worker each, wherever the task goes on, and not another worker's as well.
    assert!(parks.iter().sum::<u64>() < SLEEPS * 3 / 2, "{parks:?}");
}

/// How often two workers fall asleep while a task on each sleeps so many times.
fn parks_of_two_sleepers(sleeps: u64) -> u64 {
    let runtime = multi(2);
    let parks = parks_during(&runtime, async move {
        let met = Arc::new(AtomicUsize::new(0));
        let tasks = [900, 1_300].map(|us| {
            let met = met.clone();
            rt_core::spawn(async move {
                // On a worker each, where their timers are from then on.
                met.fetch_add(1, Ordering::SeqCst);
                while met.load(Ordering::SeqCst) < 2 {
                    std::hint::spin_loop();
                }
                for _ in 0..sleeps {
                    sleep(Duration::from_micros(us)).await;
                }
            })
        });
        for task in tasks {
            task.await.unwrap();
        }
    });
    parks.iter().sum()
}

// tokio #7226, with timers of both workers: neither wakes for those of the other.
#[test]
fn workers_with_timers_wake_for_their_own() {
    const SLEEPS: u64 = 200;

    // Others, or the watch, wake them as well when they get no processor for a while: one of ten runs is undisturbed.
    assert!((0..10).any(|_| parks_of_two_sleepers(SLEEPS) < 2 * SLEEPS * 9 / 8));
}

/// How many sockets' tasks have their turn in one round of a busy worker at most, when all became ready at once.
fn largest_batch(limit: Option<usize>) -> usize {
    const SOCKETS: usize = 32;

    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(1).enable_all();
    if let Some(limit) = limit {
        builder.max_io_events_per_busy_tick(limit);
    }
    let runtime = builder.build().unwrap();
    let round = Arc::new(AtomicUsize::new(0));
    let seen = Arc::new(StdMutex::new(Vec::new()));
    let waiting = Arc::new(AtomicUsize::new(0));
    let mut addresses = Vec::new();
    for _ in 0..SOCKETS {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        addresses.push(socket.local_addr().unwrap());
        let (round, seen, waiting) = (round.clone(), seen.clone(), waiting.clone());
        runtime.spawn(async move {
            let socket = rt_core::net::UdpSocket::from_std(socket).unwrap();
            waiting.fetch_add(1, Ordering::SeqCst);
            socket.recv(&mut [0]).await.unwrap();
            seen.lock().unwrap().push(round.load(Ordering::SeqCst));
        });
    }
    let busy = runtime.spawn({
        let seen = seen.clone();
        async move {
            while waiting.load(Ordering::SeqCst) < SOCKETS {
                yield_now().await;
            }
            let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
            for address in addresses {
                sender.send_to(&[1], address).unwrap();
            }
            while seen.lock().unwrap().len() < SOCKETS {
                round.fetch_add(1, Ordering::SeqCst);
                yield_now().await;
            }
        }
    });
    runtime.block_on(busy).unwrap();
    let seen = seen.lock().unwrap();
    seen.iter().map(|round| seen.iter().filter(|other| *other == round).count()).max().unwrap()
}

// tokio #8410: many events at once flooded the queue of a worker that had tasks.
#[test]
fn a_busy_worker_takes_so_many_events_at_a_time() {
    assert!(largest_batch(None) > 8);
    for limit in [1, 4] {
        // The watch turns the driver as well when the worker gets no processor for a while: one of ten runs is undisturbed.
        let batches: Vec<_> = (0..10).map(|_| largest_batch(Some(limit))).collect();
        assert!(batches.iter().any(|batch| *batch <= limit), "{batches:?} of {limit}");
    }
}
