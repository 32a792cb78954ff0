//! The future of a notification.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll, Waker, ready};

use super::{Look, NOTIFIED, Notify, Order, STATE, TOLD_FIRST, TOLD_LAST, WAITING};
use crate::coop;
use crate::sync::waiter::{WAITING as IN_LINE, Waiter};

enum Phase {
    New,
    InLine,
    Done,
}

/// A wait for one notification, by whichever future.
pub(super) struct Wait {
    phase: Phase,
    /// Its key is the generation in which the future was made.
    waiter: Waiter,
}

impl Wait {
    #[inline]
    pub(super) fn new(notify: &Notify) -> Self {
        Self { phase: Phase::New, waiter: Waiter::new(notify.state.generation()) }
    }

    /// Takes a notification, or else waits in line, and has the task woken. It spends a unit of its budget for a
    /// notification only, and takes none without.
    ///
    /// # Safety
    ///
    /// It is always the same `notify`, the one it was made of, and the wait is pinned: it stays where it is
    /// until [`cancel`](Self::cancel) is called.
    #[inline]
    pub(super) unsafe fn poll(&mut self, notify: &Notify, cx: &mut Context<'_>) -> Poll<()> {
        match self.phase {
            Phase::New => {
                if let Look::Nothing = notify.state.look(self.waiter.key()) {
                    // SAFETY: as the caller promised.
                    if unsafe { self.line_up(notify, Some(cx.waker())) } {
                        return pending();
                    }
                }
            }
            Phase::InLine if self.waiter.verdict() != IN_LINE => {
                ready!(coop::poll_proceed(cx)).made_progress();
                self.phase = Phase::Done;
                return Poll::Ready(());
            }
            Phase::InLine | Phase::Done => {}
        }
        // SAFETY: as the caller promised.
        unsafe { self.poll_again(notify, cx) }
    }

    /// # Safety
    ///
    /// As [`poll`](Self::poll).
    #[cold]
    unsafe fn poll_again(&mut self, notify: &Notify, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            // SAFETY: as the caller promised.
            if unsafe { self.waits(notify, Some(cx.waker())) } {
                return pending();
            }
            let coop = ready!(coop::poll_proceed(cx));
            if self.take(notify) {
                coop.made_progress();
                return Poll::Ready(());
            }
        }
    }

    /// Begins to wait, without a task to wake; whether it has been notified.
    ///
    /// # Safety
    ///
    /// As [`poll`](Self::poll).
    pub(super) unsafe fn enable(&mut self, notify: &Notify) -> bool {
        loop {
            // SAFETY: as the caller promised.
            if unsafe { self.waits(notify, None) } {
                return false;
            }
            if self.take(notify) {
                return true;
            }
        }
    }

    /// Waits in line, with that waker, unless there is a notification to [take](Self::take).
    ///
    /// # Safety
    ///
    /// As [`poll`](Self::poll).
    unsafe fn waits(&mut self, notify: &Notify, waker: Option<&Waker>) -> bool {
        match self.phase {
            Phase::Done => false,
            Phase::New => match notify.state.look(self.waiter.key()) {
                Look::Told => false,
                // SAFETY: as the caller promised.
                Look::Nothing => unsafe { self.line_up(notify, waker) },
            },
            // SAFETY: as the caller promised.
            Phase::InLine => unsafe { self.stays(notify, waker) },
        }
    }

    /// Takes the notification that it doesn't wait for any more; false when another was faster.
    #[inline]
    fn take(&mut self, notify: &Notify) -> bool {
        if let Phase::New = self.phase {
            if let Look::Nothing = notify.state.consume(self.waiter.key()) {
                return false;
            }
        }
        self.phase = Phase::Done;
        true
    }

    /// # Safety
    ///
    /// As [`poll`](Self::poll).
    unsafe fn line_up(&mut self, notify: &Notify, waker: Option<&Waker>) -> bool {
        // Cloned and dropped outside of the lock, since that is code that isn't ours.
        let mut unused = waker.cloned();
        let mut held = notify.hold();
        let waits = held.generation() == self.waiter.key() && held.word & STATE != NOTIFIED;
        if waits {
            held.set(WAITING);
            // SAFETY: it is pinned, in no line, and leaves this one when it is cancelled.
            unsafe { Waiter::join(NonNull::from(&mut self.waiter), held.line(), unused.take()) };
            self.phase = Phase::InLine;
        }
        drop(held);
        drop(unused);
        waits
    }

    /// Whether it waits in the line still; then `waker` is the one to wake.
    ///
    /// # Safety
    ///
    /// As [`poll`](Self::poll), and it was put into the line.
    unsafe fn stays(&mut self, notify: &Notify, waker: Option<&Waker>) -> bool {
        let node = NonNull::from(&mut self.waiter);
        if self.waiter.verdict() != IN_LINE {
            return false;
        }
        if notify.state.generation() != self.waiter.key() {
            // `notify_waiters` meant us, and just hasn't come to us yet.
            // SAFETY: our own node, which was put into this line.
            unsafe { self.quit(notify) };
            self.phase = Phase::Done;
            return false;
        }
        // SAFETY: our own node, which was put into this line.
        waker.is_none_or(|waker| unsafe { Waiter::watch(node, || notify.hold(), waker) } == IN_LINE)
    }

    /// Takes the node out of the line, unless it has left it; what came of it before.
    ///
    /// # Safety
    ///
    /// As [`poll`](Self::poll), and it was put into the line.
    #[cold]
    unsafe fn quit(&mut self, notify: &Notify) -> u8 {
        let node = NonNull::from(&mut self.waiter);
        let mut held = notify.hold();
        let verdict = self.waiter.verdict();
        let mut waker = None;
        if verdict == IN_LINE {
            // SAFETY: our own node, which is in this line.
            waker = unsafe { Waiter::leave(node, held.line()) };
            held.settle();
        }
        drop(held);
        drop(waker);
        verdict
    }

    /// Leaves the line; a notification that only this wait had goes to another.
    ///
    /// # Safety
    ///
    /// As [`poll`](Self::poll), and it isn't polled again.
    #[inline]
    pub(super) unsafe fn cancel(&mut self, notify: &Notify) {
        if let Phase::InLine = self.phase {
            // SAFETY: as the caller promised.
            unsafe { self.leave(notify) };
        }
    }

    /// # Safety
    ///
    /// As [`cancel`](Self::cancel), and it was put into the line.
    #[cold]
    unsafe fn leave(&mut self, notify: &Notify) {
        self.phase = Phase::Done;
        // SAFETY: as the caller promised.
        match unsafe { self.quit(notify) } {
            TOLD_FIRST => notify.notify(Order::First),
            TOLD_LAST => notify.notify(Order::Last),
            _ => {}
        }
    }
}

/// No budget is asked for by who waits, so a dump has to be told of the place; the line has the waker.
#[inline]
fn pending() -> Poll<()> {
    let _ = coop::capture::leaf(None, None);
    Poll::Pending
}

/// The future of a notification, which [`Notify::notified`] returns.
///
/// It can be polled again after it has completed; it is then ready at once.
#[must_use = "futures do nothing unless polled"]
pub struct Notified<'a> {
    notify: &'a Notify,
    wait: Wait,
}

impl<'a> Notified<'a> {
    #[inline]
    pub(super) fn new(notify: &'a Notify) -> Self {
        Self { notify, wait: Wait::new(notify) }
    }

    /// Begins to wait without being polled, and returns whether it has been notified.
    ///
    /// For a loop that looks and then sleeps, with several that look: a notification that comes between the
    /// look and the first poll isn't meant for the future unless it was enabled before the look.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::pin::pin;
    /// use std::sync::atomic::{AtomicU32, Ordering};
    /// use rt_core::sync::Notify;
    ///
    /// static STOCK: AtomicU32 = AtomicU32::new(0);
    /// static FILLED: Notify = Notify::const_new();
    ///
    /// async fn take() {
    ///     let mut filled = pin!(FILLED.notified());
    ///     loop {
    ///         filled.as_mut().enable();
    ///         if STOCK.fetch_update(Ordering::AcqRel, Ordering::Acquire, |n| n.checked_sub(1)).is_ok() {
    ///             return;
    ///         }
    ///         filled.as_mut().await;
    ///         filled.set(FILLED.notified());
    ///     }
    /// }
    ///
    /// let thread = std::thread::spawn(|| futures::executor::block_on(take()));
    /// STOCK.fetch_add(1, Ordering::AcqRel);
    /// FILLED.notify_one();
    /// thread.join().unwrap();
    /// ```
    pub fn enable(self: Pin<&mut Self>) -> bool {
        // SAFETY: nothing is moved out of it; the wait is pinned with it, and cancelled when it is dropped.
        unsafe {
            let this = self.get_unchecked_mut();
            this.wait.enable(this.notify)
        }
    }
}

impl Future for Notified<'_> {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // SAFETY: nothing is moved out of it; the wait is pinned with it, and cancelled when it is dropped.
        unsafe {
            let this = self.get_unchecked_mut();
            this.wait.poll(this.notify, cx)
        }
    }
}

impl Drop for Notified<'_> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the wait was pinned if it was polled, and isn't polled again.
        unsafe { self.wait.cancel(self.notify) };
    }
}

impl fmt::Debug for Notified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notified").field("notify", self.notify).finish_non_exhaustive()
    }
}
