//! What socket2 doesn't say in the same way on every platform.

use std::io;

use socket2::{Domain, Socket, Type};

pub(crate) use options::{bind_device, device, quickack, set_quickack};

/// A TCP socket that doesn't block, and that child processes don't inherit: in one system call, where there is
/// one for it.
pub(crate) fn tcp_socket(domain: Domain) -> io::Result<Socket> {
    options::socket(domain, Type::STREAM)
}

/// As [`tcp_socket`], for UDP.
pub(crate) fn udp_socket(domain: Domain) -> io::Result<Socket> {
    options::socket(domain, Type::DGRAM)
}

/// Whether a connect has begun, and will go on by itself.
pub(crate) fn is_in_progress(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EINPROGRESS | libc::EINTR | libc::EWOULDBLOCK))
}

#[cfg(any(target_os = "linux", target_os = "android", target_os = "fuchsia"))]
mod options {
    use super::{Domain, Socket, Type, io};
    use socket2::SockRef;

    pub(super) fn socket(domain: Domain, ty: Type) -> io::Result<Socket> {
        Socket::new(domain, ty.nonblocking(), None)
    }

    pub(crate) fn device(socket: &SockRef<'_>) -> io::Result<Option<Vec<u8>>> {
        socket.device()
    }

    pub(crate) fn bind_device(socket: &SockRef<'_>, interface: Option<&[u8]>) -> io::Result<()> {
        socket.bind_device(interface)
    }

    pub(crate) fn quickack(socket: &SockRef<'_>) -> io::Result<bool> {
        socket.tcp_quickack()
    }

    pub(crate) fn set_quickack(socket: &SockRef<'_>, quickack: bool) -> io::Result<()> {
        socket.set_tcp_quickack(quickack)
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "fuchsia")))]
mod options {
    use super::{Domain, Socket, Type, io};
    use socket2::SockRef;

    pub(super) fn socket(domain: Domain, ty: Type) -> io::Result<Socket> {
        let socket = Socket::new(domain, ty, None)?;
        socket.set_nonblocking(true)?;
        Ok(socket)
    }

    pub(crate) fn device(_socket: &SockRef<'_>) -> io::Result<Option<Vec<u8>>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn bind_device(_socket: &SockRef<'_>, _interface: Option<&[u8]>) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn quickack(_socket: &SockRef<'_>) -> io::Result<bool> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn set_quickack(_socket: &SockRef<'_>, _quickack: bool) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
