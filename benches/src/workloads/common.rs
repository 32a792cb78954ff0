//! What the workloads share: the two runtimes, and running something as a task.
use std::time::Instant;

use super::rt;
use rt::runtime::{Builder, Runtime};

/// A multi-thread runtime of two workers.
pub(super) fn mt() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

/// A current-thread runtime.
pub(super) fn ct() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// Runs `future` as a task, so that on either flavor it's a worker that polls it and not the
/// thread in `block_on`.
pub(super) fn on_worker<F>(runtime: &Runtime, future: F) -> F::Output
where
    F: Future<Output: Send> + Send + 'static,
{
    runtime.block_on(runtime.spawn(future)).expect("the workload didn't panic")
}

/// Nanoseconds since `start`.
pub(super) fn since(start: Instant) -> f64 {
    start.elapsed().as_nanos() as f64
}

/// Splits `total` in batches of at most `size`.
pub(super) fn batches(total: u64, size: u64) -> impl Iterator<Item = u64> {
    (0..total.div_ceil(size)).map(move |nth| size.min(total - nth * size))
}
