//! What a runtime does while there is nothing to do: nothing.
use std::thread;
use std::time::Duration;

use super::common::{ct, mt, on_worker};
use super::rt;
use crate::case::{Bar, Case, Unit, Workload};
use crate::usage::Usage;
use rt::net::TcpListener;
use rt::runtime::Runtime;
use rt::time::sleep;

const SECOND: Duration = Duration::from_secs(1);

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::gauge(
            "idle-cpu/mt",
            "processor time in an idle second",
            Unit::IdleUs,
            Bar::AtMost(100.0),
            || idle_second(mt, |usage| usage.cpu_us),
        ),
        Case::gauge("idle-wakes/mt", "wake-ups in an idle second", Unit::Count, Bar::AtMost(0.0), || {
            idle_second(mt, |usage| usage.waits)
        }),
        Case::gauge("idle-wakes/ct", "wake-ups in an idle second", Unit::Count, Bar::AtMost(0.0), || {
            idle_second(ct, |usage| usage.waits)
        }),
    ]
}

/// The runtime is built for the sample and idle with a timer armed and a listener open. A second
/// thread waits in `block_on`, since a current-thread runtime otherwise wouldn't run at all.
fn idle_second(build: fn() -> Runtime, figure: fn(Usage) -> f64) -> Workload {
    Box::new(move |_| {
        let runtime = build();
        on_worker(&runtime, async {
            rt::spawn(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                listener.accept().await.map(drop).unwrap();
            });
            rt::spawn(sleep(60 * SECOND));
            sleep(Duration::from_millis(20)).await;
        });
        let (stop, stopped) = rt::sync::oneshot::channel::<()>();
        thread::scope(|scope| {
            scope.spawn(|| runtime.block_on(stopped).unwrap());
            // What lingers for a while after the last task is no periodic wake-up.
            thread::sleep(SECOND / 2);
            let before = Usage::of_other_threads();
            thread::sleep(SECOND);
            let after = Usage::of_other_threads();
            stop.send(()).unwrap();
            let during = Usage { cpu_us: after.cpu_us - before.cpu_us, waits: after.waits - before.waits };
            // Two clocks that tick apart: less than nothing is nothing.
            figure(during).max(0.0)
        })
    })
}
