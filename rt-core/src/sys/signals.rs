//! The numbers of signals.

pub(crate) use libc::{
    SIGALRM, SIGCHLD, SIGHUP, SIGINT, SIGIO, SIGPIPE, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH,
};

/// One more than the greatest number that a signal has on any system.
pub(crate) const COUNT: usize = 129;
