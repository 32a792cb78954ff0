//! Addresses of Unix sockets.

use std::fmt;
use std::io;
use std::os::unix::net;
use std::path::Path;

use socket2::SockAddr;

use crate::sys;

/// The address of a Unix socket: a path, an abstract name (Linux and Android), or none.
///
/// # Examples
///
/// ```
/// use rt_core::net::unix::SocketAddr;
///
/// let addr = SocketAddr::from(std::os::unix::net::SocketAddr::from_pathname("/run/echo").unwrap());
/// assert_eq!(addr.as_pathname(), Some("/run/echo".as_ref()));
/// assert!(!addr.is_unnamed());
/// ```
#[derive(Clone)]
pub struct SocketAddr(pub(super) net::SocketAddr);

impl SocketAddr {
    /// Whether it names nothing: the address of a socket that isn't bound.
    pub fn is_unnamed(&self) -> bool {
        self.0.is_unnamed()
    }

    /// The path, if it is one.
    pub fn as_pathname(&self) -> Option<&Path> {
        self.0.as_pathname()
    }

    /// The abstract name, if it is one, without the zero byte in front of it.
    ///
    /// `None` on systems other than Linux and Android.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::net::UnixListener;
    ///
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// # let name = format!("\0rt-core-doc-{}", std::process::id());
    /// // A path that begins with a zero byte is an abstract name.
    /// let listener = UnixListener::bind(&name)?;
    /// assert_eq!(listener.local_addr()?.as_abstract_name(), Some(&name.as_bytes()[1..]));
    /// # Ok(()) }
    /// ```
    pub fn as_abstract_name(&self) -> Option<&[u8]> {
        sys::abstract_name(&self.0)
    }

    /// What the system said, in terms of socket2.
    pub(super) fn of_system(addr: &SockAddr) -> io::Result<Self> {
        let name = addr.as_abstract_namespace();
        let addr = match (addr.as_pathname(), name) {
            (Some(path), _) => net::SocketAddr::from_pathname(path),
            (None, Some(name)) => sys::from_abstract_name(name),
            (None, None) => net::SocketAddr::from_pathname(""),
        };
        addr.map(Self)
    }

    /// In terms of socket2.
    pub(super) fn to_system(&self) -> io::Result<SockAddr> {
        match (self.as_pathname(), self.as_abstract_name()) {
            (Some(path), _) => SockAddr::unix(path),
            (None, Some(name)) => sys::abstract_addr(name),
            (None, None) => SockAddr::unix(""),
        }
    }
}

impl fmt::Debug for SocketAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<net::SocketAddr> for SocketAddr {
    fn from(addr: net::SocketAddr) -> Self {
        Self(addr)
    }
}

impl From<SocketAddr> for net::SocketAddr {
    fn from(addr: SocketAddr) -> Self {
        addr.0
    }
}
