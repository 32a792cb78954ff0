//! Sockets and name resolution.
//!
//! - [`TcpListener`] accepts connections, [`TcpStream`] is one of them.
//! - [`TcpSocket`] sets options before it becomes the one or the other.
//! - [`UdpSocket`] sends and receives datagrams.
//! - [`UnixStream`], [`UnixListener`], [`UnixDatagram`] and [`UnixSocket`] do the like within one machine.
//! - [`ToSocketAddrs`] is what can be connected to and bound to; [`lookup_host`] resolves it.
//!
//! A socket belongs to the runtime in which it was made. It enters the system's event queue only when an
//! operation would block for the first time; many sockets never do.
//!
//! # Examples
//!
//! ```
//! use rt_core::io::{AsyncReadExt, AsyncWriteExt};
//! use rt_core::net::{TcpListener, TcpStream};
//!
//! # #[rt_core::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let listener = TcpListener::bind("127.0.0.1:0").await?;
//! let mut client = TcpStream::connect(listener.local_addr()?).await?;
//! let (mut server, _) = listener.accept().await?;
//! client.write_all(b"hello").await?;
//! let mut greeting = [0; 5];
//! server.read_exact(&mut greeting).await?;
//! assert_eq!(&greeting, b"hello");
//! # Ok(()) }
//! ```

#[cfg(feature = "net")]
mod addr;
#[cfg(feature = "net")]
mod buffers;
#[cfg(feature = "net")]
mod connection;
#[cfg(feature = "net")]
mod datagram;
#[cfg(feature = "net")]
mod halves;
#[cfg(feature = "net")]
mod lookup_host;
#[cfg(feature = "net")]
mod readiness;
#[cfg(feature = "net")]
pub mod tcp;
#[cfg(feature = "net")]
mod tcp_listener;
#[cfg(feature = "net")]
mod tcp_socket;
#[cfg(feature = "net")]
mod tcp_stream;
#[cfg(feature = "net")]
mod udp_socket;
#[cfg(feature = "net")]
pub mod unix;

#[cfg(feature = "net")]
pub use addr::ToSocketAddrs;
#[cfg(feature = "net")]
pub use lookup_host::lookup_host;
#[cfg(feature = "net")]
pub use tcp_listener::TcpListener;
#[cfg(feature = "net")]
pub use tcp_socket::TcpSocket;
#[cfg(feature = "net")]
pub use tcp_stream::TcpStream;
#[cfg(feature = "net")]
pub use udp_socket::UdpSocket;
#[cfg(feature = "net")]
pub use unix::{datagram::UnixDatagram, listener::UnixListener, socket::UnixSocket, stream::UnixStream};
