//! Where a future waits.

use std::ffi::c_void;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::Backtrace;
use super::names::Names;
use super::tree::Tree;
use crate::base::stack::{self, Stack};
use crate::coop::capture::{self, Leaf, Woken};
use crate::runtime::Handle;
use crate::shim::sync::Arc;

/// The places at which a future waits: several, when it waits for several things at once.
///
/// Printed, it is a tree from the outside in.
#[derive(Debug, Clone)]
pub struct Trace {
    stacks: Vec<Stack>,
    names: Arc<Names>,
}

impl Trace {
    pub(super) fn new(stacks: Vec<Stack>, names: Arc<Names>) -> Self {
        Self { stacks, names }
    }

    /// Runs `f`, in which futures that are polled are refused what they wait for, and tells where that was.
    ///
    /// What [`root`](Self::root) made is where the stacks begin. The futures' tasks are woken, so that they go on.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::future::poll_fn;
    /// use std::pin::pin;
    /// use std::task::Poll;
    ///
    /// use rt_core::runtime::dump::Trace;
    ///
    /// # rt_core::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let mut future = pin!(Trace::root(rt_core::task::yield_now()));
    /// let trace = poll_fn(|cx| {
    ///     let (polled, trace) = Trace::capture(|| future.as_mut().poll(cx));
    ///     assert!(polled.is_pending());
    ///     Poll::Ready(trace)
    /// });
    /// assert_eq!(trace.await.resolve_backtraces().len(), 1);
    /// # });
    /// ```
    pub fn capture<F, R>(f: F) -> (R, Self)
    where
        F: FnOnce() -> R,
    {
        let mut stacks = Vec::new();
        let (result, woken) =
            capture::capture(&mut |leaf| stacks.push(stack::between(leaf.leaf, leaf.root)), f);
        wake_later(woken);
        (result, Self::new(stacks, Arc::default()))
    }

    /// Makes a future the outside of the traces that are captured in it.
    pub fn root<F>(f: F) -> Root<F>
    where
        F: Future,
    {
        Root { future: f }
    }

    /// The stacks of all places, with names. That reads the program's debug information and takes its time.
    pub fn resolve_backtraces(&self) -> Vec<Backtrace> {
        self.stacks.iter().map(|stack| Backtrace::resolve(stack, &self.names)).collect()
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Tree::new(&self.resolve_backtraces()).write(f, 0)
    }
}

pin_project! {
    /// A future that is the outside of traces: see [`Trace::root`].
    #[derive(Debug, Clone)]
    #[must_use = "futures do nothing unless polled"]
    pub struct Root<T> {
        #[pin]
        future: T,
    }
}

impl<T: Future> Future for Root<T> {
    type Output = T::Output;

    #[inline(never)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let root = <Self as Future>::poll as *const c_void;
        capture::with_root(root, || self.project().future.poll(cx))
    }
}

/// What a callback of [`trace_with`] is told of a place at which a future waits.
#[derive(Debug)]
#[non_exhaustive]
pub struct TraceMeta {
    /// The function on the stack that is the outside of the trace, if there is one.
    pub root_addr: Option<*const c_void>,
    /// The function on the stack that took notice, on the inside of the trace.
    pub trace_leaf_addr: *const c_void,
}

/// As [`Trace::capture`], with a callback for each place instead of a trace: for those who walk the stack
/// themselves.
///
/// # Examples
///
/// ```
/// use std::future::poll_fn;
/// use std::pin::pin;
/// use std::task::Poll;
///
/// use rt_core::runtime::dump::trace_with;
///
/// # rt_core::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let mut future = pin!(rt_core::task::yield_now());
/// let mut places = 0;
/// poll_fn(|cx| {
///     let _ = trace_with(|| future.as_mut().poll(cx), |_| places += 1);
///     Poll::Ready(())
/// })
/// .await;
/// assert_eq!(places, 1);
/// # });
/// ```
pub fn trace_with<FN, FT, R>(poll_fn: FN, mut trace_leaf: FT) -> R
where
    FN: FnOnce() -> R,
    FT: FnMut(&TraceMeta),
{
    let mut on_leaf = |leaf: Leaf| {
        let root_addr = (!leaf.root.is_null()).then_some(leaf.root);
        trace_leaf(&TraceMeta { root_addr, trace_leaf_addr: leaf.leaf });
    };
    let (result, woken) = capture::capture(&mut on_leaf, poll_fn);
    wake_later(woken);
    result
}

/// Has tasks woken that a capture came by: by a task of the runtime, if there is one, so that who captures inside of
/// a poll, and isn't through with it, doesn't find them woken already.
fn wake_later(woken: Woken) {
    if woken.is_empty() {
        return;
    }
    if let Ok(runtime) = Handle::try_current() {
        // Dropped unpolled, at a shutdown, it wakes them as well.
        drop(runtime.spawn(async move { drop(woken) }));
    }
}
