//! Waiting for a task.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll, Waker, ready};

use super::abort::{self, AbortHandle};
use super::context;
use super::error::JoinError;
use super::harness;
use super::header::{Header, Trunk};
use super::id::Id;
use super::state::DropJoin;
#[cfg(test)]
use super::waker;
use crate::base::contain;
use crate::coop::poll_proceed;
use crate::shim::cell::UnsafeCell;

/// A permission to wait for a task, and to take its output.
///
/// The task runs from the moment it's spawned, whether its handle is awaited or not. Dropping the handle
/// *detaches* the task: it goes on, and its output is dropped when it comes.
///
/// When the handle's `await` returns, or [`is_finished`](Self::is_finished) is true, the task's future has
/// been dropped.
///
/// # Cancel safety
///
/// `&mut JoinHandle` is cancel safe: as one of several branches of a `select!`, it loses no output when
/// another branch is taken.
///
/// # Panics
///
/// Polling it again after it gave the output panics.
///
/// # Examples
///
/// ```
/// # let runtime = rt_core::runtime::Builder::new_current_thread().build().unwrap();
/// # runtime.block_on(async {
/// let task = rt_core::spawn(async { 6 * 7 });
/// assert_eq!(task.await.unwrap(), 42);
/// # });
/// ```
pub struct JoinHandle<T> {
    /// A tagged pointer: the lowest bit tells that the output was taken.
    tagged: NonNull<Header>,
    _output: PhantomData<T>,
}

const TAKEN: usize = 1;
const _: () = assert!(align_of::<Header>() > TAKEN);

// SAFETY: the handle gives out, or drops, a `T` on the thread where it is; the rest goes through the state
// word.
unsafe impl<T: Send> Send for JoinHandle<T> {}
// SAFETY: a shared reference gives no access to the output.
unsafe impl<T: Send> Sync for JoinHandle<T> {}
impl<T> UnwindSafe for JoinHandle<T> {}
impl<T> RefUnwindSafe for JoinHandle<T> {}
impl<T> Unpin for JoinHandle<T> {}

impl<T> JoinHandle<T> {
    /// # Safety
    ///
    /// The task is new, its output a `T`, and one of its two references the handle's.
    pub(super) unsafe fn new(header: NonNull<Header>) -> Self {
        Self { tagged: header, _output: PhantomData }
    }

    fn raw(&self) -> NonNull<Header> {
        let untagged = self.tagged.as_ptr().map_addr(|addr| addr & !TAKEN);
        // SAFETY: a header isn't at an address below its alignment.
        unsafe { NonNull::new_unchecked(untagged) }
    }

    fn is_taken(&self) -> bool {
        self.tagged.addr().get() & TAKEN != 0
    }

    fn set_taken(&mut self) {
        self.tagged = self.tagged.map_addr(|addr| addr | TAKEN);
    }

    fn header(&self) -> &Header {
        // SAFETY: the handle holds a reference.
        unsafe { self.raw().as_ref() }
    }

    /// Asks the task to stop, which it does where it next waits.
    ///
    /// Awaiting the handle gives a [`JoinError`] that [is cancelled](JoinError::is_cancelled) then. A task that
    /// has finished meanwhile, or finishes before it waits again, still gives its output. A closure of
    /// `spawn_blocking` can be aborted only while it hasn't started.
    ///
    /// # Examples
    ///
    /// ```
    /// # let runtime = rt_core::runtime::Builder::new_current_thread().build().unwrap();
    /// # runtime.block_on(async {
    /// let task = rt_core::spawn(std::future::pending::<()>());
    /// task.abort();
    /// assert!(task.await.unwrap_err().is_cancelled());
    /// # });
    /// ```
    pub fn abort(&self) {
        // SAFETY: the handle holds a reference.
        unsafe { abort::abort(self.raw()) };
    }

    /// Whether the task has finished: it ran to its end, panicked, or was cancelled.
    ///
    /// It may be false for a while after [`abort`](Self::abort), until the task has really stopped.
    ///
    /// # Examples
    ///
    /// ```
    /// # let runtime = rt_core::runtime::Builder::new_current_thread().build().unwrap();
    /// # runtime.block_on(async {
    /// let task = rt_core::spawn(std::future::pending::<()>());
    /// assert!(!task.is_finished());
    /// # });
    /// ```
    pub fn is_finished(&self) -> bool {
        self.header().state.load().is_complete()
    }

    /// A handle that can abort the task, and can be cloned.
    ///
    /// # Examples
    ///
    /// ```
    /// # let runtime = rt_core::runtime::Builder::new_current_thread().build().unwrap();
    /// # runtime.block_on(async {
    /// let task = rt_core::spawn(std::future::pending::<()>());
    /// let abort = task.abort_handle();
    /// abort.abort();
    /// assert!(task.await.is_err());
    /// # });
    /// ```
    #[must_use = "abort handles do nothing unless `.abort` is called"]
    pub fn abort_handle(&self) -> AbortHandle {
        // SAFETY: the handle holds a reference.
        unsafe { AbortHandle::new(self.raw()) }
    }

    /// Which task it is.
    ///
    /// # Examples
    ///
    /// ```
    /// # let runtime = rt_core::runtime::Builder::new_current_thread().build().unwrap();
    /// # runtime.block_on(async {
    /// let (one, two) = (rt_core::spawn(async {}), rt_core::spawn(async {}));
    /// assert_ne!(one.id(), two.id());
    /// # });
    /// ```
    pub fn id(&self) -> Id {
        self.header().id
    }

    /// Has `waker` woken, once, when the task is complete; at once if it is. For a new handle that is never polled:
    /// [`take`](Self::take) asks for the output.
    pub(crate) fn when_complete(&mut self, waker: Waker) {
        debug_assert!(!self.header().state.load().has_join_waker(), "the handle is new");
        // SAFETY: without JOIN_WAKER the slot is the handle's, and empty.
        self.slot().with_mut(|slot| unsafe { (*slot).write(waker) });
        if !self.header().state.store_join_waker() {
            // SAFETY: the slot is full, and stayed ours.
            let waker = self.slot().with(|slot| unsafe { (*slot).assume_init_read() });
            waker.wake();
        }
    }

    /// The output, if the task is complete and it wasn't taken. Spends no budget.
    pub(crate) fn take(&mut self) -> Option<Result<T, JoinError>> {
        if self.is_taken() || !self.is_finished() {
            return None;
        }
        // SAFETY: the task is complete, and its output wasn't taken.
        Some(unsafe { self.take_output() })
    }

    /// # Safety
    ///
    /// The task is complete, and its output wasn't taken.
    unsafe fn take_output(&mut self) -> Result<T, JoinError> {
        self.set_taken();
        let mut result = MaybeUninit::uninit();
        let task = self.header();
        let failed = task.state.load().has_failed();
        // SAFETY: completion made the output the handle's, it is taken once, and it is a `T`.
        unsafe {
            (task.vtable.take_output)(self.raw(), failed, NonNull::from(&mut result).cast());
            result.assume_init()
        }
    }

    fn slot(&self) -> &UnsafeCell<MaybeUninit<Waker>> {
        // SAFETY: a header is the first part of a trunk, and the handle holds a reference.
        unsafe { &(*self.raw().cast::<Trunk>().as_ptr()).join_waker }
    }

    /// Makes `waker` the one to wake at completion; true when the task is complete, and nothing was done.
    fn is_complete_or_store(&self, waker: &Waker) -> bool {
        let state = &self.header().state;
        let now = state.load();
        if now.is_complete() {
            return true;
        }
        let mut old = None;
        if now.has_join_waker() {
            // SAFETY: nobody writes the slot while JOIN_WAKER is set; who completes only reads it.
            let same = self.slot().with(|slot| unsafe { (*slot).assume_init_ref() }.will_wake(waker));
            if same {
                return false;
            }
            // Cloned while the state is whole: a clone may panic.
            let new = waker.clone();
            if !state.take_join_waker() {
                return true;
            }
            // SAFETY: the slot is full, and ours now.
            old = Some(self.slot().with_mut(|slot| unsafe {
                let old = (*slot).assume_init_read();
                (*slot).write(new);
                old
            }));
        } else {
            let new = waker.clone();
            // SAFETY: the slot is ours, and empty.
            self.slot().with_mut(|slot| unsafe { (*slot).write(new) });
        }
        let complete = !state.store_join_waker();
        if complete {
            // SAFETY: the slot is full, and stayed ours.
            drop(self.slot().with(|slot| unsafe { (*slot).assume_init_read() }));
        }
        drop(old);
        complete
    }
}

#[cfg(test)]
impl<T> JoinHandle<T> {
    /// A waker of the task, as its polls are given.
    pub(super) fn waker(&self) -> Waker {
        // SAFETY: the handle holds a reference as long as the borrowed waker is used.
        unsafe { Waker::clone(&waker::borrowed(self.raw())) }
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, JoinError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        assert!(!self.is_taken(), "JoinHandle polled after completion");
        let coop = ready!(poll_proceed(cx));
        if !self.is_complete_or_store(cx.waker()) {
            return Poll::Pending;
        }
        coop.made_progress();
        // SAFETY: the task is complete, and `is_taken` was asked above.
        Poll::Ready(unsafe { self.take_output() })
    }
}

impl<T> Drop for JoinHandle<T> {
    fn drop(&mut self) {
        let header = self.raw();
        let task = self.header();
        if !self.is_taken() {
            match task.state.drop_join_handle() {
                DropJoin::Done => return,
                DropJoin::DropWaker => {
                    // SAFETY: the slot is full, and the handle's again.
                    let waker = self.slot().with(|slot| unsafe { (*slot).assume_init_read() });
                    contain(move || drop(waker));
                }
                DropJoin::Complete => {
                    let failed = task.state.load().has_failed();
                    let _current = context::enter(task.id);
                    // SAFETY: completion made the output the handle's, and it wasn't taken.
                    contain(|| unsafe { (task.vtable.drop_output)(header, failed) });
                }
            }
        }
        // SAFETY: the handle's reference is given up.
        unsafe { harness::drop_ref(header) };
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle").field("id", &self.id()).finish()
    }
}
