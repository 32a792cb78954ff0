//! Local sets whose tasks panic.
#![cfg(feature = "full")]

mod task_support;

use std::cell::Cell;
use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use rt_core::runtime::{Runtime, UnhandledPanic};
use rt_core::task::{LocalSet, spawn_local, yield_now};
use task_support::{Stays, message, panic_quietly};

#[test]
fn a_panic_may_end_the_set() {
    let drops = Rc::new(Cell::new(0));
    let runtime = Runtime::new().unwrap();
    let mut local = LocalSet::new();
    local.unhandled_panic(UnhandledPanic::ShutdownRuntime);
    let stays = Stays::new(&drops);
    let waits = local.spawn_local(async move {
        let _stays = stays;
        pending::<()>().await;
    });
    local.block_on(&runtime, yield_now());
    let panics = local.spawn_local(async { panic_quietly() });
    let fails = |local: &LocalSet| {
        let text = message(catch_unwind(AssertUnwindSafe(|| local.block_on(&runtime, pending()))));
        assert!(text.contains("configured to shutdown on unhandled panic"), "{text}");
    };
    fails(&local);
    assert_eq!(drops.get(), 1);
    let error = futures::executor::block_on(panics).map(|_: ()| ()).unwrap_err();
    assert!(error.is_panic());
    assert!(futures::executor::block_on(waits).unwrap_err().is_cancelled());
    // Nothing runs there any more.
    let late = local.spawn_local(async {});
    assert!(futures::executor::block_on(late).unwrap_err().is_cancelled());
    fails(&local);
    // Also when the set is run by one of its own tasks.
    let local = Rc::new(LocalSet::new());
    let mut inner = LocalSet::new();
    inner.unhandled_panic(UnhandledPanic::ShutdownRuntime);
    let inner = Rc::new(inner);
    let same = inner.clone();
    let nested = inner.spawn_local(async move {
        spawn_local(async { panic_quietly() });
        same.run_until(pending::<()>()).await;
    });
    let text = message(catch_unwind(AssertUnwindSafe(|| {
        local.block_on(&runtime, async { inner.run_until(pending::<()>()).await });
    })));
    assert!(text.contains("configured to shutdown on unhandled panic"), "{text}");
    assert!(futures::executor::block_on(nested).unwrap_err().is_panic());
    // Another one goes on.
    let mut other = LocalSet::new();
    other.unhandled_panic(UnhandledPanic::ShutdownRuntime).unhandled_panic(UnhandledPanic::Ignore);
    other.block_on(&runtime, async {
        let panics = spawn_local(async { panic_quietly() });
        assert!(panics.await.map(|_: ()| ()).unwrap_err().is_panic());
    });
}

#[test]
fn a_panic_in_a_drop_harms_no_other_task() {
    struct Loud;
    impl Drop for Loud {
        fn drop(&mut self) {
            panic_quietly();
        }
    }
    let drops = Rc::new(Cell::new(0));
    let runtime = Runtime::new().unwrap();
    let local = LocalSet::new();
    let tasks: Vec<_> = (0..10)
        .map(|n| {
            let stays = Stays::new(&drops);
            local.spawn_local(async move {
                let _stays = stays;
                let _loud = (n % 2 == 0).then(|| Loud);
                pending::<()>().await;
            })
        })
        .collect();
    local.block_on(&runtime, yield_now());
    drop(local);
    assert_eq!(drops.get(), 10);
    for (n, task) in tasks.into_iter().enumerate() {
        let error = futures::executor::block_on(task).unwrap_err();
        assert_eq!(error.is_panic(), n % 2 == 0);
    }
}
