//! Models of the hand-off: no closure is left without a thread, whether threads go to sleep, retire, or are
//! shut down meanwhile. A lost wake shows as a deadlock.

use std::panic::Location;
use std::sync::Arc as StdArc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use loom::sync::Notify;

use super::*;
use crate::base::block_on;
use crate::shim::sync::Arc;
use crate::shim::thread;

/// Time doesn't pass in a model: a thread sleeps until it's woken, or, with `retires`, not at all.
fn pool(cap: usize, retires: bool) -> StdArc<Pool> {
    Pool::new(Config {
        cap,
        keep_alive: if retires { Duration::ZERO } else { Duration::MAX },
        thread_name: StdArc::new(String::new),
        stack_size: None,
        on_start: None,
        on_stop: None,
    })
}

fn spawn<R: Send + 'static>(pool: &StdArc<Pool>, f: impl FnOnce() -> R + Send + 'static) -> JoinHandle<R> {
    pool.spawn(f, Location::caller())
}

/// One closure after the other, each while the thread of the former goes to sleep or away.
#[test]
fn a_closure_meets_a_thread_that_goes_to_sleep_or_retires() {
    for retires in [false, true] {
        loom::model(move || {
            let pool = pool(1, retires);
            for i in 0..2 {
                assert_eq!(block_on(spawn(&pool, move || i)).unwrap(), i);
            }
            assert!(pool.shutdown(None));
            assert_eq!(pool.num_threads(), 0);
        });
    }
}

/// Hands closures to a pool, none of which may be lost: the shutdown waits for them.
fn all_run(cap: usize, retires: bool, closures: Vec<Box<dyn FnOnce() + Send>>) {
    let pool = pool(cap, retires);
    let len = closures.len();
    let ran = StdArc::new(AtomicUsize::new(0));
    for closure in closures {
        let ran = ran.clone();
        let run = move || {
            closure();
            ran.fetch_add(1, Ordering::Relaxed);
        };
        drop(pool.spawn_mandatory(run, Location::caller()).unwrap());
    }
    assert!(pool.shutdown(None));
    assert_eq!(ran.load(Ordering::Relaxed), len);
}

/// Two closures, of which the first waits for the second: that must get a thread of its own.
fn pair() -> Vec<Box<dyn FnOnce() + Send>> {
    let met = Arc::new(Notify::new());
    let waits = {
        let met = met.clone();
        Box::new(move || met.wait())
    };
    vec![waits, Box::new(move || met.notify())]
}

#[test]
fn a_closure_that_blocks_does_not_hold_up_the_next() {
    for retires in [false, true] {
        loom::model(move || all_run(2, retires, pair()));
    }
}

// tokio #8056: a closure was left to a thread that was no longer idle, behind another that blocked.
/// As before, with a thread that has worked and may be anywhere between work and sleep.
#[test]
fn a_warm_pool_gives_each_closure_a_thread() {
    loom::model(|| {
        let mut closures = pair();
        closures.insert(0, Box::new(|| ()));
        all_run(2, false, closures);
    });
}

#[test]
fn closures_come_from_two_threads() {
    for retires in [false, true] {
        loom::model(move || {
            let pool = pool(1, retires);
            let other = {
                let pool = pool.clone();
                thread::spawn(move || drop(pool.spawn_mandatory(|| (), Location::caller()).unwrap()))
            };
            drop(pool.spawn_mandatory(|| (), Location::caller()).unwrap());
            other.join().unwrap();
            assert!(pool.shutdown(None));
            assert_eq!((pool.num_threads(), pool.queue_depth()), (0, 0));
        });
    }
}

#[test]
fn a_shutdown_runs_or_cancels_what_comes_meanwhile() {
    for retires in [false, true] {
        loom::model(move || {
            let pool = pool(1, retires);
            let other = {
                let pool = pool.clone();
                thread::spawn(move || {
                    let mandatory = pool.spawn_mandatory(|| 1, Location::caller());
                    let optional = block_on(spawn(&pool, || 2));
                    if let Ok(mandatory) = mandatory {
                        assert_eq!(block_on(mandatory).unwrap(), 1, "what was accepted is run");
                    } else {
                        assert!(optional.is_err(), "it came even later");
                    }
                    if let Err(error) = optional {
                        assert!(error.is_cancelled());
                    }
                })
            };
            assert!(pool.shutdown(None));
            other.join().unwrap();
            assert_eq!((pool.num_threads(), pool.queue_depth()), (0, 0));
        });
    }
}

#[test]
fn a_shutdown_meets_a_thread_that_goes_to_sleep_or_retires() {
    for retires in [false, true] {
        loom::model(move || {
            let pool = pool(1, retires);
            let join = spawn(&pool, || ());
            assert!(pool.shutdown(None));
            let result = block_on(join);
            assert!(result.is_ok() || result.unwrap_err().is_cancelled());
            assert_eq!(pool.num_threads(), 0);
        });
    }
}
