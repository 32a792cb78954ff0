//! The operating system: the only folder with `cfg(target_os)` and system calls.
//!
//! What a platform supplies (with features that need an event queue):
//!
//! - `Fd`: what names a resource, and `register`/`deregister`/`interest`: how it enters mio's queue.
//! - `SHORT_MEANS_DRAINED`: whether a read or write of a stream that did less than asked proves that the next
//!   one would block, with another event to follow. True of queues that report edges.
//! - `Alarm`: a timer of nanoseconds whose ringing the queue reports. `Alarm::new` may fail; the driver then
//!   uses the queue's timeouts, which mio rounds up to milliseconds.
//! - `tcp_socket`, `udp_socket`, `is_in_progress`, and options of sockets that only some systems know (with `net`).
//! - `unix_stream_socket`, `unix_datagram_socket`, abstract names, `peer_cred` and `receive_stream`: what is special of Unix
//!   sockets (with `net`).
//! - `OPEN_NONBLOCKING`, `read`, `access` and `set_blocking`: pipes (with `net`; the second and the last with `process`).
//! - `file`: one read into memory that isn't initialized; `cached`: reads, lookups and metadata from memory, or a miss (with
//!   `fs`). A platform that can't tell what is in memory misses always.
//! - `SignalBell`, `SignalEar`: something that a signal handler can ring, and that any number of queues report
//!   (with `signal`); `signals`: the numbers of signals.
//! - `ExitFd`: a descriptor that the queue reports as readable when a child has exited. `ExitFd::open` may give none.
//!   `reap`: takes a child's exit without waiting, from a signal handler even (with `process`).

#[cfg(feature = "net")]
mod socket;
#[cfg(feature = "net")]
pub(crate) use socket::{
    bind_device, device, is_in_progress, quickack, set_quickack, tcp_socket, udp_socket,
};

#[cfg(any(feature = "net", feature = "process"))]
mod pipe;
#[cfg(feature = "net")]
pub(crate) use pipe::{OPEN_NONBLOCKING, access};
#[cfg(any(feature = "net", feature = "process"))]
pub(crate) use pipe::{read, set_blocking};

#[cfg(feature = "net")]
mod unix_socket;
#[cfg(feature = "net")]
pub(crate) use unix_socket::{
    abstract_addr, abstract_name, from_abstract_name, peer_cred, receive_stream, unix_datagram_socket,
    unix_stream_socket,
};

#[cfg(any(feature = "net", feature = "signal"))]
mod fd;
#[cfg(feature = "net")]
pub(crate) use fd::SHORT_MEANS_DRAINED;
#[cfg(any(feature = "net", feature = "signal"))]
pub(crate) use fd::{Fd, deregister, interest, register};

#[cfg(all(any(feature = "net", feature = "signal"), any(target_os = "linux", target_os = "android")))]
#[path = "alarm_timerfd.rs"]
mod alarm;
#[cfg(all(any(feature = "net", feature = "signal"), not(any(target_os = "linux", target_os = "android"))))]
#[path = "alarm_none.rs"]
mod alarm;
#[cfg(any(feature = "net", feature = "signal"))]
pub(crate) use alarm::Alarm;

#[cfg(all(feature = "signal", any(target_os = "linux", target_os = "android")))]
#[path = "bell_eventfd.rs"]
mod bell;
#[cfg(all(feature = "signal", not(any(target_os = "linux", target_os = "android"))))]
#[path = "bell_socket.rs"]
mod bell;
#[cfg(feature = "signal")]
pub(crate) use bell::{SignalBell, SignalEar};

#[cfg(feature = "signal")]
pub(crate) mod signals;

#[cfg(feature = "process")]
mod child;
#[cfg(feature = "process")]
pub(crate) use child::reap;

#[cfg(all(feature = "process", any(target_os = "linux", target_os = "android")))]
#[path = "child_pidfd.rs"]
mod exit_fd;
#[cfg(all(feature = "process", not(any(target_os = "linux", target_os = "android"))))]
#[path = "child_none.rs"]
mod exit_fd;
#[cfg(feature = "process")]
pub(crate) use exit_fd::ExitFd;

#[cfg(feature = "fs")]
pub(crate) mod file;

#[cfg(all(feature = "fs", target_os = "linux"))]
#[path = "cached_linux.rs"]
pub(crate) mod cached;
#[cfg(all(feature = "fs", not(target_os = "linux")))]
#[path = "cached_none.rs"]
pub(crate) mod cached;
