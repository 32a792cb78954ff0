//! UDP sockets, on both flavors of runtime.
#![cfg(all(feature = "net", feature = "io-util", feature = "rt-multi-thread", feature = "sync"))]

mod net_support;

use std::collections::HashSet;
use std::future::poll_fn;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::Poll;

use net_support::{current_thread, on_each_flavor, poll_once};
use rt_core::io::{Interest, ReadBuf};
use rt_core::net::UdpSocket;
use rt_core::runtime::Builder;
use rt_core::task::coop;

async fn socket() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let addr = socket.local_addr().unwrap();
    (socket, addr)
}

/// Two sockets that are connected to each other.
async fn pair() -> (UdpSocket, UdpSocket) {
    let ((one, one_addr), (other, other_addr)) = (socket().await, socket().await);
    one.connect(other_addr).await.unwrap();
    other.connect(one_addr).await.unwrap();
    assert_eq!(one.peer_addr().unwrap(), other_addr);
    (one, other)
}

on_each_flavor! {
    async fn datagrams_keep_their_bounds_and_senders() {
        let ((server, to), (client, from)) = (socket().await, socket().await);
        for message in [&b"one"[..], b"", b"three"] {
            assert_eq!(client.send_to(message, to).await.unwrap(), message.len());
        }
        let mut buf = [0; 16];
        for message in [&b"one"[..], b"", b"three"] {
            assert_eq!(server.peek_sender().await.unwrap(), from);
            assert_eq!(server.peek_from(&mut buf).await.unwrap(), (message.len(), from));
            assert_eq!(server.recv_from(&mut buf).await.unwrap(), (message.len(), from));
            assert_eq!(&buf[..message.len()], message);
        }
        assert_eq!(server.try_recv_from(&mut buf).unwrap_err().kind(), ErrorKind::WouldBlock);
    }

    async fn what_a_buffer_has_no_room_for_is_lost_but_not_when_peeking() {
        let (one, other) = pair().await;
        one.send(b"hello").await.unwrap();
        one.send(b"world").await.unwrap();
        let mut short = [0; 2];
        assert_eq!(other.peek(&mut short).await.unwrap(), 2);
        assert_eq!(other.recv(&mut short).await.unwrap(), 2);
        assert_eq!(&short, b"he");
        let mut rest = Vec::with_capacity(16);
        assert_eq!(other.recv_buf(&mut rest).await.unwrap(), 5);
        assert_eq!(rest, b"world");
    }

    async fn buffers_grow_at_their_ends() {
        let ((server, to), (client, from)) = (socket().await, socket().await);
        let mut buf = b"so: ".to_vec();
        buf.reserve(64);
        for message in [&b"one "[..], b"two ", b"three"] {
            client.send_to(message, to).await.unwrap();
        }
        assert_eq!(server.recv_buf_from(&mut buf).await.unwrap(), (4, from));
        server.readable().await.unwrap();
        assert_eq!(server.try_recv_buf_from(&mut buf).unwrap(), (4, from));
        assert_eq!(server.try_recv_buf(&mut buf).unwrap(), 5);
        assert_eq!(buf, b"so: one two three");
    }

    async fn polls_do_as_the_futures() {
        let ((server, to), (client, from)) = (socket().await, socket().await);
        client.connect(to).await.unwrap();
        poll_fn(|cx| client.poll_send_ready(cx)).await.unwrap();
        assert_eq!(poll_fn(|cx| client.poll_send(cx, b"one")).await.unwrap(), 3);
        assert_eq!(poll_fn(|cx| client.poll_send_to(cx, b"two", to)).await.unwrap(), 3);
        poll_fn(|cx| server.poll_recv_ready(cx)).await.unwrap();
        assert_eq!(poll_fn(|cx| server.poll_peek_sender(cx)).await.unwrap(), from);
        let mut memory = [0; 16];
        let mut buf = ReadBuf::new(&mut memory);
        assert_eq!(poll_fn(|cx| server.poll_peek_from(cx, &mut buf)).await.unwrap(), from);
        poll_fn(|cx| server.poll_peek(cx, &mut buf)).await.unwrap();
        assert_eq!(poll_fn(|cx| server.poll_recv_from(cx, &mut buf)).await.unwrap(), from);
        poll_fn(|cx| server.poll_recv(cx, &mut buf)).await.unwrap();
        assert_eq!(buf.filled(), b"oneoneonetwo");
    }

    async fn a_receiver_that_is_cancelled_takes_nothing() {
        let (one, other) = pair().await;
        for round in 0..50_u8 {
            let mut buf = [0; 4];
            // Waits, and is dropped: before the datagram comes, and once it was woken for it.
            assert!(poll_once(other.recv(&mut buf)).is_pending());
            let mut lost = [0; 4];
            let mut waiting = Box::pin(other.recv(&mut lost));
            assert!(poll_once(waiting.as_mut()).is_pending());
            one.send(&[round]).await.unwrap();
            if round % 2 == 0 {
                other.readable().await.unwrap();
            }
            drop(waiting);
            assert_eq!(other.recv(&mut buf).await.unwrap(), 1);
            assert_eq!(buf[0], round);
        }
    }

    async fn many_who_wait_get_a_datagram_each() {
        let ((server, to), (client, _)) = (socket().await, socket().await);
        let server = Arc::new(server);
        let receivers: Vec<_> = (0..16)
            .map(|_| {
                let server = server.clone();
                rt_core::spawn(async move {
                    let mut buf = [0; 4];
                    let (n, _) = server.recv_from(&mut buf).await.unwrap();
                    assert_eq!(n, 1);
                    buf[0]
                })
            })
            .collect();
        rt_core::task::yield_now().await;
        for i in 0..16_u8 {
            client.send_to(&[i], to).await.unwrap();
        }
        let mut seen = HashSet::new();
        for receiver in receivers {
            seen.insert(receiver.await.unwrap());
        }
        assert_eq!(seen, (0..16).collect());
    }

    async fn an_error_is_told_once_and_the_socket_goes_on() {
        let ((one, _), (gone, gone_addr)) = (socket().await, socket().await);
        drop(gone);
        one.connect(gone_addr).await.unwrap();
        one.send(b"nobody is there").await.unwrap();
        let mut buf = [0; 8];
        assert_eq!(one.recv(&mut buf).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
        assert!(one.take_error().unwrap().is_none());

        let (other, other_addr) = socket().await;
        one.connect(other_addr).await.unwrap();
        one.send(b"hello").await.unwrap();
        assert_eq!(other.recv(&mut buf).await.unwrap(), 5);
    }

    async fn wrong_use_is_an_error() {
        let (one, to) = socket().await;
        assert_eq!(one.send(b"x").await.unwrap_err().raw_os_error(), Some(libc::EDESTADDRREQ));
        assert_eq!(one.peer_addr().unwrap_err().kind(), ErrorKind::NotConnected);
        let error = one.send_to(b"x", &[][..]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let too_long = vec![0; 70_000];
        assert_eq!(one.send_to(&too_long, to).await.unwrap_err().raw_os_error(), Some(libc::EMSGSIZE));
        assert_eq!(UdpSocket::bind(to).await.unwrap_err().kind(), ErrorKind::AddrInUse);
    }

    async fn a_socket_goes_to_std_and_back() {
        let (one, addr) = socket().await;
        one.send_to(b"on its way", addr).await.unwrap();
        let std_socket = one.into_std().unwrap();
        std_socket.set_nonblocking(false).unwrap();
        let socket = UdpSocket::try_from(std_socket).unwrap();
        // It counts as readable until a try proves otherwise, and doesn't block.
        assert_eq!(socket.recv_from(&mut [0; 16]).await.unwrap(), (10, addr));
        assert_eq!(socket.try_recv_from(&mut [0; 16]).unwrap_err().kind(), ErrorKind::WouldBlock);
        assert!(poll_once(socket.readable()).is_pending());
    }

    async fn operations_of_ones_own_wait_like_the_others() {
        let ((server, to), (client, from)) = (socket().await, socket().await);
        let tries = std::sync::atomic::AtomicU32::new(0);
        let receiving = server.async_io(Interest::READABLE, || {
            tries.fetch_add(1, Relaxed);
            socket2::SockRef::from(&server).recv_from(&mut [const { std::mem::MaybeUninit::uninit() }; 8])
        });
        let mut receiving = pin!(receiving);
        assert!(poll_once(receiving.as_mut()).is_pending());
        client.send_to(b"abc", to).await.unwrap();
        let (n, peer) = receiving.await.unwrap();
        assert_eq!((n, peer.as_socket()), (3, Some(from)));
        assert_eq!(tries.load(Relaxed), 1, "a socket that was just bound isn't tried before something has come");
        assert_eq!(client.try_io(Interest::WRITABLE, || Ok(7)).unwrap(), 7);
    }

    async fn multicast_groups_are_joined_and_left() {
        let (socket, _) = socket().await;
        let group = Ipv4Addr::new(224, 0, 0, 251);
        socket.join_multicast_v4(group, Ipv4Addr::LOCALHOST).unwrap();
        let twice = socket.join_multicast_v4(group, Ipv4Addr::LOCALHOST).unwrap_err();
        assert_eq!(twice.kind(), ErrorKind::AddrInUse);
        socket.leave_multicast_v4(group, Ipv4Addr::LOCALHOST).unwrap();
        let gone = socket.leave_multicast_v4(group, Ipv4Addr::LOCALHOST).unwrap_err();
        assert_eq!(gone.kind(), ErrorKind::AddrNotAvailable);
    }
}

#[test]
fn long_datagrams_cost_more_of_the_budget() {
    current_thread().block_on(async {
        let (one, other) = pair().await;
        rt_core::spawn(async move {
            let (message, mut buf, mut rounds) = (vec![1; 60 << 10], vec![0; 60 << 10], 0);
            // Within one poll: a future that needs no wait completes at once as long as there is budget.
            while coop::has_budget_remaining() {
                let sent = poll_once(one.send(&message));
                let Poll::Ready(sent) = sent else { break };
                assert_eq!(sent.unwrap(), message.len());
                if poll_once(other.recv(&mut buf)).is_pending() {
                    // It was just bound: the first one waits for the event queue.
                    other.readable().await.unwrap();
                }
                rounds += 1;
            }
            // A unit for the operation and three for the bytes, both ways.
            assert!((8..=32).contains(&rounds), "{rounds}");
        })
        .await
        .unwrap();
    });
}

/// The turn of the driver that tells the main future is not followed by another poll of the task that yielded.
#[test]
fn what_is_there_already_is_told_after_one_yield_of_another_task() {
    current_thread().block_on(async {
        let (one, other) = pair().await;
        one.send(b"there").await.unwrap();
        let polls = Arc::new(AtomicUsize::new(0));
        let counted = polls.clone();
        rt_core::spawn(async move {
            loop {
                counted.fetch_add(1, Relaxed);
                rt_core::task::yield_now().await;
            }
        });
        other.readable().await.unwrap();
        assert_eq!(polls.load(Relaxed), 1);
    });
}

#[test]
fn who_waits_learns_that_the_runtime_is_gone() {
    let runtime = current_thread();
    let (server, _) = runtime.block_on(socket());
    let mut buf = [0; 8];
    let mut receiving = Box::pin(server.recv(&mut buf));
    assert!(poll_once(receiving.as_mut()).is_pending());
    drop(runtime);
    let Poll::Ready(outcome) = poll_once(receiving.as_mut()) else { panic!("still waits") };
    outcome.unwrap_err();
    drop(receiving);
    let Poll::Ready(outcome) = poll_once(server.readable()) else { panic!("waits") };
    outcome.unwrap_err();
}

#[test]
fn outside_of_a_runtime_it_panics() {
    let std_socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let panic = std::panic::catch_unwind(|| UdpSocket::from_std(std_socket)).unwrap_err();
    assert!(panic.downcast_ref::<String>().unwrap().contains("no reactor running"));
}

#[test]
fn tasks_on_several_workers_echo_without_loss() {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let (server, to) = socket().await;
        let echo = rt_core::spawn(async move {
            let mut buf = [0; 16];
            loop {
                let (n, peer) = server.recv_from(&mut buf).await.unwrap();
                server.send_to(&buf[..n], peer).await.unwrap();
            }
        });
        let clients: Vec<_> = (0..8_u32)
            .map(|id| {
                rt_core::spawn(async move {
                    let (client, _) = socket().await;
                    client.connect(to).await.unwrap();
                    for round in 0..500_u32 {
                        let message = [id.to_le_bytes(), round.to_le_bytes()].concat();
                        client.send(&message).await.unwrap();
                        let mut buf = [0; 16];
                        let n = client.recv(&mut buf).await.unwrap();
                        assert_eq!(buf[..n], message);
                    }
                })
            })
            .collect();
        for client in clients {
            client.await.unwrap();
        }
        echo.abort();
    });
}
