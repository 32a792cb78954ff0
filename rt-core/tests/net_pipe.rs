//! Pipes, with and without a name.
#![cfg(all(feature = "net", feature = "io-util", feature = "rt"))]

mod net_support;

use std::future::poll_fn;
use std::io::{ErrorKind, IoSlice, IoSliceMut};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::task::Poll;

use net_support::{current_thread, poll_once};
use rt_core::io::{AsyncReadExt, AsyncWriteExt, Interest};
use rt_core::net::unix::pipe::{self, OpenOptions, Receiver, Sender};

/// A pipe with a path, in a folder that goes with the guard.
fn fifo() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("fifo");
    let name = std::ffi::CString::new(path.as_os_str().as_bytes()).unwrap();
    // SAFETY: the name outlives the call.
    assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
    (dir, path)
}

fn is_nonblocking(fd: &impl AsRawFd) -> bool {
    // SAFETY: it touches no memory of ours.
    unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_GETFL) & libc::O_NONBLOCK != 0 }
}

async fn write_and_close(path: &Path, bytes: &[u8]) {
    OpenOptions::new().open_sender(path).unwrap().write_all(bytes).await.unwrap();
}

#[test]
fn what_is_written_is_read_and_then_the_end() {
    current_thread().block_on(async {
        let (mut sender, mut receiver) = pipe::pipe().unwrap();
        assert!(poll_once(receiver.read_u8()).is_pending());
        assert!(poll_once(receiver.readable()).is_pending());
        let long: Vec<u8> = (0..300_000_u32).map(|i| i as u8).collect();
        let expected = long.clone();
        let writing = rt_core::spawn(async move {
            sender.write_all(&long).await.unwrap();
            assert_eq!(sender.write_vectored(&[IoSlice::new(b"a"), IoSlice::new(b"b")]).await.unwrap(), 2);
            sender.shutdown().await.unwrap();
        });
        let mut received = Vec::new();
        receiver.read_to_end(&mut received).await.unwrap();
        writing.await.unwrap();
        assert!(received[..300_000] == expected);
        assert_eq!(&received[300_000..], b"ab");
        assert!(receiver.ready(Interest::READABLE).await.unwrap().is_read_closed());
    });
}

#[test]
fn a_sender_without_receivers_fails() {
    current_thread().block_on(async {
        let (mut sender, receiver) = pipe::pipe().unwrap();
        drop(receiver);
        assert_eq!(sender.write(b"x").await.unwrap_err().kind(), ErrorKind::BrokenPipe);
        assert!(sender.ready(Interest::WRITABLE).await.unwrap().is_write_closed());
    });
}

#[test]
fn tries_and_polls_follow_what_is_there() {
    current_thread().block_on(async {
        let (sender, receiver) = pipe::pipe().unwrap();
        poll_fn(|cx| sender.poll_write_ready(cx)).await.unwrap();
        let mut total = 0;
        while let Ok(n) = sender.try_write(&[1; 4096]) {
            total += n;
        }
        assert!(poll_once(sender.writable()).is_pending());
        assert_eq!(
            sender.try_write_vectored(&[IoSlice::new(b"x")]).unwrap_err().kind(),
            ErrorKind::WouldBlock
        );
        poll_fn(|cx| receiver.poll_read_ready(cx)).await.unwrap();
        let mut buf = Vec::with_capacity(total);
        while buf.len() < total - 2 {
            let mut part = std::mem::take(&mut buf);
            receiver.try_read_buf(&mut bytes::BufMut::limit(&mut part, total - 2)).unwrap();
            buf = part;
        }
        let (mut one, mut other) = ([0], [0]);
        let mut parts = [IoSliceMut::new(&mut one), IoSliceMut::new(&mut other)];
        assert_eq!(receiver.try_read_vectored(&mut parts).unwrap(), 2);
        assert_eq!(receiver.try_read(&mut one).unwrap_err().kind(), ErrorKind::WouldBlock);
        assert_eq!(receiver.try_io(|| Ok(())).unwrap_err().kind(), ErrorKind::WouldBlock);
        sender.writable().await.unwrap();
        assert_eq!(sender.try_io(|| Ok(7)).unwrap(), 7);
    });
}

#[test]
fn packets_are_read_one_by_one_and_none_is_forgotten() {
    current_thread().block_on(async {
        let mut ends = [0; 2];
        // SAFETY: the array outlives the call, and nobody else owns the descriptors.
        let (receiver, sender) = unsafe {
            use std::os::fd::{FromRawFd, OwnedFd};
            assert_eq!(libc::pipe2(ends.as_mut_ptr(), libc::O_DIRECT | libc::O_NONBLOCK), 0);
            (OwnedFd::from_raw_fd(ends[0]), OwnedFd::from_raw_fd(ends[1]))
        };
        let (mut receiver, mut sender) =
            (Receiver::from_owned_fd(receiver).unwrap(), Sender::from_owned_fd(sender).unwrap());
        assert!(poll_once(receiver.read_u8()).is_pending());
        sender.write_all(b"one").await.unwrap();
        sender.write_all(b"two!").await.unwrap();
        let mut buf = [0; 16];
        assert_eq!(receiver.read(&mut buf).await.unwrap(), 3);
        assert_eq!(receiver.read(&mut buf).await.unwrap(), 4);
    });
}

#[test]
fn a_pipe_with_a_path_ends_and_goes_on() {
    current_thread().block_on(async {
        let (_dir, path) = fifo();
        let error = OpenOptions::new().open_sender(&path).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::ENXIO));
        let mut receiver = OpenOptions::new().open_receiver(&path).unwrap();
        // Nobody was there yet, which isn't the end.
        assert!(poll_once(receiver.read_u8()).is_pending());
        let mut all = Vec::new();
        for round in [&b"first"[..], b"second"] {
            write_and_close(&path, round).await;
            let mut buf = vec![0; round.len()];
            receiver.read_exact(&mut buf).await.unwrap();
            assert_eq!(buf, round);
        }
        assert_eq!(receiver.read_to_end(&mut all).await.unwrap(), 0);
    });
}

#[test]
fn a_receiver_that_could_send_reads_no_end() {
    current_thread().block_on(async {
        let (_dir, path) = fifo();
        let mut receiver = OpenOptions::new().read_write(true).open_receiver(&path).unwrap();
        write_and_close(&path, b"x").await;
        assert_eq!(receiver.read_u8().await.unwrap(), b'x');
        let mut reading = Box::pin(receiver.read_u8());
        assert!(poll_once(reading.as_mut()).is_pending());
        let mut alone = OpenOptions::new().read_write(true).open_sender(&path).unwrap();
        alone.write_all(b"y").await.unwrap();
        assert_eq!(reading.await.unwrap(), b'y');
    });
}

#[test]
fn what_is_no_pipe_or_the_wrong_end_is_refused() {
    current_thread().block_on(async {
        let file = tempfile::NamedTempFile::new().unwrap();
        let refused = |error: std::io::Error| assert_eq!(error.kind(), ErrorKind::InvalidInput);
        refused(OpenOptions::new().open_sender(file.path()).unwrap_err());
        refused(OpenOptions::new().open_receiver(file.path()).unwrap_err());
        refused(Receiver::from_file(file.reopen().unwrap()).unwrap_err());
        // Unchecked, the event queue has the last word.
        let error = OpenOptions::new().unchecked(true).open_sender(file.path()).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::EPERM));

        let (_dir, path) = fifo();
        let _receiver = OpenOptions::new().open_receiver(&path).unwrap();
        let open = |read: bool| {
            let mut options = std::fs::OpenOptions::new();
            options.read(read).write(!read).custom_flags(libc::O_NONBLOCK).open(&path).unwrap()
        };
        refused(Receiver::from_file(open(false)).unwrap_err());
        refused(Sender::from_file(open(true)).unwrap_err());
        Sender::from_file_unchecked(open(false)).unwrap();
    });
}

#[test]
fn descriptors_come_and_go_with_the_mode_that_is_asked_for() {
    current_thread().block_on(async {
        let (sender, receiver) = pipe::pipe().unwrap();
        assert!(is_nonblocking(&sender) && is_nonblocking(&receiver));
        let (sender, receiver) =
            (sender.into_blocking_fd().unwrap(), receiver.into_nonblocking_fd().unwrap());
        assert!(!is_nonblocking(&sender) && is_nonblocking(&receiver));
        let mut sender = Sender::from_owned_fd(sender).unwrap();
        let mut receiver = Receiver::from_owned_fd_unchecked(receiver).unwrap();
        assert!(is_nonblocking(&sender));
        sender.write_all(b"x").await.unwrap();
        assert_eq!(receiver.read_u8().await.unwrap(), b'x');
    });
}

#[test]
fn who_waits_learns_that_the_runtime_is_gone() {
    let runtime = current_thread();
    let (_sender, receiver) = runtime.block_on(async { pipe::pipe().unwrap() });
    let mut reading = Box::pin(receiver.readable());
    assert!(poll_once(reading.as_mut()).is_pending());
    drop(runtime);
    assert!(matches!(poll_once(reading.as_mut()), Poll::Ready(Err(_))));
}
