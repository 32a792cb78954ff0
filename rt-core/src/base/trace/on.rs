//! Spans and events of the `tracing` crate, in the form that tokio-console reads.
//!
//! A task is a span `runtime.spawn` of the target `tokio::task`, entered while the task is polled and while its
//! future is dropped. What happens to its wakers are events of the target `tokio::task::waker`, which name
//! the task by the number of its span.
#![forbid(unsafe_code)]

use std::cell::RefCell;
use std::mem;
use std::panic::Location;

use tracing::Instrument;
use tracing::instrument::Instrumented;

use crate::shim;

#[path = "resource.rs"]
mod resource;
#[path = "tell.rs"]
mod tell;
#[path = "update.rs"]
mod update;
pub(crate) use resource::{Resource, Waiting};
pub(crate) use update::{Kind, Update};

/// A future with its span.
pub(crate) type Traced<F> = Instrumented<F>;

/// The span of a task, for its wakers.
#[derive(Debug, Clone)]
pub(crate) struct TaskSpan(Option<u64>);

/// What is said of a task beside what its future and its place tell.
#[derive(Debug, Default)]
struct Said {
    name: String,
    /// How large the future was before it was boxed.
    original_size: Option<usize>,
}

shim::thread_slot! {
    /// What is said of the next task that the thread makes.
    static NEXT: RefCell<Said> = RefCell::new(Said { name: String::new(), original_size: None })
}

/// What is said of the next task that this thread makes, until it is dropped.
pub(crate) struct Label(Said);

impl Label {
    pub(crate) fn named(name: Option<&str>) -> Self {
        let said = Said { name: name.unwrap_or_default().into(), original_size: None };
        Self(NEXT.try_with(|next| next.replace(said)).unwrap_or_default())
    }
}

impl Drop for Label {
    fn drop(&mut self) {
        let _ = NEXT.try_with(|next| next.replace(mem::take(&mut self.0)));
    }
}

/// The next task that this thread makes has a future that was boxed.
pub(crate) fn note_boxed<F>() {
    let _ = NEXT.try_with(|next| next.borrow_mut().original_size = Some(size_of::<F>()));
}

/// A task with its future, as a span sees them.
pub(crate) fn task<F>(
    kind: &'static str,
    id: u64,
    location: &'static Location<'static>,
    future: F,
) -> (Traced<F>, TaskSpan) {
    let said = NEXT.try_with(RefCell::take).unwrap_or_default();
    let span = tracing::trace_span!(
        target: "tokio::task",
        parent: None,
        "runtime.spawn",
        kind,
        task.name = %said.name,
        task.id = id,
        original_size.bytes = said.original_size,
        size.bytes = size_of::<F>(),
        loc.file = location.file(),
        loc.line = location.line(),
        loc.col = location.column(),
    );
    let number = span.id().map(|id| id.into_u64());
    (future.instrument(span), TaskSpan(number))
}

impl TaskSpan {
    /// Something happens to one of its wakers.
    pub(crate) fn waker(&self, op: WakerOp) {
        if let Some(number) = self.0 {
            tracing::trace!(target: "tokio::task::waker", op = op.name(), task.id = number);
        }
    }
}

/// What happens to a waker.
#[derive(Debug, Clone, Copy)]
pub(crate) enum WakerOp {
    Clone,
    Drop,
    Wake,
    WakeByRef,
}

impl WakerOp {
    const fn name(self) -> &'static str {
        match self {
            Self::Clone => "waker.clone",
            Self::Drop => "waker.drop",
            Self::Wake => "waker.wake",
            Self::WakeByRef => "waker.wake_by_ref",
        }
    }
}
