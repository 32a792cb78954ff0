//! Unix sockets, on both flavors of runtime.
#![cfg(all(feature = "net", feature = "io-util", feature = "rt-multi-thread", feature = "sync"))]

mod net_support;

use std::future::poll_fn;
use std::io::{ErrorKind, IoSlice, Write as _};
use std::net::Shutdown;
use std::os::fd::{AsFd, AsRawFd};
use std::path::PathBuf;
use std::task::Poll;

use net_support::{current_thread, fill, on_each_flavor, poll_once};
use rt_core::io::{AsyncReadExt, AsyncWriteExt, Interest, ReadBuf};
use rt_core::net::unix::SocketAddr;
use rt_core::net::{UnixDatagram, UnixListener, UnixSocket, UnixStream};

/// A path in a folder of its own, which goes with the guard.
fn path(name: &str) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(name);
    (dir, path)
}

on_each_flavor! {
    async fn a_listener_accepts_and_both_ends_talk() {
        let (_dir, path) = path("socket");
        let listener = UnixListener::bind(&path).unwrap();
        assert_eq!(listener.local_addr().unwrap().as_pathname(), Some(&*path));
        let server = rt_core::spawn(async move {
            let (mut stream, peer) = listener.accept().await.unwrap();
            assert!(peer.is_unnamed());
            assert!(listener.take_error().unwrap().is_none());
            let mut request = String::new();
            stream.read_to_string(&mut request).await.unwrap();
            stream.write_all(request.to_uppercase().as_bytes()).await.unwrap();
        });
        let mut client = UnixStream::connect(&path).await.unwrap();
        assert_eq!(client.peer_addr().unwrap().as_pathname(), Some(&*path));
        assert!(client.local_addr().unwrap().is_unnamed());
        client.write_all(b"loud").await.unwrap();
        client.shutdown().await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert_eq!(answer, "LOUD");
        server.await.unwrap();
    }

    async fn a_waiting_accept_is_polled_and_cancelled() {
        let (_dir, path) = path("socket");
        let listener = UnixListener::bind(&path).unwrap();
        assert!(poll_once(listener.accept()).is_pending());
        let waiting = rt_core::spawn(async move {
            let (stream, _) = poll_fn(|cx| listener.poll_accept(cx)).await.unwrap();
            (listener, stream)
        });
        let first = UnixStream::connect(&path).await.unwrap();
        let (listener, _stream) = waiting.await.unwrap();
        drop(first);
        // Cancelled once a connection is there: the next one gets it.
        let mut accepting = Box::pin(listener.accept());
        assert!(poll_once(accepting.as_mut()).is_pending());
        let _second = UnixStream::connect(&path).await.unwrap();
        drop(accepting);
        listener.accept().await.unwrap();
    }

    async fn names_may_be_abstract() {
        use std::sync::atomic::{AtomicU32, Ordering};
        static RUN: AtomicU32 = AtomicU32::new(0);
        let run = RUN.fetch_add(1, Ordering::Relaxed);
        let name = format!("\0rt-core-{}-{run}\0x", std::process::id());
        let listener = UnixListener::bind(&name).unwrap();
        let addr = listener.local_addr().unwrap();
        assert_eq!(addr.as_abstract_name(), Some(&name.as_bytes()[1..]));
        assert_eq!((addr.as_pathname(), addr.is_unnamed()), (None, false));
        for stream in [UnixStream::connect(&name).await, UnixStream::connect_addr(&addr).await] {
            let stream = stream.unwrap();
            assert_eq!(stream.peer_addr().unwrap().as_abstract_name(), addr.as_abstract_name());
            listener.accept().await.unwrap();
        }
        assert_eq!(UnixListener::bind_addr(&addr).unwrap_err().kind(), ErrorKind::AddrInUse);
        // Datagrams tell where they are from also when that is such a name.
        let (from, to) = (format!("{name}-from"), format!("{name}-to"));
        let (sender, receiver) = (UnixDatagram::bind(&from).unwrap(), UnixDatagram::bind(&to).unwrap());
        sender.send_to(b"x", &to).await.unwrap();
        let mut memory = [0; 4];
        let mut buf = ReadBuf::new(&mut memory);
        let peer = poll_fn(|cx| receiver.poll_recv_from(cx, &mut buf)).await.unwrap();
        assert_eq!(peer.as_abstract_name(), Some(&from.as_bytes()[1..]));
    }

    async fn a_writer_waits_for_a_slow_reader() {
        let (mut one, mut other) = UnixStream::pair().unwrap();
        let held = fill(|chunk| one.try_write(chunk));
        let writing = rt_core::spawn(async move {
            one.write_all(&[8; 300_000]).await.unwrap();
            one.write_vectored(&[IoSlice::new(b"9"), IoSlice::new(b"9")]).await.unwrap()
        });
        let mut received = Vec::new();
        other.read_to_end(&mut received).await.unwrap();
        assert_eq!(writing.await.unwrap(), 2);
        assert_eq!(received.len(), held + 300_002);
        assert!(received[..held].iter().all(|byte| *byte == 7));
        assert!(received[held..held + 300_000].iter().all(|byte| *byte == 8));
    }

    async fn readiness_follows_what_happens() {
        let (one, other) = UnixStream::pair().unwrap();
        assert!(poll_once(one.writable()).is_ready());
        assert!(poll_once(one.readable()).is_pending());
        other.try_write(b"abc").unwrap();
        one.readable().await.unwrap();
        let mut buf = Vec::with_capacity(16);
        assert_eq!(one.try_read_buf(&mut buf).unwrap(), 3);
        assert_eq!(one.try_read_buf(&mut buf).unwrap_err().kind(), ErrorKind::WouldBlock);
        assert!(poll_once(one.readable()).is_pending());
        let filled = fill(|chunk| one.try_write(chunk));
        assert!(poll_once(one.writable()).is_pending());
        let mut rest = vec![0; filled];
        let mut other = other;
        other.read_exact(&mut rest).await.unwrap();
        one.writable().await.unwrap();
        drop(other);
        let ready = loop {
            let ready = one.ready(Interest::READABLE | Interest::WRITABLE).await.unwrap();
            if ready.is_read_closed() {
                break ready;
            }
            rt_core::task::yield_now().await;
        };
        assert!(ready.is_write_closed());
    }

    async fn halves_work_apart_and_come_together_again() {
        let (one, mut other) = UnixStream::pair().unwrap();
        let (reader, mut writer) = one.into_split();
        let writing = rt_core::spawn(async move {
            writer.write_all(b"ping").await.unwrap();
            writer
        });
        let mut buf = [0; 4];
        other.read_exact(&mut buf).await.unwrap();
        let writer = writing.await.unwrap();

        let (stranger, _) = UnixStream::pair().unwrap();
        let (stranger, _keep) = stranger.into_split();
        let error = stranger.reunite(writer).unwrap_err();
        assert_eq!(error.to_string(), "tried to reunite halves that are not from the same socket");
        let mut whole = reader.reunite(error.1).unwrap();
        whole.write_all(b"pong").await.unwrap();
        other.read_exact(&mut buf).await.unwrap();

        // A half that is forgotten ends nothing, one that is dropped ends writing.
        let (reader, writer) = whole.into_split();
        writer.forget();
        assert_eq!(other.try_read(&mut buf).unwrap_err().kind(), ErrorKind::WouldBlock);
        other.write_all(b"still").await.unwrap();
        drop(reader);
        let (one, mut other) = UnixStream::pair().unwrap();
        let (mut reader, writer) = one.into_split();
        drop(writer);
        assert_eq!(other.read(&mut buf).await.unwrap(), 0);
        other.write_all(b"pong").await.unwrap();
        reader.read_exact(&mut buf).await.unwrap();
    }

    async fn a_short_read_next_to_descriptors_isnt_taken_for_the_last() {
        let (receiver, sender) = UnixStream::pair().unwrap();
        let mut receiver = receiver;
        // Has the receiver wait once, so that from now on only events and reads tell what is there.
        assert!(poll_once(receiver.read_u8()).is_pending());
        send_with_descriptor(&sender, b"with");
        sender.try_write(b"out").unwrap();
        let mut buf = [0; 16];
        assert_eq!(receiver.read(&mut buf).await.unwrap(), 4);
        // No event is left that would tell of the rest.
        assert_eq!(receiver.read(&mut buf).await.unwrap(), 3);
        assert_eq!(&buf[..3], b"out");
    }

    async fn connecting_fails_as_it_should() {
        let (_dir, path) = path("socket");
        assert_eq!(UnixStream::connect(&path).await.unwrap_err().kind(), ErrorKind::NotFound);
        drop(UnixListener::bind(&path).unwrap());
        assert_eq!(UnixStream::connect(&path).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
        assert_eq!(UnixListener::bind(&path).unwrap_err().kind(), ErrorKind::AddrInUse);
        let long = "x".repeat(200);
        assert_eq!(UnixListener::bind(&long).unwrap_err().kind(), ErrorKind::InvalidInput);
        // A backlog that is full is told, not waited for.
        std::fs::remove_file(&path).unwrap();
        let socket = UnixSocket::new_stream().unwrap();
        socket.bind(&path).unwrap();
        let listener = socket.listen(1).unwrap();
        let mut waiting = Vec::new();
        let error = loop {
            match UnixStream::connect(&path).await {
                Ok(stream) => waiting.push(stream),
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
        listener.accept().await.unwrap();
        UnixStream::connect(&path).await.unwrap();
    }

    async fn a_stream_tells_who_is_there() {
        let (one, _other) = UnixStream::pair().unwrap();
        let cred = one.peer_cred().unwrap();
        assert_eq!(cred.pid(), Some(std::process::id() as i32));
        // SAFETY: it has no preconditions.
        assert_eq!((cred.uid(), cred.gid()), unsafe { (libc::geteuid(), libc::getegid()) });
    }

    async fn sockets_go_to_std_and_back() {
        let (one, other) = UnixStream::pair().unwrap();
        let mut std_one = one.into_std().unwrap();
        std_one.set_nonblocking(false).unwrap();
        std_one.write_all(b"hello").unwrap();
        let mut other = UnixStream::try_from(other.into_std().unwrap()).unwrap();
        let mut buf = [0; 5];
        other.read_exact(&mut buf).await.unwrap();
        let (_dir, path) = path("socket");
        let listener = UnixListener::bind(&path).unwrap().into_std().unwrap();
        let listener = UnixListener::try_from(listener).unwrap();
        let _client = UnixStream::connect(&path).await.unwrap();
        listener.accept().await.unwrap();
        let (one, other) = UnixDatagram::pair().unwrap();
        let one = UnixDatagram::try_from(one.into_std().unwrap()).unwrap();
        other.send(b"x").await.unwrap();
        assert_eq!(one.recv(&mut buf).await.unwrap(), 1);
    }

    async fn datagrams_wait_for_who_receives() {
        let (one, other) = UnixDatagram::pair().unwrap();
        assert!(poll_once(other.readable()).is_pending());
        let mut sent = 0_u32;
        while one.try_send(&sent.to_le_bytes()).is_ok() {
            sent += 1;
        }
        assert!(sent > 0);
        let mut sending = Box::pin(one.send(b"last"));
        assert!(poll_once(sending.as_mut()).is_pending());
        // One that is cancelled sends nothing.
        assert!(poll_once(one.send(b"lost")).is_pending());
        let mut buf = [0; 8];
        for i in 0..sent {
            assert_eq!(other.recv(&mut buf).await.unwrap(), 4);
            assert_eq!(buf[..4], i.to_le_bytes());
        }
        assert_eq!(sending.await.unwrap(), 4);
        assert_eq!(other.recv(&mut buf).await.unwrap(), 4);
        assert_eq!(&buf[..4], b"last");
        assert_eq!(other.try_recv(&mut buf).unwrap_err().kind(), ErrorKind::WouldBlock);
        one.shutdown(Shutdown::Write).unwrap();
        assert_eq!(one.send(b"x").await.unwrap_err().kind(), ErrorKind::BrokenPipe);
    }

    async fn datagrams_tell_where_they_are_from() {
        let ((_dir, from), (_dir2, to)) = (path("from"), path("to"));
        let (sender, receiver) = (UnixDatagram::bind(&from).unwrap(), UnixDatagram::bind(&to).unwrap());
        poll_fn(|cx| sender.poll_send_to(cx, b"one", &to)).await.unwrap();
        sender.try_send_to(b"two", &to).unwrap();
        sender.connect(&to).unwrap();
        assert_eq!(sender.peer_addr().unwrap().as_pathname(), Some(&*to));
        sender.send(b"three").await.unwrap();
        UnixDatagram::unbound().unwrap().send_to(b"nobody", &to).await.unwrap();

        let mut buf = Vec::with_capacity(64);
        let (n, peer) = receiver.recv_buf_from(&mut buf).await.unwrap();
        assert_eq!((n, peer.as_pathname()), (3, Some(&*from)));
        let (n, peer) = receiver.try_recv_buf_from(&mut buf).unwrap();
        assert_eq!((n, peer.as_pathname()), (3, Some(&*from)));
        assert_eq!(receiver.recv_buf(&mut buf).await.unwrap(), 5);
        assert_eq!(buf, b"onetwothree");
        let mut short = [0; 2];
        let (n, peer) = receiver.recv_from(&mut short).await.unwrap();
        assert_eq!((n, &short, peer.is_unnamed()), (2, b"no", true));
        let error = receiver.send_to(b"x", "/nowhere").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }

    async fn sockets_are_of_one_kind() {
        assert!(UnixSocket::new_datagram().unwrap().listen(1).is_err());
        assert!(UnixSocket::new_datagram().unwrap().connect("/nowhere").await.is_err());
        assert!(UnixSocket::new_stream().unwrap().datagram().is_err());
    }

    async fn addresses_are_those_of_std() {
        let (_dir, path) = path("socket");
        let std_addr = std::os::unix::net::SocketAddr::from_pathname(&path).unwrap();
        let addr = SocketAddr::from(std_addr.clone());
        let listener = UnixListener::bind_addr(&addr).unwrap();
        let _client = UnixStream::connect_addr(&addr).await.unwrap();
        listener.accept().await.unwrap();
        let back: std::os::unix::net::SocketAddr = addr.clone().into();
        assert_eq!(back.as_pathname(), std_addr.as_pathname());
        assert_eq!(format!("{addr:?}"), format!("{std_addr:?}"));
    }
}

#[test]
fn who_waits_learns_that_the_runtime_is_gone() {
    let runtime = current_thread();
    let guard = runtime.enter();
    let (one, _other) = UnixStream::pair().unwrap();
    let (datagram, _other_datagram) = UnixDatagram::pair().unwrap();
    drop(guard);
    let mut reading = Box::pin(one.readable());
    let mut buf = [0; 4];
    let mut receiving = Box::pin(datagram.recv(&mut buf));
    assert!(poll_once(reading.as_mut()).is_pending());
    assert!(poll_once(receiving.as_mut()).is_pending());
    drop(runtime);
    assert!(matches!(poll_once(reading.as_mut()), Poll::Ready(Err(_))));
    assert!(matches!(poll_once(receiving.as_mut()), Poll::Ready(Err(_))));
}

/// Sends bytes with a descriptor along.
fn send_with_descriptor(stream: &UnixStream, bytes: &[u8]) {
    let file = std::fs::File::open("/dev/null").unwrap();
    let mut control = [0_u64; 8];
    let mut part = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
    // SAFETY: a header of zeros is one that names nothing.
    let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
    header.msg_iov = &mut part;
    header.msg_iovlen = 1;
    header.msg_control = control.as_mut_ptr().cast();
    // SAFETY: the control buffer is aligned and long enough for one message with one descriptor.
    let sent = unsafe {
        header.msg_controllen = libc::CMSG_SPACE(4) as usize;
        let message = libc::CMSG_FIRSTHDR(&header);
        (*message).cmsg_level = libc::SOL_SOCKET;
        (*message).cmsg_type = libc::SCM_RIGHTS;
        (*message).cmsg_len = libc::CMSG_LEN(4) as usize;
        libc::CMSG_DATA(message).cast::<i32>().write_unaligned(file.as_fd().as_raw_fd());
        libc::sendmsg(stream.as_raw_fd(), &header, 0)
    };
    assert_eq!(sent, bytes.len() as isize, "{}", std::io::Error::last_os_error());
}

on_each_flavor! {
    async fn what_lies_behind_urgent_data_is_read() {
        let (mut ours, mut theirs) = UnixStream::pair().unwrap();
        let mut buf = [0; 64];
        // From now on it is in the event queue.
        assert!(poll_once(ours.read(&mut buf)).is_pending());
        for round in 0..3 {
            theirs.write_all(b"before").await.unwrap();
            if socket2::SockRef::from(&theirs).send_out_of_band(b"!").is_err() {
                return; // Not every system has them here.
            }
            theirs.write_all(b"behind").await.unwrap();
            // A read stops at the mark that urgent data leave, and so it comes back short.
            for part in [b"before", b"behind"] {
                let read = rt_core::time::timeout(std::time::Duration::from_secs(5), ours.read(&mut buf));
                let read = read.await.unwrap_or_else(|_| panic!("it waits for what is there, in round {round}"));
                assert_eq!(&buf[..read.unwrap()], part);
            }
        }
        assert!(poll_once(ours.read(&mut buf)).is_pending());
    }
}
