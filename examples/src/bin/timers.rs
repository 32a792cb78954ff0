//! Sleeping, giving up after a time, and doing something again and again.
//!
//! ```text
//! cargo run --release --bin timers
//! ```
#![forbid(unsafe_code)]

use std::time::Duration;

use rt_core::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until, timeout};

#[rt_core::main]
async fn main() {
    // A hundred thousand sleeps at once are a hundred thousand tasks and no thread more.
    let start = Instant::now();
    let tasks: Vec<_> = (0..100_000)
        .map(|number| rt_core::spawn(sleep_until(start + Duration::from_micros(100_000 + number))))
        .collect();
    for task in tasks {
        task.await.expect("a sleep doesn't panic");
    }
    // The last was due 200 ms after the start, and no timer fires early.
    assert!(start.elapsed() >= Duration::from_micros(199_999));
    println!("100,000 sleeps, the last due after 200 ms, took {:?}", start.elapsed());

    // The future is dropped where it waits when the time is over.
    let given_up = timeout(Duration::from_millis(10), sleep(Duration::from_secs(3600))).await;
    assert!(given_up.is_err());
    let in_time = timeout(Duration::from_secs(3600), async { 42 }).await;
    assert_eq!(in_time, Ok(42));

    // Ticks are counted from the start of the interval, so that lateness doesn't add up. The one that was
    // missed comes at once here; `Burst` is the default, `Delay` and `Skip` are the others.
    let mut ticks = interval(Duration::from_millis(20));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let first = ticks.tick().await;
    sleep(Duration::from_millis(50)).await;
    for number in 1..=4 {
        let due = ticks.tick().await;
        assert_eq!(due, first + number * Duration::from_millis(20));
        println!("tick {number} was {:?} late", due.elapsed());
    }
}
