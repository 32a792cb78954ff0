//! What waits behind a task that blocks its worker: how long until it gets its turn.
use std::future::Future;
use std::io::Write;
use std::net::TcpStream as Plain;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

use super::common::{mt, on_worker};
use super::rt;
use crate::case::{Bar, Case, Unit, Workload};
use rt::net::TcpListener;
use rt::time::sleep;

/// How long the worker is blocked: much longer than anything should wait.
const BLOCK: Duration = Duration::from_millis(200);
/// When the timer fires and the socket becomes readable, after the worker got blocked.
const SOON: Duration = Duration::from_millis(5);

pub(super) fn cases() -> Vec<Case> {
    let late = |name, about, prepare| Case::gauge(name, about, Unit::LateUs, Bar::AtMost(10_000.0), prepare);
    vec![
        late("stall-lifo/mt", "the task just spawned by one that blocks its worker", || spawned(1)),
        late("stall-queued/mt", "the first of three tasks spawned by one that blocks", || spawned(3)),
        late("stall-timer/mt", "a timer armed on a worker that is blocked", timer),
        late("stall-io/mt", "a socket registered on a worker that is blocked", socket),
        late("stall-all/mt", "a task spawned while all workers are blocked", all_blocked),
    ]
}

fn microseconds(duration: Duration) -> f64 {
    duration.as_nanos() as f64 / 1e3
}

fn spawned(tasks: usize) -> Workload {
    Box::new(move |_| {
        on_worker(&mt(), async move {
            let start = Instant::now();
            let mut delays =
                (0..tasks).map(|_| rt::spawn(async move { start.elapsed() })).collect::<Vec<_>>();
            thread::sleep(BLOCK);
            microseconds(delays.swap_remove(0).await.unwrap())
        })
    })
}

/// A waker that notes when it was woken. No task has to run for that, so what is measured is the
/// driver alone.
#[derive(Default)]
struct Stamp(Mutex<Option<Instant>>);

impl Wake for Stamp {
    fn wake(self: Arc<Self>) {
        self.0.lock().unwrap().get_or_insert_with(Instant::now);
    }
}

impl Stamp {
    /// Polls `future` once, blocks the thread, and says when the future was woken: when the block
    /// ended, if not before.
    fn of_blocked(future: impl Future) -> Instant {
        let stamp = Arc::new(Stamp::default());
        let waker = Waker::from(stamp.clone());
        let mut future = pin!(future);
        assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        thread::sleep(BLOCK);
        stamp.0.lock().unwrap().unwrap_or_else(Instant::now)
    }
}

fn timer() -> Workload {
    Box::new(move |_| {
        on_worker(&mt(), async move {
            let deadline = Instant::now() + SOON;
            let woken = Stamp::of_blocked(sleep(SOON));
            microseconds(woken.saturating_duration_since(deadline))
        })
    })
}

fn socket() -> Workload {
    Box::new(move |_| {
        on_worker(&mt(), async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let mut peer = Plain::connect(listener.local_addr().unwrap()).unwrap();
            let (stream, _) = listener.accept().await.unwrap();
            let writer = thread::spawn(move || {
                thread::sleep(SOON);
                let written = Instant::now();
                peer.write_all(b"!").unwrap();
                // The peer stays open until the delay is known: its end would be an event too.
                (written, peer)
            });
            // Readiness may be stale: only a read tells.
            let read =
                async { while stream.readable().await.is_ok() && stream.try_read(&mut [0; 8]).is_err() {} };
            let woken = Stamp::of_blocked(read);
            let (written, _peer) = writer.join().unwrap();
            microseconds(woken.saturating_duration_since(written))
        })
    })
}

fn all_blocked() -> Workload {
    Box::new(move |_| {
        let runtime = mt();
        let blocked = Arc::new(AtomicUsize::new(0));
        for nth in 1..=2 {
            let here = blocked.clone();
            runtime.spawn(async move {
                here.fetch_add(1, SeqCst);
                thread::sleep(BLOCK);
            });
            // One after the other: two at once could end up queued on one worker.
            while blocked.load(SeqCst) < nth {
                thread::yield_now();
            }
        }
        let start = Instant::now();
        microseconds(runtime.block_on(runtime.spawn(async move { start.elapsed() })).unwrap())
    })
}
