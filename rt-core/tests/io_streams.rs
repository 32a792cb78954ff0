//! Copying, splitting, joining, and the streams in memory.
#![cfg(feature = "io-util")]

mod io_support;

use std::cell::RefCell;
use std::io::{ErrorKind, IoSlice};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures::executor::block_on;
use io_support::{Event, Read, Reader, Write, Writer, poll_once, reads, writes};
use proptest::prelude::*;
use rt_core::io::{
    AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncSeekExt, AsyncWrite, AsyncWriteExt, BufReader,
    DuplexStream, ReadBuf, SimplexStream, copy, copy_bidirectional, copy_bidirectional_with_sizes, copy_buf,
    duplex, empty, join, repeat, simplex, sink, split,
};

/// Counts wake-ups.
#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wakes {
    fn new() -> (Arc<Self>, Waker) {
        let wakes = Arc::new(Self::default());
        (wakes.clone(), wakes.into())
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

proptest! {
    #[test]
    fn copies_are_complete_and_in_order(
        (bytes, script) in prop::collection::vec(any::<u8>(), 0..2000)
            .prop_flat_map(|bytes| (Just(bytes.clone()), reads(bytes))),
        takes in writes(),
    ) {
        let mut writer = Writer::new(takes.clone());
        let n = block_on(copy(&mut Reader::new(script.clone()), &mut writer)).unwrap();
        prop_assert_eq!((n, &writer.written), (bytes.len() as u64, &bytes));
        prop_assert_eq!(writer.events.last(), Some(&Event::Flushed));

        let mut writer = Writer::new(takes);
        let mut reader = BufReader::with_capacity(16, Reader::new(script));
        let n = block_on(copy_buf(&mut reader, &mut writer)).unwrap();
        prop_assert_eq!((n, &writer.written), (bytes.len() as u64, &bytes));
        prop_assert_eq!(writer.events.last(), Some(&Event::Flushed));
    }

    /// What one end writes is what the other reads, whatever the sizes.
    #[test]
    fn a_duplex_stream_carries_everything(
        bytes in prop::collection::vec(any::<u8>(), 0..500),
        size in 1..64_usize,
        write in 1..80_usize,
        read in 1..80_usize,
    ) {
        let (mut one, mut other) = duplex(size);
        let writing = async {
            for piece in bytes.chunks(write) {
                one.write_all(piece).await.unwrap();
            }
            one.shutdown().await.unwrap();
        };
        let reading = async {
            let (mut all, mut buf) = (Vec::new(), vec![0; read]);
            loop {
                match other.read(&mut buf).await.unwrap() {
                    0 => break all,
                    n => all.extend_from_slice(&buf[..n]),
                }
            }
        };
        let ((), all) = block_on(async { futures::join!(writing, reading) });
        prop_assert_eq!(all, bytes);
    }
}

#[test]
fn copy_flushes_while_the_reader_waits() {
    let script = [Read::Bytes(b"ab".to_vec()), Read::Pending, Read::Pending, Read::Bytes(b"c".to_vec())];
    let mut writer = Writer::default();
    block_on(copy(&mut Reader::new(script.clone()), &mut writer)).unwrap();
    let expected =
        [Event::Wrote(b"ab".to_vec()), Event::Flushed, Event::Wrote(b"c".to_vec()), Event::Flushed];
    assert_eq!(writer.events, expected);

    let mut writer = Writer::default();
    block_on(copy_buf(&mut BufReader::new(Reader::new(script)), &mut writer)).unwrap();
    assert_eq!(writer.events, expected);
}

#[test]
fn copy_reads_on_while_the_writer_waits() {
    let mut reader = Reader::chunks([&b"ab"[..], b"cd", b"ef"]);
    let mut writer = Writer::new([Write::Pending, Write::Pending]);
    block_on(copy(&mut reader, &mut writer)).unwrap();
    assert_eq!(writer.events[0], Event::Wrote(b"abcdef".to_vec()));
}

#[test]
fn copy_writes_what_was_read_before_an_error() {
    let script = [Read::Bytes(b"ab".to_vec()), Read::Error(ErrorKind::ConnectionReset)];
    let mut writer = Writer::new([Write::Pending]);
    let error = block_on(copy(&mut Reader::new(script), &mut writer)).unwrap_err();
    assert_eq!((error.kind(), &writer.written[..]), (ErrorKind::ConnectionReset, &b"ab"[..]));
}

#[test]
fn copy_stops_at_a_writer_that_takes_nothing_or_fails() {
    for (write, kind) in
        [(Write::Upto(0), ErrorKind::WriteZero), (Write::Error(ErrorKind::TimedOut), ErrorKind::TimedOut)]
    {
        let error = block_on(copy(&mut &b"abc"[..], &mut Writer::new([write.clone()]))).unwrap_err();
        assert_eq!(error.kind(), kind);
        let error = block_on(copy_buf(&mut &b"abc"[..], &mut Writer::new([write]))).unwrap_err();
        assert_eq!(error.kind(), kind);
    }
}

#[test]
fn a_large_copy_reads_in_large_pieces() {
    let mut reader = Reader::new([Read::Bytes(vec![7; 1 << 20])]);
    assert_eq!(block_on(copy(&mut reader, &mut sink())).unwrap(), 1 << 20);
    assert_eq!(reader.rooms[0], 8 * 1024);
    assert_eq!(reader.rooms.last(), Some(&(64 * 1024)));
    // A copy of little never asks for more than at first.
    let mut reader = Reader::chunks([&b"ab"[..], b"cd"]);
    block_on(copy(&mut reader, &mut sink())).unwrap();
    assert_eq!(reader.rooms, [8 * 1024; 3]);
}

#[test]
fn both_ways_end_with_a_shutdown_each() {
    let a_script = [Read::Bytes(b"from a".to_vec())];
    let b_script = [Read::Pending, Read::Bytes(b"from ".to_vec()), Read::Pending, Read::Bytes(b"b".to_vec())];
    let mut a = join(Reader::new(a_script), Writer::default());
    let mut b = join(Reader::new(b_script), Writer::new([Write::Upto(1), Write::Pending]));
    assert_eq!(block_on(copy_bidirectional(&mut a, &mut b)).unwrap(), (6, 6));
    assert_eq!((&a.writer().written[..], &b.writer().written[..]), (&b"from b"[..], &b"from a"[..]));
    for writer in [a.writer(), b.writer()] {
        let shutdowns = writer.events.iter().filter(|event| **event == Event::ShutDown).count();
        assert_eq!((shutdowns, writer.events.last()), (1, Some(&Event::ShutDown)));
    }
}

#[test]
fn one_way_goes_on_after_the_other_has_ended() {
    let (mut client, mut left) = duplex(8);
    let (mut right, mut server) = duplex(64);
    let proxy = async { copy_bidirectional_with_sizes(&mut left, &mut right, 3, 100).await.unwrap() };
    let ends = async {
        server.shutdown().await.unwrap();
        assert_eq!(client.read(&mut [0]).await.unwrap(), 0);
        client.write_all(b"still here, and long").await.unwrap();
        client.shutdown().await.unwrap();
        let mut heard = String::new();
        server.read_to_string(&mut heard).await.unwrap();
        heard
    };
    let (counts, heard) = block_on(async { futures::join!(proxy, ends) });
    assert_eq!((counts, &heard[..]), ((20, 0), "still here, and long"));
}

#[test]
fn an_error_of_either_way_ends_both() {
    let mut a = join(Reader::new([Read::Stuck]), Writer::default());
    let mut b = join(Reader::new([Read::Error(ErrorKind::ConnectionReset)]), Writer::default());
    let error = block_on(copy_bidirectional(&mut a, &mut b)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}

#[test]
fn endless_streams_let_others_have_their_turn() {
    // Tasks have a budget; without a runtime, `coop::cooperative` can't be seen, so count polls on a task.
    let runtime = rt_core::runtime::Builder::new_current_thread().build().unwrap();
    let polled = runtime.block_on(async {
        let endless = rt_core::spawn(async { copy(&mut repeat(1), &mut sink()).await });
        let buffered = rt_core::spawn(async { copy_buf(&mut BufReader::new(repeat(1)), &mut sink()).await });
        for _ in 0..10 {
            rt_core::task::yield_now().await;
        }
        endless.abort();
        buffered.abort();
        (endless.await.unwrap_err(), buffered.await.unwrap_err())
    });
    assert!(polled.0.is_cancelled() && polled.1.is_cancelled());
}

#[test]
fn halves_know_their_other_half() {
    let (a, b) = duplex(8);
    let (a_read, a_write) = split(a);
    let (b_read, b_write) = split(b);
    assert!(a_read.is_pair_of(&a_write) && a_write.is_pair_of(&a_read));
    assert!(!a_read.is_pair_of(&b_write));
    assert_eq!(format!("{a_read:?} {a_write:?}"), "ReadHalf { .. } WriteHalf { .. }");
    let mut a = a_read.unsplit(a_write);
    block_on(a.write_u8(1)).unwrap();
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let (a_read, _a_write) = split(a);
        drop(a_read.unsplit(b_write));
    }));
    assert!(panic.is_err());
    drop(b_read);
}

#[test]
fn halves_work_in_two_threads() {
    let (client, server) = duplex(16);
    let (mut reader, mut writer) = split(client);
    let (mut echo_in, mut echo_out) = split(server);
    let sent: Vec<u8> = (0..200).collect();
    let expected = sent.clone();
    std::thread::scope(|scope| {
        scope.spawn(move || block_on(async { copy(&mut echo_in, &mut echo_out).await.unwrap() }));
        scope.spawn(move || block_on(async { writer.write_all(&sent).await.unwrap() }));
        let mut received = vec![0; 200];
        block_on(reader.read_exact(&mut received)).unwrap();
        assert_eq!(received, expected);
        drop(reader);
    });
}

#[test]
fn a_half_knows_whether_writes_are_vectored() {
    for vectored in [false, true] {
        let writer = Writer { vectored, ..Writer::default() };
        let (_, mut half) = split(join(empty(), writer));
        assert_eq!(half.is_write_vectored(), vectored);
        let bufs = [IoSlice::new(b"ab"), IoSlice::new(b"cd")];
        let expected = if vectored { 4 } else { 2 };
        assert_eq!(block_on(half.write_vectored(&bufs)).unwrap(), expected);
    }
}

#[test]
fn a_panic_in_one_half_leaves_the_other_usable() {
    struct Panics;
    impl AsyncRead for Panics {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            _: &mut ReadBuf<'_>,
        ) -> Poll<std::io::Result<()>> {
            panic!("on purpose")
        }
    }
    let (mut reader, mut writer) = split(join(Panics, Writer::default()));
    let panic =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| block_on(reader.read_u8()).unwrap()));
    assert!(panic.is_err());
    block_on(writer.write_all(b"ok")).unwrap();
    assert_eq!(reader.unsplit(writer).writer().written, b"ok");
}

#[test]
fn a_full_pipe_makes_the_writer_wait() {
    let (mut one, mut other) = duplex(4);
    let (wakes, waker) = Wakes::new();
    let mut cx = Context::from_waker(&waker);
    assert_eq!(block_on(one.write(b"abcdef")).unwrap(), 4);
    {
        let mut write = pin!(one.write(b"ef"));
        assert!(write.as_mut().poll(&mut cx).is_pending());
        assert_eq!(wakes.count(), 0);
        assert_eq!(block_on(other.read_u8()).unwrap(), b'a');
        assert_eq!(wakes.count(), 1);
        assert!(matches!(write.poll(&mut cx), Poll::Ready(Ok(1))));
    }
    // An empty write never waits.
    assert_eq!(block_on(one.write(b"")).unwrap(), 0);
}

#[test]
fn an_empty_pipe_makes_the_reader_wait() {
    let (mut one, mut other) = duplex(4);
    let (wakes, waker) = Wakes::new();
    let mut cx = Context::from_waker(&waker);
    let mut buf = [0; 8];
    let mut read = pin!(one.read(&mut buf));
    assert!(read.as_mut().poll(&mut cx).is_pending());
    block_on(other.write_all(b"ab")).unwrap();
    assert_eq!(wakes.count(), 1);
    assert!(matches!(read.poll(&mut cx), Poll::Ready(Ok(2))));
}

#[test]
fn a_waker_may_use_the_pipe_when_it_is_cloned() {
    use std::task::{RawWaker, RawWakerVTable};

    thread_local! {
        static OTHER: RefCell<Option<DuplexStream>> = const { RefCell::new(None) };
    }
    static TABLE: RawWakerVTable = RawWakerVTable::new(
        |_| {
            let other = OTHER.take();
            drop(other.map(|mut other| block_on(other.write_all(b"ab"))));
            RawWaker::new(std::ptr::null(), Waker::noop().vtable())
        },
        |_| {},
        |_| {},
        |_| {},
    );
    let (mut one, other) = duplex(4);
    OTHER.set(Some(other));
    // SAFETY: nothing is behind the pointer, and the clone is a waker that does nothing.
    let waker = unsafe { Waker::from_raw(RawWaker::new(std::ptr::null(), &TABLE)) };
    let mut cx = Context::from_waker(&waker);
    let mut buf = [0; 8];
    let read = pin!(one.read(&mut buf)).poll(&mut cx);
    assert!(matches!(read, Poll::Ready(Ok(2))), "what came meanwhile is seen");
}

#[test]
fn dropping_an_end_tells_the_other() {
    let (one, mut other) = duplex(4);
    let (wakes, waker) = Wakes::new();
    let mut cx = Context::from_waker(&waker);
    let mut one = one;
    block_on(one.write_all(b"ab")).unwrap();
    block_on(other.write_all(b"full")).unwrap();
    assert!(pin!(other.write(b"x")).poll(&mut cx).is_pending());
    drop(one);
    assert_eq!(wakes.count(), 1, "the writer that waits is told");
    assert_eq!(block_on(other.write(b"x")).unwrap_err().kind(), ErrorKind::BrokenPipe);
    let mut rest = Vec::new();
    block_on(other.read_to_end(&mut rest)).unwrap();
    assert_eq!(rest, b"ab");
}

#[test]
fn a_shut_down_end_reads_on() {
    let (mut one, mut other) = duplex(8);
    block_on(one.shutdown()).unwrap();
    assert_eq!(block_on(one.write(b"x")).unwrap_err().kind(), ErrorKind::BrokenPipe);
    block_on(other.write_all(b"hi")).unwrap();
    assert_eq!(block_on(one.read_u16()).unwrap(), 0x6869);
    assert_eq!(block_on(other.read(&mut [0])).unwrap(), 0);
}

#[test]
fn vectored_writes_fill_the_pipe_from_several_buffers() {
    let (mut one, mut other) = duplex(5);
    assert!(one.is_write_vectored());
    let bufs = [&b"ab"[..], b"", b"cd", b"ef"].map(IoSlice::new);
    assert_eq!(block_on(one.write_vectored(&bufs)).unwrap(), 5);
    let mut buf = [0; 8];
    assert_eq!(block_on(other.read(&mut buf)).unwrap(), 5);
    assert_eq!(&buf[..5], b"abcde");
}

#[test]
fn a_simplex_stream_is_a_pipe_with_one_handle_or_two() {
    let mut pipe = SimplexStream::new_unsplit(4);
    assert_eq!(block_on(pipe.write(b"abcdef")).unwrap(), 4);
    assert!(poll_once(&mut pipe.write(b"x")).is_pending());
    assert_eq!(block_on(pipe.read_u32()).unwrap(), 0x6162_6364);
    assert!(poll_once(&mut pipe.read_u8()).is_pending());

    let (mut reader, mut writer) = simplex(4);
    block_on(writer.write_all(b"ab")).unwrap();
    let mut pipe = reader.unsplit(writer);
    assert_eq!(block_on(pipe.read_u16()).unwrap(), 0x6162);
    (reader, writer) = split(pipe);
    block_on(writer.shutdown()).unwrap();
    assert_eq!(block_on(reader.read(&mut [0])).unwrap(), 0);
}

#[test]
fn simple_streams() {
    block_on(async {
        let mut buf = [0; 5];
        repeat(3).read_exact(&mut buf).await.unwrap();
        assert_eq!(buf, [3; 5]);
        assert_eq!(empty().read(&mut buf).await.unwrap(), 0);
        assert_eq!(empty().fill_buf().await.unwrap(), b"");
        assert_eq!(empty().write(b"abc").await.unwrap(), 3);
        assert_eq!(empty().seek(std::io::SeekFrom::Start(7)).await.unwrap(), 0);
        let bufs = [IoSlice::new(b"ab"), IoSlice::new(b"c")];
        assert_eq!(sink().write_vectored(&bufs).await.unwrap(), 3);
        assert_eq!(empty().write_vectored(&bufs).await.unwrap(), 3);
        sink().shutdown().await.unwrap();
    });
}

#[test]
fn joined_streams_are_used_through_one() {
    let mut stream = join(&b"line\n"[..], Writer::default().vectored());
    assert!(stream.is_write_vectored());
    let mut line = String::new();
    block_on(stream.read_line(&mut line)).unwrap();
    block_on(stream.write_all(b"x")).unwrap();
    block_on(stream.flush()).unwrap();
    assert_eq!(stream.reader(), b"");
    let (_, writer) = stream.into_inner();
    assert_eq!(writer.events, [Event::Wrote(b"x".to_vec()), Event::Flushed]);
}

#[test]
fn a_stream_in_memory_without_room_is_refused() {
    use rt_core::io::{SimplexStream, duplex, simplex};
    let tries: [fn(); 3] = [|| drop(duplex(0)), || drop(simplex(0)), || drop(SimplexStream::new_unsplit(0))];
    for attempt in tries {
        std::panic::catch_unwind(attempt).unwrap_err();
    }
}
