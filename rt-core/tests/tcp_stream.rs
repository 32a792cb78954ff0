//! TCP connections, on both flavors of runtime.
#![cfg(all(feature = "net", feature = "io-util", feature = "rt-multi-thread", feature = "sync"))]

mod net_support;

use std::future::poll_fn;
use std::io::{self, ErrorKind, IoSlice, IoSliceMut, Read as _, Write as _};
use std::mem::MaybeUninit;
use std::net::SocketAddr;
use std::task::Poll;
use std::time::Duration;

use net_support::{current_thread, fill, multi_thread, on_each_flavor, poll_once};
use rt_core::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt, Interest, ReadBuf};
use rt_core::net::{TcpListener, TcpStream};
use rt_core::runtime::Builder;

/// A connection, both ends.
async fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (server, peer) = listener.accept().await.unwrap();
    assert_eq!(client.local_addr().unwrap(), peer);
    assert_eq!(client.peer_addr().unwrap(), server.local_addr().unwrap());
    (client, server)
}

/// Different bytes for different places.
fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i ^ (i >> 8) ^ (i >> 16)) as u8).collect()
}

on_each_flavor! {
    async fn messages_go_to_and_fro() {
        let (mut client, mut server) = pair().await;
        let echo = rt_core::spawn(async move {
            let mut buf = [0; 64];
            loop {
                match server.read(&mut buf).await.unwrap() {
                    0 => return,
                    n => server.write_all(&buf[..n]).await.unwrap(),
                }
            }
        });
        let mut buf = [0; 64];
        for len in (1..64).chain([64, 1, 64]) {
            let message = pattern(len);
            client.write_all(&message).await.unwrap();
            client.read_exact(&mut buf[..len]).await.unwrap();
            assert_eq!(buf[..len], message);
        }
        drop(client);
        echo.await.unwrap();
    }

    async fn a_lot_goes_both_ways_at_once() {
        let (client, server) = pair().await;
        let sent = pattern(3 << 20);
        let ends = [client, server].map(|stream| {
            let (mut reader, mut writer) = stream.into_split();
            let message = sent.clone();
            let writing = rt_core::spawn(async move { writer.write_all(&message).await.unwrap() });
            let reading = rt_core::spawn(async move {
                let mut received = Vec::new();
                reader.read_to_end(&mut received).await.unwrap();
                received
            });
            (writing, reading)
        });
        for (writing, reading) in ends {
            writing.await.unwrap();
            assert!(reading.await.unwrap() == sent, "received what was sent");
        }
    }

    async fn a_writer_waits_for_a_slow_reader() {
        let (mut client, mut server) = pair().await;
        let held = fill(|chunk| client.try_write(chunk));
        assert!(held > 0);
        // What comes after is written only while the other side reads.
        let tail = pattern(100_000);
        let message = tail.clone();
        let writing = rt_core::spawn(async move {
            client.write_all(&message).await.unwrap();
            client.shutdown().await.unwrap();
            client
        });
        let mut received = Vec::new();
        server.read_to_end(&mut received).await.unwrap();
        assert_eq!(received.len(), held + tail.len());
        assert!(received[held..] == tail);
        writing.await.unwrap();
    }

    async fn a_short_write_is_noticed() {
        let (mut client, mut server) = pair().await;
        let total = poll_fn(|cx| {
            let chunk = vec![1; 1 << 20];
            let mut total = 0;
            while let Poll::Ready(n) = std::pin::Pin::new(&mut client).poll_write(cx, &chunk) {
                total += n.unwrap();
            }
            Poll::Ready(total)
        })
        .await;
        // The last poll found no room. Once there is, a new wait ends.
        let mut received = vec![0; total];
        server.read_exact(&mut received).await.unwrap();
        client.writable().await.unwrap();
        client.write_all(b"x").await.unwrap();
        assert_eq!(server.read_u8().await.unwrap(), b'x');
    }

    async fn the_end_comes_after_what_was_sent() {
        let (mut client, mut server) = pair().await;
        client.write_all(b"last").await.unwrap();
        client.shutdown().await.unwrap();
        // In one piece with the end: reading less than there is room for must not hide it.
        let mut buf = [0; 64];
        assert_eq!(server.read(&mut buf).await.unwrap(), 4);
        assert_eq!(server.read(&mut buf).await.unwrap(), 0);
        assert_eq!(server.read(&mut buf).await.unwrap(), 0);
        // The other direction goes on.
        server.write_all(b"yes").await.unwrap();
        client.read_exact(&mut buf[..3]).await.unwrap();
        assert_eq!(&buf[..3], b"yes");
        // A second shutdown does nothing.
        client.shutdown().await.unwrap();
    }

    async fn the_end_comes_to_one_who_waits() {
        let (client, mut server) = pair().await;
        let reading = rt_core::spawn(async move { server.read(&mut [0; 8]).await.unwrap() });
        rt_core::task::yield_now().await;
        drop(client);
        assert_eq!(reading.await.unwrap(), 0);
    }

    async fn a_cancelled_read_loses_nothing() {
        let (mut client, mut server) = pair().await;
        let mut buf = [0; 8];
        for round in 0..10 {
            assert!(poll_once(server.read(&mut buf)).is_pending());
            client.write_all(&[round; 3]).await.unwrap();
            server.read_exact(&mut buf[..3]).await.unwrap();
            assert_eq!(buf[..3], [round; 3]);
        }
    }

    async fn peeking_takes_nothing() {
        let (mut client, mut server) = pair().await;
        let mut buf = [0; 8];
        assert!(poll_once(server.peek(&mut buf)).is_pending());
        client.write_all(b"abc").await.unwrap();
        assert!(server.peek(&mut buf).await.unwrap() > 0);
        assert_eq!(buf[0], b'a');
        let mut read_buf = ReadBuf::new(&mut buf[..2]);
        read_buf.put_slice(b"!");
        let n = poll_fn(|cx| server.poll_peek(cx, &mut read_buf)).await.unwrap();
        assert_eq!((n, read_buf.filled()), (1, &b"!a"[..]));
        let mut all = [0; 3];
        server.read_exact(&mut all).await.unwrap();
        assert_eq!(&all, b"abc");
    }

    async fn readable_means_that_something_came() {
        let (client, server) = pair().await;
        // What was accepted counts as readable until somebody has looked: most clients talk first.
        server.readable().await.unwrap();
        assert_eq!(server.try_read(&mut [0; 8]).unwrap_err().kind(), ErrorKind::WouldBlock);
        assert!(poll_once(server.readable()).is_pending());
        assert!(poll_fn(|cx| Poll::Ready(server.poll_read_ready(cx))).await.is_pending());
        client.writable().await.unwrap();
        poll_fn(|cx| client.poll_write_ready(cx)).await.unwrap();
        client.try_write(b"abc").unwrap();
        server.readable().await.unwrap();
        poll_fn(|cx| server.poll_read_ready(cx)).await.unwrap();
        let mut buf = [0; 8];
        assert_eq!(server.try_read(&mut buf).unwrap(), 3);
        assert_eq!(server.try_read(&mut buf).unwrap_err().kind(), ErrorKind::WouldBlock);
        assert!(poll_once(server.readable()).is_pending());
    }

    async fn trying_never_waits() {
        let (client, server) = pair().await;
        let mut buf = [0; 4];
        assert_eq!(server.try_read(&mut buf).unwrap_err().kind(), ErrorKind::WouldBlock);
        let bufs = [IoSlice::new(b"ab"), IoSlice::new(b"cdef")];
        assert_eq!(client.try_write_vectored(&bufs).unwrap(), 6);
        server.readable().await.unwrap();
        let (mut one, mut other) = ([0; 1], [0; 3]);
        let mut bufs = [IoSliceMut::new(&mut one), IoSliceMut::new(&mut other)];
        assert_eq!(server.try_read_vectored(&mut bufs).unwrap(), 4);
        assert_eq!((&one, &other), (b"a", b"bcd"));
        let mut vec = b">".to_vec();
        assert_eq!(server.try_read_buf(&mut vec).unwrap(), 2);
        assert_eq!(vec, b">ef");
        drop(client);
        server.readable().await.unwrap();
        assert_eq!(server.try_read(&mut buf).unwrap(), 0);
    }

    async fn a_full_stream_becomes_writable_again() {
        let (client, mut server) = pair().await;
        let held = fill(|chunk| client.try_write(chunk));
        assert!(poll_once(client.writable()).is_pending());
        let mut received = vec![0; held];
        server.read_exact(&mut received).await.unwrap();
        client.writable().await.unwrap();
        assert!(client.try_write(b"x").unwrap() > 0);
    }

    async fn any_number_of_tasks_may_wait() {
        let (client, server) = pair().await;
        let server = std::sync::Arc::new(server);
        let waiting: Vec<_> = (0..50)
            .map(|_| {
                let server = server.clone();
                rt_core::spawn(async move { server.ready(Interest::READABLE).await.unwrap() })
            })
            .collect();
        rt_core::task::yield_now().await;
        client.try_write(b"x").unwrap();
        for task in waiting {
            assert!(task.await.unwrap().is_readable());
        }
    }

    async fn one_reader_is_woken_for_each_byte() {
        // Tasks compete for bytes: each byte goes to one of them, and none is forgotten.
        let (mut client, server) = pair().await;
        let server = std::sync::Arc::new(server);
        let readers: Vec<_> = (0..20)
            .map(|_| {
                let server = server.clone();
                rt_core::spawn(async move {
                    let read = || {
                        let mut byte = [MaybeUninit::new(0)];
                        socket2::SockRef::from(&*server).recv(&mut byte)?;
                        // SAFETY: it was initialized from the start.
                        Ok(unsafe { byte[0].assume_init() })
                    };
                    server.async_io(Interest::READABLE, read).await.unwrap()
                })
            })
            .collect();
        client.write_all(&pattern(20)).await.unwrap();
        let mut bytes = Vec::new();
        for reader in readers {
            bytes.push(reader.await.unwrap());
        }
        bytes.sort_unstable();
        assert_eq!(bytes, pattern(20));
    }

    async fn readiness_tells_of_the_end() {
        let (client, server) = pair().await;
        drop(client);
        loop {
            let ready = server.ready(Interest::READABLE).await.unwrap();
            assert!(ready.is_readable() && !ready.is_writable());
            if ready.is_read_closed() {
                break;
            }
            let _ = server.try_read(&mut [0]);
            // The end is an event, and asking for readiness that is there waits for none.
            rt_core::task::yield_now().await;
        }
    }

    async fn operations_of_ones_own() {
        let (client, server) = pair().await;
        let mut tried = false;
        let wait = || -> io::Result<()> { Err(ErrorKind::WouldBlock.into()) };
        assert_eq!(client.try_io(Interest::WRITABLE, wait).unwrap_err().kind(), ErrorKind::WouldBlock);
        client.async_io(Interest::WRITABLE, || {
            if !std::mem::replace(&mut tried, true) {
                // Wrong, and harmless: the next wait ends at once or with the next event.
                return Err(ErrorKind::Interrupted.into());
            }
            Ok(())
        })
        .await
        .unwrap_err();
        let sent = client.try_io(Interest::WRITABLE, || socket2::SockRef::from(&client).send(b"abc"));
        // The wrong answer above may have taken the readiness away, if the stream is in the event queue.
        if let Err(error) = sent {
            assert_eq!(error.kind(), ErrorKind::WouldBlock);
            client.async_io(Interest::WRITABLE, || socket2::SockRef::from(&client).send(b"abc")).await.unwrap();
        }
        server.readable().await.unwrap();
        let failed = server.try_io(Interest::READABLE, || -> io::Result<()> { Err(ErrorKind::TimedOut.into()) });
        assert_eq!(failed.unwrap_err().kind(), ErrorKind::TimedOut);
        let mut buf = [0; 8];
        assert_eq!(server.try_read(&mut buf).unwrap(), 3);
    }

    async fn vectored_writes_go_out_together() {
        let (mut client, mut server) = pair().await;
        assert!(client.is_write_vectored());
        let pieces: Vec<Vec<u8>> = (0..40).map(|i| pattern(i * 7)).collect();
        let bufs: Vec<_> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
        let all = pieces.concat();
        assert_eq!(client.write_vectored(&bufs).await.unwrap(), all.len());
        let mut received = vec![0; all.len()];
        server.read_exact(&mut received).await.unwrap();
        assert_eq!(received, all);
        // More than the system takes in one call.
        let many = vec![IoSlice::new(b"x"); 3000];
        let n = client.write_vectored(&many).await.unwrap();
        assert!(n >= 16);
        client.write_all(b"y").await.unwrap();
        let mut received = vec![0; n + 1];
        server.read_exact(&mut received).await.unwrap();
        assert_eq!(received[n], b'y');
    }

    async fn a_reset_is_an_error() {
        let (client, mut server) = pair().await;
        server.write_all(b"unread").await.unwrap();
        client.readable().await.unwrap();
        client.set_zero_linger().unwrap();
        assert_eq!(client.linger().unwrap(), Some(Duration::ZERO));
        drop(client);
        let error = server.read(&mut [0; 8]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        // Nobody is left to be told of the end.
        server.shutdown().await.unwrap();
    }

    async fn writing_to_nobody_fails_in_the_end() {
        let (mut client, server) = pair().await;
        drop(server);
        let error = loop {
            if let Err(error) = client.write_all(&[0; 1024]).await {
                break error;
            }
            rt_core::task::yield_now().await;
        };
        assert!(matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset), "{error}");
    }

    async fn options_are_kept() {
        let (client, _server) = pair().await;
        for on in [true, false] {
            client.set_nodelay(on).unwrap();
            assert_eq!(client.nodelay().unwrap(), on);
        }
        client.set_ttl(77).unwrap();
        assert_eq!(client.ttl().unwrap(), 77);
        assert_eq!(client.linger().unwrap(), None);
        #[allow(deprecated)]
        client.set_linger(Some(Duration::from_secs(2))).unwrap();
        assert_eq!(client.linger().unwrap(), Some(Duration::from_secs(2)));
        assert!(client.take_error().unwrap().is_none());
        match client.set_quickack(true) {
            Ok(()) => assert!(client.quickack().unwrap()),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Unsupported),
        }
        assert_eq!(client.as_ref().local_addr().unwrap(), client.local_addr().unwrap());
    }

    async fn borrowed_halves_work_at_the_same_time() {
        let (mut client, mut server) = pair().await;
        let message = pattern(1 << 20);
        let echo = rt_core::spawn(async move {
            let (mut reader, mut writer) = server.split();
            let copied = rt_core::io::copy(&mut reader, &mut writer).await.unwrap();
            writer.shutdown().await.unwrap();
            copied
        });
        let (mut reader, mut writer) = client.split();
        assert_eq!(reader.peer_addr().unwrap(), writer.peer_addr().unwrap());
        assert_eq!(reader.local_addr().unwrap(), writer.local_addr().unwrap());
        let mut received = Vec::new();
        let sending = async {
            writer.write_all(&message).await.unwrap();
            writer.shutdown().await.unwrap();
        };
        let (_, n) = futures::join!(sending, reader.read_to_end(&mut received));
        assert_eq!(n.unwrap(), message.len());
        assert!(received == message);
        assert_eq!(echo.await.unwrap(), message.len() as u64);
    }

    async fn halves_wait_and_try_as_the_stream_does() {
        let (client, mut server) = pair().await;
        let (mut reader, writer) = client.into_split();
        writer.writable().await.unwrap();
        assert!(writer.ready(Interest::WRITABLE).await.unwrap().is_writable());
        assert_eq!(writer.try_write(b"ab").unwrap(), 2);
        assert_eq!(writer.try_write_vectored(&[IoSlice::new(b"c")]).unwrap(), 1);
        let mut buf = [0; 3];
        server.read_exact(&mut buf).await.unwrap();
        assert_eq!(&buf, b"abc");
        assert!(poll_once(reader.readable()).is_pending());
        server.write_all(b"xyz").await.unwrap();
        reader.readable().await.unwrap();
        assert!(reader.ready(Interest::READABLE).await.unwrap().is_readable());
        assert_eq!(reader.peek(&mut buf[..1]).await.unwrap(), 1);
        let mut first = ReadBuf::new(&mut buf[..1]);
        assert_eq!(poll_fn(|cx| reader.poll_peek(cx, &mut first)).await.unwrap(), 1);
        assert_eq!(reader.try_read(&mut buf[..1]).unwrap(), 1);
        assert_eq!(reader.try_read_vectored(&mut [IoSliceMut::new(&mut buf[1..2])]).unwrap(), 1);
        let mut rest = Vec::new();
        assert_eq!(reader.try_read_buf(&mut rest).unwrap(), 1);
        assert_eq!((&buf[..2], &rest[..]), (&b"xy"[..], &b"z"[..]));
        assert_eq!(writer.peer_addr().unwrap(), reader.peer_addr().unwrap());
        assert_eq!(writer.as_ref().local_addr().unwrap(), reader.as_ref().local_addr().unwrap());
    }

    async fn dropping_the_owned_writer_is_the_end() {
        let (client, mut server) = pair().await;
        let (mut reader, mut writer) = client.into_split();
        writer.write_all(b"bye").await.unwrap();
        drop(writer);
        let mut heard = String::new();
        server.read_to_string(&mut heard).await.unwrap();
        assert_eq!(heard, "bye");
        server.write_all(b"!").await.unwrap();
        assert_eq!(reader.read_u8().await.unwrap(), b'!');
    }

    async fn forgetting_the_owned_writer_is_not() {
        let (client, mut server) = pair().await;
        let (reader, writer) = client.into_split();
        writer.forget();
        assert!(poll_once(server.read(&mut [0])).is_pending());
        drop(reader);
        assert_eq!(server.read(&mut [0]).await.unwrap(), 0);
    }

    async fn halves_that_belong_together_are_one_again() {
        let (client, mut server) = pair().await;
        let (reader, writer) = client.into_split();
        let client = reader.reunite(writer).unwrap();
        let (reader, writer) = client.into_split();
        let mut client = writer.reunite(reader).unwrap();
        client.write_all(b"x").await.unwrap();
        assert_eq!(server.read_u8().await.unwrap(), b'x');
        assert!(poll_once(server.read(&mut [0])).is_pending(), "reuniting isn't the end");

        let ((a_read, a_write), (b_read, b_write)) = (client.into_split(), server.into_split());
        let error = a_read.reunite(b_write).unwrap_err();
        assert_eq!(error.to_string(), "tried to reunite halves that are not from the same socket");
        let error = std::error::Error::source(&error).is_none().then_some(error).unwrap();
        error.0.reunite(a_write).unwrap();
        error.1.reunite(b_read).unwrap();
    }

    async fn streams_of_the_standard_library() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        // It blocks, and is told not to.
        let std_client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut std_server, _) = listener.accept().unwrap();
        let mut client = TcpStream::try_from(std_client).unwrap();
        assert!(poll_once(client.read(&mut [0])).is_pending());
        std_server.write_all(b"x").unwrap();
        assert_eq!(client.read_u8().await.unwrap(), b'x');
        let mut std_client = client.into_std().unwrap();
        assert_eq!(std_client.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
        std_client.set_nonblocking(false).unwrap();
        std_server.write_all(b"y").unwrap();
        let mut buf = [0];
        std_client.read_exact(&mut buf).unwrap();
        assert_eq!(&buf, b"y");
        // And back again, although it was in the event queue before.
        let mut client = TcpStream::from_std(std_client).unwrap();
        std_server.write_all(b"z").unwrap();
        assert_eq!(client.read_u8().await.unwrap(), b'z');
    }

    async fn connecting_to_nobody_is_refused() {
        let addr = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        assert_eq!(TcpStream::connect(addr).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
        // Of several addresses, the first that works is taken, and the last error is told.
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addrs = [addr, listener.local_addr().unwrap()];
        let stream = TcpStream::connect(&addrs[..]).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), addrs[1]);
        let none: &[SocketAddr] = &[];
        assert_eq!(TcpStream::connect(none).await.unwrap_err().kind(), ErrorKind::InvalidInput);
        assert_eq!(TcpListener::bind(none).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    }

    async fn sockets_are_closed_on_exec_and_do_not_block() {
        let (client, server) = pair().await;
        for stream in [&client, &server] {
            let socket = socket2::SockRef::from(stream);
            assert!(socket.nonblocking().unwrap());
            let fd = std::os::fd::AsRawFd::as_raw_fd(stream);
            if let Ok(info) = std::fs::read_to_string(format!("/proc/self/fdinfo/{fd}")) {
                let flags = info.lines().find_map(|line| line.strip_prefix("flags:")).unwrap().trim();
                let flags = i64::from_str_radix(flags, 8).unwrap();
                assert_ne!(flags & 0o2_000_000, 0, "O_CLOEXEC");
            }
        }
    }
}

#[test]
fn a_stream_outlives_its_runtime_with_an_error() {
    let runtime = multi_thread();
    let (mut client, mut server) = runtime.block_on(async {
        let (client, server) = pair().await;
        // In the event queue of the runtime that is about to go.
        assert!(poll_once(client.readable()).is_pending());
        (client, server)
    });
    drop(runtime);
    current_thread().block_on(async {
        let error = client.read(&mut [0]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Other);
        // What never waited is tried, and fails when it would have to wait.
        assert!(server.read(&mut [0]).await.is_err());
    });
}

#[test]
fn one_who_waits_when_the_runtime_goes_is_told() {
    let runtime = multi_thread();
    let (client, _server) = runtime.block_on(pair());
    let waiting = std::thread::spawn(move || futures::executor::block_on(client.readable()));
    // The wait may begin before or after: both end in the error.
    drop(runtime);
    assert!(waiting.join().unwrap().is_err());
}

#[test]
fn a_stream_is_used_by_another_runtime_while_its_own_lives() {
    let (home, other) = (multi_thread(), current_thread());
    let (mut client, mut server) = home.block_on(pair());
    other.block_on(async {
        let mut buf = [0; 8];
        for message in [b"x", b"y"] {
            assert!(poll_once(client.readable()).is_pending());
            let (read, written) = futures::join!(client.read(&mut buf), server.write_all(message));
            written.unwrap();
            assert_eq!(&buf[..read.unwrap()], message);
        }
    });
}

#[test]
fn there_must_be_a_runtime_with_io() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let stream = || std::net::TcpStream::connect(addr).unwrap();
    assert!(std::panic::catch_unwind(|| drop(TcpStream::from_std(stream()))).is_err());
    let without = Builder::new_current_thread().build().unwrap();
    let entered =
        std::panic::AssertUnwindSafe(|| without.block_on(async { drop(TcpStream::connect(addr).await) }));
    assert!(std::panic::catch_unwind(entered).is_err());
}

#[test]
fn many_connections_at_once() {
    const CLIENTS: usize = 200;
    for runtime in [current_thread(), multi_thread()] {
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let addr = listener.local_addr().unwrap();
            let server = rt_core::spawn(async move {
                for _ in 0..CLIENTS {
                    let (mut stream, _) = listener.accept().await.unwrap();
                    rt_core::spawn(async move {
                        let (mut reader, mut writer) = stream.split();
                        rt_core::io::copy(&mut reader, &mut writer).await.unwrap();
                    });
                }
            });
            let clients: Vec<_> = (0..CLIENTS)
                .map(|i| {
                    rt_core::spawn(async move {
                        let mut stream = TcpStream::connect(addr).await.unwrap();
                        for round in 0..20 {
                            let message = pattern(1 + (i * round) % 3000);
                            stream.write_all(&message).await.unwrap();
                            let mut echo = vec![0; message.len()];
                            stream.read_exact(&mut echo).await.unwrap();
                            assert_eq!(echo, message);
                        }
                    })
                })
                .collect();
            for client in clients {
                client.await.unwrap();
            }
            server.await.unwrap();
        });
    }
}

on_each_flavor! {
    async fn what_lies_behind_urgent_data_is_read() {
        let (mut ours, mut theirs) = pair().await;
        let mut buf = [0; 64];
        // From now on it is in the event queue.
        assert!(poll_once(ours.read(&mut buf)).is_pending());
        for round in 0..3 {
            theirs.write_all(b"before").await.unwrap();
            assert_eq!(socket2::SockRef::from(&theirs).send_out_of_band(b"!").unwrap(), 1);
            theirs.write_all(b"behind").await.unwrap();
            // A read stops at the mark that urgent data leave, and so it comes back short.
            for part in [b"before", b"behind"] {
                let read = rt_core::time::timeout(Duration::from_secs(5), ours.read(&mut buf));
                let read = read.await.unwrap_or_else(|_| panic!("it waits for what is there, in round {round}"));
                assert_eq!(&buf[..read.unwrap()], part);
            }
        }
        assert!(poll_once(ours.read(&mut buf)).is_pending());
    }
}
