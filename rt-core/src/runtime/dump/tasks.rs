//! The tasks of a runtime.
#![forbid(unsafe_code)]

use super::Trace;
use super::names::Names;
use crate::cell::Id;
use crate::coop::capture;
use crate::runtime::Handle;
use crate::shim::sync::Arc;

/// What [`Handle::dump`] found out.
#[derive(Debug)]
pub struct Dump {
    tasks: Tasks,
}

impl Dump {
    /// The tasks that waited.
    pub fn tasks(&self) -> &Tasks {
        &self.tasks
    }
}

/// The tasks of a [`Dump`].
#[derive(Debug)]
pub struct Tasks {
    tasks: Vec<Task>,
}

impl Tasks {
    /// The tasks, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter()
    }
}

/// A task that waited.
#[derive(Debug)]
pub struct Task {
    id: Id,
    trace: Trace,
}

impl Task {
    /// Which task it is.
    pub fn id(&self) -> Id {
        self.id
    }

    /// Where it waited. Empty when it waited for nothing that belongs to a runtime of this crate.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }
}

impl Handle {
    /// Finds out where the runtime's tasks wait.
    ///
    /// Each of them is polled once more, where and when its runtime would poll it anyway, and woken, so that it goes
    /// on as after any poll: see [`dump`](super). Left out are tasks to which their runtime doesn't come while for a second it comes to no other either,
    /// since they block their worker or nobody drives the runtime; and in a runtime that spawns all the while, perhaps
    /// some of those that have never waited yet. The tasks of a [`LocalSet`](crate::task::LocalSet) aren't the
    /// runtime's, and who asks isn't waiting.
    ///
    /// # Cancel safety
    ///
    /// Cancelled, it lets the tasks go on.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::runtime::Handle;
    ///
    /// # rt_core::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap().block_on(async {
    /// let (_sender, receiver) = rt_core::sync::oneshot::channel::<()>();
    /// rt_core::spawn(receiver);
    /// let dump = Handle::current().dump().await;
    /// assert_eq!(dump.tasks().iter().count(), 1);
    /// # });
    /// ```
    pub async fn dump(&self) -> Dump {
        let shared = self.shared().clone();
        let captured = shared.capture_tasks().await;
        let names = Arc::<Names>::default();
        let task = |(id, stacks)| Task { id, trace: Trace::new(stacks, names.clone()) };
        Dump { tasks: Tasks { tasks: captured.into_iter().map(task).collect() } }
    }

    /// Whether the calling thread is finding out where a future waits.
    #[doc(hidden)]
    pub fn is_tracing() -> bool {
        capture::is_under_way()
    }
}
