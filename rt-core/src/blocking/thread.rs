//! What a thread of the pool does.

use std::any::Any;
use std::cell::Cell;
use std::sync::Arc as StdArc; // std: the pool's
use std::time::{Duration, Instant};

use super::held;
use super::patience::Look;
use super::pool::Pool;
use super::roster::{From, Next, Roster, ThreadKey};
use crate::base::{Parker, contain};
use crate::shim;
use crate::shim::sync::Arc;

/// How often a thread that has just worked looks for more before it sleeps: for as long as it takes to wake a
/// thread on another core and to hear from it, some 10 to 25 us.
const LOOKS: usize = shim::scaled(800, 0);

/// Looking around takes no longer than this unless the thread lost its core, which others need then.
const UNDISTURBED: Duration = Duration::from_micros(60);

shim::thread_slot! {
    // The roster of the pool that the thread belongs to; only compared.
    static POOL: Cell<*const Roster> = Cell::new(std::ptr::null())
}

/// Whether the calling thread belongs to the pool of this roster.
pub(super) fn is_own(roster: &Roster) -> bool {
    POOL.try_with(|pool| std::ptr::eq(pool.get(), roster)).unwrap_or(false)
}

/// Works until the pool is shut down, or nothing comes for the keep-alive time.
pub(super) fn main(pool: &StdArc<Pool>, key: ThreadKey) {
    /// The thread is counted until the very end, whatever happens.
    struct Exit<'a>(&'a Pool, ThreadKey);
    impl Drop for Exit<'_> {
        fn drop(&mut self) {
            self.0.roster.exited(self.1);
        }
    }
    let _exit = Exit(pool, key);
    POOL.with(|slot| slot.set(&pool.roster));
    // What the runtime wants a thread to hold, above all a handle to itself.
    let context: Option<Box<dyn Any>> = pool.enter.get().map(|enter| enter());
    run_hook(pool.config.on_start.as_deref());
    work(pool);
    run_hook(pool.config.on_stop.as_deref());
    drop(context);
}

fn work(pool: &StdArc<Pool>) {
    let roster = &pool.roster;
    let parker = Arc::new(Parker::new());
    let mut from = From::Hunt;
    loop {
        match roster.next(from, &parker) {
            Next::Run(task, recruits) => {
                // With a thread on its way, or started, the rest of the queue doesn't wait for this closure.
                // If none can be started, this thread is the one that gets to it.
                for recruit in recruits {
                    let _ = pool.follow(recruit);
                }
                held::release_after(|| _ = task.run_blocking());
                from = From::Work;
            }
            Next::LookAround => {
                from = From::Looked(look_around(roster));
            }
            Next::Sleep => {
                if !parker.park_timeout(pool.config.keep_alive) {
                    if roster.retire(&parker) {
                        return;
                    }
                    // The unpark is on its way, and must not end the next sleep.
                    parker.park();
                }
                from = From::Hunt;
            }
            Next::Exit => return,
        }
    }
}

/// Waits awake for the next closure.
fn look_around(roster: &Roster) -> Look {
    // std: the real time, which is what the core is measured by.
    let start = Instant::now();
    let mut looks = 0..LOOKS;
    let came = looks.any(|_| {
        shim::hint::spin_loop();
        roster.is_pending()
    });
    // A model has no looks, and must not depend on the time it takes.
    if LOOKS > 0 && start.elapsed() > UNDISTURBED {
        Look::Disturbed
    } else if came {
        Look::Paid
    } else {
        Look::Vain
    }
}

/// Runs code of the user's whose panic must not take the thread with it: closures are waiting.
fn run_hook(hook: Option<&(dyn Fn() + Send + Sync)>) {
    if let Some(hook) = hook {
        contain(hook);
    }
}
