//! What a mock and its handle share: the actions that are left, and who waits for them.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

/// One step of a script.
#[derive(Debug, Clone)]
pub(super) enum Action {
    Read(VecDeque<u8>),
    /// Shared, as a script can be cloned and an error can't.
    ReadError(Arc<io::Error>),
    Write(VecDeque<u8>),
    WriteError(Arc<io::Error>),
    Wait(Duration),
}

/// Who polls: the reading half of the mock or the writing one.
#[derive(Debug, Clone, Copy)]
pub(super) enum Side {
    Reader,
    Writer,
}

/// A script, behind a lock.
#[derive(Debug)]
pub(super) struct Shared(Mutex<Script>);

/// A script that is being played.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) actions: VecDeque<Action>,
    /// Whether a handle may add actions.
    pub(super) is_open: bool,
    /// Whether the mock is gone.
    pub(super) is_over: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Shared {
    pub(super) fn new(actions: VecDeque<Action>, is_open: bool) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Script { actions, is_open, is_over: false, reader: None, writer: None })))
    }

    /// A mock panics on purpose, and is dropped after that: the lock may well be poisoned.
    pub(super) fn lock(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the script, then wakes both sides, whose next action may have come.
    pub(super) fn change<R>(&self, f: impl FnOnce(&mut Script) -> R) -> R {
        let mut script = self.lock();
        let result = f(&mut script);
        let wakers = [script.reader.take(), script.writer.take()];
        drop(script);
        wakers.into_iter().flatten().for_each(Waker::wake);
        result
    }

    /// Ends the play, and returns what is left.
    pub(super) fn end(&self) -> VecDeque<Action> {
        let mut script = self.lock();
        script.is_over = true;
        std::mem::take(&mut script.actions)
    }
}

/// Wakes both sides: for the timer of a [`Action::Wait`], which both wait for.
impl Wake for Shared {
    fn wake(self: Arc<Self>) {
        self.change(|_| ());
    }
}

impl Script {
    /// Has the side woken at the next change.
    pub(super) fn register(&mut self, side: Side, cx: &Context<'_>) {
        let slot = match side {
            Side::Reader => &mut self.reader,
            Side::Writer => &mut self.writer,
        };
        match slot {
            Some(waker) => waker.clone_from(cx.waker()),
            None => *slot = Some(cx.waker().clone()),
        }
    }
}

/// The error itself for the last that has it, else one of the same kind with it as its source.
pub(super) fn unshare(error: Arc<io::Error>) -> io::Error {
    match Arc::try_unwrap(error) {
        Ok(error) => error,
        Err(error) => match error.raw_os_error() {
            Some(code) => io::Error::from_raw_os_error(code),
            None => io::Error::new(error.kind(), error),
        },
    }
}
