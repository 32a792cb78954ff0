//! The halves of a [`TcpStream`](super::TcpStream).
//!
//! [`ReadHalf`] and [`WriteHalf`] borrow the stream, [`OwnedReadHalf`] and [`OwnedWriteHalf`] share it and may go
//! to different tasks. None of them takes a lock.

mod halves;
mod owned;

pub use halves::{ReadHalf, WriteHalf};
pub(super) use owned::into_split;
pub use owned::{OwnedReadHalf, OwnedWriteHalf, ReuniteError};
