//! The pool of the calling thread's runtime, for those who don't know what a runtime is.

use std::sync::{Arc, OnceLock};

use super::Pool;

/// Finds the calling thread's pool.
type Find = fn() -> Option<Arc<Pool>>;

static FIND: OnceLock<Find> = OnceLock::new();

/// Says how a thread's pool is found. Each runtime says so when it is built; all say the same.
pub(crate) fn set_find(find: Find) {
    FIND.get_or_init(|| find);
}

/// The pool of the calling thread's runtime; `None` outside of one.
pub(crate) fn current() -> Option<Arc<Pool>> {
    FIND.get().and_then(|find| find())
}
