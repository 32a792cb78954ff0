//! `simplex`, the inspectors, `SyncIoBridge`, `read_exact_arc` and `write_all_vectored`.
#![cfg(feature = "io-util")]

use std::future::Future;
use std::io::{self, BufRead, IoSlice, Read, Seek, SeekFrom, Write};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures::FutureExt;
use futures::executor::block_on;
use rt_core::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader, duplex};
use rt_core::runtime::{Builder, Handle};
use rt_core::task::spawn_blocking;
use rt_util::io::{
    InspectReader, InspectWriter, SyncIoBridge, read_buf, read_exact_arc, simplex, write_all_vectored,
};

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn counted() -> (Arc<Count>, Waker) {
    let count = Arc::new(Count::default());
    (count.clone(), count.into())
}

#[test]
fn either_end_of_a_simplex_hears_of_the_other_ones_end() {
    let (count, waker) = counted();
    let mut cx = Context::from_waker(&waker);

    let (sender, mut receiver) = simplex::new(4);
    let mut byte = [0];
    {
        let mut read = pin!(receiver.read(&mut byte));
        assert!(read.as_mut().poll(&mut cx).is_pending());
        drop(sender);
        assert_eq!(count.0.load(Ordering::Relaxed), 1);
        assert!(matches!(read.poll(&mut cx), Poll::Ready(Ok(0))));
    }

    let (mut sender, receiver) = simplex::new(1);
    block_on(sender.write_all(b"x")).unwrap();
    let mut write = pin!(sender.write(b"y"));
    assert!(write.as_mut().poll(&mut cx).is_pending());
    drop(receiver);
    assert_eq!(count.0.load(Ordering::Relaxed), 2);
    let Poll::Ready(Err(error)) = write.poll(&mut cx) else { panic!("nobody reads any more") };
    assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
}

#[test]
fn flushing_a_simplex_asks_for_the_reader() {
    let (mut sender, receiver) = simplex::new(1);
    block_on(sender.write_all(b"x")).unwrap();
    block_on(sender.flush()).unwrap();
    drop(receiver);
    assert_eq!(block_on(sender.flush()).unwrap_err().kind(), io::ErrorKind::BrokenPipe);
}

#[test]
fn a_cancelled_write_to_a_simplex_has_written_nothing() {
    let (mut sender, mut receiver) = simplex::new(2);
    block_on(sender.write_all(b"ab")).unwrap();
    assert!(sender.write(b"cd").now_or_never().is_none());
    drop(sender);
    let mut all = Vec::new();
    block_on(receiver.read_to_end(&mut all)).unwrap();
    assert_eq!(all, b"ab");
}

/// Takes up to so many bytes a call, over all slices.
struct Narrow(Vec<u8>, usize);

impl AsyncWrite for Narrow {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut left = self.1;
        for buf in bufs {
            let taken = buf.len().min(left);
            self.0.extend_from_slice(&buf[..taken]);
            left -= taken;
        }
        Poll::Ready(Ok(self.1 - left))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[test]
fn all_slices_are_written_however_little_is_taken() {
    for at_once in 1..12 {
        let mut bufs = [&b""[..], b"one", b"", b"", b"two", b"three", b""].map(IoSlice::new);
        let mut writer = Narrow(Vec::new(), at_once);
        block_on(write_all_vectored(&mut writer, &mut bufs)).unwrap();
        assert_eq!(writer.0, b"onetwothree", "{at_once} bytes at once");
    }
}

#[test]
fn a_writer_that_takes_nothing_is_an_error() {
    let mut stuck = Narrow(Vec::new(), 0);
    let error = block_on(write_all_vectored(&mut stuck, &mut [IoSlice::new(b"x")])).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::WriteZero);
    block_on(write_all_vectored(&mut stuck, &mut [IoSlice::new(b"")])).unwrap();
}

#[test]
fn inspectors_see_what_went_through_and_no_more() {
    let mut seen = Vec::new();
    let mut writer = InspectWriter::new(Narrow(Vec::new(), 4), |bytes: &[u8]| seen.push(bytes.to_vec()));
    let bufs = [&b""[..], b"abc", b"defg"].map(IoSlice::new);
    assert_eq!(block_on(writer.write_vectored(&bufs)).unwrap(), 4);
    assert_eq!(block_on(writer.write(b"")).unwrap(), 0);
    assert_eq!(writer.into_inner().0, b"abcd");
    assert_eq!(seen, [&b"abc"[..], b"d"]);

    let mut lens = Vec::new();
    let mut reader = InspectReader::new(&b"abc"[..], |bytes: &[u8]| lens.push(bytes.len()));
    let mut buf = Vec::from(*b"already there ");
    while block_on(read_buf(&mut reader, &mut buf)).unwrap() > 0 {}
    assert_eq!(buf, b"already there abc");
    assert_eq!(lens, [3, 0], "the last read is the end");
}

#[test]
fn a_panic_of_an_inspector_leaves_the_writer_usable() {
    let mut writer = InspectWriter::new(Vec::new(), |bytes: &[u8]| assert_ne!(bytes, b"bad"));
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        block_on(writer.write_all(b"bad")).unwrap();
    }));
    assert!(caught.is_err());
    block_on(writer.write_all(b"good")).unwrap();
    assert_eq!(writer.into_inner(), b"badgood");
}

#[test]
fn an_arc_that_cannot_be_filled_is_an_error() {
    let error = block_on(read_exact_arc(&b"ab"[..], 3)).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    assert!(block_on(read_exact_arc(&b"ab"[..], 0)).unwrap().is_empty());
}

#[test]
fn code_that_blocks_reads_lines_writes_and_seeks() {
    let runtime = Builder::new_multi_thread().worker_threads(1).build().unwrap();
    runtime.block_on(async {
        let (near, mut far) = duplex(3);
        let lines = spawn_blocking(move || {
            let mut near = SyncIoBridge::new(BufReader::new(near));
            near.write_all(b"what?\n").unwrap();
            near.flush().unwrap();
            let mut first = String::new();
            near.read_line(&mut first).unwrap();
            let mut rest = Vec::new();
            near.read_to_end(&mut rest).unwrap();
            near.shutdown().unwrap();
            assert_eq!(near.write(b"x").unwrap_err().kind(), io::ErrorKind::BrokenPipe);
            (first, rest)
        });
        let mut question = [0; 6];
        far.read_exact(&mut question).await.unwrap();
        far.write_all(b"one\ntwo").await.unwrap();
        far.shutdown().await.unwrap();
        assert_eq!(lines.await.unwrap(), ("one\n".into(), b"two".into()));
    });

    let handle: &Handle = runtime.handle();
    let mut file = SyncIoBridge::new_with_handle(io::Cursor::new(b"0123".to_vec()), handle.clone());
    assert_eq!(file.seek(SeekFrom::End(-1)).unwrap(), 3);
    let mut last = String::new();
    file.read_to_string(&mut last).unwrap();
    assert_eq!(last, "3");
    assert_eq!(file.as_ref().position(), 4);
    file.as_mut().set_position(0);
    assert_eq!(file.into_inner().position(), 0);
}

#[test]
#[should_panic]
fn a_bridge_refuses_to_block_a_worker() {
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let _ = SyncIoBridge::new(&b"x"[..]).read(&mut [0]);
    });
}
