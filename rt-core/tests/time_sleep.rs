//! Sleeping: when a sleep ends, and what may be done to it before.
#![cfg(feature = "full")]
#![expect(clippy::async_yields_async, reason = "sleeps are handed on, to be awaited elsewhere")]

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use rt_core::runtime::{Builder, Handle, Runtime};
use rt_core::time::{Duration, Instant, Sleep, interval, sleep, sleep_until, timeout};

fn current() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn multi(workers: usize) -> Runtime {
    Builder::new_multi_thread().worker_threads(workers).enable_all().build().unwrap()
}

fn on_each(test: impl Fn(Runtime)) {
    test(current());
    test(Builder::new_current_thread().enable_time().build().unwrap());
    test(multi(1));
    test(multi(3));
}

/// Counts its wake-ups.
#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Count {
    fn waker() -> (Arc<Self>, Waker) {
        let count = Arc::new(Self::default());
        (count.clone(), Waker::from(count))
    }

    fn so_far(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

fn poll(sleep: Pin<&mut Sleep>, waker: &Waker) -> Poll<()> {
    sleep.poll(&mut Context::from_waker(waker))
}

const MS: Duration = Duration::from_millis(1);

#[test]
fn a_sleep_is_never_early() {
    on_each(|runtime| {
        runtime.block_on(async {
            for micros in [0, 1, 15, 16, 17, 100, 999, 1_000, 1_049, 2_500, 10_000, 20_001] {
                let start = std::time::Instant::now();
                let duration = Duration::from_micros(micros);
                sleep(duration).await;
                assert!(start.elapsed() >= duration, "{micros}");
                let deadline = std::time::Instant::now() + duration;
                sleep_until(deadline.into()).await;
                assert!(std::time::Instant::now() >= deadline, "{micros}");
            }
        });
    });
}

#[test]
fn sleeps_of_many_tasks_all_end_and_none_early() {
    on_each(|runtime| {
        runtime.block_on(async {
            let tasks: Vec<_> = (0..2_000_u64)
                .map(|i| {
                    rt_core::spawn(async move {
                        let start = std::time::Instant::now();
                        let duration = Duration::from_micros(i * 7_919 % 30_000);
                        sleep(duration).await;
                        assert!(start.elapsed() >= duration);
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
        });
    });
}

#[test]
fn a_deadline_that_has_passed_is_no_wait() {
    on_each(|runtime| {
        let _entered = runtime.enter();
        let now = Instant::now();
        thread::sleep(MS);
        assert!(poll(pin!(sleep_until(now)), Waker::noop()).is_ready());
        assert!(poll(pin!(sleep(Duration::ZERO)), Waker::noop()).is_ready());
    });
}

#[test]
fn endless_sleeps_overflow_nothing() {
    on_each(|runtime| {
        runtime.block_on(async {
            let (count, waker) = Count::waker();
            for duration in [Duration::MAX, Duration::from_secs(u64::MAX / 4), Duration::from_secs(1 << 40)] {
                let mut endless = pin!(sleep(duration));
                assert!(poll(endless.as_mut(), &waker).is_pending());
                sleep(MS).await;
                assert!(poll(endless.as_mut(), &waker).is_pending());
                assert!(endless.deadline() > Instant::now() + Duration::from_secs(86_400 * 365));
            }
            let far = Instant::now() + Duration::from_secs(86_400 * 365 * 200);
            assert!(poll(pin!(sleep_until(far)), &waker).is_pending());
            assert!(timeout(Duration::MAX, std::future::ready(())).await.is_ok());
            let mut ticks = interval(Duration::MAX);
            ticks.tick().await;
            assert!(timeout(MS, ticks.tick()).await.is_err());
            assert_eq!(count.so_far(), 0);
        });
    });
}

#[rt_core::test(start_paused = true)]
async fn the_paused_clock_jumps_to_the_very_deadline() {
    let start = Instant::now();
    for nanos in [1, 999, 16_384, 16_385, 1_000_000, 86_400_000_000_000_123] {
        let before = Instant::now();
        sleep(Duration::from_nanos(nanos)).await;
        assert_eq!(before.elapsed(), Duration::from_nanos(nanos));
    }
    assert!(start.elapsed() > Duration::from_secs(86_400_000));
}

#[rt_core::test(start_paused = true)]
async fn sleeps_end_in_the_order_of_their_deadlines() {
    let (sender, receiver) = mpsc::channel();
    for i in 0..1_000_u64 {
        let sender = sender.clone();
        let nanos = i * 7_919 % 1_000 * 5_000;
        rt_core::spawn(async move {
            sleep(Duration::from_nanos(nanos)).await;
            sender.send(nanos).unwrap();
        });
    }
    sleep(Duration::from_secs(1)).await;
    drop(sender);
    let order: Vec<_> = receiver.iter().collect();
    assert_eq!(order.len(), 1_000);
    assert!(order.is_sorted());
}

#[rt_core::test(start_paused = true)]
async fn a_reset_holds_in_every_state() {
    let start = Instant::now();
    let (count, waker) = Count::waker();
    let mut timer = pin!(sleep(10 * MS));

    // Before the first poll, later and earlier.
    timer.as_mut().reset(start + 30 * MS);
    timer.as_mut().reset(start + 20 * MS);
    assert_eq!(timer.deadline(), start + 20 * MS);
    assert!(poll(timer.as_mut(), &waker).is_pending());
    sleep_until(start + 19 * MS).await;
    assert!(!timer.is_elapsed());

    // While it waits, put off: it isn't woken for the former deadline's sake, or goes on waiting.
    timer.as_mut().reset(start + 40 * MS);
    sleep_until(start + 39 * MS).await;
    assert!(!timer.is_elapsed());
    assert!(poll(timer.as_mut(), &waker).is_pending());
    sleep_until(start + 41 * MS).await;
    assert!(timer.is_elapsed());
    assert_eq!(count.so_far(), 1);
    assert!(poll(timer.as_mut(), &waker).is_ready());

    // After it ended.
    timer.as_mut().reset(start + 60 * MS);
    assert!(!timer.is_elapsed());
    assert!(poll(timer.as_mut(), &waker).is_pending());

    // While it waits, to an earlier deadline: woken then, without another poll.
    timer.as_mut().reset(start + 50 * MS);
    sleep_until(start + 51 * MS).await;
    assert_eq!(count.so_far(), 2);
    assert!(timer.is_elapsed());

    // To the past.
    timer.as_mut().reset(start);
    assert!(poll(timer.as_mut(), &waker).is_ready());
    timer.as_mut().reset(start + 70 * MS);
    assert!(poll(timer.as_mut(), &waker).is_pending());
    timer.as_mut().reset(start + 5 * MS);
    assert!(poll(timer.as_mut(), &waker).is_ready());
    assert_eq!(count.so_far(), 3);
}

#[rt_core::test(start_paused = true)]
async fn a_sleep_put_off_again_and_again_costs_one_wakeup() {
    let (count, waker) = Count::waker();
    let mut timer = pin!(sleep(10 * MS));
    assert!(poll(timer.as_mut(), &waker).is_pending());
    for _ in 0..1_000 {
        timer.as_mut().reset(Instant::now() + 10 * MS);
        sleep(MS).await;
    }
    assert_eq!(count.so_far(), 0);
    sleep(10 * MS).await;
    assert_eq!(count.so_far(), 1);
}

#[rt_core::test(start_paused = true)]
async fn the_waker_of_the_last_poll_is_woken() {
    let (first, first_waker) = Count::waker();
    let (second, second_waker) = Count::waker();
    let mut timer = pin!(sleep(MS));
    assert!(poll(timer.as_mut(), &first_waker).is_pending());
    assert!(poll(timer.as_mut(), &second_waker).is_pending());
    sleep(2 * MS).await;
    assert_eq!((first.so_far(), second.so_far()), (0, 1));
    assert_eq!(Arc::strong_count(&first), 2, "the former waker was dropped");
}

#[rt_core::test(start_paused = true)]
async fn a_dropped_sleep_wakes_nobody_and_keeps_no_waker() {
    let (count, waker) = Count::waker();
    {
        let mut timer = pin!(sleep(MS));
        assert!(poll(timer.as_mut(), &waker).is_pending());
        assert_eq!(Arc::strong_count(&count), 3);
    }
    assert_eq!(Arc::strong_count(&count), 2);
    sleep(2 * MS).await;
    assert_eq!(count.so_far(), 0);
}

#[test]
fn a_sleep_made_in_a_runtime_may_be_awaited_outside() {
    let runtime = multi(1);
    let timer = {
        let _entered = runtime.enter();
        sleep(2 * MS)
    };
    let start = std::time::Instant::now();
    futures::executor::block_on(timer);
    assert!(start.elapsed() < Duration::from_secs(5));
}

// tokio #8169: the timer must be looked for where it is, not where its future is.
#[test]
fn a_sleep_may_move_between_runtimes_and_be_reset_there() {
    let home = multi(2);
    let abroad = multi(1);
    let mut timer = home.block_on(async {
        let mut timer = Box::pin(sleep(Duration::from_secs(600)));
        let _ = poll_fn(|cx| Poll::Ready(timer.as_mut().poll(cx))).await;
        timer
    });
    abroad.block_on(async {
        timer.as_mut().reset(Instant::now() + Duration::from_secs(300));
        timer.as_mut().reset(Instant::now() + 2 * MS);
        timer.as_mut().await;
        timer.as_mut().reset(Instant::now() + 2 * MS);
        timer.as_mut().await;
        timer.as_mut().reset(Instant::now() + Duration::from_secs(600));
        let _ = poll_fn(|cx| Poll::Ready(timer.as_mut().poll(cx))).await;
    });
    drop(abroad);
    home.block_on(async move {
        timer.as_mut().reset(Instant::now() + MS);
        timer.await;
    });
}

#[test]
fn a_sleep_may_move_between_workers_in_every_state() {
    let runtime = multi(4);
    runtime.block_on(async {
        let tasks: Vec<_> = (0..200_u32)
            .map(|i| {
                rt_core::spawn(async move {
                    let mut timer = Box::pin(sleep(Duration::from_micros(u64::from(i) * 10)));
                    for _ in 0..20 {
                        // Polled here, awaited or dropped in another task, which any worker may run.
                        let _ = poll_fn(|cx| Poll::Ready(timer.as_mut().poll(cx))).await;
                        timer = rt_core::spawn(async move {
                            timer.as_mut().reset(Instant::now() + Duration::from_micros(50));
                            if i % 2 == 0 {
                                timer.as_mut().await;
                            }
                            timer
                        })
                        .await
                        .unwrap();
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
}

// tokio #8252, on threads.
#[test]
fn cancelling_and_firing_at_once_is_sound() {
    // The drop happens on a thread of its own, about when the timer fires.
    let runtime = multi(2);
    let (sender, receiver) = mpsc::channel::<Pin<Box<Sleep>>>();
    let dropper = thread::spawn(move || receiver.into_iter().map(drop).count());
    runtime.block_on(async {
        for i in 0..20_000_u64 {
            let mut timer = Box::pin(sleep(Duration::from_micros(i % 40)));
            let _ = poll_fn(|cx| Poll::Ready(timer.as_mut().poll(cx))).await;
            sender.send(timer).unwrap();
            if i % 64 == 0 {
                rt_core::task::yield_now().await;
            }
        }
        drop(sender);
    });
    assert_eq!(dropper.join().unwrap(), 20_000);
}

#[test]
fn an_earlier_timer_from_outside_wakes_the_sleeper() {
    // The worker sleeps for its own timer of ten minutes; a thread outside inserts earlier ones.
    let runtime = multi(1);
    runtime.spawn(sleep_forever());
    for _ in 0..20 {
        let start = std::time::Instant::now();
        runtime.block_on(async { sleep(MS).await });
        assert!(start.elapsed() < Duration::from_secs(60));
    }
}

async fn sleep_forever() {
    sleep(Duration::from_secs(600)).await;
}

// The runtime's own constructor is in `rt_builder.rs`.
#[test]
fn constructors_need_little_stack() {
    let runtime = current();
    let thread = thread::Builder::new().stack_size(32 * 1_024);
    let made = thread.spawn(move || {
        let entered = runtime.enter();
        drop(Box::pin(sleep(MS)));
        drop(Box::pin(timeout(MS, std::future::ready(()))));
        drop(interval(MS));
        drop(entered);
        // Dropped on a thread with more stack.
        runtime
    });
    drop(made.unwrap().join().unwrap());
    // With `tracing` a sleep has its spans too.
    let limit = if cfg!(feature = "tracing") { 192 } else { 128 };
    assert!(size_of::<Sleep>() <= limit, "{}", size_of::<Sleep>());
}

#[test]
fn a_sleep_that_outlives_its_runtime_is_woken_and_panics() {
    for runtime in [current(), multi(2)] {
        let (count, waker) = Count::waker();
        let mut queued = {
            let _entered = runtime.enter();
            Box::pin(sleep(Duration::from_secs(600)))
        };
        let mut fresh = {
            let _entered = runtime.enter();
            Box::pin(sleep(Duration::from_secs(600)))
        };
        assert!(poll(queued.as_mut(), &waker).is_pending());
        drop(runtime);
        assert_eq!(count.so_far(), 1);
        for timer in [&mut queued, &mut fresh] {
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                let _ = poll(timer.as_mut(), &waker);
            }));
            let payload = outcome.unwrap_err();
            assert!(payload.downcast_ref::<String>().unwrap().contains("shut down"));
        }
        assert!(!queued.is_elapsed());
    }
}

#[test]
fn a_panicking_waker_harms_nobody_else() {
    struct Panics;
    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            panic!("waker");
        }
    }
    let runtime = current();
    runtime.block_on(async {
        let panics = Waker::from(Arc::new(Panics));
        let mut bad: Vec<_> = (0..3).map(|_| Box::pin(sleep(MS))).collect();
        for timer in &mut bad {
            assert!(poll(timer.as_mut(), &panics).is_pending());
        }
        let good: Vec<_> = (0..50).map(|_| rt_core::spawn(sleep(MS))).collect();
        for task in good {
            task.await.unwrap();
        }
        assert!(bad.iter().all(|timer| timer.is_elapsed()));
    });
}

#[test]
fn wakers_may_use_timers_themselves() {
    /// Arms and drops a timer when it is woken or dropped, which must not happen under a lock.
    struct Nested(Handle);
    impl Nested {
        fn nest(&self) {
            let _entered = self.0.enter();
            let mut timer = pin!(sleep(MS));
            let _ = poll(timer.as_mut(), Waker::noop());
        }
    }
    impl Wake for Nested {
        fn wake(self: Arc<Self>) {
            self.nest();
        }
    }
    impl Drop for Nested {
        fn drop(&mut self) {
            self.nest();
        }
    }
    let runtime = current();
    runtime.block_on(async {
        let waker = || Waker::from(Arc::new(Nested(Handle::current())));
        let mut timer = Box::pin(sleep(MS));
        assert!(poll(timer.as_mut(), &waker()).is_pending());
        assert!(poll(timer.as_mut(), &waker()).is_pending());
        sleep(3 * MS).await;
        assert!(timer.is_elapsed());
        let mut timer = Box::pin(sleep(MS));
        assert!(poll(timer.as_mut(), &waker()).is_pending());
        drop(timer);
    });
}

#[test]
fn a_loop_of_sleeps_that_are_over_lets_others_run() {
    let runtime = current();
    runtime.block_on(async {
        let done = Arc::new(AtomicBool::new(false));
        let other = done.clone();
        rt_core::spawn(async move { other.store(true, Ordering::Relaxed) });
        let mut rounds = 0_u32;
        while !done.load(Ordering::Relaxed) {
            sleep(Duration::ZERO).await;
            rounds += 1;
            assert!(rounds < 10_000, "the other task never ran");
        }
    });
}

#[test]
fn many_threads_arm_and_drop_timers_of_one_runtime() {
    let runtime = multi(2);
    let start = Arc::new(Barrier::new(4));
    let threads: Vec<_> = (0..4)
        .map(|seed| {
            let (handle, start) = (runtime.handle().clone(), start.clone());
            thread::spawn(move || {
                let _entered = handle.enter();
                start.wait();
                let mut timers: Vec<Pin<Box<Sleep>>> = Vec::new();
                for i in 0..5_000_u64 {
                    let mut timer = Box::pin(sleep(Duration::from_micros((i * 31 + seed) % 300)));
                    let _ = poll(timer.as_mut(), Waker::noop());
                    timers.push(timer);
                    if timers.len() == 50 {
                        timers.drain(..25);
                        timers[3].as_mut().reset(Instant::now() + Duration::from_micros(20));
                        timers[5].as_mut().reset(Instant::now() + 10 * MS);
                    }
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    runtime.block_on(async { sleep(MS).await });
}

#[test]
#[should_panic(expected = "no runtime here")]
fn outside_of_a_runtime_it_panics() {
    drop(sleep(MS));
}

#[test]
#[should_panic(expected = "without time")]
fn without_time_it_panics() {
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async { drop(sleep(MS)) });
}

#[test]
fn with_the_alt_timer_sleeps_are_over_when_their_runtime_goes() {
    let long = Duration::from_secs(3600);
    let [mut theirs, mut others] = [(); 2].map(|()| {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_alt_timer().build().unwrap();
        let sleep = runtime.block_on(async { Box::pin(sleep(long)) });
        (runtime, sleep)
    });
    let mut cx = Context::from_waker(Waker::noop());
    assert!(theirs.1.as_mut().poll(&mut cx).is_pending());
    // Whoever resets it, it stays with its runtime.
    others.0.block_on(async { theirs.1.as_mut().reset(Instant::now() + long) });
    assert!(theirs.1.as_mut().poll(&mut cx).is_pending());
    drop(theirs.0);
    assert!(theirs.1.as_mut().poll(&mut cx).is_ready());
    assert!(theirs.1.is_elapsed());
    assert!(pin!(others.1.as_mut()).poll(&mut cx).is_pending());
}

#[test]
fn a_waker_that_is_not_equal_to_its_clone_is_registered_once() {
    use std::task::{RawWaker, RawWakerVTable};

    // Each clone has a data pointer of its own.
    static CLONES: AtomicUsize = AtomicUsize::new(1);
    static TABLE: RawWakerVTable = RawWakerVTable::new(
        |_| RawWaker::new(std::ptr::without_provenance(CLONES.fetch_add(1, Ordering::Relaxed)), &TABLE),
        |_| {},
        |_| {},
        |_| {},
    );
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let mut timer = pin!(sleep(Duration::from_secs(60)));
        // SAFETY: nothing is behind the pointers, and the functions do nothing with them.
        let waker = unsafe { Waker::from_raw(RawWaker::new(std::ptr::null(), &TABLE)) };
        let mut cx = Context::from_waker(&waker);
        for polls in 1..4 {
            assert!(timer.as_mut().poll(&mut cx).is_pending());
            assert_eq!(CLONES.load(Ordering::Relaxed), 1 + polls);
        }
    });
}
