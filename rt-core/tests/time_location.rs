//! Where panics seem to come from: the caller. Alone in its file, as it sets the panic hook.
#![cfg(feature = "full")]

use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use rt_core::runtime::Builder;
use rt_core::signal::unix::{SignalKind, signal};
use rt_core::time::{Duration, Instant, interval, interval_at, sleep, sleep_until, timeout, timeout_at};

static FILE: Mutex<Option<String>> = Mutex::new(None);

fn blames_the_caller(what: &str, f: impl FnOnce()) {
    assert!(catch_unwind(AssertUnwindSafe(f)).is_err(), "{what} didn't panic");
    // Taken first: a failure of the assertion calls the hook.
    let blamed = FILE.lock().unwrap().take();
    assert_eq!(blamed.as_deref(), Some(file!()), "{what}");
}

#[test]
#[allow(clippy::redundant_closure, reason = "a path alone would be called from `std`")]
fn panics_name_the_caller() {
    panic::set_hook(Box::new(|info| {
        *FILE.lock().unwrap() = info.location().map(|location| location.file().to_owned());
    }));
    let ms = Duration::from_millis(1);
    let now = Instant::now();
    let all = || {
        blames_the_caller("sleep", || drop(sleep(ms)));
        blames_the_caller("sleep_until", || drop(sleep_until(now)));
        blames_the_caller("timeout", || drop(timeout(ms, std::future::ready(()))));
        blames_the_caller("timeout_at", || drop(timeout_at(now, std::future::ready(()))));
        blames_the_caller("interval", || drop(interval(ms)));
        blames_the_caller("interval_at", || drop(interval_at(now, ms)));
        blames_the_caller("interval of nothing", || drop(interval(Duration::ZERO)));
        blames_the_caller("signal", || drop(signal(SignalKind::hangup())));
    };
    all();
    let runtime = Builder::new_current_thread().build().unwrap();
    let entered = runtime.enter();
    all();
    drop(entered);
    #[cfg(feature = "test-util")]
    {
        use rt_core::time::{pause, resume};
        blames_the_caller("pause", || pause());
        blames_the_caller("resume", || resume());
    }
    blames_the_caller("instant", || _ = now + Duration::MAX);
    let _ = panic::take_hook();
}
