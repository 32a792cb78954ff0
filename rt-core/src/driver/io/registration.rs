//! A resource's tie to a driver.
//!
//! Most sockets never need the event queue for their first operations, and some never at all: an accepted
//! connection whose request is already there is read at once. So a resource counts as ready until an operation
//! says that it would block, and only a wait after that attaches it: to the driver of the thread that waits,
//! whose worker is the one that will go on with the task.

use std::io;
use std::task::{Context, Poll, ready};

use super::interest::Interest;
use super::source::Source;
use super::wait::Wait;
use super::{Direction, Event, Ready};
use crate::base::{WakeBatch, complaints, gone};
use crate::coop;
use crate::driver::asked::ask;
use crate::driver::{Driver, Home, with_current};
use crate::shim::atomic::{AtomicU32, AtomicUsize, Ordering};
use crate::shim::sync::{Arc, Mutex};
use crate::sys;

/// What an operation did, for those that can tell more than that it worked.
#[derive(Debug)]
pub(crate) enum Attempt<R> {
    /// It worked.
    Done(R),
    /// It worked, and did less than it was asked: the next one would block. That saves the system call that
    /// would say so. Only for stream sockets and pipes, and where [`sys::SHORT_MEANS_DRAINED`].
    Drained(R),
}

/// The runtime to which the calling thread's resources belong.
///
/// # Panics
///
/// Outside of a runtime, and when its I/O isn't enabled.
#[track_caller]
pub(crate) fn here() -> Home {
    look().home
}

/// What there is for resources.
struct Here {
    home: Home,
    /// Whether the runtime has shut down.
    has_ended: bool,
}

#[track_caller]
fn look() -> Here {
    let look = |driver: &Driver| {
        let has_ended = driver.io()?.has_ended();
        Some(Here { home: Home::of(driver), has_ended })
    };
    // Not in a closure, whose panics would name this file rather than the caller.
    match with_current(|driver| driver.map(|driver| look(driver))) {
        Some(Some(here)) => here,
        Some(None) => panic!("{}", complaints::NO_IO),
        None => panic!("{}", complaints::NO_RUNTIME),
    }
}

/// See the module's documentation. The resource must outlive it, but for
/// [`unowned`](Registration::unowned): drop it before the descriptor is closed.
#[derive(Debug)]
pub(crate) struct Registration {
    fd: sys::Fd,
    interest: Interest,
    home: Home,
    source: Arc<Source>,
    /// The driver whose event queue it is in.
    attached: Mutex<Option<Arc<Driver>>>,
    /// That driver's address; a hint without the lock.
    place: AtomicUsize,
    /// Waits in a row on threads whose resources belong elsewhere; a hint.
    strays: AtomicU32,
}

/// So many waits in a row elsewhere make it worth to move: two system calls, and a look at what is ready.
const STRAYS: u32 = 4;

impl Registration {
    /// Ties a non-blocking descriptor to the calling thread's runtime, for reading and writing. It enters the
    /// event queue when an operation would block. Urgent data are asked for as well, for what
    /// [`may_stop_short`](Event::may_stop_short) needs to know.
    ///
    /// # Panics
    ///
    /// Outside of a runtime, and when its I/O isn't enabled.
    ///
    /// # Errors
    ///
    /// When the runtime has shut down.
    #[track_caller]
    pub(crate) fn new(fd: sys::Fd) -> io::Result<Self> {
        let Here { home, has_ended } = look();
        if has_ended {
            return Err(gone());
        }
        Ok(Self::of(home, fd, Interest::READABLE | Interest::WRITABLE | Interest::PRIORITY))
    }

    /// As [`new`](Self::new) for any interest, entering the event queue at once: for descriptors that it may
    /// refuse, and for those that mustn't be tried before it says so.
    ///
    /// # Panics
    ///
    /// As [`new`](Self::new).
    #[track_caller]
    pub(crate) fn with_interest(fd: sys::Fd, interest: Interest) -> io::Result<Self> {
        Self::lazy(fd, interest).entered()
    }

    /// As [`with_interest`](Self::with_interest), for a descriptor that may be closed, or name something else, before it
    /// leaves the event queue.
    ///
    /// # Panics
    ///
    /// As [`new`](Self::new).
    #[cfg(feature = "net")]
    #[track_caller]
    pub(crate) fn unowned(fd: sys::Fd, interest: Interest) -> io::Result<Self> {
        static NAMES: AtomicUsize = AtomicUsize::new(1);
        // Relaxed: only that they differ matters.
        let name = NAMES.fetch_add(1, Ordering::Relaxed);
        let source = Arc::new(Source::named(name));
        let mut registration = Self::lazy(fd, interest);
        registration.source = source;
        registration.entered()
    }

    fn entered(self) -> io::Result<Self> {
        let registration = self;
        registration.clear(registration.source.event(), Ready::ALL);
        registration.attach()?;
        Ok(registration)
    }

    /// As [`new`](Self::new), for any interest.
    ///
    /// # Panics
    ///
    /// As [`new`](Self::new).
    #[track_caller]
    pub(crate) fn lazy(fd: sys::Fd, interest: Interest) -> Self {
        Self::of(here(), fd, interest)
    }

    fn of(home: Home, fd: sys::Fd, interest: Interest) -> Self {
        Self {
            fd,
            interest,
            home,
            source: Arc::new(Source::new()),
            attached: Mutex::new(None),
            place: AtomicUsize::new(0),
            strays: AtomicU32::new(0),
        }
    }

    /// Tries to read, and waits while that would block. One task may wait so in each direction: the last one.
    /// Spends a unit of the task's budget.
    #[inline]
    pub(crate) fn poll_read_io<R>(
        &self,
        cx: &mut Context<'_>,
        mut f: impl FnMut() -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        self.poll_io(Direction::Read, cx, || f().map(Attempt::Done))
    }

    /// As [`poll_read_io`](Self::poll_read_io), for either direction and operations that know when they have
    /// taken all that was there.
    #[inline]
    pub(crate) fn poll_io<R>(
        &self,
        direction: Direction,
        cx: &mut Context<'_>,
        mut f: impl FnMut() -> io::Result<Attempt<R>>,
    ) -> Poll<io::Result<R>> {
        let coop = ready!(coop::poll_proceed(cx));
        loop {
            let seen = ready!(self.poll_event(direction, cx))?;
            match f() {
                Ok(Attempt::Done(done)) => {
                    coop.made_progress();
                    return Poll::Ready(Ok(done));
                }
                Ok(Attempt::Drained(done)) => {
                    if !seen.may_stop_short(direction) {
                        self.source.clear(seen, direction.mask().passing());
                    }
                    coop.made_progress();
                    return Poll::Ready(Ok(done));
                }
                // The operation has the last word: even a closed resource that would block is waited for.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.source.clear(seen, direction.mask());
                }
                Err(error) => {
                    coop.made_progress();
                    return Poll::Ready(Err(error));
                }
            }
        }
    }

    /// Waits until reading makes sense. Spends a unit of the task's budget.
    pub(crate) fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<Event>> {
        self.poll_ready(Direction::Read, cx)
    }

    /// Waits until writing makes sense. Spends a unit of the task's budget.
    pub(crate) fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<Event>> {
        self.poll_ready(Direction::Write, cx)
    }

    fn poll_ready(&self, direction: Direction, cx: &mut Context<'_>) -> Poll<io::Result<Event>> {
        let coop = ready!(coop::poll_proceed(cx));
        let event = ready!(self.poll_event(direction, cx))?;
        coop.made_progress();
        Poll::Ready(Ok(event))
    }

    #[inline]
    fn poll_event(&self, direction: Direction, cx: &mut Context<'_>) -> Poll<io::Result<Event>> {
        match self.source.poll_ready(direction, cx.waker()) {
            Poll::Ready(event) => Poll::Ready(Self::unless_ended(event)),
            Poll::Pending => match self.attach() {
                Ok(()) => Poll::Pending,
                Err(error) => Poll::Ready(Err(error)),
            },
        }
    }

    /// Tries an operation without waiting; it isn't even tried when it is known that it would block.
    pub(crate) fn try_io<R>(&self, interest: Interest, f: impl FnOnce() -> io::Result<R>) -> io::Result<R> {
        let seen = self.source.event();
        // What isn't attached is told of nothing, so it is tried in any case.
        if seen.is_attached() && !seen.satisfies(interest.mask()) {
            ask();
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let outcome = f();
        if outcome.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock) {
            // The closure is the user's, who may be wrong: what is final stays.
            self.clear(seen, interest.mask());
        }
        outcome
    }

    /// Tries an operation, and waits while that would block; any number of tasks may wait. Cancel safe: when it
    /// is dropped while it waits, the operation has had no effect. Each try spends a unit of the task's budget.
    pub(crate) async fn async_io<R>(
        &self,
        interest: Interest,
        mut f: impl FnMut() -> io::Result<R>,
    ) -> io::Result<R> {
        loop {
            // Spent before the wait: the guard belongs to one poll.
            std::future::poll_fn(coop::poll_proceed).await.made_progress();
            let seen = self.readiness(interest).await?;
            match f() {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.source.clear(seen, interest.mask());
                }
                outcome => return outcome,
            }
        }
    }

    /// Waits until an operation of `interest` makes sense; any number of tasks may wait. Cancel safe. Spends nothing
    /// of the task's budget: nothing is done yet.
    pub(crate) async fn readiness(&self, interest: Interest) -> io::Result<Event> {
        let seen = self.source.event();
        if seen.satisfies(interest.mask()) {
            return Self::unless_ended(seen);
        }
        Wait::new(self, interest.mask()).await
    }

    /// Takes `ready` back as far as it is only assumed: a resource that isn't attached counts as ready until it's
    /// tried. For who waits without trying, and for who knows better.
    pub(crate) fn doubt(&self, ready: Ready) {
        let seen = self.source.event();
        if !seen.is_attached() {
            self.source.clear(seen, ready);
        }
    }

    /// Enters the event queue, unless it is in it: for who asks for readiness without trying, and so would never learn
    /// of events. What is assumed stays.
    pub(crate) fn watch(&self) -> io::Result<()> {
        self.attach()
    }

    /// Takes `ready` back, when what was known at `seen` has proved wrong. What is final stays.
    pub(crate) fn clear(&self, seen: Event, ready: Ready) {
        self.source.clear(seen, ready.passing());
        ask();
    }

    /// Whether the calling thread could have it nowhere else: it is in the runtime that this belongs to, or in none with
    /// I/O.
    pub(crate) fn is_at_home(&self) -> bool {
        with_current(|driver| driver.is_none_or(|driver| self.home.owns(driver) || driver.io().is_none()))
    }

    pub(super) fn source(&self) -> &Source {
        &self.source
    }

    /// The event, or the error that the driver is gone.
    #[inline]
    pub(super) fn unless_ended(event: Event) -> io::Result<Event> {
        if event.is_ended() { Err(gone()) } else { Ok(event) }
    }

    /// Enters the event queue, unless it is in it. The queue reports at once what the resource is ready for, so
    /// nothing is missed that happened before.
    #[inline]
    pub(super) fn attach(&self) -> io::Result<()> {
        ask();
        if self.source.event().is_attached() {
            self.follow();
            return Ok(());
        }
        self.attach_now()
    }

    /// Moves to the driver of the thread that waits, when the waits keep coming from there: its worker is the one
    /// that goes on with the task.
    #[inline]
    fn follow(&self) {
        let belongs = |driver: &Arc<Driver>| self.home.owns(driver).then(|| driver.address_of_host());
        let Some(here) = with_current(|driver| driver.and_then(belongs)) else { return };
        let at_home = self.place.load(Ordering::Relaxed) == here; // Relaxed: a hint.
        let before = self.strays.load(Ordering::Relaxed); // Relaxed: a hint.
        let strays = if at_home { 0 } else { before + 1 };
        if strays != before {
            self.strays.store(strays, Ordering::Relaxed); // Relaxed: a hint.
        }
        if strays >= STRAYS {
            self.move_here();
        }
    }

    #[cold]
    fn move_here(&self) {
        // Relaxed: a hint.
        self.strays.store(0, Ordering::Relaxed);
        if self.source.name().is_some() {
            // The descriptor may be another's by now.
            return;
        }
        let mut attached = self.attached.lock();
        let (Some(old), Some(driver)) = (&*attached, self.home.driver()) else { return };
        let new = driver.host();
        let (Some(from), Some(to)) = (old.io(), new.io()) else { return };
        if Arc::ptr_eq(old, &new) {
            return;
        }
        let Ok(listed) = from.move_to(to, &self.source, self.fd, self.wanted()) else {
            // It stays where it is.
            return;
        };
        self.note_place(&new);
        *attached = Some(new);
        drop(attached);
        if !listed {
            let mut batch = WakeBatch::new();
            self.source.end(&mut batch);
            batch.wake_all();
        }
    }

    fn note_place(&self, driver: &Arc<Driver>) {
        // Relaxed: a hint.
        self.place.store(Arc::as_ptr(driver).addr(), Ordering::Relaxed);
    }

    fn wanted(&self) -> mio::Interest {
        let interest = self.interest;
        sys::interest(interest.is_readable(), interest.is_writable(), interest.is_priority())
    }

    #[cold]
    fn attach_now(&self) -> io::Result<()> {
        let mut attached = self.attached.lock();
        if attached.is_some() {
            return Ok(());
        }
        let driver = self.home.driver().ok_or_else(gone)?.host();
        let queue = driver.io().ok_or_else(gone)?;
        queue.attach(&self.source, self.fd, self.wanted())?;
        self.note_place(&driver);
        self.source.attach();
        *attached = Some(driver);
        Ok(())
    }
}

// A panic in an operation leaves the registration as it was: no state of it is half changed while an operation or a
// waker runs.
impl std::panic::UnwindSafe for Registration {}
impl std::panic::RefUnwindSafe for Registration {}

impl Drop for Registration {
    fn drop(&mut self) {
        if let Some(driver) = self.attached.get_mut().take() {
            if let Some(queue) = driver.io() {
                queue.detach(self.source.clone(), self.fd);
            }
        }
    }
}

#[cfg(test)]
mod tests;
