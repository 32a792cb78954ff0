//! A resource with a registration in the runtime in which it's used, whichever that is at the time.
//!
//! A child process may be spawned in one runtime and waited for in another, after the first one is gone, or while
//! nobody runs it. So whoever polls such a resource in another runtime takes it along.
#![forbid(unsafe_code)]

use std::io;
use std::os::fd::AsRawFd;
use std::task::{Context, Poll};

use super::Direction;
use super::interest::Interest;
use super::registration::{Attempt, Registration};

/// See the module's documentation.
#[derive(Debug)]
pub(crate) struct Tied<T> {
    /// Dropped before the resource whose descriptor it names.
    registration: Option<Registration>,
    interest: Interest,
    io: T,
}

impl<T: AsRawFd> Tied<T> {
    /// Ties a non-blocking resource to the calling thread's runtime.
    ///
    /// # Panics
    ///
    /// Outside of a runtime, and when its I/O isn't enabled.
    #[track_caller]
    pub(crate) fn new(io: T, interest: Interest) -> Self {
        let registration = Registration::lazy(io.as_raw_fd(), interest);
        Self { registration: Some(registration), interest, io }
    }

    /// Tries an operation, and waits while that would block, as [`Registration::poll_io`] does. One task may wait: the last one.
    pub(crate) fn poll_io<R>(
        &mut self,
        direction: Direction,
        cx: &mut Context<'_>,
        mut f: impl FnMut(&T) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        let registration = Self::follow(&mut self.registration, &self.io, self.interest);
        registration.poll_io(direction, cx, || f(&self.io).map(Attempt::Done))
    }

    pub(crate) fn get_ref(&self) -> &T {
        &self.io
    }

    pub(crate) fn into_inner(self) -> T {
        self.io
    }

    /// The registration, anew if the calling thread is in another runtime. It counts as ready then, so that what
    /// happened meanwhile is found out.
    fn follow<'a>(
        registration: &'a mut Option<Registration>,
        io: &T,
        interest: Interest,
    ) -> &'a Registration {
        registration.take_if(|registration| !registration.is_at_home());
        registration.get_or_insert_with(|| Registration::lazy(io.as_raw_fd(), interest))
    }
}
