//! Spans and events of the `tracing` crate, in the form that tokio-console reads.
//!
//! A task is a span `runtime.spawn` of the target `tokio::task`, entered while the task is polled and while its
//! future is dropped. What happens to its wakers are events of the target `tokio::task::waker`, which name
//! the task by the number of its span.
#![forbid(unsafe_code)]

use std::any::type_name;
use std::cell::RefCell;
use std::mem;
use std::panic::Location;
use std::pin::Pin;

use tracing::Span;

use crate::shim;

#[path = "line.rs"]
mod line;
#[path = "resource.rs"]
mod resource;
#[path = "tell.rs"]
mod tell;
#[path = "traced.rs"]
mod traced;
#[path = "update.rs"]
mod update;
pub(crate) use line::{Bid, Grants};
pub(crate) use resource::{Resource, Waiting};
pub(crate) use traced::Traced;
pub(crate) use update::{Kind, Line, Update};

/// The span of a task, for its wakers.
#[derive(Debug, Clone)]
pub(crate) struct TaskSpan(Option<u64>);

/// What is said of a task beside what its future and its place tell.
#[derive(Debug, Default)]
struct Said {
    name: String,
    /// Its kind, if it isn't that of its scheduler's tasks.
    kind: Option<&'static str>,
    /// How large the future was before it was boxed.
    original_size: Option<usize>,
    /// The closure that it runs, and how large that is.
    function: Option<(&'static str, usize)>,
}

shim::thread_slot! {
    /// What is said of the next task that the thread makes.
    static NEXT: RefCell<Said> =
        RefCell::new(Said { name: String::new(), kind: None, original_size: None, function: None })
}

/// What is said of the next task that this thread makes, until it is dropped.
pub(crate) struct Label(Said);

impl Label {
    pub(crate) fn named(name: Option<&str>) -> Self {
        let said = Said { name: name.unwrap_or_default().into(), ..Said::default() };
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

/// The next task that this thread makes runs this closure.
pub(crate) fn note_function<F>() {
    let function = (type_name::<F>(), size_of::<F>());
    let _ = NEXT.try_with(|next| next.borrow_mut().function = Some(function));
}

/// The next task that this thread makes stays on it, whatever its scheduler's other tasks do.
pub(crate) fn note_local() {
    let _ = NEXT.try_with(|next| next.borrow_mut().kind = Some("local"));
}

/// A task with its future, as a span sees them.
pub(crate) fn task<F>(
    kind: &'static str,
    id: u64,
    location: &'static Location<'static>,
    future: F,
) -> (Traced<F>, TaskSpan) {
    let said = NEXT.try_with(RefCell::take).unwrap_or_default();
    let span = span::<F>(kind, id, location, &said);
    let number = span.id().map(|id| id.into_u64());
    (Traced::new(future, span), TaskSpan(number))
}

/// A future that a thread runs to its end as if it were a task, with its span.
pub(crate) fn main_future<F>(
    id: impl FnOnce() -> u64,
    location: &'static Location<'static>,
    future: F,
) -> Traced<F> {
    let span = span::<F>("block_on", id(), location, &Said::default());
    Traced::new(future, span)
}

/// The same, of one that was boxed.
pub(crate) fn main_boxed<F>(
    id: impl FnOnce() -> u64,
    location: &'static Location<'static>,
    future: Pin<Box<F>>,
) -> Traced<Pin<Box<F>>> {
    let said = Said { original_size: Some(size_of::<F>()), ..Said::default() };
    let span = span::<Pin<Box<F>>>("block_on", id(), location, &said);
    Traced::new(future, span)
}

fn span<F>(kind: &'static str, id: u64, location: &'static Location<'static>, said: &Said) -> Span {
    tracing::trace_span!(
        target: "tokio::task",
        parent: None,
        "runtime.spawn",
        kind = said.kind.unwrap_or(kind),
        task.name = %said.name,
        task.id = id,
        "fn" = said.function.map(|(name, _)| tracing::field::display(name)),
        original_size.bytes = said.original_size,
        size.bytes = said.function.map_or(size_of::<F>(), |(_, size)| size),
        loc.file = location.file(),
        loc.line = location.line(),
        loc.col = location.column(),
    )
}

impl TaskSpan {
    /// One of its wakers is cloned.
    pub(crate) fn waker_is_cloned(&self) {
        self.tell("waker.clone");
    }

    /// Something happens to one of its wakers: `then`, also when the subscriber panics.
    pub(crate) fn waker(&self, op: WakerOp, then: impl FnOnce()) {
        struct Then<F: FnOnce()>(Option<F>);
        impl<F: FnOnce()> Drop for Then<F> {
            fn drop(&mut self) {
                if let Some(then) = self.0.take() {
                    then();
                }
            }
        }
        let then = Then(Some(then));
        // Before, since the task may run, or be gone, after it.
        self.tell(op.name());
        drop(then);
    }

    fn tell(&self, op: &'static str) {
        if let Some(number) = self.0 {
            tracing::trace!(target: "tokio::task::waker", op, task.id = number);
        }
    }
}

/// What happens to a waker.
#[derive(Debug, Clone, Copy)]
pub(crate) enum WakerOp {
    Drop,
    Wake,
    WakeByRef,
}

impl WakerOp {
    const fn name(self) -> &'static str {
        match self {
            Self::Drop => "waker.drop",
            Self::Wake => "waker.wake",
            Self::WakeByRef => "waker.wake_by_ref",
        }
    }
}
