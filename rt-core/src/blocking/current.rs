//! Closures for the pool of the calling thread's runtime, from folders that don't know what a runtime is.

use std::panic::Location;
use std::sync::{Arc, OnceLock}; // std: as in `pool`

use super::{Held, JoinHandle, Pool};
use crate::base::trace;

/// Finds the calling thread's pool, and gives it with what a closure holds until it is complete.
type Find = fn() -> Option<(Arc<Pool>, Held)>;

static FIND: OnceLock<Find> = OnceLock::new();

/// Says how a thread's pool is found. Each runtime says so when it is built; all say the same.
pub(crate) fn set_find(find: Find) {
    FIND.get_or_init(|| find);
}

/// As [`Pool::spawn`], on the pool of the calling thread's runtime; `None` outside of one.
///
/// # Panics
///
/// As [`Pool::spawn`].
#[track_caller]
pub(crate) fn spawn_current<F, R>(f: F, location: &'static Location<'static>) -> Option<JoinHandle<R>>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    let (pool, held) = FIND.get()?()?;
    trace::note_function::<F>();
    let run = move || {
        let _held = held;
        f()
    };
    Some(pool.spawn(run, location))
}
