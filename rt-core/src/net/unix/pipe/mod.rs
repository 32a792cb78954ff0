//! Pipes, with and without a name.
//!
//! - [`pipe()`] makes one without a name: a [`Sender`] and a [`Receiver`].
//! - [`OpenOptions`] opens the ends of one that has a path (a FIFO).
//!
//! The ends enter the event queue when they're made: what a descriptor of unknown origin does can't be told otherwise.
//!
//! # Examples
//!
//! ```
//! use rt_core::io::{AsyncReadExt, AsyncWriteExt};
//! use rt_core::net::unix::pipe;
//!
//! # #[rt_core::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let (mut sender, mut receiver) = pipe::pipe()?;
//! sender.write_all(b"hello").await?;
//! drop(sender);
//! let mut all = String::new();
//! receiver.read_to_string(&mut all).await?;
//! assert_eq!(all, "hello");
//! # Ok(()) }
//! ```

mod anonymous;
mod checks;
mod end;
mod open_options;
mod receiver;
mod sender;

pub use anonymous::pipe;
pub use open_options::OpenOptions;
pub use receiver::Receiver;
pub use sender::Sender;
