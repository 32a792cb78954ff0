//! The codecs and the transports: what they make of any cut of any input.
#![cfg(feature = "codec")]

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use futures::task::noop_waker_ref;
use futures::{Sink, SinkExt, Stream, StreamExt};
use proptest::prelude::*;
use rt_core::io::{AsyncRead, AsyncWrite, ReadBuf};
use rt_util::codec::length_delimited::Builder;
use rt_util::codec::{
    AnyDelimiterCodec, BytesCodec, Decoder, Encoder, Framed, FramedParts, FramedRead, FramedWrite,
    LengthDelimitedCodec, LengthDelimitedCodecError, LinesCodec, LinesCodecError,
};

/// What an input does when it's read.
#[derive(Clone, Debug)]
enum Read {
    Bytes(Vec<u8>),
    Wait,
    Fail,
    End,
}

/// An input by a script, that ends after it.
struct Script(VecDeque<Read>);

impl AsyncRead for Script {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        assert!(buf.remaining() > 0, "a read into no room");
        match self.0.pop_front() {
            Some(Read::Bytes(mut bytes)) => {
                let rest = bytes.split_off(bytes.len().min(buf.remaining()));
                if !rest.is_empty() {
                    self.0.push_front(Read::Bytes(rest));
                }
                buf.put_slice(&bytes);
                Poll::Ready(Ok(()))
            }
            Some(Read::Wait) => Poll::Pending,
            Some(Read::Fail) => Poll::Ready(Err(io::Error::other("the input failed"))),
            Some(Read::End) | None => Poll::Ready(Ok(())),
        }
    }
}

/// An output that takes `at_once` bytes at a time, and keeps account of what is called.
#[derive(Default)]
struct Output {
    written: Vec<u8>,
    at_once: usize,
    waits: usize,
    flushes: usize,
    shut_down: bool,
}

impl AsyncWrite for Output {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if self.waits > 0 {
            self.waits -= 1;
            return Poll::Pending;
        }
        let taken = buf.len().min(self.at_once);
        self.written.extend_from_slice(&buf[..taken]);
        Poll::Ready(Ok(taken))
    }

    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.flushes += 1;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.shut_down = true;
        Poll::Ready(Ok(()))
    }
}

fn next<S: Stream + Unpin>(stream: &mut S) -> Poll<Option<S::Item>> {
    stream.poll_next_unpin(&mut Context::from_waker(noop_waker_ref()))
}

/// Frames until the first `None`; an error is told by `Err` and its place.
fn frames<D: Decoder>(decoder: D, reads: Vec<Read>) -> Vec<Result<D::Item, ()>> {
    let mut stream = FramedRead::new(Script(reads.into()), decoder);
    let mut frames = Vec::new();
    loop {
        match next(&mut stream) {
            Poll::Ready(Some(frame)) => frames.push(frame.map_err(drop)),
            Poll::Ready(None) => return frames,
            Poll::Pending => {}
        }
    }
}

/// `input` in pieces, with a wait after each; the numbers say how long the pieces are.
fn cut(input: &[u8], pieces: &[usize]) -> Vec<Read> {
    let mut rest = input;
    let mut reads = Vec::new();
    for piece in pieces.iter().cycle() {
        if rest.is_empty() {
            return reads;
        }
        let (head, tail) = rest.split_at(rest.len().min((*piece).max(1)));
        reads.extend([Read::Bytes(head.to_vec()), Read::Wait]);
        rest = tail;
    }
    reads
}

/// The same frames come however the input is cut in two.
fn every_cut<D: Decoder<Item: PartialEq + std::fmt::Debug>>(decoder: impl Fn() -> D, input: &[u8]) {
    let whole = frames(decoder(), vec![Read::Bytes(input.to_vec())]);
    assert!(!whole.is_empty());
    for at in 0..=input.len() {
        let (head, tail) = input.split_at(at);
        let parts = [head, tail].into_iter().filter(|part| !part.is_empty());
        let parts = parts.map(|part| Read::Bytes(part.to_vec()));
        assert_eq!(frames(decoder(), parts.collect()), whole, "cut at {at}");
    }
    assert_eq!(frames(decoder(), cut(input, &[1])), whole, "byte by byte");
}

#[test]
fn a_cut_anywhere_changes_no_frame() {
    every_cut(LinesCodec::new, "one\r\n\ntwo\n\u{e4}\u{20ac}\nlast\r".as_bytes());
    every_cut(|| LinesCodec::new_with_max_length(8), b"12345678\n\n1234567\r\nx");
    every_cut(AnyDelimiterCodec::default, b"a,b;;\r\nlast");
    every_cut(|| AnyDelimiterCodec::new(b" ".to_vec(), vec![]), b" a  b ");
    every_cut(LengthDelimitedCodec::new, b"\0\0\0\x03abc\0\0\0\0\0\0\0\x01x");
    every_cut(
        || Builder::new().length_field_offset(2).length_field_length(1).length_adjustment(-1).new_codec(),
        b"zz\x03ab..\x01..\x04cde",
    );
    every_cut(|| Builder::new().length_field_length(1).num_skip(3).new_codec(), b"\x02--ab\x01--c\0--");
}

/// A decoder of bytes, each a frame, that counts its calls. `!` is an error, `?` waits for another byte.
#[derive(Default)]
struct Counting {
    decoded: usize,
    ended: usize,
    /// Frames that come only at the end.
    at_end: usize,
}

impl Decoder for Counting {
    type Item = u8;
    type Error = io::Error;

    fn decode(&mut self, src: &mut BytesMut) -> io::Result<Option<u8>> {
        self.decoded += 1;
        match src.first() {
            None => Ok(None),
            Some(b'?') if src.len() < 2 => Ok(None),
            Some(b'!') => {
                src.advance(1);
                Err(io::Error::other("a bad byte"))
            }
            Some(_) => Ok(Some(src.get_u8())),
        }
    }

    fn decode_eof(&mut self, src: &mut BytesMut) -> io::Result<Option<u8>> {
        self.ended += 1;
        if let frame @ Some(_) = self.decode(src)? {
            return Ok(frame);
        }
        if self.at_end > 0 {
            self.at_end -= 1;
            return Ok(Some(b'.'));
        }
        Ok(None)
    }
}

impl Encoder<usize> for Counting {
    type Error = io::Error;

    fn encode(&mut self, length: usize, dst: &mut BytesMut) -> io::Result<()> {
        if length == 13 {
            return Err(io::Error::other("an unlucky length"));
        }
        dst.put_bytes(b'x', length);
        Ok(())
    }
}

#[track_caller]
fn assert_frame(stream: &mut FramedRead<Script, Counting>, frame: u8) {
    assert!(matches!(next(stream), Poll::Ready(Some(Ok(got))) if got == frame));
}

#[test]
fn the_end_is_told_once_to_the_decoder_and_reading_goes_on_after_it() {
    let reads = [Read::Bytes(b"a".to_vec()), Read::End, Read::End, Read::Bytes(b"b".to_vec())];
    let mut stream = FramedRead::new(Script(reads.into()), Counting { at_end: 2, ..Counting::default() });
    assert_frame(&mut stream, b'a');
    assert_frame(&mut stream, b'.');
    assert_frame(&mut stream, b'.');
    assert!(matches!(next(&mut stream), Poll::Ready(None)));
    assert_eq!(stream.decoder().ended, 3);

    assert!(matches!(next(&mut stream), Poll::Ready(None)));
    assert_eq!(stream.decoder().ended, 3, "a second end is no news");

    assert_frame(&mut stream, b'b');
    assert!(matches!(next(&mut stream), Poll::Ready(None)));
    assert_eq!(stream.decoder().ended, 4, "an end after more bytes is");
}

#[test]
fn an_error_is_followed_by_none_and_then_by_what_is_read_next() {
    let reads =
        [Read::Bytes(b"a!b".to_vec()), Read::Wait, Read::Bytes(b"c".to_vec()), Read::Fail, Read::Fail];
    let mut stream = FramedRead::new(Script(reads.into()), Counting::default());
    assert_frame(&mut stream, b'a');
    assert!(matches!(next(&mut stream), Poll::Ready(Some(Err(_)))));
    assert!(matches!(next(&mut stream), Poll::Ready(None)));

    assert!(next(&mut stream).is_pending(), "it reads before it decodes again");
    assert_frame(&mut stream, b'b');
    assert_frame(&mut stream, b'c');

    assert!(matches!(next(&mut stream), Poll::Ready(Some(Err(_)))));
    assert!(matches!(next(&mut stream), Poll::Ready(None)));
    assert!(matches!(next(&mut stream), Poll::Ready(Some(Err(_)))));
    assert!(matches!(next(&mut stream), Poll::Ready(None)));
    assert!(matches!(next(&mut stream), Poll::Ready(None)), "the end");
}

#[test]
fn bytes_of_a_frame_that_was_waited_for_are_kept() {
    let reads = [Read::Bytes(b"?".to_vec()), Read::Wait, Read::Fail, Read::Bytes(b"?".to_vec())];
    let mut stream = FramedRead::new(Script(reads.into()), Counting::default());
    assert!(next(&mut stream).is_pending());
    assert_eq!(stream.read_buffer(), "?");
    assert!(matches!(next(&mut stream), Poll::Ready(Some(Err(_)))));
    assert!(matches!(next(&mut stream), Poll::Ready(None)));
    assert_frame(&mut stream, b'?');
}

#[test]
fn parts_hand_over_what_is_buffered() {
    let mut parts = FramedParts::new::<usize>(Script(VecDeque::new()), Counting::default());
    parts.read_buf.put_slice(b"ab");
    let mut framed = Framed::from_parts(parts);
    assert!(matches!(next(&mut framed), Poll::Ready(Some(Ok(b'a')))));

    let framed = framed.map_codec(|_| LinesCodec::new());
    let mut parts = framed.into_parts();
    assert_eq!(parts.read_buf, "b");
    parts.read_buf.clear();

    let mut framed = Framed::from_parts(parts).map_codec(|_| Counting::default());
    assert!(matches!(next(&mut framed), Poll::Ready(None)));
    assert_eq!(framed.codec().decoded, 1, "only at the end, as there was nothing to decode before");
}

fn ready<S: Sink<usize> + Unpin>(sink: &mut S) -> Poll<Result<(), S::Error>> {
    sink.poll_ready_unpin(&mut Context::from_waker(noop_waker_ref()))
}

#[test]
fn a_sink_is_ready_below_the_boundary_and_writes_at_it() {
    let output = Output { at_once: 3, waits: 1, ..Output::default() };
    let mut sink = FramedWrite::with_capacity(output, Counting::default(), 10);
    assert_eq!(sink.backpressure_boundary(), 10);

    for length in [9, 1] {
        assert!(matches!(ready(&mut sink), Poll::Ready(Ok(()))));
        sink.start_send_unpin(length).unwrap();
    }
    assert_eq!(sink.get_ref().written.len(), 0);
    assert!(ready(&mut sink).is_pending());
    assert!(matches!(ready(&mut sink), Poll::Ready(Ok(()))));
    assert_eq!(sink.get_ref().written.len(), 10);
    assert_eq!(sink.get_ref().flushes, 1);

    sink.start_send_unpin(1).unwrap();
    let mut sink = sink.map_encoder(|encoder| encoder);
    assert_eq!(sink.backpressure_boundary(), 10);
    futures::executor::block_on(SinkExt::<usize>::close(&mut sink)).unwrap();
    assert_eq!(sink.get_ref().written.len(), 11);
    assert!(sink.get_ref().shut_down);
}

#[test]
fn an_output_that_takes_nothing_is_an_error_and_loses_nothing() {
    let mut sink = FramedWrite::new(Output::default(), Counting::default());
    sink.start_send_unpin(5).unwrap();
    let error = futures::executor::block_on(SinkExt::<usize>::flush(&mut sink)).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::WriteZero);
    assert_eq!(sink.write_buffer(), "xxxxx");

    assert!(sink.start_send_unpin(13).is_err());
    assert_eq!(sink.write_buffer(), "xxxxx");
    sink.get_mut().at_once = 2;
    futures::executor::block_on(SinkExt::<usize>::flush(&mut sink)).unwrap();
    assert_eq!(sink.get_ref().written, b"xxxxx");
}

#[test]
fn a_transport_hands_through_the_other_direction() {
    let (sender, receiver) = futures::channel::mpsc::unbounded::<u8>();
    let mut sender = FramedRead::new(sender, ());
    let mut receiver = FramedWrite::new(receiver, ());
    futures::executor::block_on(async {
        sender.send(7).await.unwrap();
        assert_eq!(receiver.next().await, Some(7));
        sender.close().await.unwrap();
        assert_eq!(receiver.next().await, None);
    });
}

#[test]
fn a_malicious_length_is_an_error_and_allocates_nothing() {
    for head in [&b"\xff\xff\xff\xff"[..], b"\x00\x80\x00\x01", b"\x7f\x00\x00\x00...."] {
        let mut codec = LengthDelimitedCodec::new();
        let mut input = BytesMut::from(head);
        let capacity = input.capacity();
        let error = codec.decode(&mut input).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        assert!(error.get_ref().unwrap().is::<LengthDelimitedCodecError>());
        assert_eq!((&input[..], input.capacity()), (head, capacity));
    }
    let mut codec = Builder::new().length_adjustment(-8).new_codec();
    let error = codec.decode(&mut BytesMut::from(&b"\0\0\0\x07"[..])).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
}

#[test]
fn a_length_without_its_payload_allocates_little_even_if_it_is_allowed() {
    for head in [&b"\x7f\xff\xff\xff\xff\xff\xff\xff"[..], b"\xff\xff\xff\xff\xff\xff\xff\xff"] {
        let mut codec = Builder::new().length_field_length(8).max_frame_length(usize::MAX).new_codec();
        let mut input = BytesMut::from(head);
        assert!(codec.decode(&mut input).unwrap().is_none());
        assert!(input.capacity() <= 2 << 20);
        assert!(codec.decode_eof(&mut input).unwrap().is_none(), "as no byte of it came");
        input.put_u8(1);
        assert!(codec.decode_eof(&mut input).is_err());
    }
}

#[test]
fn a_large_frame_is_read_whole() {
    let payload = (0..5 << 20).map(|n: u32| n as u8).collect::<Vec<_>>();
    let mut input = BytesMut::new();
    let mut codec = LengthDelimitedCodec::new();
    codec.encode(&payload[..], &mut input).unwrap();
    let frames = frames(codec, vec![Read::Bytes(input.to_vec())]);
    assert!(frames.len() == 1 && frames[0].as_ref().unwrap() == &payload);
}

#[test]
fn an_adjustment_that_no_length_makes_up_for_is_an_error() {
    let mut codec = Builder::new().length_adjustment(4).new_codec();
    let mut output = BytesMut::from("before");
    let error = codec.encode(&b"abc"[..], &mut output).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    assert_eq!(output, "before");
    codec.encode(&b"abcd"[..], &mut output).unwrap();
    assert_eq!(output, "before\0\0\0\0abcd");
}

#[test]
#[should_panic(expected = "1 to 8 bytes")]
fn a_length_field_of_nine_bytes_panics() {
    LengthDelimitedCodec::builder().length_field_length(9);
}

#[test]
fn a_search_for_the_end_of_a_line_survives_a_buffer_that_was_cleared() {
    let mut codec = LinesCodec::new();
    let mut input = BytesMut::from("a long beginning");
    assert!(codec.decode(&mut input).unwrap().is_none());
    input.clear();
    input.put_slice(b"x");
    assert!(codec.decode(&mut input).unwrap().is_none());
    input.put_slice(b"\n");
    assert_eq!(codec.decode(&mut input).unwrap().unwrap(), "x");
}

#[test]
fn a_line_that_is_no_utf8_is_lost_alone() {
    let mut codec = LinesCodec::new();
    let mut input = BytesMut::from(&b"\xff\nnext\n\xfe"[..]);
    let error = codec.decode(&mut input).unwrap_err();
    assert!(matches!(error, LinesCodecError::Io(error) if error.kind() == io::ErrorKind::InvalidData));
    assert_eq!(codec.decode(&mut input).unwrap().unwrap(), "next");
    assert!(codec.decode_eof(&mut input).is_err());
    assert!(codec.decode_eof(&mut input).unwrap().is_none());
}

/// Settings under which what is encoded can be decoded.
fn settings() -> impl Strategy<Value = Builder> {
    (1..=8_usize, any::<bool>(), -20..=0_isize).prop_map(|(length, big, adjustment)| {
        let mut builder = Builder::new();
        builder.length_field_length(length).length_adjustment(adjustment);
        if big {
            builder.big_endian()
        } else {
            builder.little_endian()
        };
        builder
    })
}

/// Any settings at all.
fn wild_settings() -> impl Strategy<Value = Builder> {
    let skip = proptest::option::of(0..20_usize);
    (settings(), -300..300_isize, 0..20_usize, skip, 0..2000_usize).prop_map(
        |(mut builder, adjustment, offset, skip, max)| {
            builder.length_adjustment(adjustment).length_field_offset(offset).max_frame_length(max);
            if let Some(skip) = skip {
                builder.num_skip(skip);
            }
            builder
        },
    )
}

/// The first 64 answers of a stream, which needn't end: an error needn't take anything off the buffer.
fn poll_some<D: Decoder>(decoder: D, reads: Vec<Read>) {
    let mut stream = FramedRead::with_capacity(Script(reads.into()), decoder, 16);
    for _ in 0..64 {
        let _ = next(&mut stream);
    }
}

fn read() -> impl Strategy<Value = Read> {
    prop_oneof![
        6 => prop::collection::vec(prop_oneof![any::<u8>(), 0..4_u8, Just(b'\n')], 1..40).prop_map(Read::Bytes),
        2 => Just(Read::Wait),
        1 => Just(Read::Fail),
        1 => Just(Read::End),
    ]
}

proptest! {
    #[test]
    fn lines_round_trip(lines in prop::collection::vec("[^\r\n]{0,20}", 0..20), pieces in prop::collection::vec(1..30_usize, 1..8)) {
        let mut output = BytesMut::new();
        for line in &lines {
            LinesCodec::new().encode(line, &mut output).unwrap();
        }
        let decoded = frames(LinesCodec::new(), cut(&output, &pieces));
        prop_assert_eq!(decoded, lines.into_iter().map(Ok).collect::<Vec<_>>());
    }

    #[test]
    fn long_lines_are_dropped_and_the_others_not(lines in prop::collection::vec("[a-z]{0,12}", 1..20), pieces in prop::collection::vec(1..30_usize, 1..8)) {
        let output = lines.iter().flat_map(|line| [line.as_bytes(), b"\n"]).flatten().copied().collect::<Vec<_>>();
        let reads = cut(&output, &pieces);
        let polls = reads.len() + 3 * lines.len() + 2;
        let mut stream = FramedRead::new(Script(reads.into()), LinesCodec::new_with_max_length(6));
        let mut decoded = Vec::new();
        for _ in 0..polls {
            if let Poll::Ready(Some(line)) = next(&mut stream) {
                decoded.push(line.ok());
            }
        }
        // After an error what is buffered waits for a read; the end counts as one.
        let expected = lines.into_iter().map(|line| (line.len() <= 6).then_some(line)).collect::<Vec<_>>();
        prop_assert_eq!(decoded, expected);
    }

    #[test]
    fn chunks_round_trip(chunks in prop::collection::vec("[^,;]{0,20}", 0..20), pieces in prop::collection::vec(1..30_usize, 1..8)) {
        let mut codec = AnyDelimiterCodec::new(b",;".to_vec(), b";".to_vec());
        let mut output = BytesMut::new();
        for chunk in &chunks {
            codec.encode(chunk, &mut output).unwrap();
        }
        let decoded = frames(codec, cut(&output, &pieces));
        prop_assert_eq!(decoded, chunks.into_iter().map(|chunk| Ok(Bytes::from(chunk))).collect::<Vec<_>>());
    }

    #[test]
    fn lengths_round_trip(settings in settings(), payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..10), pieces in prop::collection::vec(1..90_usize, 1..8)) {
        let mut codec = settings.new_codec();
        let mut output = BytesMut::new();
        let mut expected = Vec::new();
        for payload in payloads {
            let before = output.len();
            match codec.encode(&payload[..], &mut output) {
                Ok(()) => expected.push(Ok(BytesMut::from(&payload[..]))),
                Err(_) => prop_assert_eq!(output.len(), before),
            }
        }
        prop_assert_eq!(frames(codec, cut(&output, &pieces)), expected);
    }

    #[test]
    fn no_input_makes_a_codec_panic(reads in prop::collection::vec(read(), 0..20), wild in wild_settings(), max in 0..30_usize) {
        poll_some(wild.new_codec(), reads.clone());
        poll_some(LinesCodec::new_with_max_length(max), reads.clone());
        poll_some(AnyDelimiterCodec::new_with_max_length(vec![0, b'\n'], vec![], max), reads.clone());
        poll_some(AnyDelimiterCodec::new_with_max_length(vec![0, 1, 2, b'\n'], vec![], max), reads.clone());
        poll_some(BytesCodec::new(), reads);
    }
}
