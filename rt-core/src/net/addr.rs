//! What can be resolved to addresses.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::option;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec;

use crate::base::complaints;
use crate::blocking::{self, JoinHandle};

/// What can be resolved to addresses: addresses themselves, and names with a port.
///
/// An address is taken as it is, also when it's written as text. A name is looked up by the system on a thread of
/// the blocking pool. This trait can't be implemented outside of this crate.
///
/// # Examples
///
/// ```
/// use rt_core::net::lookup_host;
///
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let mut addresses = lookup_host("127.0.0.1:80").await?;
/// assert_eq!(addresses.next(), Some(([127, 0, 0, 1], 80).into()));
/// let mut addresses = lookup_host(("::1", 80)).await?;
/// assert_eq!(addresses.next(), "[::1]:80".parse().ok());
/// # Ok(()) }
/// ```
pub trait ToSocketAddrs: ToSocketAddrsPriv {}

/// Keeps the trait from being implemented elsewhere, and how it works from being called.
pub trait ToSocketAddrsPriv {
    /// Begins to resolve.
    #[doc(hidden)]
    fn resolve(&self) -> Resolve;
}

/// Resolves a name, unless there is nothing to resolve.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub enum Resolve {
    /// It was an address.
    Known(Addrs),
    /// It is being looked up on the blocking pool.
    LookUp(JoinHandle<io::Result<Addrs>>),
}

/// The addresses.
#[derive(Debug)]
pub enum Addrs {
    /// At most one.
    One(option::IntoIter<SocketAddr>),
    /// Any number.
    Many(vec::IntoIter<SocketAddr>),
}

impl Resolve {
    fn one(addr: impl Into<SocketAddr>) -> Self {
        Self::Known(Addrs::One(Some(addr.into()).into_iter()))
    }

    /// Looks a name up as `std` does.
    #[track_caller]
    fn look_up<A>(name: A) -> Self
    where
        A: std::net::ToSocketAddrs<Iter = vec::IntoIter<SocketAddr>> + Send + 'static,
    {
        let lookup = move || name.to_socket_addrs().map(Addrs::Many);
        Self::LookUp(match blocking::spawn_current(lookup, Location::caller()) {
            Some(task) => task,
            None => panic!("{}", complaints::NO_RUNTIME),
        })
    }
}

impl Future for Resolve {
    type Output = io::Result<Addrs>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut *self {
            Self::Known(addrs) => Poll::Ready(Ok(std::mem::replace(addrs, Addrs::One(None.into_iter())))),
            Self::LookUp(task) => Poll::Ready(match ready!(Pin::new(task).poll(cx)) {
                Ok(outcome) => outcome,
                // The pool was shut down before the lookup began.
                Err(error) => Err(io::Error::other(error)),
            }),
        }
    }
}

impl Iterator for Addrs {
    type Item = SocketAddr;

    fn next(&mut self) -> Option<SocketAddr> {
        match self {
            Self::One(addr) => addr.next(),
            Self::Many(addrs) => addrs.next(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Self::One(addr) => addr.size_hint(),
            Self::Many(addrs) => addrs.size_hint(),
        }
    }
}

/// What is an address, or easily becomes one.
macro_rules! is_address {
    ($($ty:ty),+ $(,)?) => {$(
        impl ToSocketAddrs for $ty {}

        impl ToSocketAddrsPriv for $ty {
            fn resolve(&self) -> Resolve {
                Resolve::one(*self)
            }
        }
    )+};
}

is_address!(SocketAddr, SocketAddrV4, SocketAddrV6, (IpAddr, u16), (Ipv4Addr, u16), (Ipv6Addr, u16));

impl ToSocketAddrs for &[SocketAddr] {}

impl ToSocketAddrsPriv for &[SocketAddr] {
    #[allow(clippy::unnecessary_to_owned, reason = "the iterator outlives the slice")]
    fn resolve(&self) -> Resolve {
        Resolve::Known(Addrs::Many(Vec::from(*self).into_iter()))
    }
}

impl ToSocketAddrs for str {}

impl ToSocketAddrsPriv for str {
    #[track_caller]
    fn resolve(&self) -> Resolve {
        match self.parse::<SocketAddr>() {
            Ok(addr) => Resolve::one(addr),
            Err(_) => Resolve::look_up(self.to_owned()),
        }
    }
}

impl ToSocketAddrs for String {}

impl ToSocketAddrsPriv for String {
    #[track_caller]
    fn resolve(&self) -> Resolve {
        self.as_str().resolve()
    }
}

impl ToSocketAddrs for (&str, u16) {}

impl ToSocketAddrsPriv for (&str, u16) {
    #[track_caller]
    fn resolve(&self) -> Resolve {
        let (host, port) = *self;
        match host.parse::<IpAddr>() {
            Ok(ip) => Resolve::one((ip, port)),
            Err(_) => Resolve::look_up((host.to_owned(), port)),
        }
    }
}

impl ToSocketAddrs for (String, u16) {}

impl ToSocketAddrsPriv for (String, u16) {
    #[track_caller]
    fn resolve(&self) -> Resolve {
        (self.0.as_str(), self.1).resolve()
    }
}

impl<T: ToSocketAddrs + ?Sized> ToSocketAddrs for &T {}

impl<T: ToSocketAddrsPriv + ?Sized> ToSocketAddrsPriv for &T {
    #[track_caller]
    fn resolve(&self) -> Resolve {
        (**self).resolve()
    }
}

/// Tries `f` on one address after the other until it works. Else the error is that of the last one.
pub(super) async fn try_each<T, F: Future<Output = io::Result<T>>>(
    addrs: impl ToSocketAddrs,
    mut f: impl FnMut(SocketAddr) -> F,
) -> io::Result<T> {
    let mut last = None;
    for addr in addrs.resolve().await? {
        match f(addr).await {
            Ok(done) => return Ok(done),
            Err(error) => last = Some(error),
        }
    }
    Err(last
        .unwrap_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "could not resolve to any addresses")))
}
