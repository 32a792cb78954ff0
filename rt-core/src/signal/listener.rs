//! How a signal gets from its handler to a future.
//!
//! Signals are numbered as they come. For each there is the number of the last that came, and one bell for all. The
//! handler sets the number, then rings; it does nothing else. A listener has an ear of its own on the bell, in the event queue of its driver; when that is reported,
//! it looks whether its number has changed since it last looked. So nothing is shared between runtimes but the
//! numbers, no thread and no task distributes anything, and a runtime that goes takes its listeners with it.
//!
//! A listener hears what comes after it was made, and what came just before: since its worker last turned its driver.
//! So who drops one listener and makes another before it waits misses nothing between them, and nobody
//! hears of what is long past.
//!
//! E1: the handler sets the number (Release), then rings -> the listener hears the ring, then reads the number (Acquire).
//! A ring for another signal makes it look in vain.
//!
//! Not modelled: the ring goes through the kernel.

use std::io;
use std::sync::OnceLock;
use std::task::{Context, Poll};

use crate::driver::io::{Interest, Registration, here};
use crate::driver::rung;
use crate::shim::atomic::{AtomicUsize, Ordering};
use crate::shim::sync::Mutex;
use crate::sys::{SignalBell, SignalEar, signals};

/// Of each signal, the number of the last that came.
static LAST: [AtomicUsize; signals::COUNT] = [const { AtomicUsize::new(0) }; signals::COUNT];

static BELL: OnceLock<SignalBell> = OnceLock::new();

/// Which signals have a handler. It stays for good: to give a signal's default action back would be a surprise
/// to whoever else has a handler for it.
static INSTALLED: Mutex<[bool; signals::COUNT]> = Mutex::new([false; signals::COUNT]);

/// Hears one signal.
#[derive(Debug)]
pub(super) struct Listener {
    /// Dropped before the ear whose descriptor it names.
    registration: Registration,
    ear: SignalEar,
    signal: usize,
    /// The number of the last signal that it knows of.
    seen: usize,
    /// Whether it has yet to tell of that one, for which the bell won't ring again.
    is_news: bool,
}

impl Listener {
    /// # Errors
    ///
    /// When there is no such signal, none that may be handled, or the system refuses.
    ///
    /// # Panics
    ///
    /// Outside of a runtime, and when its I/O isn't enabled.
    #[track_caller]
    pub(super) fn new(signal: i32) -> io::Result<Self> {
        // A call that can't work here says so, whichever signal it is about.
        let _ = here();
        let index = usize::try_from(signal).ok().filter(|&index| 0 < index && index < signals::COUNT);
        let index = index.filter(|_| !signal_hook_registry::FORBIDDEN.contains(&signal));
        let index = index.ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, format!("signal {signal} can't be handled"))
        })?;
        let bell = bell()?;
        let ear = bell.ear()?;
        let registration = Registration::with_interest(ear.fd(), Interest::READABLE)?;
        install(signal, index, bell)?;
        let seen = LAST[index].load(Ordering::Acquire); // E1
        Ok(Self { registration, ear, signal: index, seen, is_news: rung::is_news(seen) })
    }

    /// Whether the calling thread could have it nowhere else.
    pub(super) fn is_at_home(&self) -> bool {
        self.registration.is_at_home()
    }

    /// Waits until the signal has come since the last time this was ready.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self { registration, ear, signal, seen, is_news } = self;
        if std::mem::take(is_news) {
            return Poll::Ready(Ok(()));
        }
        let last = &LAST[*signal];
        registration.poll_read_io(cx, || {
            // First the bell, then the number: a ring after this comes with an event of its own.
            ear.drain();
            let number = last.load(Ordering::Acquire); // E1
            if std::mem::replace(seen, number) == number {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            Ok(())
        })
    }
}

fn bell() -> io::Result<&'static SignalBell> {
    if let Some(bell) = BELL.get() {
        return Ok(bell);
    }
    let new = SignalBell::new()?;
    Ok(BELL.get_or_init(|| new))
}

fn install(signal: i32, index: usize, bell: &'static SignalBell) -> io::Result<()> {
    let mut installed = INSTALLED.lock();
    if installed[index] {
        return Ok(());
    }
    let action = move || {
        // The greater of two that come at once on two threads.
        LAST[index].fetch_max(rung::ring(), Ordering::Release); // E1
        bell.ring();
    };
    // SAFETY: what the action does is allowed in a signal handler: it changes two atomic numbers and makes one
    // system call.
    unsafe { signal_hook_registry::register(signal, action)? };
    installed[index] = true;
    Ok(())
}
