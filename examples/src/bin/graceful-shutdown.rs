//! Stopping without losing work: on Ctrl-C, what was begun is finished, and nothing new is begun.
//!
//! ```text
//! cargo run --bin graceful-shutdown -- wait    # works until Ctrl-C
//! cargo run --bin graceful-shutdown            # tells itself to stop after a moment, and checks
//! ```
//!
//! Three things it takes. Everybody is told: a token that all hold a clone of is cancelled.
//! Nobody is interrupted: a worker looks for the order to stop between two jobs and never amid one. The end
//! is known: each worker's handle is awaited.
#![forbid(unsafe_code)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rt_core::sync::mpsc;
use rt_core::time::sleep;
use rt_util::sync::CancellationToken;

const WORKERS: usize = 4;

#[rt_core::main]
async fn main() {
    let stop = CancellationToken::new();
    let begun = Arc::new(AtomicU64::new(0));
    let (finished, mut results) = mpsc::channel(16);
    let workers: Vec<_> = (0..WORKERS)
        .map(|_| rt_core::spawn(work(stop.clone(), Arc::clone(&begun), finished.clone())))
        .collect();
    drop(finished);

    // Ends when the last worker has dropped its sender: after the last result.
    let counting = rt_core::spawn(async move {
        let mut count = 0;
        while results.recv().await.is_some() {
            count += 1;
        }
        count
    });

    if std::env::args().any(|arg| arg == "wait") {
        println!("working; Ctrl-C stops it");
        rt_core::signal::ctrl_c().await.expect("Ctrl-C can be heard");
    } else {
        sleep(Duration::from_millis(100)).await;
    }
    println!("stopping");
    stop.cancel();
    for worker in workers {
        worker.await.expect("no worker panics");
    }
    let count: u64 = counting.await.expect("the count doesn't panic");
    println!("{count} jobs were begun and all were finished");
    assert_eq!(count, begun.load(Ordering::Relaxed));
}

/// Does one job after the other until it's told to stop.
async fn work(stop: CancellationToken, begun: Arc<AtomicU64>, finished: mpsc::Sender<u64>) {
    loop {
        // Only this is raced against the order to stop: taking the next job. Doing it isn't.
        let job = rt_core::select! {
            () = stop.cancelled() => return,
            job = next_job(&begun) => job,
        };
        sleep(Duration::from_millis(job % 5)).await;
        if finished.send(job).await.is_err() {
            return;
        }
    }
}

/// Waits for something to do. Nothing is taken unless it returns, so it may be dropped while it waits.
async fn next_job(begun: &AtomicU64) -> u64 {
    sleep(Duration::from_millis(1)).await;
    begun.fetch_add(1, Ordering::Relaxed)
}
