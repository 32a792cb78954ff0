//! How much a task may do in one poll.
//!
//! A task that always finds its resources ready would never return to the scheduler. So each operation on
//! a resource of the runtime spends one unit of a budget that is full at the start of each poll; with none
//! left, operations return `Pending` and wake the task, which goes to the back of the queue.

use std::cell::Cell;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::{capture, forced};
use crate::shim;

/// Operations a poll may do: enough for the work of a batch, and over in well under a millisecond.
const FULL: u8 = 128;

/// Bytes moved for one more unit.
const UNIT_BYTES: usize = 16 << 10;

/// What is left of the budget, above [`USED_UP`](Self::USED_UP), or one of the values with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Budget(u8);

impl Budget {
    /// What a poll starts with.
    pub(crate) const FULL: Self = Self(Self::USED_UP.0 + FULL);
    /// Nothing: each operation is refused.
    pub(crate) const USED_UP: Self = Self(1);
    /// Nothing, and an operation has been refused for it: that counts once a poll.
    const REFUSED: Self = Self(0);
    /// No limit: outside of tasks, and in `unconstrained` futures.
    pub(crate) const UNLIMITED: Self = Self(u8::MAX);

    #[inline]
    fn is_left(self) -> bool {
        self.0 > Self::USED_UP.0
    }

    /// What is left after so many units.
    #[inline]
    fn minus(self, units: u8) -> Self {
        if self == Self::UNLIMITED || !self.is_left() {
            return self;
        }
        Self(self.0.saturating_sub(units).max(Self::USED_UP.0))
    }
}

/// What a thread knows of budgets.
struct Slot {
    /// The budget in force.
    left: Cell<Budget>,
    /// Units that polls of tasks have spent.
    spent: Cell<u64>,
}

shim::thread_slot! {
    static BUDGET: Slot = Slot { left: Cell::new(Budget::UNLIMITED), spent: Cell::new(0) }
}

/// A budget in force until it is dropped, when the former one comes back.
pub(crate) struct Scope(Budget);

impl Scope {
    /// Puts `budget` in force.
    pub(crate) fn enter(budget: Budget) -> Self {
        Self(BUDGET.with(|slot| slot.left.replace(budget)))
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        // At the end of a thread the slot may be gone, and nobody polls any more.
        let _ = BUDGET.try_with(|slot| slot.left.set(self.0));
    }
}

/// Runs `f` with `budget`, and puts the former one back.
#[inline]
pub(crate) fn with_budget<R>(budget: Budget, f: impl FnOnce() -> R) -> R {
    let _scope = Scope::enter(budget);
    f()
}

/// A full budget for the poll of a task, as a [`Scope`] that counts what is spent.
struct PollScope(Budget);

impl Drop for PollScope {
    #[inline]
    fn drop(&mut self) {
        let _ = BUDGET.try_with(|slot| {
            // A poll ends with no more than it began with.
            let spent = Budget::FULL.0.wrapping_sub(slot.left.replace(self.0).0);
            slot.spent.set(slot.spent.get() + u64::from(spent));
        });
    }
}

/// Runs `f`, which polls a task, with a full budget, and counts what it spends.
#[inline]
pub(crate) fn with_full_budget<R>(f: impl FnOnce() -> R) -> R {
    let _scope = PollScope(BUDGET.with(|slot| slot.left.replace(Budget::FULL)));
    f()
}

/// The units that tasks have spent on this thread since it was asked last.
#[inline]
pub(crate) fn take_spent() -> u64 {
    BUDGET.with(|slot| slot.spent.take())
}

/// Gives the unit that [`poll_proceed`] spent back when it is dropped, unless progress was made.
#[derive(Debug)]
#[must_use]
pub struct RestoreOnPending(Cell<Budget>);

impl RestoreOnPending {
    /// The operation did something: what it spent stays spent.
    #[inline]
    pub fn made_progress(&self) {
        self.0.set(Budget::UNLIMITED);
    }
}

impl Drop for RestoreOnPending {
    #[inline]
    fn drop(&mut self) {
        let before = self.0.get();
        if before != Budget::UNLIMITED {
            let _ = BUDGET.try_with(|slot| slot.left.set(before));
        }
    }
}

/// Spends one unit of the task's budget, for an operation that is about to be tried.
///
/// Returns `Pending` when nothing is left; the task has been woken then, and is polled again after others
/// had their turn. Call [`RestoreOnPending::made_progress`] when the operation did something; otherwise
/// the unit comes back when the guard is dropped.
///
/// # Examples
///
/// ```
/// use std::future::poll_fn;
/// use std::task::{Poll, ready};
///
/// # futures::executor::block_on(async {
/// let mut ready = vec![1, 2, 3];
/// let next = poll_fn(|cx| {
///     let coop = ready!(rt_core::task::coop::poll_proceed(cx));
///     coop.made_progress();
///     Poll::Ready(ready.pop())
/// });
/// assert_eq!(next.await, Some(3));
/// # });
/// ```
#[inline]
pub fn poll_proceed(cx: &mut Context<'_>) -> Poll<RestoreOnPending> {
    ready!(poll_has_remaining(cx));
    // The thread is ending if there is no slot: no task runs on it that could starve another.
    let before =
        BUDGET.try_with(|slot| slot.left.replace(slot.left.get().minus(1))).unwrap_or(Budget::UNLIMITED);
    Poll::Ready(RestoreOnPending(Cell::new(before)))
}

/// As [`poll_proceed`] for an operation that needs no guard: it [spends](spend) the unit when it has done something.
#[inline]
pub(crate) fn poll_has_remaining(cx: &Context<'_>) -> Poll<()> {
    if has_budget_remaining() {
        Poll::Ready(())
    } else {
        refuse(cx);
        Poll::Pending
    }
}

/// Spends one unit, if there is one.
#[inline]
pub(crate) fn spend() {
    let _ = BUDGET.try_with(|slot| slot.left.set(slot.left.get().minus(1)));
}

/// Spends what moving so many bytes costs beyond the unit of its operation: one unit for each 16 KiB.
///
/// An operation on a stream may move a megabyte, and a hundred of them would be a long poll.
#[inline]
pub(crate) fn charge(bytes: usize) {
    if bytes >= UNIT_BYTES {
        charge_units(bytes / UNIT_BYTES);
    }
}

fn charge_units(units: usize) {
    let units = u8::try_from(units).unwrap_or(u8::MAX);
    let _ = BUDGET.try_with(|slot| slot.left.set(slot.left.get().minus(units)));
}

/// Has the task polled again, after others.
#[cold]
#[inline(never)]
fn refuse(cx: &Context<'_>) {
    if capture::leaf(Some(refuse as *const ()), Some(cx.waker())) {
        return;
    }
    let before = BUDGET.try_with(|slot| slot.left.replace(Budget::REFUSED));
    if before.is_ok_and(|before| before == Budget::USED_UP) {
        forced::count();
    }
    cx.waker().wake_by_ref();
}

/// Whether the task has budget left. Always true outside of tasks and in [`unconstrained`] futures.
///
/// # Examples
///
/// ```
/// assert!(rt_core::task::coop::has_budget_remaining());
/// ```
#[inline]
pub fn has_budget_remaining() -> bool {
    BUDGET.try_with(|slot| slot.left.get().is_left()).unwrap_or(true)
}

/// Spends one unit, and lets other tasks run when nothing is left.
///
/// For loops that do much without touching a resource of the runtime.
///
/// # Cancel safety
///
/// Cancelling it spends nothing.
///
/// # Examples
///
/// ```
/// # futures::executor::block_on(async {
/// let mut sum = 0_u64;
/// for i in 0..1_000 {
///     sum += i;
///     rt_core::task::coop::consume_budget().await;
/// }
/// assert_eq!(sum, 499_500);
/// # });
/// ```
pub async fn consume_budget() {
    poll_fn(|cx| {
        let coop = ready!(poll_proceed(cx));
        coop.made_progress();
        Poll::Ready(())
    })
    .await;
}

pin_project_lite::pin_project! {
    /// A future that has no budget: see [`unconstrained`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Unconstrained<F> {
        #[pin]
        inner: F,
    }
}

impl<F: Future> Future for Unconstrained<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        with_budget(Budget::UNLIMITED, || self.project().inner.poll(cx))
    }
}

/// Takes the future out of cooperative scheduling: it never has to yield, and may starve others.
///
/// # Examples
///
/// ```
/// # futures::executor::block_on(async {
/// let ready = rt_core::task::coop::unconstrained(async {
///     rt_core::task::coop::consume_budget().await;
///     5
/// });
/// assert_eq!(ready.await, 5);
/// # });
/// ```
pub fn unconstrained<F>(inner: F) -> Unconstrained<F> {
    Unconstrained { inner }
}

pin_project_lite::pin_project! {
    /// A future that takes part in cooperative scheduling: see [`cooperative`].
    #[must_use = "futures do nothing unless polled"]
    pub struct Coop<F: Future> {
        #[pin]
        inner: F,
    }
}

impl<F: Future> fmt::Debug for Coop<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Coop").finish_non_exhaustive()
    }
}

impl<F: Future> Future for Coop<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let coop = ready!(poll_proceed(cx));
        let output = self.project().inner.poll(cx);
        if output.is_ready() {
            coop.made_progress();
        }
        output
    }
}

/// Makes a future spend one unit of the budget each time it completes, and wait when none is left.
///
/// # Examples
///
/// ```
/// # futures::executor::block_on(async {
/// assert_eq!(rt_core::task::coop::cooperative(async { 5 }).await, 5);
/// # });
/// ```
pub fn cooperative<F: Future>(inner: F) -> Coop<F> {
    Coop { inner }
}

#[cfg(all(test, not(loom)))]
mod tests;
