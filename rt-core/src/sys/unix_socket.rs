//! What socket2 and the standard library don't say of Unix sockets on every platform.

use std::ffi::OsStr;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;

use socket2::{Domain, SockAddr, Socket};

use super::socket::{tcp_socket, udp_socket};

pub(crate) use names::{abstract_name, from_abstract_name};
pub(crate) use peer::peer_cred;

/// A Unix socket for streams that doesn't block.
pub(crate) fn unix_stream_socket() -> io::Result<Socket> {
    tcp_socket(Domain::UNIX)
}

/// A Unix socket for datagrams that doesn't block.
pub(crate) fn unix_datagram_socket() -> io::Result<Socket> {
    udp_socket(Domain::UNIX)
}

/// The address that has an abstract name.
pub(crate) fn abstract_addr(name: &[u8]) -> io::Result<SockAddr> {
    let path = [&[0], name].concat();
    SockAddr::unix(OsStr::from_bytes(&path))
}

/// Reads from a stream, and tells whether the system stopped at something else than bytes, such as descriptors that
/// came along: then a short read doesn't prove that nothing more is there.
pub(crate) fn receive_stream(fd: BorrowedFd<'_>, room: &mut [MaybeUninit<u8>]) -> io::Result<(usize, bool)> {
    let mut part = libc::iovec { iov_base: room.as_mut_ptr().cast(), iov_len: room.len() };
    // SAFETY: a header of zeros is one that names nothing.
    let mut header: libc::msghdr = unsafe { MaybeUninit::zeroed().assume_init() };
    header.msg_iov = &mut part;
    header.msg_iovlen = 1;
    // SAFETY: the header and what it names outlive the call, and the room is ours to be written to.
    let n = unsafe { libc::recvmsg(fd.as_raw_fd(), &mut header, libc::MSG_CMSG_CLOEXEC) };
    match usize::try_from(n) {
        Ok(n) => Ok((n, header.msg_flags & libc::MSG_CTRUNC != 0)),
        Err(_) => Err(io::Error::last_os_error()),
    }
}

#[cfg(target_os = "linux")]
mod names {
    use std::io;
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::SocketAddr;

    pub(crate) fn abstract_name(addr: &SocketAddr) -> Option<&[u8]> {
        addr.as_abstract_name()
    }

    pub(crate) fn from_abstract_name(name: &[u8]) -> io::Result<SocketAddr> {
        SocketAddr::from_abstract_name(name)
    }
}

#[cfg(target_os = "android")]
mod names {
    use std::io;
    use std::os::android::net::SocketAddrExt;
    use std::os::unix::net::SocketAddr;

    pub(crate) fn abstract_name(addr: &SocketAddr) -> Option<&[u8]> {
        addr.as_abstract_name()
    }

    pub(crate) fn from_abstract_name(name: &[u8]) -> io::Result<SocketAddr> {
        SocketAddr::from_abstract_name(name)
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod names {
    use std::io;
    use std::os::unix::net::SocketAddr;

    pub(crate) fn abstract_name(_addr: &SocketAddr) -> Option<&[u8]> {
        None
    }

    pub(crate) fn from_abstract_name(_name: &[u8]) -> io::Result<SocketAddr> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod peer {
    use super::{AsRawFd, BorrowedFd, io};

    /// The process, user and group at the other end.
    pub(crate) fn peer_cred(fd: BorrowedFd<'_>) -> io::Result<(Option<i32>, u32, u32)> {
        let mut cred = libc::ucred { pid: 0, uid: 0, gid: 0 };
        let mut len = size_of::<libc::ucred>() as libc::socklen_t;
        // SAFETY: both outlive the call, and `len` says how long `cred` is.
        let outcome = unsafe {
            let cred = (&raw mut cred).cast();
            libc::getsockopt(fd.as_raw_fd(), libc::SOL_SOCKET, libc::SO_PEERCRED, cred, &mut len)
        };
        if outcome == 0 { Ok((Some(cred.pid), cred.uid, cred.gid)) } else { Err(io::Error::last_os_error()) }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod peer {
    use super::{AsRawFd, BorrowedFd, io};

    /// The user and group at the other end.
    pub(crate) fn peer_cred(fd: BorrowedFd<'_>) -> io::Result<(Option<i32>, u32, u32)> {
        let (mut uid, mut gid) = (0, 0);
        // SAFETY: both outlive the call.
        let outcome = unsafe { libc::getpeereid(fd.as_raw_fd(), &mut uid, &mut gid) };
        if outcome == 0 { Ok((None, uid, gid)) } else { Err(io::Error::last_os_error()) }
    }
}
