//! The methods of readers and writers, and the adapters they give.
#![cfg(feature = "io-util")]

mod io_support;

use std::io::{self, Cursor, ErrorKind, IoSlice, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, BufMut, BytesMut};
use futures::executor::block_on;
use io_support::{Event, File, Read, Reader, Write, Writer, poll_once, reads, writes};
use proptest::prelude::*;
use rt_core::io::{
    AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncSeekExt, AsyncWrite, AsyncWriteExt, ReadBuf,
};

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..600)
}

proptest! {
    #[test]
    fn read_to_end_reads_everything(
        (bytes, script) in bytes().prop_flat_map(|bytes| (Just(bytes.clone()), reads(bytes))),
        before in prop::collection::vec(any::<u8>(), 0..8),
        spare in 0..700_usize,
    ) {
        let mut vec = before.clone();
        vec.reserve_exact(spare);
        let n = block_on(Reader::new(script).read_to_end(&mut vec)).unwrap();
        prop_assert_eq!(n, bytes.len());
        prop_assert_eq!(vec, [before, bytes].concat());
    }

    #[test]
    fn read_buf_reads_everything(
        (bytes, script) in bytes().prop_flat_map(|bytes| (Just(bytes.clone()), reads(bytes))),
    ) {
        let (mut reader, mut buf) = (Reader::new(script), BytesMut::new());
        while block_on(reader.read_buf(&mut buf)).unwrap() > 0 {}
        prop_assert_eq!(buf, bytes);
    }

    #[test]
    fn take_and_chain_cut_and_join(
        (bytes, script) in bytes().prop_flat_map(|bytes| (Just(bytes.clone()), reads(bytes))),
        limit in 0..700_u64,
    ) {
        let mut all = Vec::new();
        let mut chain = Reader::new(script).take(limit).chain(&b"tail"[..]);
        block_on(chain.read_to_end(&mut all)).unwrap();
        let cut = bytes.len().min(limit as usize);
        prop_assert_eq!(all, [&bytes[..cut], b"tail"].concat());
        prop_assert_eq!(chain.get_ref().0.limit(), limit - cut as u64);
    }

    #[test]
    fn write_all_writes_everything(bytes in bytes(), script in writes()) {
        let mut writer = Writer::new(script);
        block_on(writer.write_all(&bytes)).unwrap();
        prop_assert_eq!(writer.written, bytes);
    }

    #[test]
    fn write_all_buf_writes_all_pieces(
        a in bytes(), b in bytes(), script in writes(), vectored: bool,
    ) {
        let mut writer = Writer::new(script);
        writer.vectored = vectored;
        let mut buf = Buf::chain(&a[..], &b[..]);
        block_on(writer.write_all_buf(&mut buf)).unwrap();
        prop_assert!(!buf.has_remaining());
        prop_assert_eq!(writer.written, [a, b].concat());
    }
}

macro_rules! numbers {
    ($($write:ident $read:ident $value:expr, $bytes:expr;)+) => {
        #[test]
        fn numbers_have_the_order_that_they_say() {
            block_on(async {$(
                let mut writer = Writer::new([Write::Upto(1), Write::Pending]);
                writer.$write($value).await.unwrap();
                assert_eq!(writer.written, $bytes, stringify!($write));
                let halves = $bytes.split_at(1);
                let script = [halves.0, halves.1].map(|half| Read::Bytes(half.to_vec()));
                let script = script.into_iter().flat_map(|read| [Read::Pending, read]);
                let mut reader = Reader::new(script.filter(|read| !matches!(read, Read::Bytes(b) if b.is_empty())));
                assert_eq!(reader.$read().await.unwrap(), $value, stringify!($read));
                let early = (&$bytes[1..]).read_to_end(&mut Vec::new()).await.unwrap();
                let error = (&$bytes[..early]).$read().await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::UnexpectedEof, stringify!($read));
            )+});
        }
    };
}

numbers! {
    write_u8 read_u8 0xfe, [0xfe];
    write_i8 read_i8 -2, [0xfe];
    write_u16 read_u16 0x0102, [1, 2];
    write_i16 read_i16 -2, [0xff, 0xfe];
    write_u32 read_u32 0x0102_0304, [1, 2, 3, 4];
    write_i32 read_i32 -2, [0xff, 0xff, 0xff, 0xfe];
    write_u64 read_u64 0x0102_0304_0506_0708, [1, 2, 3, 4, 5, 6, 7, 8];
    write_i64 read_i64 -2, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe];
    write_u128 read_u128 0x0102 << 112, [1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    write_i128 read_i128 i128::MIN, [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    write_f32 read_f32 1.5, [0x3f, 0xc0, 0, 0];
    write_f64 read_f64 1.5, [0x3f, 0xf8, 0, 0, 0, 0, 0, 0];
    write_u16_le read_u16_le 0x0102, [2, 1];
    write_i16_le read_i16_le -2, [0xfe, 0xff];
    write_u32_le read_u32_le 0x0102_0304, [4, 3, 2, 1];
    write_i32_le read_i32_le -2, [0xfe, 0xff, 0xff, 0xff];
    write_u64_le read_u64_le 0x0102_0304_0506_0708, [8, 7, 6, 5, 4, 3, 2, 1];
    write_i64_le read_i64_le -2, [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    write_u128_le read_u128_le 0x0102, [2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    write_i128_le read_i128_le i128::MIN, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80];
    write_f32_le read_f32_le 1.5, [0, 0, 0xc0, 0x3f];
    write_f64_le read_f64_le 1.5, [0, 0, 0, 0, 0, 0, 0xf8, 0x3f];
}

#[test]
fn read_exact_fills_all_or_fails() {
    let mut buf = [0; 4];
    let mut reader = Reader::chunks([&b"ab"[..], b"cdef"]);
    assert_eq!(block_on(reader.read_exact(&mut buf)).unwrap(), 4);
    assert_eq!(&buf, b"abcd");
    let error = block_on(reader.read_exact(&mut buf)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    assert_eq!(block_on(reader.read_exact(&mut [])).unwrap(), 0);
}

#[test]
fn a_cancelled_read_has_read_nothing() {
    let mut reader = Reader::new([Read::Pending, Read::Bytes(b"ab".to_vec())]);
    let mut buf = [0; 4];
    assert!(poll_once(&mut reader.read(&mut buf)).is_pending());
    assert_eq!(block_on(reader.read(&mut buf)).unwrap(), 2);
}

#[test]
fn a_cancelled_read_to_end_keeps_what_it_has() {
    let mut reader = Reader::new([Read::Bytes(b"ab".to_vec()), Read::Pending, Read::Bytes(b"c".to_vec())]);
    let mut vec = Vec::new();
    assert!(poll_once(&mut reader.read_to_end(&mut vec)).is_pending());
    assert_eq!(vec, b"ab");
    assert_eq!(block_on(reader.read_to_end(&mut vec)).unwrap(), 1);
    assert_eq!(vec, b"abc");
}

#[test]
fn a_vector_of_the_right_size_does_not_grow() {
    let mut vec = Vec::with_capacity(64);
    let capacity = vec.capacity();
    let bytes = vec![7; capacity];
    block_on((&bytes[..]).read_to_end(&mut vec)).unwrap();
    assert_eq!((vec.len(), vec.capacity()), (capacity, capacity));
}

#[test]
fn read_buf_without_room_reads_nothing() {
    let mut reader = Reader::chunks([&b"ab"[..]]);
    let mut storage = [0_u8; 0];
    assert_eq!(block_on(reader.read_buf(&mut &mut storage[..])).unwrap(), 0);
    assert!(reader.rooms.is_empty());
    let mut dynamic: Box<dyn BufMut> = Box::new(Vec::new());
    assert_eq!(block_on(reader.read_buf(&mut dynamic)).unwrap(), 2);
}

#[test]
fn read_to_string_checks_the_text() {
    let mut text = "héllo ".to_owned();
    // The two bytes of "é" come apart.
    let mut reader = Reader::chunks([&b"caf\xc3"[..], b"\xa9"]);
    assert_eq!(block_on(reader.read_to_string(&mut text)).unwrap(), 5);
    assert_eq!(text, "héllo café");

    let error = block_on(Reader::chunks([&b"ok\xff"[..]]).read_to_string(&mut text)).unwrap_err();
    assert_eq!((error.kind(), &text[..]), (ErrorKind::InvalidData, "héllo café"));
}

#[test]
fn a_dropped_read_to_string_gives_the_string_back() {
    let mut text = String::with_capacity(100);
    drop(Reader::default().read_to_string(&mut text));
    assert_eq!(text.capacity(), 100);
    let mut reader = Reader::new([Read::Bytes(b"a\xc3".to_vec()), Read::Stuck]);
    assert!(poll_once(&mut reader.read_to_string(&mut text)).is_pending());
    assert_eq!(text, "a");
}

#[test]
fn take_leaves_the_rest_unread() {
    let mut reader = &b"abcdef"[..];
    let mut take = AsyncReadExt::take(&mut reader, 4);
    assert_eq!(block_on(take.fill_buf()).unwrap(), b"abcd");
    AsyncBufReadExt::consume(&mut take, 3);
    let mut buf = [0; 4];
    assert_eq!(block_on(take.read(&mut buf)).unwrap(), 1);
    assert_eq!(block_on(take.read(&mut buf)).unwrap(), 0);
    take.set_limit(1);
    assert_eq!(block_on(take.read_u8()).unwrap(), b'e');
    assert_eq!(reader, b"f");
}

#[test]
fn take_does_not_touch_the_reader_at_its_end() {
    let mut take = Reader::new([Read::Error(ErrorKind::Other)]).take(0);
    assert_eq!(block_on(take.read(&mut [0])).unwrap(), 0);
    assert!(take.get_ref().rooms.is_empty());
}

#[test]
fn chain_asks_the_first_reader_no_more_after_its_end() {
    let first = Reader::chunks([&b"a"[..]]);
    let mut chain = first.chain(Reader::new([Read::Pending, Read::Bytes(b"b".to_vec())]));
    // No room: nothing read says nothing about the end.
    assert_eq!(block_on(chain.read(&mut [])).unwrap(), 0);
    let mut all = Vec::new();
    block_on(chain.read_to_end(&mut all)).unwrap();
    assert_eq!(all, b"ab");
    let (first, _) = chain.into_inner();
    assert_eq!(first.rooms.len(), 3, "without room, the byte, and the end once");
}

#[test]
fn chain_is_a_buffered_reader_of_two() {
    let mut lines = AsyncReadExt::chain(&b"one\ntw"[..], &b"o\nthree"[..]).lines();
    let mut all = Vec::new();
    while let Some(line) = block_on(lines.next_line()).unwrap() {
        all.push(line);
    }
    assert_eq!(all, ["one", "two", "three"]);
}

#[test]
fn writing_stops_at_a_writer_that_takes_nothing() {
    let error = block_on(Writer::new([Write::Upto(1), Write::Upto(0)]).write_all(b"abc")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WriteZero);
    let mut rest = &b"abc"[..];
    let error = block_on(Writer::new([Write::Upto(1), Write::Upto(0)]).write_all_buf(&mut rest)).unwrap_err();
    assert_eq!((error.kind(), rest), (ErrorKind::WriteZero, &b"bc"[..]));
    let error = block_on(Writer::new([Write::Upto(0)]).write_u8(1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WriteZero);
    // Nothing to write is no reason to complain.
    block_on(Writer::new([Write::Upto(0)]).write_all(b"")).unwrap();
}

#[test]
fn a_cancelled_write_all_buf_tells_how_far_it_came() {
    let mut writer = Writer::new([Write::Upto(2), Write::Pending]);
    let mut rest = &b"abcd"[..];
    assert!(poll_once(&mut writer.write_all_buf(&mut rest)).is_pending());
    assert_eq!(rest, b"cd");
    block_on(writer.write_all_buf(&mut rest)).unwrap();
    assert_eq!(writer.written, b"abcd");
}

#[test]
fn pieces_go_in_one_write_to_those_who_can() {
    let mut writer = Writer::default().vectored();
    let mut buf = Buf::chain(&b"ab"[..], &b"cd"[..]);
    assert_eq!(block_on(writer.write_buf(&mut buf)).unwrap(), 4);
    assert_eq!(block_on(writer.write_buf(&mut buf)).unwrap(), 0);
    assert_eq!(writer.events, [Event::Wrote(b"abcd".to_vec())]);

    let mut writer = Writer::default();
    let mut buf = Buf::chain(&b"ab"[..], &b"cd"[..]);
    assert_eq!(block_on(writer.write_buf(&mut buf)).unwrap(), 2);
    assert_eq!(buf.chunk(), b"cd");
}

#[test]
fn the_default_of_a_vectored_write_takes_the_first_that_is_filled() {
    struct Plain(Vec<u8>);
    impl AsyncWrite for Plain {
        fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
            Pin::new(&mut self.0).poll_write(cx, buf)
        }
        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }
    let mut plain = Plain(Vec::new());
    let bufs = [IoSlice::new(b""), IoSlice::new(b"ab"), IoSlice::new(b"cd")];
    assert_eq!(block_on(plain.write_vectored(&bufs)).unwrap(), 2);
    assert_eq!(block_on(plain.write_vectored(&[])).unwrap(), 0);
    assert_eq!((&plain.0[..], plain.is_write_vectored()), (&b"ab"[..], false));
}

#[test]
fn wrappers_hand_everything_on() {
    let mut inner = Writer::default().vectored();
    let boxed: Box<dyn AsyncWrite + Unpin> = Box::new(&mut inner);
    let mut pinned = Pin::new(boxed);
    assert!(pinned.is_write_vectored());
    let bufs = [IoSlice::new(b"ab"), IoSlice::new(b"cd")];
    assert_eq!(block_on(pinned.write_vectored(&bufs)).unwrap(), 4);
    block_on(async {
        pinned.write_all(b"e").await?;
        pinned.flush().await?;
        pinned.shutdown().await
    })
    .unwrap();
    drop(pinned);
    let wrote = [&b"abcd"[..], b"e"].map(|bytes| Event::Wrote(bytes.to_vec()));
    assert_eq!(inner.events, [&wrote[..], &[Event::Flushed, Event::ShutDown]].concat());

    let mut reader: Pin<Box<dyn AsyncBufRead>> = Box::pin(&b"xyz"[..]);
    assert_eq!(block_on(reader.fill_buf()).unwrap(), b"xyz");
    AsyncBufReadExt::consume(&mut reader, 1);
    assert_eq!(block_on(reader.read_u8()).unwrap(), b'y');

    let mut file: Box<dyn rt_core::io::AsyncSeek + Unpin> = Box::new(File::new("abc", 1));
    assert_eq!(block_on(file.seek(SeekFrom::End(-1))).unwrap(), 2);
}

#[test]
fn cursors_read_and_write_where_they_are() {
    let mut cursor = Cursor::new(b"abc".to_vec());
    cursor.set_position(1);
    assert_eq!(block_on(cursor.read_u8()).unwrap(), b'b');
    block_on(cursor.write_all(b"XY")).unwrap();
    assert_eq!(cursor.get_ref(), b"abXY");
    // Behind the end there is nothing to read, and no overflow.
    cursor.set_position(u64::MAX);
    assert_eq!(block_on(cursor.read(&mut [0])).unwrap(), 0);
    assert_eq!(block_on(cursor.fill_buf()).unwrap(), b"");
    assert!(block_on(cursor.seek(SeekFrom::Current(1))).is_err());
    assert_eq!(block_on(cursor.rewind()).unwrap(), 0);

    let mut room = [0; 3];
    let mut fixed = Cursor::new(&mut room[..]);
    let bufs = [IoSlice::new(b"ab"), IoSlice::new(b"cd")];
    assert_eq!(block_on(fixed.write_vectored(&bufs)).unwrap(), 3);
    assert_eq!(&room, b"abc");
    let mut boxed = Cursor::new(vec![0; 2].into_boxed_slice());
    assert_eq!(block_on(boxed.write(b"abc")).unwrap(), 2);
    let mut vec = vec![0];
    block_on(Cursor::new(&mut vec).write_all(b"ab")).unwrap();
    assert_eq!(vec, b"ab");
}

#[test]
fn a_seek_waits_for_the_one_before() {
    let mut file = File::new("0123456789", 4);
    assert!(poll_once(&mut file.seek(SeekFrom::Start(3))).is_pending());
    assert_eq!(block_on(file.seek(SeekFrom::Current(2))).unwrap(), 5);
    assert_eq!(block_on(file.stream_position()).unwrap(), 5);
    assert!(block_on(file.seek(SeekFrom::Current(-6))).is_err());
}

/// A reader that puts another buffer in the place of the one it was given must not make old memory appear.
#[test]
fn a_reader_that_cheats_is_found_out() {
    struct Cheat(*mut [u8; 64]);
    impl AsyncRead for Cheat {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buf: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            let other = self.0;
            // SAFETY: the memory outlives the reading, and this is the only way to it meanwhile.
            let mut other = ReadBuf::new(unsafe { &mut *other });
            other.advance(64);
            *buf = other;
            Poll::Ready(Ok(()))
        }
    }
    fn cheated(f: impl FnOnce()) -> bool {
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)).is_err()
    }
    let mut other = [1; 64];
    let other = &raw mut other;
    let mut vec = Vec::new();
    assert!(cheated(|| drop(block_on(Cheat(other).read_to_end(&mut vec)))));
    assert!(cheated(|| drop(block_on(Cheat(other).read_buf(&mut vec)))));
    assert!(cheated(|| drop(block_on(Cheat(other).take(64).read(&mut [0; 64])))));
    assert_eq!(vec, b"");
}

#[test]
fn futures_can_go_where_their_streams_can() {
    fn is_send<T: Send + Sync>(_: T) {}
    let mut vec = Vec::new();
    let mut writer = Vec::new();
    is_send((&b""[..]).read_to_end(&mut vec));
    is_send((&b""[..]).read_u32());
    is_send(writer.write_all(b""));
    is_send(rt_core::io::copy(&mut &b""[..], &mut Vec::new()));
}
