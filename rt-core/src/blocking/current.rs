//! Closures for the pool of the calling thread's runtime, from folders that don't know what a runtime is.

use std::io;
use std::panic::Location;
use std::sync::{Arc, OnceLock}; // std: as in `pool`

use super::{Held, JoinHandle, Pool};

/// How the pool of the calling thread's runtime is found.
pub(crate) struct Finder {
    /// The pool, with what a closure holds there until it is complete.
    pub(crate) pool: fn() -> Option<(Arc<Pool>, Held)>,
    /// Whether the pool takes closures.
    pub(crate) is_open: fn() -> Option<bool>,
}

static FINDER: OnceLock<Finder> = OnceLock::new();

/// Says how a thread's pool is found. Each runtime says so when it is built; all say the same.
pub(crate) fn set_finder(finder: Finder) {
    FINDER.get_or_init(|| finder);
}

/// Whether the calling thread's runtime takes closures, to the best of one's knowledge; `None` outside of one.
pub(crate) fn is_open() -> Option<bool> {
    (FINDER.get()?.is_open)()
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
    let (pool, held) = (FINDER.get()?.pool)()?;
    Some(pool.spawn(held.wrap(f), location))
}

/// As [`Pool::spawn_mandatory`], on the pool of the calling thread's runtime; `None` outside of one.
pub(crate) fn spawn_mandatory_current<F, R>(
    f: F,
    location: &'static Location<'static>,
) -> Option<io::Result<JoinHandle<R>>>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    let (pool, held) = (FINDER.get()?.pool)()?;
    Some(pool.spawn_mandatory(held.wrap(f), location))
}
