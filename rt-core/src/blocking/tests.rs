use std::any::Any;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use futures::executor::block_on;

use super::*;

const LONG: Duration = Duration::from_secs(60);

fn config(cap: usize) -> Config {
    Config {
        cap,
        keep_alive: LONG,
        thread_name: Arc::new(|| "blocking".to_owned()),
        stack_size: None,
        on_start: None,
        on_stop: None,
    }
}

fn pool(cap: usize) -> Arc<Pool> {
    Pool::new(config(cap))
}

fn spawn<R: Send + 'static>(pool: &Arc<Pool>, f: impl FnOnce() -> R + Send + 'static) -> JoinHandle<R> {
    pool.spawn(f, Location::caller())
}

/// A closure that stays until it's told to go, and says when it has begun.
struct Held {
    join: JoinHandle<()>,
    go: mpsc::Sender<()>,
}

impl Held {
    fn new(pool: &Arc<Pool>) -> Self {
        let (began, has_begun) = mpsc::channel();
        let (go, may_go) = mpsc::channel();
        let join = spawn(pool, move || {
            began.send(()).unwrap();
            let _ = may_go.recv();
        });
        has_begun.recv().unwrap();
        Self { join, go }
    }

    fn release(self) {
        self.go.send(()).unwrap();
        block_on(self.join).unwrap();
    }
}

fn until(mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < LONG, "it never came true");
        thread::yield_now();
    }
}

#[test]
fn closures_return_and_panic() {
    let pool = pool(2);
    assert_eq!(block_on(spawn(&pool, || 7)).unwrap(), 7);
    let error = block_on(spawn(&pool, || panic!("of course"))).unwrap_err();
    assert_eq!(error.into_panic().downcast_ref::<&str>(), Some(&"of course"));
    assert_eq!(block_on(spawn(&pool, || 8)).unwrap(), 8, "the pool goes on");
    assert!(pool.shutdown(None));
    assert_eq!(pool.num_threads(), 0);
}

#[test]
fn closures_that_wait_for_each_other_get_a_thread_each() {
    const N: usize = 20;
    let pool = pool(N);
    for _ in 0..20 {
        let barrier = Arc::new(Barrier::new(N));
        let all: Vec<_> = (0..N)
            .map(|_| {
                let barrier = barrier.clone();
                spawn(&pool, move || barrier.wait().is_leader())
            })
            .collect();
        let leaders = all.into_iter().map(|one| block_on(one).unwrap());
        assert_eq!(leaders.filter(|leader| *leader).count(), 1);
        assert!(pool.num_threads() <= N);
    }
    assert!(pool.shutdown(None));
}

#[test]
fn no_more_threads_than_the_cap_are_started() {
    let pool = pool(3);
    let held: Vec<_> = (0..3).map(|_| Held::new(&pool)).collect();
    let waiting: Vec<_> = (0..5).map(|i| spawn(&pool, move || i)).collect();
    assert_eq!((pool.num_threads(), pool.queue_depth()), (3, 5));
    assert!(waiting.iter().all(|join| !join.is_finished()));
    held.into_iter().for_each(Held::release);
    let outputs: Vec<_> = waiting.into_iter().map(|join| block_on(join).unwrap()).collect();
    assert_eq!(outputs, [0, 1, 2, 3, 4]);
    assert_eq!((pool.num_threads(), pool.queue_depth()), (3, 0));
    assert!(pool.shutdown(None));
}

#[test]
fn one_thread_runs_closures_in_their_order() {
    let pool = pool(1);
    let held = Held::new(&pool);
    let order = Arc::new(Mutex::new(Vec::new()));
    let joins: Vec<_> = (0..10)
        .map(|i| {
            let order = order.clone();
            spawn(&pool, move || order.lock().unwrap().push(i))
        })
        .collect();
    held.release();
    for join in joins {
        block_on(join).unwrap();
    }
    assert_eq!(*order.lock().unwrap(), (0..10).collect::<Vec<_>>());
    assert!(pool.shutdown(None));
}

#[test]
fn an_idle_thread_is_used_again() {
    let pool = pool(8);
    for _ in 0..100 {
        block_on(spawn(&pool, || ())).unwrap();
        until(|| pool.num_idle_threads() == 1);
    }
    assert_eq!(pool.num_threads(), 1);
    assert!(pool.shutdown(None));
}

#[test]
fn threads_go_after_the_keep_alive_and_come_back() {
    let stops = Arc::new(AtomicUsize::new(0));
    let on_stop = {
        let stops = stops.clone();
        Arc::new(move || {
            stops.fetch_add(1, Ordering::Relaxed);
        })
    };
    let pool =
        Pool::new(Config { keep_alive: Duration::from_millis(1), on_stop: Some(on_stop), ..config(4) });
    for round in 1..=3 {
        assert_eq!(block_on(spawn(&pool, || 7)).unwrap(), 7);
        until(|| pool.num_threads() == 0);
        assert_eq!(stops.load(Ordering::Relaxed), round);
    }
    assert!(pool.shutdown(None));
}

/// Threads that go at once and closures that come all the time.
#[test]
fn no_closure_is_lost_between_threads_that_come_and_go() {
    const EACH: usize = if cfg!(debug_assertions) { 500 } else { 5_000 };
    let pool = Pool::new(Config { keep_alive: Duration::from_micros(20), ..config(3) });
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for i in 0..EACH {
                    assert_eq!(block_on(spawn(&pool, move || i)).unwrap(), i);
                    if i % 16 == 0 {
                        until(|| pool.num_threads() < 3);
                    }
                }
            });
        }
    });
    assert!(pool.shutdown(None));
}

#[test]
fn threads_have_the_name_the_stack_and_the_hooks_of_their_pool() {
    let (events, seen) = mpsc::channel();
    let hook = |name: &'static str| -> Option<Hook> {
        let events = Mutex::new(events.clone());
        Some(Arc::new(move || events.lock().unwrap().send(name).unwrap()))
    };
    let pool = Pool::new(Config {
        stack_size: Some(32 << 20),
        on_start: hook("start"),
        on_stop: hook("stop"),
        ..config(1)
    });
    struct Context(mpsc::Sender<&'static str>);
    impl Drop for Context {
        fn drop(&mut self) {
            self.0.send("left").unwrap();
        }
    }
    let theirs = Mutex::new(events.clone());
    pool.set_enter(move || {
        let events = theirs.lock().unwrap().clone();
        events.send("entered").unwrap();
        Box::new(Context(events)) as Box<dyn Any>
    });
    let name = block_on(spawn(&pool, || {
        // More than the 2 MiB that a thread has by default.
        let deep = [1_u8; 8 << 20];
        assert_eq!(std::hint::black_box(&deep)[5], 1);
        thread::current().name().map(str::to_owned)
    }));
    assert_eq!(name.unwrap().as_deref(), Some("blocking"));
    assert!(pool.shutdown(None));
    assert_eq!(seen.try_iter().collect::<Vec<_>>(), ["entered", "start", "stop", "left"]);
}

#[test]
fn hooks_that_panic_take_no_closure_along() {
    let angry: Hook = Arc::new(|| panic!("panic in a hook"));
    let pool = Pool::new(Config { on_start: Some(angry.clone()), on_stop: Some(angry), ..config(1) });
    assert_eq!(block_on(spawn(&pool, || 7)).unwrap(), 7);
    assert!(pool.shutdown(None));
    assert_eq!(pool.num_threads(), 0);
}

/// As when the system has no memory for another stack.
fn refused() -> Config {
    Config { stack_size: Some(isize::MAX as usize), ..config(4) }
}

#[test]
fn a_first_thread_that_cannot_be_started_is_a_panic_and_cancels_the_closure() {
    let pool = Pool::new(refused());
    let dropped = Arc::new(());
    for _ in 0..2 {
        let theirs = dropped.clone();
        let panic = catch_unwind(AssertUnwindSafe(|| spawn(&pool, move || drop(theirs)))).unwrap_err();
        let message = panic.downcast_ref::<String>().unwrap();
        assert!(message.starts_with("OS can't spawn worker thread: "), "{message}");
        assert_eq!(Arc::strong_count(&dropped), 1);
    }
    assert_eq!((pool.num_threads(), pool.queue_depth()), (0, 0));
    assert!(pool.shutdown(None));
}

#[test]
fn a_further_thread_that_cannot_be_started_leaves_the_closure_to_the_others() {
    let calls = AtomicUsize::new(0);
    // The name is made first: its panic stands for any failure to start a thread.
    let thread_name = Arc::new(move || {
        assert_eq!(calls.fetch_add(1, Ordering::Relaxed), 0, "one thread is all you get");
        String::new()
    });
    let pool = Pool::new(Config { thread_name, ..config(4) });
    let held = Held::new(&pool);
    let waiting: Vec<_> = (0..3).map(|i| spawn(&pool, move || i)).collect();
    assert_eq!(pool.num_threads(), 1);
    held.release();
    let outputs: Vec<_> = waiting.into_iter().map(|join| block_on(join).unwrap()).collect();
    assert_eq!(outputs, [0, 1, 2]);
    assert!(pool.shutdown(None));
}

#[test]
fn a_shutdown_cancels_what_is_queued_and_waits_for_what_runs() {
    let pool = pool(1);
    let held = Held::new(&pool);
    let queued = spawn(&pool, || ());
    let mandatory = pool.spawn_mandatory(|| 7, Location::caller()).unwrap();
    assert!(!pool.shutdown(Some(Duration::from_millis(5))), "one still runs");
    assert!(block_on(queued).unwrap_err().is_cancelled());
    assert!(!mandatory.is_finished());
    assert!(block_on(spawn(&pool, || ())).unwrap_err().is_cancelled(), "too late");
    assert!(pool.is_closed());
    assert!(pool.spawn_mandatory(|| (), Location::caller()).is_err());
    held.release();
    assert_eq!(block_on(mandatory).unwrap(), 7);
    assert!(pool.shutdown(Some(LONG)));
    assert_eq!(pool.num_threads(), 0);
}

#[test]
fn a_shutdown_without_time_waits_for_nothing() {
    let pool = pool(1);
    let held = Held::new(&pool);
    assert!(!pool.shutdown(Some(Duration::ZERO)));
    assert!(!held.join.is_finished());
    held.release();
    until(|| pool.num_threads() == 0);
}

#[test]
fn a_thread_of_the_pool_may_shut_it_down() {
    let pool = pool(4);
    let held = Held::new(&pool);
    let theirs = pool.clone();
    let shut = spawn(&pool, move || theirs.shutdown(None));
    let late = || spawn(&pool, || ());
    until(|| block_on(late()).is_err());
    assert!(!shut.is_finished(), "it waits for the others");
    held.release();
    assert!(block_on(shut).unwrap());
    until(|| pool.num_threads() == 0);
}

#[test]
fn an_abort_takes_a_closure_that_has_not_begun() {
    let pool = pool(1);
    let held = Held::new(&pool);
    let queued = spawn(&pool, || ());
    queued.abort();
    held.join.abort();
    held.release();
    assert!(block_on(queued).unwrap_err().is_cancelled());
    assert!(pool.shutdown(None));
}

#[test]
fn the_pool_is_freed_when_its_threads_are_gone() {
    let pool = pool(2);
    block_on(spawn(&pool, || ())).unwrap();
    let weak = Arc::downgrade(&pool);
    assert!(pool.shutdown(None));
    drop(pool);
    assert!(weak.upgrade().is_none());
}
