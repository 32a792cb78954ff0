//! Children that nobody waits for any more.
//!
//! A child that has exited stays in the system's table until its parent asks for its status. When a child's handle is
//! dropped while it runs, its number is left here, and the handler of `SIGCHLD` asks: waiting for children is among the few
//! things that a handler may do. So it needs no thread and no runtime, and works when the last runtime is gone.
//!
//! - `slot`: a child's number, and who is asking for it.
//! - `orphans`: all of them, and the handler.

mod slot;

#[cfg(not(loom))]
mod orphans;
#[cfg(not(loom))]
pub(crate) use orphans::{adopt, reap_all};
