//! Nothing that a runtime was given is lost, and nothing is done twice, whatever the moment.
#![cfg(feature = "full")]

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use rt_core::io::AsyncReadExt;
use rt_core::net::{TcpListener, TcpStream};
use rt_core::runtime::{Builder, Handle, Runtime};
use rt_core::sync::Notify;
use rt_core::task::{block_in_place, spawn_blocking, yield_now};
use rt_core::time::{sleep, timeout};

/// What hasn't happened after this long never does.
const PATIENCE: Duration = Duration::from_secs(60);

fn multi(workers: usize) -> Runtime {
    Builder::new_multi_thread().worker_threads(workers).enable_all().build().unwrap()
}

fn current() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// A million tasks from eight threads. Each thread spawns in bursts and waits for the end of each, so that workers
/// run dry, fall asleep and are woken by what comes next, thousands of times.
#[test]
fn a_million_tasks_from_eight_threads_while_workers_park_and_unpark() {
    const THREADS: usize = 8;
    const TASKS: usize = 1_000_000 / THREADS;
    let runtime = multi(4);
    // How often each task ran to its end.
    let ran: Arc<[AtomicU8]> = (0..THREADS * TASKS).map(|_| AtomicU8::new(0)).collect();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (handle, ran) = (runtime.handle().clone(), ran.clone());
            scope.spawn(move || {
                let (tell, told) = mpsc::channel();
                let mut spawned = 0;
                // Bursts of many lengths, most of them short.
                for burst in [1, 2, 3, 5, 90, 700, 1].into_iter().cycle() {
                    let burst = usize::min(burst, TASKS - spawned);
                    let left = Arc::new(AtomicUsize::new(burst));
                    for task in spawned..spawned + burst {
                        let (ran, left, tell) = (ran.clone(), left.clone(), tell.clone());
                        handle.spawn(async move {
                            if task % 7 == 0 {
                                yield_now().await;
                            }
                            ran[thread * TASKS + task].fetch_add(1, Ordering::Relaxed);
                            if left.fetch_sub(1, Ordering::AcqRel) == 1 {
                                tell.send(()).unwrap();
                            }
                        });
                    }
                    spawned += burst;
                    told.recv_timeout(PATIENCE).expect("a task was lost");
                    if spawned == TASKS {
                        return;
                    }
                }
            });
        }
    });
    assert!(ran.iter().all(|ran| ran.load(Ordering::Relaxed) == 1), "a task ran twice");
    let parks: u64 = (0..4).map(|worker| runtime.metrics().worker_park_count(worker)).sum();
    assert!(parks > 100, "the workers parked {parks} times only");
}

/// The tasks of a runtime, counted.
struct World {
    handle: Handle,
    /// Futures that were made and not dropped yet.
    alive: AtomicUsize,
    polls: AtomicUsize,
    /// After this many polls the runtime's end begins.
    last_poll: usize,
    end: Notify,
}

/// A future that is counted.
struct Counted<F> {
    inner: Pin<Box<F>>,
    world: Arc<World>,
}

fn counted<F: Future>(world: &Arc<World>, inner: F) -> Counted<F> {
    world.alive.fetch_add(1, Ordering::SeqCst);
    Counted { inner: Box::pin(inner), world: world.clone() }
}

impl<F: Future> Future for Counted<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        if self.world.polls.fetch_add(1, Ordering::SeqCst) == self.world.last_poll {
            self.world.end.notify_one();
        }
        self.inner.as_mut().poll(cx)
    }
}

impl<F> Drop for Counted<F> {
    fn drop(&mut self) {
        self.world.alive.fetch_sub(1, Ordering::SeqCst);
    }
}

/// What a task waits for when its runtime goes.
#[derive(Clone, Copy, Debug)]
enum WaitsFor {
    Timers,
    ASocket,
    ATask,
    Closures,
    News,
    /// Never idle: it yields for ever.
    ItsTurn,
    /// Done at once, after it has spawned another one like it.
    Nothing,
}

fn any_wait() -> impl Strategy<Value = WaitsFor> {
    use WaitsFor::*;
    prop::sample::select(vec![Timers, ASocket, ATask, Closures, News, ItsTurn, Nothing])
}

fn start(waits: WaitsFor, world: &Arc<World>) {
    let inside = world.clone();
    let task = async move {
        match waits {
            WaitsFor::Timers => loop {
                sleep(Duration::from_micros(50)).await;
            },
            WaitsFor::ASocket => {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
                let server = listener.accept().await.unwrap();
                // Nobody says anything.
                let _ = client.read_u8().await;
                drop(server);
            }
            WaitsFor::ATask => {
                let _ = inside.handle.spawn(counted(&inside, std::future::pending::<()>())).await;
            }
            WaitsFor::Closures => while spawn_blocking(std::thread::yield_now).await.is_ok() {},
            WaitsFor::News => Notify::new().notified().await,
            WaitsFor::ItsTurn => loop {
                yield_now().await;
            },
            WaitsFor::Nothing => start(waits, &inside),
        }
    };
    world.handle.spawn(counted(world, task));
}

#[derive(Clone, Copy, Debug)]
enum End {
    Drop,
    Timeout,
    Background,
    /// By a thread that runs another runtime.
    Inside,
}

/// Tasks that wait for all kinds of things, and a runtime that ends after any number of polls: each future is
/// dropped, whatever it waits for.
fn dropped_with_tasks_pending(runtime: Runtime, waits: &[WaitsFor], last_poll: usize, end: End) {
    let world = Arc::new(World {
        handle: runtime.handle().clone(),
        alive: AtomicUsize::new(0),
        polls: AtomicUsize::new(0),
        last_poll,
        end: Notify::new(),
    });
    for &waits in waits {
        start(waits, &world);
    }
    // Some never poll that often, since they wait for what never comes.
    let _ = runtime.block_on(async { timeout(Duration::from_millis(20), world.end.notified()).await });
    match end {
        End::Drop => drop(runtime),
        End::Timeout => runtime.shutdown_timeout(PATIENCE),
        End::Background => runtime.shutdown_background(),
        End::Inside => current().block_on(async { runtime.shutdown_background() }),
    }
    let begun = Instant::now();
    while matches!(end, End::Background | End::Inside) && world.alive.load(Ordering::SeqCst) > 0 {
        assert!(
            begun.elapsed() < PATIENCE,
            "{} futures were not dropped",
            world.alive.load(Ordering::SeqCst)
        );
        std::thread::yield_now();
    }
    assert_eq!(world.alive.load(Ordering::SeqCst), 0, "futures that were not dropped");
    // What comes too late is dropped as well, and says so.
    let late = world.handle.spawn(counted(&world, std::future::pending::<()>()));
    assert!(futures::executor::block_on(late).unwrap_err().is_cancelled());
    assert_eq!(world.alive.load(Ordering::SeqCst), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 150 } else { 1500 }))]

    #[test]
    fn runtimes_dropped_at_random_points_with_tasks_pending(
        workers in 0_usize..4,
        waits in prop::collection::vec(any_wait(), 1..12),
        last_poll in 0_usize..300,
        end in prop::sample::select(vec![End::Drop, End::Timeout, End::Background, End::Inside]),
    ) {
        let runtime = if workers == 0 { current() } else { multi(workers) };
        dropped_with_tasks_pending(runtime, &waits, last_poll, end);
    }
}

/// When the drop of a runtime returns, its threads are gone, down to their thread-local values.
#[test]
fn a_dropped_runtime_leaves_no_thread() {
    thread_local! {
        static LAST: RefCell<Option<Last>> = const { RefCell::new(None) };
    }
    struct Last(Arc<AtomicUsize>);
    impl Drop for Last {
        fn drop(&mut self) {
            // Time for a drop of the runtime that doesn't wait for this.
            std::thread::sleep(Duration::from_millis(10));
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    for round in 0..10 {
        let (started, ended) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let runtime = {
            let (started, ended) = (started.clone(), ended.clone());
            Builder::new_multi_thread()
                .worker_threads(2)
                .on_thread_start(move || {
                    started.fetch_add(1, Ordering::SeqCst);
                    LAST.set(Some(Last(ended.clone())));
                })
                .build()
                .unwrap()
        };
        runtime.block_on(async {
            let closures = (0..3).map(|_| spawn_blocking(std::thread::yield_now));
            let handed_over =
                (0..3).map(|_| rt_core::spawn(async { block_in_place(std::thread::yield_now) }));
            for task in closures.chain(handed_over) {
                task.await.unwrap();
            }
        });
        if round % 2 == 0 {
            runtime.shutdown_timeout(PATIENCE)
        } else {
            drop(runtime)
        }
        assert!(started.load(Ordering::SeqCst) >= 3);
        assert_eq!(ended.load(Ordering::SeqCst), started.load(Ordering::SeqCst));
    }
}
