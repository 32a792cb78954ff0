//! What is allocated, and what isn't. In a process of its own, as it counts for all threads.
#![cfg(feature = "full")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use rt_core::io::{AsyncReadExt, AsyncWriteExt};
use rt_core::net::{TcpListener, TcpStream};
use rt_core::runtime::{Builder, Runtime};
use rt_core::sync::{Barrier, Mutex, Notify, RwLock, Semaphore, broadcast, mpsc, oneshot, watch};
use rt_core::task::{JoinSet, yield_now};
use rt_core::time::{sleep, timeout};

struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);
/// What is allocated and not freed, wrapping around while it is being changed.
static BYTES: AtomicUsize = AtomicUsize::new(0);

// SAFETY: everything is handed to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        BYTES.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are those of the system's allocator.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        BYTES.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the memory came from the system's allocator, with this layout.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        BYTES.fetch_add(size.wrapping_sub(layout.size()), Ordering::Relaxed);
        // SAFETY: the memory came from the system's allocator, with this layout.
        unsafe { System.realloc(memory, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const ROUNDS: usize = 2_000;

/// How many allocations a round of `work` takes, in thousandths, when it has been done for some time.
async fn per_round<F: Future<Output = ()>>(mut work: impl FnMut() -> F) -> usize {
    for _ in 0..ROUNDS {
        work().await;
    }
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    for _ in 0..ROUNDS {
        work().await;
    }
    (ALLOCATIONS.load(Ordering::Relaxed) - before) * 1_000 / ROUNDS
}

/// Asserts that each round allocates so many times. What threads allocate once, at a moment of their own, is
/// far below one in ten rounds.
#[track_caller]
fn assert_allocates(what: &str, at_most: usize, thousandths: usize) {
    assert!(thousandths <= at_most * 1_000 + 100, "{what}: {thousandths} allocations in 1000 rounds");
}

async fn in_a_task<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    rt_core::spawn(work).await.unwrap()
}

async fn check() {
    let boxed = per_round(|| async { drop(std::hint::black_box(Box::new(0))) }).await;
    assert!(boxed >= 1_000, "what is allocated isn't seen");
    let spawned = per_round(|| async { rt_core::spawn(async {}).await.unwrap() }).await;
    assert_allocates("a task spawned and joined", 1, spawned);
    let waiting = per_round(|| async {
        let task = rt_core::spawn(async { std::future::pending::<()>().await });
        yield_now().await;
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
    });
    assert_allocates("a task spawned, left waiting and aborted", 1, waiting.await);

    let mut set = JoinSet::new();
    // Not one more for being in a set.
    let mut allocated = 0;
    for round in 0..2 * ROUNDS {
        if round == ROUNDS {
            allocated = ALLOCATIONS.load(Ordering::Relaxed);
        }
        for _ in 0..3 {
            set.spawn(async {});
        }
        while set.join_next().await.is_some() {}
    }
    let joined = (ALLOCATIONS.load(Ordering::Relaxed) - allocated) * 1_000 / ROUNDS;
    assert_allocates("three tasks spawned in a set and joined", 3, joined);

    assert_allocates("a yield", 0, per_round(yield_now).await);
    assert_allocates("a sleep that fires", 0, per_round(|| sleep(Duration::from_micros(1))).await);
    let dropped = per_round(|| async {
        // Queued in the wheel and dropped.
        let long = timeout(Duration::from_secs(100), yield_now());
        long.await.unwrap();
    });
    assert_allocates("a timeout that isn't reached", 0, dropped.await);

    let mutex = Mutex::new(());
    assert_allocates("a lock", 0, per_round(|| async { drop(mutex.lock().await) }).await);
    let semaphore = Semaphore::new(2);
    let acquired = per_round(|| async { drop(semaphore.acquire().await.unwrap()) });
    assert_allocates("a permit", 0, acquired.await);
}

async fn check_macros() {
    let selected = per_round(|| async {
        rt_core::select! {
            () = std::future::pending() => unreachable!(),
            () = yield_now() => {}
            _ = std::future::ready(()), if false => unreachable!(),
        }
    });
    assert_allocates("a choice of three", 0, selected.await);
    let joined = per_round(|| async { _ = rt_core::join!(yield_now(), yield_now(), async { 5 }) });
    assert_allocates("a join of three", 0, joined.await);
    let tried = per_round(|| async {
        let ends = |outcome: Result<(), u8>| async move {
            yield_now().await;
            outcome
        };
        let outcome = rt_core::try_join!(ends(Ok(())), ends(Err(5)));
        assert_eq!(outcome, Err(5));
    });
    assert_allocates("a join of two of which one fails", 0, tried.await);
}

/// Two do the same, each again and again, and one waits for the other in a line.
async fn in_line<F: Future<Output = ()>>(what: &str, once: impl Fn() -> F) {
    let both = per_round(|| async { _ = rt_core::join!(once(), once()) });
    assert_allocates(what, 0, both.await);
}

/// Who waits in a line lies there himself.
async fn check_lines() {
    let mutex = Mutex::new(());
    in_line("a wait for a lock", || async {
        let _guard = mutex.lock().await;
        yield_now().await;
    })
    .await;
    let rwlock = RwLock::new(());
    in_line("a wait for a writer", || async {
        let guard = rwlock.write().await;
        yield_now().await;
        let guard = guard.downgrade();
        yield_now().await;
        drop(guard);
        drop(rwlock.read().await);
    })
    .await;
    let semaphore = Semaphore::new(3);
    in_line("a wait for permits", || async {
        let _permits = semaphore.acquire_many(2).await.unwrap();
        yield_now().await;
    })
    .await;
    let barrier = Barrier::new(2);
    in_line("a wait at a barrier", || async {
        barrier.wait().await;
    })
    .await;
    // A round has nothing of its own from before, but for what it locks.
    let (full, drained) = mpsc::channel(1);
    let drained = Mutex::new(drained);
    let sent = per_round(|| async {
        _ = rt_core::join!(full.send(1), full.send(2), async {
            let mut drained = drained.try_lock().unwrap();
            yield_now().await;
            (drained.recv().await, drained.recv().await)
        });
    });
    assert_allocates("a wait for room", 0, sent.await);
    let (sender, one) = broadcast::channel(2);
    let both = Mutex::new((one, sender.subscribe()));
    let received = per_round(|| async {
        let (one, two) = &mut *both.try_lock().unwrap();
        let received = rt_core::join!(one.recv(), two.recv(), async { sender.send(5) });
        assert!(matches!(received, (Ok(5), Ok(5), Ok(2))));
    });
    assert_allocates("a wait for a broadcast", 0, received.await);
    let (sender, one) = watch::channel(0);
    let both = Mutex::new((one.clone(), one));
    let changed = per_round(|| async {
        let (one, two) = &mut *both.try_lock().unwrap();
        let changed = rt_core::join!(one.changed(), two.changed(), async { sender.send(5) });
        assert!(matches!(changed, (Ok(()), Ok(()), Ok(()))));
    });
    assert_allocates("a wait for a change", 0, changed.await);
    let sent = per_round(|| async {
        let (sender, receiver) = oneshot::channel();
        _ = rt_core::join!(receiver, async { sender.send(5) });
    });
    assert_allocates("a channel for one value", 1, sent.await);
}

/// How many bytes each of many channels keeps when it is idle, after bursts of so many messages.
async fn bytes_of_idle_channels<S, R: Unpin>(
    burst: usize,
    make: impl Fn() -> (S, R),
    send: impl Fn(&S),
    poll: impl Fn(&mut R, &mut Context<'_>) -> Poll<Option<u64>>,
) -> usize {
    const CHANNELS: usize = 1_000;

    let mut channels = Vec::with_capacity(CHANNELS);
    let before = BYTES.load(Ordering::Relaxed);
    for _ in 0..CHANNELS {
        let (sender, mut receiver) = make();
        for _ in 0..2 {
            (0..burst).for_each(|_| send(&sender));
            let mut received = 0;
            // Until it sleeps.
            poll_fn(|cx| {
                while poll(&mut receiver, cx).is_ready() {
                    received += 1;
                }
                if received == burst { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
        }
        channels.push((sender, receiver));
    }
    BYTES.load(Ordering::Relaxed).wrapping_sub(before) / CHANNELS
}

/// A channel gives its memory back.
async fn check_idle_channels() {
    let bounded = |burst| {
        let send = |sender: &mpsc::Sender<u64>| sender.try_send(5).unwrap();
        bytes_of_idle_channels(burst, || mpsc::channel(200), send, |receiver, cx| receiver.poll_recv(cx))
    };
    let unbounded = |burst| {
        let send = |sender: &mpsc::UnboundedSender<u64>| sender.send(5).unwrap();
        bytes_of_idle_channels(burst, mpsc::unbounded_channel, send, |receiver, cx| receiver.poll_recv(cx))
    };
    for (few, many) in [(bounded(1).await, bounded(200).await), (unbounded(1).await, unbounded(200).await)] {
        assert!(few > 100, "what is allocated isn't seen: {few}");
        // Others may allocate meanwhile, but no block for each channel.
        assert!(many < few + 50, "{many} bytes are kept after a burst, {few} after a message");
        assert!(many < 1_024, "{many} bytes");
    }
}

/// Two tasks wake each other.
async fn check_wakes() {
    let (ping, pong) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let partner = rt_core::spawn({
        let (ping, pong) = (ping.clone(), pong.clone());
        async move {
            loop {
                ping.notified().await;
                pong.notify_one();
            }
        }
    });
    let woken = per_round(|| async {
        ping.notify_one();
        pong.notified().await;
    });
    assert_allocates("two wakes", 0, woken.await);
    partner.abort();
}

async fn check_channel() {
    let (there, mut their) = mpsc::channel::<u64>(8);
    let (back, mut ours) = mpsc::unbounded_channel::<u64>();
    let partner = rt_core::spawn(async move {
        while let Some(number) = their.recv().await {
            back.send(number + 1).unwrap();
        }
    });
    for is_warm in [false, true] {
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        for number in 0..ROUNDS as u64 {
            there.send(number).await.unwrap();
            assert_eq!(ours.recv().await, Some(number + 1));
        }
        let allocations = ALLOCATIONS.load(Ordering::Relaxed) - before;
        if is_warm {
            assert_allocates("a message there and back", 0, allocations * 1_000 / ROUNDS);
        }
    }
    drop(there);
    partner.await.unwrap();
}

async fn check_sockets() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (mut server, _) = listener.accept().await.unwrap();
    let echo = rt_core::spawn(async move {
        let mut byte = [0];
        while server.read(&mut byte).await.unwrap() == 1 {
            server.write_all(&byte).await.unwrap();
        }
    });
    for is_warm in [false, true] {
        let before = ALLOCATIONS.load(Ordering::Relaxed);
        for _ in 0..ROUNDS {
            client.write_all(&[1]).await.unwrap();
            client.read_u8().await.unwrap();
        }
        let allocations = ALLOCATIONS.load(Ordering::Relaxed) - before;
        if is_warm {
            assert_allocates("a byte there and back", 0, allocations * 1_000 / ROUNDS);
        }
    }
    drop(client);
    echo.await.unwrap();
}

fn run(runtime: &Runtime) {
    runtime.block_on(async {
        check().await;
        check_macros().await;
        check_lines().await;
        check_idle_channels().await;
        check_wakes().await;
        check_channel().await;
        check_sockets().await;
        // The same in a task: on a worker, where there is one.
        in_a_task(check()).await;
        in_a_task(check_macros()).await;
        in_a_task(check_lines()).await;
        in_a_task(check_wakes()).await;
        in_a_task(check_channel()).await;
        in_a_task(check_sockets()).await;
    });
}

/// One test, so that no other one allocates meanwhile.
#[test]
fn a_task_is_one_allocation_and_what_it_does_is_none() {
    run(&Builder::new_current_thread().enable_all().build().unwrap());
    run(&Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap());
    run(&Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap());
}
