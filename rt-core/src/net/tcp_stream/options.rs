//! What the system tells of a connection, and what it lets one set.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use super::TcpStream;
use crate::sys;

/// # Options
///
/// Their errors are what the system says.
impl TcpStream {
    /// The address of this side.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// The address of the other side.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.socket.peer_addr()
    }

    /// The error that the system keeps for the socket, which is taken: `SO_ERROR`.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.socket.take_error()
    }

    /// Whether small segments are sent at once rather than gathered: `TCP_NODELAY`.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let stream = rt_core::net::TcpStream::connect(listener.local_addr()?).await?;
    /// stream.set_nodelay(true)?;
    /// assert!(stream.nodelay()?);
    /// # Ok(()) }
    /// ```
    pub fn nodelay(&self) -> io::Result<bool> {
        self.socket.nodelay()
    }

    /// Sets whether small segments are sent at once: `TCP_NODELAY`.
    ///
    /// Without it the system holds a small segment back while another one isn't acknowledged.
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.socket.set_nodelay(nodelay)
    }

    /// Whether segments are acknowledged at once: `TCP_QUICKACK`.
    ///
    /// `Unsupported` on systems other than Linux.
    pub fn quickack(&self) -> io::Result<bool> {
        sys::quickack(&self.sock_ref())
    }

    /// Sets whether segments are acknowledged at once: `TCP_QUICKACK`. The system may change it by itself
    /// afterwards.
    ///
    /// `Unsupported` on systems other than Linux.
    pub fn set_quickack(&self, quickack: bool) -> io::Result<()> {
        sys::set_quickack(&self.sock_ref(), quickack)
    }

    /// How long closing the socket may wait for what isn't sent yet: `SO_LINGER`.
    pub fn linger(&self) -> io::Result<Option<Duration>> {
        self.sock_ref().linger()
    }

    /// Sets how long closing the socket may wait for what isn't sent yet: `SO_LINGER`. `None`, the default,
    /// sends it in the background.
    #[deprecated = "closing a socket that lingers blocks the thread; `set_zero_linger` and `shutdown` don't"]
    pub fn set_linger(&self, dur: Option<Duration>) -> io::Result<()> {
        self.sock_ref().set_linger(dur)
    }

    /// Has closing the socket throw away what isn't sent yet, and reset the connection: `SO_LINGER` with no time.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let stream = rt_core::net::TcpStream::connect(listener.local_addr()?).await?;
    /// stream.set_zero_linger()?;
    /// assert_eq!(stream.linger()?, Some(Duration::ZERO));
    /// # Ok(()) }
    /// ```
    pub fn set_zero_linger(&self) -> io::Result<()> {
        self.sock_ref().set_linger(Some(Duration::ZERO))
    }

    /// The time to live of the packets it sends, in hops: `IP_TTL`.
    pub fn ttl(&self) -> io::Result<u32> {
        self.socket.ttl()
    }

    /// Sets the time to live of the packets it sends, in hops: `IP_TTL`.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let stream = rt_core::net::TcpStream::connect(listener.local_addr()?).await?;
    /// stream.set_ttl(99)?;
    /// assert_eq!(stream.ttl()?, 99);
    /// # Ok(()) }
    /// ```
    pub fn set_ttl(&self, ttl: u32) -> io::Result<()> {
        self.socket.set_ttl(ttl)
    }
}
