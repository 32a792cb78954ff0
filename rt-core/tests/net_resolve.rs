//! Resolving names.
#![cfg(all(feature = "net", feature = "rt"))]

mod net_support;

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use net_support::current_thread;
use rt_core::net::{TcpListener, TcpStream, ToSocketAddrs, lookup_host};
use rt_core::runtime::{Builder, Runtime};

fn resolve(runtime: &Runtime, addr: impl ToSocketAddrs) -> Vec<SocketAddr> {
    runtime.block_on(async { lookup_host(addr).await.unwrap().collect() })
}

#[test]
#[expect(clippy::needless_borrows_for_generic_args, reason = "borrowed addresses are addresses as well")]
fn addresses_are_what_they_are() {
    let runtime = current_thread();
    let v4: SocketAddr = "1.2.3.4:80".parse().unwrap();
    let v6: SocketAddr = "[::5]:80".parse().unwrap();
    let (ip4, ip6) = (Ipv4Addr::new(1, 2, 3, 4), Ipv6Addr::from(5));
    assert_eq!(resolve(&runtime, v4), [v4]);
    assert_eq!(resolve(&runtime, SocketAddrV4::new(ip4, 80)), [v4]);
    assert_eq!(resolve(&runtime, SocketAddrV6::new(ip6, 80, 0, 0)), [v6]);
    assert_eq!(resolve(&runtime, (IpAddr::from(ip4), 80)), [v4]);
    assert_eq!(resolve(&runtime, (ip4, 80)), [v4]);
    assert_eq!(resolve(&runtime, (ip6, 80)), [v6]);
    assert_eq!(resolve(&runtime, &[v4, v6][..]), [v4, v6]);
    assert_eq!(resolve(&runtime, &&v4), [v4]);
    assert_eq!(resolve(&runtime, "1.2.3.4:80"), [v4]);
    assert_eq!(resolve(&runtime, "[::5]:80".to_owned()), [v6]);
    assert_eq!(resolve(&runtime, &"[::5]:80".to_owned()), [v6]);
    assert_eq!(resolve(&runtime, ("1.2.3.4", 80)), [v4]);
    assert_eq!(resolve(&runtime, ("::5".to_owned(), 80)), [v6]);
    assert_eq!(resolve(&runtime, &[][..]), []);
}

#[test]
fn addresses_need_no_runtime() {
    let mut addrs = futures::executor::block_on(lookup_host("1.2.3.4:5")).unwrap();
    assert_eq!(addrs.size_hint(), (1, Some(1)));
    assert_eq!(addrs.next(), Some(([1, 2, 3, 4], 5).into()));
}

#[test]
fn names_are_looked_up_by_the_system() {
    let runtime = current_thread();
    for addrs in [
        resolve(&runtime, "localhost:80"),
        resolve(&runtime, ("localhost", 80)),
        resolve(&runtime, "localhost:80".to_owned()),
        resolve(&runtime, ("localhost".to_owned(), 80)),
    ] {
        assert!(!addrs.is_empty());
        assert!(addrs.iter().all(|addr| addr.ip().is_loopback() && addr.port() == 80), "{addrs:?}");
    }
}

#[test]
fn a_server_is_reached_by_its_name() {
    current_thread().block_on(async {
        let listener = TcpListener::bind(("localhost", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let client = TcpStream::connect(("localhost", port)).await.unwrap();
        let (_, peer) = listener.accept().await.unwrap();
        assert_eq!(peer, client.local_addr().unwrap());
    });
}

#[test]
fn what_is_no_name_is_an_error() {
    current_thread().block_on(async {
        for name in ["localhost", "localhost:no", ""] {
            let error = lookup_host(name).await.map(drop).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name:?}");
        }
        assert!(lookup_host("no.such.name.invalid:80").await.is_err());
    });
}

#[test]
fn names_need_a_runtime() {
    let lookup = || futures::executor::block_on(async { drop(lookup_host("localhost:80").await) });
    assert!(std::panic::catch_unwind(lookup).is_err());
}

#[test]
fn a_dropped_lookup_does_no_harm() {
    let runtime = current_thread();
    runtime.block_on(async {
        for _ in 0..10 {
            let mut lookup = Box::pin(lookup_host("localhost:80"));
            let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
            let _ = lookup.as_mut().poll(&mut cx);
        }
    });
    assert!(!resolve(&runtime, "localhost:1").is_empty());
}

#[cfg(feature = "test-util")]
#[test]
fn a_paused_clock_waits_for_a_lookup() {
    use std::time::Duration;

    let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let lookup = rt_core::time::timeout(Duration::from_secs(3600), lookup_host("localhost:80"));
        let _ = lookup.await.expect("the clock doesn't jump meanwhile").unwrap();
    });
}
