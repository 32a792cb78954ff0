//! What stands beside the runtime: queues of deadlines, streams of what is read.
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;
use std::time::Instant as Clock;

use super::common::{ct, on_worker, since};
use super::{rt, util};
use crate::case::{Case, Workload};
use rt::io::{AsyncRead, ReadBuf};
use util::io::ReaderStream;
use util::time::DelayQueue;

/// Deadlines that are there all the while.
const STANDING: u64 = 10_000;

const MINUTE: Duration = Duration::from_secs(60);

/// In what time the deadlines lie that expire.
const SPAN: Duration = Duration::from_millis(2);

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::speed(
            "delay-queue-insert-remove",
            "a deadline among 10,000, inserted and removed",
            1.5,
            insert_remove,
        ),
        Case::speed("delay-queue-reset", "one of 10,000 deadlines put off by a minute", 1.3, reset),
        Case::speed(
            "delay-queue-expire-10k",
            "10,000 deadlines in no order, inserted, and taken when due",
            1.0,
            expire,
        )
        .fixed(STANDING),
        Case::speed("reader-stream-4k", "a chunk of 4 KiB out of a ReaderStream", 1.0, reader_stream),
    ]
}

/// Some part of `span`, another one for each entry.
fn within(span: Duration, nth: u64) -> Duration {
    let part = nth.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    Duration::from_nanos(((span.as_nanos() * u128::from(part)) >> 32) as u64)
}

/// One minute to two.
fn lifetime(nth: u64) -> Duration {
    MINUTE + within(MINUTE, nth)
}

fn insert_remove() -> Workload {
    let runtime = ct();
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let mut queue = DelayQueue::new();
            for nth in 0..STANDING {
                queue.insert(nth, lifetime(nth));
            }
            let start = Clock::now();
            for nth in 0..operations {
                let key = queue.insert(nth, lifetime(nth + STANDING));
                assert_eq!(queue.remove(&key).into_inner(), nth);
            }
            since(start)
        })
    })
}

/// As a table of connections does that are closed when nothing has come for a minute.
fn reset() -> Workload {
    let runtime = ct();
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let mut queue = DelayQueue::new();
            let keys: Vec<_> = (0..STANDING).map(|nth| queue.insert(nth, lifetime(nth))).collect();
            let start = Clock::now();
            for nth in 0..operations {
                let which = nth.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
                queue.reset(&keys[(which % STANDING) as usize], MINUTE);
            }
            since(start)
        })
    })
}

fn expire() -> Workload {
    let runtime = ct();
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let mut queue = DelayQueue::new();
            let start = Clock::now();
            for nth in 0..operations {
                queue.insert(nth, within(SPAN, nth));
            }
            let inserting = since(start);
            // What is measured is the queue, not how finely its timer is kept.
            std::thread::sleep(SPAN * 2);
            let start = Clock::now();
            for _ in 0..operations {
                assert!(poll_fn(|cx| queue.poll_expired(cx)).await.is_some());
            }
            since(start) + inserting
        })
    })
}

/// Fills each buffer, at once.
struct Zeros;

impl AsyncRead for Zeros {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let room = buf.remaining();
        buf.initialize_unfilled();
        buf.advance(room);
        Poll::Ready(Ok(()))
    }
}

fn reader_stream() -> Workload {
    let runtime = ct();
    Box::new(move |operations| {
        on_worker(&runtime, async move {
            let mut stream = pin!(ReaderStream::new(Zeros));
            let start = Clock::now();
            for _ in 0..operations {
                let chunk = poll_fn(|cx| futures_core::Stream::poll_next(stream.as_mut(), cx)).await;
                assert!(!chunk.unwrap().unwrap().is_empty());
            }
            since(start)
        })
    })
}
