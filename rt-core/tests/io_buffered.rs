//! `BufReader`, `BufWriter`, `BufStream` and the methods of buffered readers, against those of `std`.
#![cfg(feature = "io-util")]

mod io_support;

use std::io::{self, BufRead as _, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::pin::Pin;
use std::task::Poll;

use futures::executor::block_on;
use io_support::{Event, File, Read, Reader, Write, Writer, poll_once, reads, text, writes};
use proptest::prelude::*;
use rt_core::io::{
    AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncSeekExt, AsyncWriteExt, BufReader, BufStream, BufWriter,
};

/// What one does with a reader that can seek.
#[derive(Debug, Clone)]
enum Use {
    Read(usize),
    FillAndConsume(usize),
    Until(u8),
    Line,
    Seek(SeekFrom),
    Position,
}

fn uses() -> impl Strategy<Value = Vec<Use>> {
    let seek = prop_oneof![
        (0..300_u64).prop_map(SeekFrom::Start),
        (-100..100_i64).prop_map(SeekFrom::Current),
        (-200..50_i64).prop_map(SeekFrom::End),
        Just(SeekFrom::Current(i64::MIN)),
    ];
    let one = prop_oneof![
        (0..64_usize).prop_map(Use::Read),
        (0..64_usize).prop_map(Use::FillAndConsume),
        prop_oneof![Just(b'\n'), Just(b'a'), any::<u8>()].prop_map(Use::Until),
        Just(Use::Line),
        seek.prop_map(Use::Seek),
        Just(Use::Position),
    ];
    prop::collection::vec(one, 0..32)
}

fn kind<T>(result: io::Result<T>) -> Result<T, ErrorKind> {
    result.map_err(|error| error.kind())
}

proptest! {
    /// Every use has the result that `std::io::BufReader` gives, whatever the buffer's size.
    #[test]
    fn buf_reader_agrees_with_std(bytes in text(), capacity in 1..48_usize, chunk in 1..40_usize, uses in uses()) {
        let mut ours = BufReader::with_capacity(capacity, File::new(bytes.clone(), chunk));
        // The position and the bytes don't depend on the sizes, so std's may differ.
        let mut theirs = io::BufReader::new(io::Cursor::new(bytes));
        for one in uses {
            match one {
                Use::Read(n) => {
                    let (mut a, mut b) = (vec![0; n], vec![0; n]);
                    let read = block_on(ours.read(&mut a)).unwrap();
                    theirs.read_exact(&mut b[..read]).unwrap();
                    prop_assert_eq!(&a[..read], &b[..read]);
                    prop_assert!(read > 0 || n == 0 || theirs.fill_buf().unwrap().is_empty(), "end too early");
                }
                Use::FillAndConsume(n) => {
                    let available = block_on(ours.fill_buf()).unwrap();
                    let n = n.min(available.len());
                    let mut expected = vec![0; n];
                    theirs.read_exact(&mut expected).unwrap();
                    prop_assert_eq!(&available[..n], &expected[..]);
                    ours.consume(n);
                }
                Use::Until(byte) => {
                    let (mut a, mut b) = (b">".to_vec(), b">".to_vec());
                    let ours = block_on(ours.read_until(byte, &mut a)).unwrap();
                    prop_assert_eq!(ours, theirs.read_until(byte, &mut b).unwrap());
                    prop_assert_eq!(a, b);
                }
                Use::Line => {
                    let (mut a, mut b) = (">".to_owned(), ">".to_owned());
                    let ours = kind(block_on(ours.read_line(&mut a)));
                    prop_assert_eq!(ours, kind(theirs.read_line(&mut b)));
                    prop_assert_eq!(a, b);
                }
                Use::Seek(position) => {
                    let ours = kind(block_on(ours.seek(position)));
                    prop_assert_eq!(ours, kind(theirs.seek(position)));
                }
                Use::Position => {
                    prop_assert_eq!(block_on(ours.stream_position()).unwrap(), theirs.stream_position().unwrap());
                }
            }
        }
    }

    /// Lines are those of `std`, with an error for each that isn't UTF-8.
    #[test]
    fn lines_agree_with_std(
        (bytes, script) in text().prop_flat_map(|bytes| (Just(bytes.clone()), reads(bytes))),
        capacity in 1..48_usize,
    ) {
        let mut ours = BufReader::with_capacity(capacity, Reader::new(script)).lines();
        let mut theirs = io::BufReader::new(&bytes[..]).lines();
        loop {
            let line = kind(block_on(ours.next_line()));
            prop_assert_eq!(&line, &kind(theirs.next().transpose()));
            if line == Ok(None) {
                break;
            }
        }
    }

    /// So are the segments.
    #[test]
    fn segments_agree_with_std(
        (bytes, script) in text().prop_flat_map(|bytes| (Just(bytes.clone()), reads(bytes))),
        capacity in 1..48_usize,
    ) {
        let mut ours = BufReader::with_capacity(capacity, Reader::new(script)).split(b'\n');
        let mut segments = Vec::new();
        while let Some(segment) = block_on(ours.next_segment()).unwrap() {
            segments.push(segment);
        }
        let theirs: Vec<_> = io::BufReader::new(&bytes[..]).split(b'\n').map(Result::unwrap).collect();
        prop_assert_eq!(segments, theirs);
    }

    /// What comes out is what went in, in order, whatever the pieces; and small writes are gathered.
    #[test]
    fn buf_writer_writes_everything_in_order(
        pieces in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..40), 0..4_u8), 0..32),
        capacity in 0..48_usize,
        script in writes(),
        vectored: bool,
    ) {
        let mut inner = Writer::new(script);
        inner.vectored = vectored;
        let mut writer = BufWriter::with_capacity(capacity, inner);
        let mut expected = Vec::new();
        for (bytes, how) in pieces {
            match how {
                0 => block_on(writer.flush()).unwrap(),
                1 => {
                    let (head, tail) = bytes.split_at(bytes.len() / 2);
                    let bufs = [io::IoSlice::new(b""), io::IoSlice::new(head), io::IoSlice::new(tail)];
                    let n = block_on(writer.write_vectored(&bufs)).unwrap();
                    prop_assert!(n > 0 || bytes.is_empty());
                    expected.extend_from_slice(&bytes[..n]);
                }
                _ => {
                    block_on(writer.write_all(&bytes)).unwrap();
                    expected.extend_from_slice(&bytes);
                }
            }
            prop_assert!(writer.buffer().len() <= capacity);
            let all = [&writer.get_ref().written, writer.buffer()].concat();
            prop_assert_eq!(&all, &expected);
        }
        block_on(writer.shutdown()).unwrap();
        prop_assert_eq!(writer.buffer(), b"");
        let inner = writer.into_inner();
        prop_assert_eq!(inner.written, expected);
        prop_assert_eq!(inner.events.last(), Some(&Event::ShutDown));
    }

    /// Against `std::io::BufWriter` on a file, with seeks.
    #[test]
    fn buf_writer_seeks_as_std(
        steps in prop::collection::vec(
            (prop::collection::vec(any::<u8>(), 0..40), prop::option::of(0..64_u64)), 0..24),
        capacity in 1..48_usize,
        chunk in 1..40_usize,
    ) {
        let mut ours = BufWriter::with_capacity(capacity, File::new([], chunk));
        let mut theirs = io::BufWriter::new(io::Cursor::new(Vec::new()));
        for (bytes, seek) in steps {
            block_on(ours.write_all(&bytes)).unwrap();
            theirs.write_all(&bytes).unwrap();
            if let Some(position) = seek {
                let position = SeekFrom::Start(position);
                prop_assert_eq!(block_on(ours.seek(position)).unwrap(), theirs.seek(position).unwrap());
            }
        }
        block_on(ours.flush()).unwrap();
        let theirs = theirs.into_inner().unwrap();
        prop_assert_eq!(ours.get_ref().cursor.get_ref(), theirs.get_ref());
    }
}

#[test]
fn large_reads_go_past_the_buffer() {
    let mut reader = BufReader::with_capacity(4, Reader::chunks([&b"abcdefgh"[..], b"ij"]));
    let mut buf = [0; 6];
    assert_eq!(block_on(reader.read(&mut buf)).unwrap(), 6);
    assert_eq!(reader.get_ref().rooms, [6]);
    // Two are left of the chunk; a small read fills the buffer.
    assert_eq!(block_on(reader.read(&mut buf[..1])).unwrap(), 1);
    assert_eq!((reader.get_ref().rooms.last(), reader.buffer()), (Some(&4), &b"h"[..]));
    // With something in the buffer, a large read takes that first.
    assert_eq!(block_on(reader.read(&mut buf)).unwrap(), 1);
    assert_eq!(buf[0], b'h');
}

#[test]
fn fill_buf_keeps_what_is_there() {
    let mut reader = BufReader::new(Reader::chunks([&b"ab"[..], b"cd"]));
    assert_eq!(block_on(reader.fill_buf()).unwrap(), b"ab");
    reader.consume(1);
    assert_eq!(block_on(reader.fill_buf()).unwrap(), b"b");
    reader.consume(100);
    assert_eq!(block_on(reader.fill_buf()).unwrap(), b"cd");
}

#[test]
fn fill_buf_waits_and_can_be_dropped() {
    let mut reader = BufReader::new(Reader::new([Read::Pending, Read::Pending, Read::Bytes(b"x".to_vec())]));
    assert!(poll_once(&mut reader.fill_buf()).is_pending());
    let mut future = reader.fill_buf();
    assert!(poll_once(&mut future).is_pending());
    assert!(matches!(poll_once(&mut future), Poll::Ready(Ok(b"x"))));
}

#[test]
fn buf_reader_returns_errors_and_goes_on() {
    let script = [Read::Bytes(b"ab".to_vec()), Read::Error(ErrorKind::TimedOut), Read::Bytes(b"c".to_vec())];
    let mut reader = BufReader::new(Reader::new(script));
    let mut text = String::new();
    let error = block_on(reader.read_to_string(&mut text)).unwrap_err();
    assert_eq!((error.kind(), &text[..]), (ErrorKind::TimedOut, ""));
    assert_eq!(block_on(reader.read_to_string(&mut text)).unwrap(), 1);
    assert_eq!(text, "c");
}

#[test]
fn a_cancelled_seek_leaves_the_reader_usable() {
    let mut reader = BufReader::with_capacity(4, File::new("0123456789", 10));
    assert_eq!(block_on(reader.read_u8()).unwrap(), b'0');
    assert!(poll_once(&mut reader.seek(SeekFrom::Start(5))).is_pending());
    // Polled once, it was submitted. The next one waits for it and goes on.
    assert_eq!(block_on(reader.seek(SeekFrom::Current(2))).unwrap(), 7);
    assert_eq!(block_on(reader.read_u8()).unwrap(), b'7');
}

#[test]
fn a_seek_far_back_is_done_in_two_steps() {
    let mut reader = BufReader::with_capacity(4, File::new("0123456789", 10));
    block_on(reader.read_u8()).unwrap();
    assert_eq!(reader.buffer(), b"123");
    assert!(block_on(reader.seek(SeekFrom::Current(i64::MIN))).is_err(), "before the start");
    assert_eq!(reader.get_ref().seeks, [SeekFrom::Current(-3), SeekFrom::Current(i64::MIN)]);
    // The first step worked, and nothing is read twice.
    assert_eq!(block_on(reader.read_u8()).unwrap(), b'1');
}

#[test]
fn what_was_read_of_a_line_survives_cancellation() {
    let script = [Read::Bytes(b"first ".to_vec()), Read::Pending, Read::Bytes(b"half\nnext\n".to_vec())];
    let mut lines = BufReader::new(Reader::new(script)).lines();
    {
        let mut next = std::pin::pin!(lines.next_line());
        assert!(poll_once(&mut next).is_pending());
    }
    assert_eq!(block_on(lines.next_line()).unwrap().unwrap(), "first half");
    assert_eq!(block_on(lines.next_line()).unwrap().unwrap(), "next");
}

#[test]
fn read_until_keeps_what_it_has_when_cancelled() {
    let script = [Read::Bytes(b"ab".to_vec()), Read::Pending, Read::Bytes(b"c;d".to_vec())];
    let mut reader = BufReader::new(Reader::new(script));
    let mut buf = Vec::new();
    assert!(poll_once(&mut reader.read_until(b';', &mut buf)).is_pending());
    assert_eq!(buf, b"ab");
    assert_eq!(block_on(reader.read_until(b';', &mut buf)).unwrap(), 2);
    assert_eq!(buf, b"abc;");
}

#[test]
fn a_cancelled_read_line_gives_the_string_back() {
    // The second byte of "é" is yet to come.
    let script = [Read::Bytes(b"caf\xc3".to_vec()), Read::Stuck];
    let mut reader = BufReader::new(Reader::new(script));
    let mut line = "my ".to_owned();
    assert!(poll_once(&mut reader.read_line(&mut line)).is_pending());
    assert_eq!(line, "my caf");
    // Dropped before its first poll, it has done nothing.
    drop(reader.read_line(&mut line));
    assert_eq!(line, "my caf");
}

#[test]
fn a_line_that_is_no_text_is_an_error_and_leaves_the_string_alone() {
    let mut reader = BufReader::new(Reader::chunks([&b"\xff\xfe\nok\n"[..]]));
    let mut line = "before".to_owned();
    let error = block_on(reader.read_line(&mut line)).unwrap_err();
    assert_eq!((error.kind(), &line[..]), (ErrorKind::InvalidData, "before"));
    assert_eq!(block_on(reader.read_line(&mut line)).unwrap(), 3);
    assert_eq!(line, "beforeok\n");
}

#[test]
fn an_error_goes_before_the_complaint_about_the_text() {
    let script = [Read::Bytes(b"a\xff".to_vec()), Read::Error(ErrorKind::ConnectionReset)];
    let mut reader = BufReader::new(Reader::new(script));
    let mut line = "x".to_owned();
    let error = block_on(reader.read_line(&mut line)).unwrap_err();
    assert_eq!((error.kind(), &line[..]), (ErrorKind::ConnectionReset, "x"));
}

#[test]
fn small_writes_are_gathered() {
    let mut writer = BufWriter::with_capacity(8, Writer::default());
    for byte in b"abcdefghij" {
        block_on(writer.write_u8(*byte)).unwrap();
    }
    assert_eq!(writer.get_ref().events, [Event::Wrote(b"abcdefgh".to_vec())]);
    assert_eq!(writer.buffer(), b"ij");
    // As long as the buffer: past it, once it is empty.
    block_on(writer.write_all(b"01234567")).unwrap();
    let expected = [&b"abcdefgh"[..], b"ij", b"01234567"].map(|bytes| Event::Wrote(bytes.to_vec()));
    assert_eq!(writer.get_ref().events, expected);
}

#[test]
fn a_failed_flush_keeps_what_was_not_written() {
    let script = [Write::Upto(2), Write::Error(ErrorKind::TimedOut)];
    let mut writer = BufWriter::new(Writer::new(script));
    block_on(writer.write_all(b"abcdef")).unwrap();
    assert_eq!(block_on(writer.flush()).unwrap_err().kind(), ErrorKind::TimedOut);
    assert_eq!(writer.buffer(), b"cdef");
    block_on(writer.flush()).unwrap();
    assert_eq!(writer.get_ref().written, b"abcdef");
}

#[test]
fn a_cancelled_flush_writes_nothing_twice() {
    let script = [Write::Upto(2), Write::Pending, Write::Upto(1), Write::Pending];
    let mut writer = BufWriter::new(Writer::new(script));
    block_on(writer.write_all(b"abcdef")).unwrap();
    assert!(poll_once(&mut writer.flush()).is_pending());
    assert!(poll_once(&mut writer.flush()).is_pending());
    block_on(writer.write_all(b"gh")).unwrap();
    block_on(writer.flush()).unwrap();
    assert_eq!(writer.get_ref().written, b"abcdefgh");
}

#[test]
fn a_writer_that_takes_nothing_is_an_error() {
    let mut writer = BufWriter::new(Writer::new([Write::Upto(0)]));
    block_on(writer.write_all(b"abc")).unwrap();
    assert_eq!(block_on(writer.flush()).unwrap_err().kind(), ErrorKind::WriteZero);
}

#[test]
fn vectored_writes_are_gathered_as_well() {
    let bufs = [&b"ab"[..], b"", b"cd", b"efgh"].map(io::IoSlice::new);
    let mut writer = BufWriter::with_capacity(6, Writer::default().vectored());
    assert!(rt_core::io::AsyncWrite::is_write_vectored(&writer));
    assert_eq!(block_on(writer.write_vectored(&bufs[..3])).unwrap(), 4);
    assert_eq!((writer.buffer(), writer.get_ref().events.len()), (&b"abcd"[..], 0));
    assert_eq!(block_on(writer.write_vectored(&bufs)).unwrap(), 8);
    assert_eq!(writer.get_ref().events.last(), Some(&Event::Wrote(b"abcdefgh".to_vec())));

    // Without the writer's help, as many as fit.
    let mut writer = BufWriter::with_capacity(6, Writer::default());
    assert_eq!(block_on(writer.write_vectored(&bufs)).unwrap(), 4);
    assert_eq!(writer.buffer(), b"abcd");
}

#[test]
fn a_stream_has_both_buffers() {
    let inner = rt_core::io::join(Reader::chunks([&b"ab"[..], b"cd"]), Writer::default());
    let mut stream = BufStream::with_capacity(16, 4, inner);
    assert_eq!(block_on(stream.read_u8()).unwrap(), b'a');
    block_on(stream.write_all(b"xyz")).unwrap();
    assert_eq!(stream.get_ref().writer().written, b"");
    assert_eq!(block_on(stream.fill_buf()).unwrap(), b"b");
    block_on(stream.shutdown()).unwrap();
    assert_eq!(stream.get_mut().writer_mut().written, b"xyz");
    let (_, writer) = stream.into_inner().into_inner();
    assert_eq!(writer.events.last(), Some(&Event::ShutDown));
}

#[test]
fn a_stream_is_made_of_buffers_in_either_order() {
    let inner = || rt_core::io::join(Reader::chunks([&b"ab"[..]]), Writer::default());
    let mut writer = BufWriter::new(BufReader::new(inner()));
    block_on(async {
        writer.get_mut().read_u8().await.unwrap();
        writer.write_all(b"held").await.unwrap();
    });
    let mut stream = BufStream::from(writer);
    assert_eq!(stream.get_ref().writer().written, b"");
    assert_eq!(block_on(stream.read_u8()).unwrap(), b'b');
    block_on(stream.flush()).unwrap();
    assert_eq!(stream.get_ref().writer().written, b"held");

    let mut reader = BufReader::new(BufWriter::new(inner()));
    block_on(reader.read_u8()).unwrap();
    let mut stream = BufStream::from(reader);
    assert_eq!(block_on(stream.read_u8()).unwrap(), b'b');
}

#[test]
fn writers_are_read_through_and_readers_written_through() {
    let inner = rt_core::io::join(&b"line\nrest"[..], Writer::default());
    let mut writer = BufWriter::new(inner);
    let mut line = String::new();
    block_on(writer.read_line(&mut line)).unwrap();
    assert_eq!(line, "line\n");
    let pinned: Pin<&mut _> = Pin::new(&mut writer);
    pinned.consume(2);
    assert_eq!(block_on(writer.read_u8()).unwrap(), b's');

    let mut reader = BufReader::new(rt_core::io::join(&b""[..], Writer::default()));
    block_on(reader.write_all(b"abc")).unwrap();
    assert_eq!(reader.get_ref().writer().written, b"abc");
}

#[test]
fn debug_tells_how_full_the_buffers_are() {
    let mut reader = BufReader::with_capacity(8, &b"abc"[..]);
    block_on(reader.read_u8()).unwrap();
    assert_eq!(format!("{reader:?}"), "BufReader { reader: [], buffer: 2/8 }");
    let mut writer = BufWriter::with_capacity(8, Vec::<u8>::new());
    block_on(writer.write_all(b"abc")).unwrap();
    assert_eq!(format!("{writer:?}"), "BufWriter { writer: [], buffer: 3/8 }");
}
