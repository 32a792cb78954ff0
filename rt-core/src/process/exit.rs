//! A child's exit: waiting for it, bringing it about, and what becomes of a child that nobody waits for.
//!
//! A system that has a descriptor for that reports the exit in the event queue of whoever waits. Elsewhere, and when
//! the system refuses it, who waits listens to `SIGCHLD`. Either only says when to ask; the standard library's handle
//! has the answer.
#![forbid(unsafe_code)]

use std::io;
use std::process::{Child, ExitStatus};
use std::task::{Context, Poll, ready};

use crate::driver::children;
use crate::driver::io::{Direction, Interest, Tied};
use crate::signal::unix::{Signal, SignalKind, signal};
use crate::sys::ExitFd;

/// See the module's documentation.
#[derive(Debug)]
pub(super) struct Exit {
    state: State,
    kill_on_drop: bool,
}

#[derive(Debug)]
enum State {
    Running(Child, Watch),
    Done(ExitStatus),
}

/// How one learns that it's time to ask.
#[derive(Debug)]
enum Watch {
    Descriptor(Tied<ExitFd>),
    Signal(Option<Signal>),
}

impl Exit {
    /// # Panics
    ///
    /// Outside of a runtime, and when its I/O isn't enabled.
    #[track_caller]
    pub(super) fn new(child: Child, kill_on_drop: bool) -> Self {
        let watch = match ExitFd::open(child.id()) {
            Some(descriptor) => Watch::Descriptor(Tied::new(descriptor, Interest::READABLE)),
            None => Watch::Signal(None),
        };
        Self { state: State::Running(child, watch), kill_on_drop }
    }

    #[cfg(test)]
    pub(super) fn by_signal(child: Child) -> Self {
        Self { state: State::Running(child, Watch::Signal(None)), kill_on_drop: false }
    }

    /// The number of a child whose exit isn't known yet. Until then it can't be another's.
    pub(super) fn id(&self) -> Option<u32> {
        match &self.state {
            State::Running(child, _) => Some(child.id()),
            State::Done(_) => None,
        }
    }

    /// Asks it to end. One that has ended needs no asking.
    pub(super) fn kill(&mut self) -> io::Result<()> {
        match &mut self.state {
            State::Running(child, _) => child.kill(),
            State::Done(_) => Ok(()),
        }
    }

    pub(super) fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        match &mut self.state {
            State::Running(child, _) => {
                let exited = child.try_wait()?;
                Ok(exited.map(|status| self.done(status)))
            }
            State::Done(status) => Ok(Some(*status)),
        }
    }

    /// Waits for the exit. The last task that polls it is woken.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<ExitStatus>> {
        let exited = match &mut self.state {
            State::Running(child, Watch::Descriptor(descriptor)) => {
                descriptor.poll_io(Direction::Read, cx, |_| has_exited(child))
            }
            State::Running(child, Watch::Signal(signal)) => poll_by_signal(child, signal, cx),
            State::Done(status) => return Poll::Ready(Ok(*status)),
        };
        let status = ready!(exited)?;
        Poll::Ready(Ok(self.done(status)))
    }

    /// The child is reaped: it can neither be killed nor waited for any more.
    fn done(&mut self, status: ExitStatus) -> ExitStatus {
        self.state = State::Done(status);
        status
    }
}

fn has_exited(child: &mut Child) -> io::Result<ExitStatus> {
    child.try_wait()?.ok_or_else(|| io::ErrorKind::WouldBlock.into())
}

fn poll_by_signal(
    child: &mut Child,
    listener: &mut Option<Signal>,
    cx: &mut Context<'_>,
) -> Poll<io::Result<ExitStatus>> {
    listener.take_if(|listener| !listener.is_at_home());
    loop {
        let listener = match listener {
            Some(listener) => listener,
            None => listener.insert(signal(SignalKind::child())?),
        };
        // Asked with a listener at hand: what exits from now on is heard of.
        if let Some(status) = child.try_wait()? {
            return Poll::Ready(Ok(status));
        }
        ready!(listener.poll_heard(cx))?;
    }
}

impl Drop for Exit {
    fn drop(&mut self) {
        let State::Running(child, _) = &mut self.state else { return };
        if self.kill_on_drop {
            // It fails when there is nothing to kill.
            let _ = child.kill();
        }
        if let Ok(None) = child.try_wait() {
            children::adopt(child.id());
        }
    }
}
