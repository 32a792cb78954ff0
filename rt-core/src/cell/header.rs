//! How a cell is laid out.

use std::any::Any;
use std::future::Future;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::panic::Location;
use std::ptr::NonNull;
use std::task::{Context, Waker};

use super::id::Id;
use super::notified::{Notified, Task, TaskRef};
use super::state::{Shard, State};
use crate::base::trace::TaskSpan;
use crate::base::{Links, Node};
use crate::shim::cell::UnsafeCell;

/// What every task has, whatever its future is.
#[repr(C)]
pub(crate) struct Header {
    pub(super) state: State,
    pub(super) vtable: &'static Vtable,
    /// The next task in a [`TaskList`](super::TaskList). Belongs to who holds the notification.
    pub(super) next: UnsafeCell<Option<NonNull<Header>>>,
    pub(super) id: Id,
    /// Links of the registry. Belong to its lock.
    links: Links<Header>,
    /// The scheduler, a `*const S`. Alive as long as the task isn't complete.
    pub(super) owner: *const (),
    pub(super) location: &'static Location<'static>,
    /// Has no size unless tasks are traced.
    pub(super) span: TaskSpan,
}

#[cfg(all(not(loom), not(feature = "tracing"), target_pointer_width = "64"))]
const _: () = assert!(size_of::<Header>() == 64 && align_of::<Header>() == 8);

// SAFETY: the state word and the registry's lock say who may touch `next` and `links`; the rest is read-only,
// and `owner` is dereferenced only as a shared reference to a `Sync` scheduler.
unsafe impl Send for Header {}
// SAFETY: as above.
unsafe impl Sync for Header {}

// SAFETY: the links are a field of the header, reached without a reference to the rest; a cell never moves.
unsafe impl Node for Header {
    unsafe fn links(node: NonNull<Self>) -> NonNull<Links<Self>> {
        // SAFETY: the caller gives a live header.
        unsafe { NonNull::new_unchecked(&raw mut (*node.as_ptr()).links) }
    }
}

impl Header {
    pub(super) fn new(
        vtable: &'static Vtable,
        owner: *const (),
        id: Id,
        location: &'static Location<'static>,
        span: TaskSpan,
    ) -> Self {
        Self {
            state: State::new(),
            vtable,
            next: UnsafeCell::new(None),
            id,
            links: Links::new(),
            owner,
            location,
            span,
        }
    }
}

/// The part of a cell that doesn't depend on the future's type.
#[repr(C)]
pub(super) struct Trunk {
    pub(super) header: Header,
    /// Whose it is, and whether it's full, is in the state word.
    pub(super) join_waker: UnsafeCell<MaybeUninit<Waker>>,
}

/// The allocation. `repr(C)`: a pointer to the header is a pointer to the cell.
#[repr(C)]
pub(super) struct Cell<F: Future> {
    pub(super) trunk: Trunk,
    pub(super) stage: UnsafeCell<Stage<F>>,
}

/// Why there is no output: the payload of a panic, or a cancellation when there is none.
pub(super) type Failure = Option<Box<dyn Any + Send>>;

/// What is in it follows from the state word: the future until completion, then the failure with FAILED or
/// else the output, then nothing once either is taken or dropped.
pub(super) union Stage<F: Future> {
    pub(super) future: ManuallyDrop<F>,
    pub(super) output: ManuallyDrop<F::Output>,
    pub(super) failure: ManuallyDrop<Failure>,
}

/// What a poll came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Pending,
    /// The stage holds the output.
    Ready,
    /// The stage holds the failure.
    Panicked,
}

/// What depends on the types of the future and of the scheduler.
///
/// All functions want a live cell of these types. The first four want the stage to be the caller's.
pub(super) struct Vtable {
    /// Polls the future. Catches panics.
    pub(super) poll: unsafe fn(NonNull<Header>, &mut Context<'_>) -> Step,
    /// Drops the future and puts the failure in its place. Returns whether the drop panicked.
    pub(super) cancel: unsafe fn(NonNull<Header>) -> bool,
    /// Drops what the stage holds after completion. May panic.
    pub(super) drop_output: unsafe fn(NonNull<Header>, failed: bool),
    /// Moves what the stage holds after completion to a `Result<F::Output, JoinError>`.
    pub(super) take_output: unsafe fn(NonNull<Header>, failed: bool, target: NonNull<()>),
    /// Frees the cell, whose stage and slot hold nothing.
    pub(super) free: unsafe fn(NonNull<Header>),
    /// Those of [`Schedule`](super::Schedule), to be called while the task isn't complete.
    pub(super) schedule: unsafe fn(*const (), Notified),
    pub(super) yield_now: unsafe fn(*const (), Notified),
    pub(super) register: unsafe fn(*const (), &TaskRef) -> Option<Shard>,
    pub(super) release: unsafe fn(*const (), &TaskRef) -> Option<Task>,
    pub(super) terminated: unsafe fn(*const (), &TaskRef),
    /// The function that polls the future itself, for who looks at the stack.
    #[cfg(feature = "taskdump")]
    pub(super) root: *const (),
    /// Whether the cell lies in a [`Stamped`].
    pub(super) stamped: bool,
}

/// A cell with room for a stamp: the eight bytes right before the cell, whatever the alignment of both.
#[repr(C)]
pub(super) struct Stamped<F: Future> {
    pub(super) _room: u64,
    pub(super) cell: Cell<F>,
}
