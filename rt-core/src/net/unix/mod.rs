//! What belongs to Unix sockets, and pipes.
//!
//! - [`UnixStream`](super::UnixStream), [`UnixListener`](super::UnixListener), [`UnixDatagram`](super::UnixDatagram) and
//!   [`UnixSocket`](super::UnixSocket) are the sockets; [`SocketAddr`] is the address of one, [`UCred`] tells who is at the
//!   other end.
//! - [`ReadHalf`] and [`WriteHalf`] borrow a stream, [`OwnedReadHalf`] and [`OwnedWriteHalf`] share it and may go to
//!   different tasks. None of them takes a lock.
//! - [`pipe`] has pipes, with and without a name.

mod addr;
pub(super) mod datagram;
mod halves;
pub(super) mod listener;
mod owned;
pub mod pipe;
pub(super) mod socket;
pub(super) mod stream;
mod ucred;

pub use addr::SocketAddr;
pub use halves::{ReadHalf, WriteHalf};
pub use owned::{OwnedReadHalf, OwnedWriteHalf, ReuniteError};
pub use ucred::{UCred, gid_t, pid_t, uid_t};
