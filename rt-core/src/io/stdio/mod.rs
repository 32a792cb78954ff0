//! The standard streams of the process.
//!
//! Their descriptors are shared with other processes, so they are left blocking, and threads read and write them:
//!
//! - `input`: where one thread of the process leaves what it reads, and readers fetch it. A read that nobody
//!   waits for any more holds nobody up, and what it brings is there for the next reader.
//! - `stream`: what is written goes through a [`write_queue`](super::write_queue), to a closure on the runtime's pool.
//!
//! Both go through the standard library's handles, so that `println!` and the like keep their place in the order.
#![forbid(unsafe_code)]

mod input;

#[cfg(not(loom))]
mod stderr;
#[cfg(not(loom))]
mod stdin;
#[cfg(not(loom))]
mod stdout;
#[cfg(not(loom))]
mod stream;

#[cfg(not(loom))]
pub use stderr::{Stderr, stderr};
#[cfg(not(loom))]
pub use stdin::{Stdin, stdin};
#[cfg(not(loom))]
pub use stdout::{Stdout, stdout};
