//! Any signal of a Unix system.
#![forbid(unsafe_code)]

use std::future::poll_fn;
use std::io;
use std::os::raw::c_int;
use std::task::{Context, Poll};

use super::listener::Listener;
use crate::sys::signals;

/// Which signal.
///
/// # Examples
///
/// ```
/// use rt_core::signal::unix::SignalKind;
///
/// let kind = SignalKind::terminate();
/// assert_eq!(SignalKind::from(kind.as_raw_value()), kind);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SignalKind(c_int);

impl SignalKind {
    /// The signal of this number, such as one of real time. Whether there is one is found out by [`signal`].
    pub const fn from_raw(signal: c_int) -> Self {
        Self(signal)
    }

    /// The number of the signal.
    pub const fn as_raw_value(&self) -> c_int {
        self.0
    }

    /// `SIGALRM`: a timer of the process has run out. Ends the process by default.
    pub const fn alarm() -> Self {
        Self(signals::SIGALRM)
    }

    /// `SIGCHLD`: a child of the process has changed its state. Ignored by default.
    pub const fn child() -> Self {
        Self(signals::SIGCHLD)
    }

    /// `SIGHUP`: the terminal is gone; daemons take it for "read your configuration anew". Ends the process by
    /// default.
    pub const fn hangup() -> Self {
        Self(signals::SIGHUP)
    }

    /// `SIGINT`: the user interrupts the process. Ends it by default.
    pub const fn interrupt() -> Self {
        Self(signals::SIGINT)
    }

    /// `SIGIO`: I/O is possible on a descriptor. Ignored or deadly by default, as the system has it.
    pub const fn io() -> Self {
        Self(signals::SIGIO)
    }

    /// `SIGPIPE`: something was written to a pipe that nobody reads. The standard library ignores it.
    pub const fn pipe() -> Self {
        Self(signals::SIGPIPE)
    }

    /// `SIGQUIT`: the user wants the process to end with a core dump. It does so by default.
    pub const fn quit() -> Self {
        Self(signals::SIGQUIT)
    }

    /// `SIGTERM`: the process is asked to end. It does so by default.
    pub const fn terminate() -> Self {
        Self(signals::SIGTERM)
    }

    /// `SIGUSR1`: means what the process takes it for. Ends it by default.
    pub const fn user_defined1() -> Self {
        Self(signals::SIGUSR1)
    }

    /// `SIGUSR2`: means what the process takes it for. Ends it by default.
    pub const fn user_defined2() -> Self {
        Self(signals::SIGUSR2)
    }

    /// `SIGWINCH`: the terminal's window has changed its size. Ignored by default.
    pub const fn window_change() -> Self {
        Self(signals::SIGWINCH)
    }
}

impl From<c_int> for SignalKind {
    fn from(signal: c_int) -> Self {
        Self(signal)
    }
}

impl From<SignalKind> for c_int {
    fn from(kind: SignalKind) -> Self {
        kind.0
    }
}

/// Hears a signal. Made by [`signal`].
///
/// Signals that come while nobody waits aren't lost, but several are taken for one.
#[derive(Debug)]
#[must_use = "a listener that is dropped hears nothing"]
pub struct Signal(Listener);

/// Listens to a signal, which keeps its default action from now on from happening, for as long as the process
/// lives.
///
/// Any number of listeners may hear the same signal, in any number of runtimes. One that is made on a worker also hears
/// a signal that came just before, and that the runtime hasn't looked for yet: so none is lost between a listener that
/// is dropped and one that is made in its place without waiting in between.
///
/// # Errors
///
/// When there is no such signal, when it can't be handled (`SIGKILL`, `SIGSTOP`, and those by which the
/// processor reports errors), and when the system refuses the handler or a descriptor.
///
/// # Panics
///
/// Outside of a runtime, and in one without I/O.
///
/// # Examples
///
/// ```no_run
/// use rt_core::signal::unix::{SignalKind, signal};
///
/// # async fn example() -> std::io::Result<()> {
/// let mut hangups = signal(SignalKind::hangup())?;
/// while hangups.recv().await.is_some() {
///     println!("reading the configuration");
/// }
/// # Ok(())
/// # }
/// ```
#[track_caller]
pub fn signal(kind: SignalKind) -> io::Result<Signal> {
    Listener::new(kind.0).map(Signal)
}

impl Signal {
    /// Waits for the signal. `None` when none can come any more: the runtime has shut down.
    ///
    /// # Cancel safety
    ///
    /// A signal isn't lost when this is dropped before it returns.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use rt_core::signal::unix::{SignalKind, signal};
    ///
    /// # async fn example() -> std::io::Result<()> {
    /// signal(SignalKind::terminate())?.recv().await;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn recv(&mut self) -> Option<()> {
        poll_fn(|cx| self.poll_recv(cx)).await
    }

    /// Waits for the signal; the last caller is woken. `None` when none can come any more.
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<()>> {
        self.0.poll(cx).map(Result::ok)
    }

    /// Whether the calling thread could have it nowhere else: it is in the runtime that this belongs to, or in none with I/O.
    #[cfg(feature = "process")]
    pub(crate) fn is_at_home(&self) -> bool {
        self.0.is_at_home()
    }

    /// As [`poll_recv`](Self::poll_recv), with the error that there is none to come.
    #[cfg(feature = "process")]
    pub(crate) fn poll_heard(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll(cx)
    }
}
