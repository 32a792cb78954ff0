//! Listening sockets, and sockets with options.
#![cfg(all(feature = "net", feature = "io-util", feature = "rt-multi-thread"))]

mod net_support;

use std::future::poll_fn;
use std::io::{ErrorKind, Write as _};
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use net_support::{poll_once, runtimes};
use rt_core::io::{AsyncReadExt, AsyncWriteExt};
use rt_core::net::{TcpListener, TcpSocket, TcpStream};

fn any_port() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

#[test]
fn a_cancelled_accept_loses_no_connection() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let listener = TcpListener::bind(any_port()).await.unwrap();
            for _ in 0..10 {
                assert!(poll_once(listener.accept()).is_pending());
                let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
                let (_, peer) = listener.accept().await.unwrap();
                assert_eq!(peer, client.local_addr().unwrap());
            }
        });
    }
}

#[test]
fn several_tasks_accept_from_one_listener() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let listener = Arc::new(TcpListener::bind(any_port()).await.unwrap());
            let addr = listener.local_addr().unwrap();
            let accepting: Vec<_> = (0..8)
                .map(|_| {
                    let listener = listener.clone();
                    rt_core::spawn(async move {
                        let mut peers = Vec::new();
                        for _ in 0..5 {
                            peers.push(listener.accept().await.unwrap().1);
                        }
                        peers
                    })
                })
                .collect();
            let mut clients = Vec::new();
            for _ in 0..40 {
                clients.push(TcpStream::connect(addr).await.unwrap());
            }
            let mut peers = Vec::new();
            for task in accepting {
                peers.extend(task.await.unwrap());
            }
            let mut expected: Vec<_> = clients.iter().map(|client| client.local_addr().unwrap()).collect();
            peers.sort_unstable();
            expected.sort_unstable();
            assert_eq!(peers, expected);
        });
    }
}

#[test]
fn polling_accepts_as_well() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let listener = TcpListener::bind(any_port()).await.unwrap();
            assert!(poll_fn(|cx| Poll::Ready(listener.poll_accept(cx))).await.is_pending());
            let mut client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            let (mut server, _) = poll_fn(|cx| listener.poll_accept(cx)).await.unwrap();
            client.write_all(b"x").unwrap();
            assert_eq!(server.read_u8().await.unwrap(), b'x');
        });
    }
}

#[test]
fn listeners_of_the_standard_library() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let std_listener = std::net::TcpListener::bind(any_port()).unwrap();
            let listener = TcpListener::try_from(std_listener).unwrap();
            assert!(poll_once(listener.accept()).is_pending());
            let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            listener.accept().await.unwrap();
            let std_listener = listener.into_std().unwrap();
            assert_eq!(std_listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
            std_listener.set_nonblocking(false).unwrap();
            let _second = std::net::TcpStream::connect(client.peer_addr().unwrap()).unwrap();
            std_listener.accept().unwrap();
        });
    }
}

#[test]
fn an_address_in_use_is_an_error() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let listener = TcpListener::bind(any_port()).await.unwrap();
            let addr = listener.local_addr().unwrap();
            assert_eq!(TcpListener::bind(addr).await.unwrap_err().kind(), ErrorKind::AddrInUse);
            listener.set_ttl(50).unwrap();
            assert_eq!(listener.ttl().unwrap(), 50);
            assert!(format!("{listener:?}").contains(&addr.port().to_string()));
        });
    }
}

#[test]
fn a_dropped_listener_refuses() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let listener = TcpListener::bind(any_port()).await.unwrap();
            let addr = listener.local_addr().unwrap();
            assert!(poll_once(listener.accept()).is_pending());
            drop(listener);
            let error = TcpStream::connect(addr).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
            // The port is free at once.
            TcpListener::bind(addr).await.unwrap();
        });
    }
}

#[test]
fn a_descriptor_that_is_used_again_is_another_socket() {
    // Readiness of a closed socket must not be taken for that of the next one with its number.
    for runtime in runtimes() {
        runtime.block_on(async {
            let listener = TcpListener::bind(any_port()).await.unwrap();
            let addr = listener.local_addr().unwrap();
            for round in 0..100_u8 {
                let mut client = TcpStream::connect(addr).await.unwrap();
                let (mut server, _) = listener.accept().await.unwrap();
                assert!(poll_once(server.read_u8()).is_pending(), "round {round}");
                assert!(poll_once(server.readable()).is_pending(), "round {round}");
                assert!(poll_once(client.readable()).is_pending(), "round {round}");
                client.write_all(&[round]).await.unwrap();
                assert_eq!(server.read_u8().await.unwrap(), round);
                server.write_all(&[round]).await.unwrap();
                if round % 2 == 0 {
                    client.readable().await.unwrap();
                }
            }
        });
    }
}

#[test]
fn sockets_keep_their_options() {
    let socket = TcpSocket::new_v4().unwrap();
    macro_rules! toggles {
        ($($set:ident $is:ident),+) => {$(
            for on in [true, false] {
                socket.$set(on).unwrap();
                assert_eq!(socket.$is().unwrap(), on, stringify!($is));
            }
        )+};
    }
    toggles!(set_reuseaddr reuseaddr, set_reuseport reuseport, set_keepalive keepalive, set_nodelay nodelay);
    socket.set_send_buffer_size(20_000).unwrap();
    assert!(socket.send_buffer_size().unwrap() >= 20_000);
    socket.set_recv_buffer_size(30_000).unwrap();
    assert!(socket.recv_buffer_size().unwrap() >= 30_000);
    assert_eq!(socket.linger().unwrap(), None);
    socket.set_zero_linger().unwrap();
    assert_eq!(socket.linger().unwrap(), Some(Duration::ZERO));
    #[allow(deprecated)]
    socket.set_linger(Some(Duration::from_secs(3))).unwrap();
    assert_eq!(socket.linger().unwrap(), Some(Duration::from_secs(3)));
    socket.set_tos_v4(16).unwrap();
    assert_eq!(socket.tos_v4().unwrap(), 16);
    assert!(socket.take_error().unwrap().is_none());
    match socket.device() {
        Ok(device) => assert_eq!(device, None),
        Err(error) => assert_eq!(error.kind(), ErrorKind::Unsupported),
    }
    assert!(socket.bind_device(Some(b"no-such-device")).is_err());
    if let Ok(socket) = TcpSocket::new_v6() {
        socket.set_tclass_v6(32).unwrap();
        assert_eq!(socket.tclass_v6().unwrap(), 32);
    }
}

#[test]
fn a_socket_binds_listens_and_connects() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let socket = TcpSocket::new_v4().unwrap();
            socket.bind(any_port()).unwrap();
            let bound = socket.local_addr().unwrap();
            let listener = socket.listen(8).unwrap();
            assert_eq!(listener.local_addr().unwrap(), bound);

            let socket = TcpSocket::new_v4().unwrap();
            socket.bind(any_port()).unwrap();
            let from = socket.local_addr().unwrap();
            let mut client = socket.connect(bound).await.unwrap();
            let (mut server, peer) = listener.accept().await.unwrap();
            assert_eq!(peer, from);
            client.write_all(b"x").await.unwrap();
            assert_eq!(server.read_u8().await.unwrap(), b'x');

            drop(listener);
            let error = TcpSocket::new_v4().unwrap().connect(bound).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        });
    }
}

#[test]
fn a_socket_goes_through_its_descriptor() {
    let socket = TcpSocket::new_v4().unwrap();
    let fd = socket.as_raw_fd();
    assert_eq!(socket.into_raw_fd(), fd);
    // SAFETY: `into_raw_fd` gave the descriptor up.
    let socket = unsafe { TcpSocket::from_raw_fd(fd) };
    socket.set_nodelay(true).unwrap();
}

#[test]
fn connecting_takes_its_time_to_a_full_backlog() {
    // Not answered at once, so that the way through the event queue is taken: the backlog of a listener that
    // accepts nobody is full after a few.
    for runtime in runtimes() {
        runtime.block_on(async {
            let socket = TcpSocket::new_v4().unwrap();
            socket.bind(any_port()).unwrap();
            let listener = socket.listen(1).unwrap();
            let addr = listener.local_addr().unwrap();
            let mut waiting = Vec::new();
            let mut standing = Vec::new();
            for _ in 0..8 {
                let mut connecting = Box::pin(TcpStream::connect(addr));
                match poll_once(connecting.as_mut()) {
                    Poll::Ready(stream) => standing.push(stream.unwrap()),
                    Poll::Pending => waiting.push(connecting),
                }
            }
            assert!(!waiting.is_empty(), "the backlog holds fewer");
            // Some are given up, the rest get through once others are accepted.
            waiting.truncate(1);
            let accepting = rt_core::spawn(async move {
                loop {
                    let _ = listener.accept().await;
                }
            });
            let stream = waiting.remove(0).await.unwrap();
            assert_eq!(stream.peer_addr().unwrap(), addr);
            accepting.abort();
        });
    }
}
