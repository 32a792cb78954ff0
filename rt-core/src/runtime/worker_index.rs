//! Which worker the calling thread is.
#![forbid(unsafe_code)]

use crate::sched;

/// The index of the worker that runs the calling task.
///
/// `None` on a thread that isn't a worker, and in a task that is inside [`block_in_place`]. The only worker
/// of a current-thread runtime has the index 0.
///
/// [`block_in_place`]: crate::task::block_in_place
///
/// # Examples
///
/// ```
/// assert_eq!(rt_core::runtime::worker_index(), None);
///
/// let runtime = rt_core::runtime::Builder::new_current_thread().build()?;
/// let index = runtime.block_on(async { rt_core::spawn(async { rt_core::runtime::worker_index() }).await });
/// assert_eq!(index.unwrap(), Some(0));
/// # std::io::Result::Ok(())
/// ```
pub fn worker_index() -> Option<usize> {
    sched::worker_index()
}
