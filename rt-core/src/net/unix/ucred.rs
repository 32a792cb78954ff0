//! Who is at the other end of a Unix socket.

/// The number of a user.
#[allow(non_camel_case_types, reason = "the system's name")]
pub type uid_t = u32;

/// The number of a group of users.
#[allow(non_camel_case_types, reason = "the system's name")]
pub type gid_t = u32;

/// The number of a process.
#[allow(non_camel_case_types, reason = "the system's name")]
pub type pid_t = i32;

/// The process at the other end of a Unix socket, as it was when it connected or listened: see
/// [`UnixStream::peer_cred`](super::super::UnixStream::peer_cred).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UCred {
    pub(super) pid: Option<pid_t>,
    pub(super) uid: uid_t,
    pub(super) gid: gid_t,
}

impl UCred {
    /// Its user.
    pub fn uid(&self) -> uid_t {
        self.uid
    }

    /// Its group.
    pub fn gid(&self) -> gid_t {
        self.gid
    }

    /// Its number, where the system tells it: Linux and Android do.
    pub fn pid(&self) -> Option<pid_t> {
        self.pid
    }
}
