//! A reader and writer that follows a script.
//!
//! To test code that speaks a protocol, give it a [`Mock`] in place of a socket. Its script, made by a
//! [`Builder`], says what it may read and what it must write, in which order. The mock panics at once when
//! something else is written, and at its end when the script isn't played to the end.
//!
//! # Examples
//!
//! A client that sends a request and gets its answer in two pieces:
//!
//! ```
//! use rt_core::io::{AsyncReadExt, AsyncWriteExt};
//!
//! # futures::executor::block_on(async {
//! let mut mock = rt_test::io::Builder::new().write(b"ping\n").read(b"po").read(b"ng\n").build();
//!
//! mock.write_all(b"ping\n").await?;
//! let mut answer = String::new();
//! mock.read_to_string(&mut answer).await?;
//! assert_eq!(answer, "pong\n");
//! # std::io::Result::Ok(()) }).unwrap();
//! ```

mod builder;
mod mock;
mod script;

pub use builder::{Builder, Handle};
pub use mock::Mock;
