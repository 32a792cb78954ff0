//! Child processes.
//!
//! [`Command`] is made and set up as [`std::process::Command`] is. What it spawns is a [`Child`], whose exit can be awaited, and
//! whose standard streams are [`AsyncRead`](crate::io::AsyncRead) and [`AsyncWrite`](crate::io::AsyncWrite).
//!
//! # Examples
//!
//! The output of a program:
//!
//! ```
//! use rt_core::process::Command;
//!
//! # #[rt_core::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let output = Command::new("echo").arg("hello").output().await?;
//! assert!(output.status.success());
//! assert_eq!(output.stdout, b"hello\n");
//! # Ok(()) }
//! ```
//!
//! A conversation with one. Its input ends when the pipe is dropped:
//!
//! ```
//! use std::process::Stdio;
//!
//! use rt_core::io::{AsyncReadExt, AsyncWriteExt};
//! use rt_core::process::Command;
//!
//! # #[rt_core::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let mut child = Command::new("sort").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
//! let (mut input, mut output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
//! let write = async move { input.write_all(b"b\nc\na\n").await };
//! let mut sorted = String::new();
//! let (written, read) = rt_core::join!(write, output.read_to_string(&mut sorted));
//! (written?, read?);
//! assert_eq!(sorted, "a\nb\nc\n");
//! assert!(child.wait().await?.success());
//! # Ok(()) }
//! ```
//!
//! # Children that are dropped
//!
//! A child whose [`Child`] is dropped goes on, unless it was spawned with [`kill_on_drop`](Command::kill_on_drop). Once it
//! exits it is reaped, so that it doesn't stay a zombie: by a handler of `SIGCHLD`, which the process has from the first such
//! drop on, and which goes before whatever handler there was. No runtime is needed for that. A program that replaces
//! the handler, or blocks the signal in all threads, has such children reaped when it spawns the next one.
//!
//! # Children and runtimes
//!
//! A child is spawned inside of a runtime, as its pipes need one. It can be waited for in another one, and its pipes be used
//! there, also when the first has gone.

mod child;
mod collect;
mod command;
mod exit;
mod pipes;

#[cfg(test)]
mod tests;

pub use child::Child;
pub use command::Command;
pub use pipes::{ChildStderr, ChildStdin, ChildStdout};
