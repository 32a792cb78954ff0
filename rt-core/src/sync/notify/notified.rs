//! The future of a notification.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll, Waker, ready};

use super::{Look, Notify, Order, TOLD_FIRST, TOLD_LAST};
use crate::coop;
use crate::sync::waiter::{WAITING, Waiter};

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
    pub(super) fn new(notify: &Notify) -> Self {
        Self { phase: Phase::New, waiter: Waiter::new(notify.state.generation()) }
    }

    /// Looks for a notification; when there is none, waits in line, and has `waker` woken.
    ///
    /// # Safety
    ///
    /// It is always the same `notify`, the one it was made of, and the wait is pinned: it stays where it is
    /// until [`cancel`](Self::cancel) is called.
    pub(super) unsafe fn poll(&mut self, notify: &Notify, waker: Option<&Waker>) -> Poll<()> {
        let told = match self.phase {
            Phase::Done => true,
            Phase::New => match notify.state.consume(self.waiter.key) {
                Look::Told => true,
                // SAFETY: as the caller promised.
                Look::Nothing => unsafe { self.line_up(notify, waker) },
            },
            // SAFETY: as the caller promised.
            Phase::InLine => unsafe { self.look(notify, waker) },
        };
        if told {
            self.phase = Phase::Done;
            return Poll::Ready(());
        }
        Poll::Pending
    }

    /// # Safety
    ///
    /// As [`poll`](Self::poll).
    #[cold]
    unsafe fn line_up(&mut self, notify: &Notify, waker: Option<&Waker>) -> bool {
        // Cloned and dropped outside of the lock, since that is code that isn't ours.
        let mut unused = waker.cloned();
        let mut line = notify.line.lock();
        let look = notify.state.wait(self.waiter.key);
        if let Look::Nothing = look {
            // SAFETY: it is pinned, in no line, and leaves this one when it is cancelled.
            unsafe { Waiter::join(NonNull::from(&mut self.waiter), &mut line, unused.take()) };
            self.phase = Phase::InLine;
        }
        drop(line);
        drop(unused);
        matches!(look, Look::Told)
    }

    /// # Safety
    ///
    /// As [`poll`](Self::poll).
    #[cold]
    unsafe fn look(&mut self, notify: &Notify, waker: Option<&Waker>) -> bool {
        let node = NonNull::from(&mut self.waiter);
        if self.waiter.verdict() != WAITING {
            return true;
        }
        if notify.state.generation() != self.waiter.key {
            // `notify_waiters` meant us, and just hasn't come to us yet.
            let mut line = notify.line.lock();
            let mut waker = None;
            if self.waiter.verdict() == WAITING {
                // SAFETY: our own node, which is in this line.
                waker = unsafe { Waiter::leave(node, &mut line) };
                if line.is_empty() {
                    notify.state.leave();
                }
            }
            drop(line);
            drop(waker);
            return true;
        }
        // SAFETY: our own node, which was put into this line.
        waker.is_some_and(|waker| unsafe { Waiter::watch(node, &notify.line, waker) } != WAITING)
    }

    /// Leaves the line; a notification that only this wait had goes to another.
    ///
    /// # Safety
    ///
    /// As [`poll`](Self::poll), and it isn't polled again.
    pub(super) unsafe fn cancel(&mut self, notify: &Notify) {
        if let Phase::InLine = self.phase {
            // SAFETY: as the caller promised.
            unsafe { self.leave(notify) };
        }
    }

    /// # Safety
    ///
    /// As [`cancel`](Self::cancel).
    #[cold]
    unsafe fn leave(&mut self, notify: &Notify) {
        self.phase = Phase::Done;
        let node = NonNull::from(&mut self.waiter);
        let mut line = notify.line.lock();
        let verdict = self.waiter.verdict();
        let mut waker = None;
        if verdict == WAITING {
            // SAFETY: our own node, which is in this line.
            waker = unsafe { Waiter::leave(node, &mut line) };
            if line.is_empty() {
                notify.state.leave();
            }
        }
        drop(line);
        drop(waker);
        match verdict {
            TOLD_FIRST => notify.notify(Order::First),
            TOLD_LAST => notify.notify(Order::Last),
            _ => {}
        }
    }
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
        self.poll_with(None).is_ready()
    }

    fn poll_with(self: Pin<&mut Self>, waker: Option<&Waker>) -> Poll<()> {
        // SAFETY: nothing is moved out of it; the wait is pinned with it, and cancelled when it is dropped.
        unsafe {
            let this = self.get_unchecked_mut();
            this.wait.poll(this.notify, waker)
        }
    }
}

impl Future for Notified<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let coop = ready!(coop::poll_proceed(cx));
        ready!(self.poll_with(Some(cx.waker())));
        coop.made_progress();
        Poll::Ready(())
    }
}

impl Drop for Notified<'_> {
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
