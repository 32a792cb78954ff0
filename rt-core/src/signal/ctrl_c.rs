//! Ctrl-C.
#![forbid(unsafe_code)]

use std::io;

use super::unix::{SignalKind, signal};

/// Waits until the user interrupts the process: Ctrl-C in a terminal, `SIGINT` on Unix.
///
/// From the first call on, the process isn't ended by an interruption any more, not even when nobody waits for
/// one. An interruption that came before this is first polled isn't seen.
///
/// # Errors
///
/// When the system refuses the handler, or a descriptor.
///
/// # Cancel safety
///
/// Dropping it does nothing; an interruption that comes between two calls is missed. To miss none, keep a
/// [`Signal`](super::unix::Signal), or call this once and keep the future.
///
/// # Panics
///
/// When it is polled outside of a runtime, or in one without I/O.
///
/// # Examples
///
/// ```no_run
/// # async fn example() -> std::io::Result<()> {
/// rt_core::signal::ctrl_c().await?;
/// println!("good-bye");
/// # Ok(())
/// # }
/// ```
pub async fn ctrl_c() -> io::Result<()> {
    signal(SignalKind::interrupt())?.recv().await;
    Ok(())
}
