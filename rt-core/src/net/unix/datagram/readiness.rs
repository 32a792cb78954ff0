//! Waiting until a socket is ready, and trying without a wait.

use std::io;
use std::path::Path;

use super::UnixDatagram;
use crate::io::{Interest, Ready};
use crate::net::datagram::datagram_readiness_methods;
use crate::net::unix::SocketAddr;

/// # Readiness
///
/// The `try_*` methods do what they can at once. What the others say is what the last operation found, and what the system
/// reported since: it may be wrong, and the next operation may block all the same.
impl UnixDatagram {
    datagram_readiness_methods! {
        from: "", to: "socket that it is connected to",
        connected: {
            "let (socket, _other) = rt_core::net::UnixDatagram::pair()?;"
        }
        received: {
            "let (socket, other) = rt_core::net::UnixDatagram::pair()?;"
            r#"other.send(b"abc").await?;"#
        }
    }

    /// Sends a datagram to `target`, if the system takes it now.
    ///
    /// # Errors
    ///
    /// As [`try_send`](Self::try_send).
    pub fn try_send_to<P: AsRef<Path>>(&self, buf: &[u8], target: P) -> io::Result<usize> {
        self.registration.try_io(Interest::WRITABLE, || self.send_to_now(buf, target.as_ref()))
    }
}
