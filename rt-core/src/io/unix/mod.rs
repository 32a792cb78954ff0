//! Waiting for descriptors of any kind.
//!
//! [`AsyncFd`] makes whatever has a descriptor that the system's event queue takes something that can be waited for: sockets
//! of a kind that this crate doesn't know, devices, `timerfd`s, `inotify`.

mod async_fd;
mod error;
mod guard;

pub use async_fd::AsyncFd;
pub use error::{AsyncFdRegisterError, TryIoError};
pub use guard::{AsyncFdReadyGuard, AsyncFdReadyMutGuard};
