//! Sending with a limit to the wait.
#![cfg(feature = "full")]
#![cfg(feature = "test-util")]

use rt_core::sync::mpsc::{self, error::SendTimeoutError};
use rt_core::time::{Duration, Instant, sleep};

const MS: Duration = Duration::from_millis(1);

#[rt_core::test(start_paused = true)]
async fn what_finds_room_in_time_is_sent() {
    let (tx, mut rx) = mpsc::channel(1);
    tx.send_timeout(1, Duration::ZERO).await.unwrap();
    let receiving = rt_core::spawn(async move {
        sleep(5 * MS).await;
        (rx.recv().await, rx.recv().await)
    });
    let start = Instant::now();
    tx.send_timeout(2, 10 * MS).await.unwrap();
    assert_eq!(start.elapsed(), 5 * MS);
    assert_eq!(receiving.await.unwrap(), (Some(1), Some(2)));
}

#[rt_core::test(start_paused = true)]
async fn what_does_not_comes_back_and_its_place_in_the_line_is_free() {
    let (tx, mut rx) = mpsc::channel(1);
    tx.send(1).await.unwrap();
    let start = Instant::now();
    let error = tx.send_timeout(2, 10 * MS).await.unwrap_err();
    assert_eq!(start.elapsed(), 10 * MS);
    assert_eq!(error, SendTimeoutError::Timeout(2));
    assert_eq!(format!("{error:?}"), "Timeout(..)");
    assert_eq!(error.into_inner(), 2);
    assert_eq!(rx.recv().await, Some(1));
    assert_eq!(tx.capacity(), 1);
}

#[rt_core::test(start_paused = true)]
async fn who_waits_learns_that_the_channel_is_closed() {
    let (tx, rx) = mpsc::channel(1);
    tx.send(1).await.unwrap();
    let closing = rt_core::spawn(async move {
        sleep(5 * MS).await;
        drop(rx);
    });
    let start = Instant::now();
    assert_eq!(tx.send_timeout(2, 10 * MS).await, Err(SendTimeoutError::Closed(2)));
    assert_eq!(start.elapsed(), 5 * MS);
    assert_eq!(tx.send_timeout(3, Duration::ZERO).await, Err(SendTimeoutError::Closed(3)));
    closing.await.unwrap();
}
