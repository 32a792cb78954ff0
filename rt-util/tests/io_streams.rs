//! `ReaderStream`, `StreamReader`, `SinkWriter` and `CopyToBytes`: bytes come through whole and in order, errors and ends
//! as they are documented.
#![cfg(feature = "io-util")]

use std::collections::VecDeque;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::{Buf, Bytes};
use futures::executor::block_on;
use futures::{FutureExt, SinkExt, Stream, StreamExt, TryStreamExt, stream};
use proptest::prelude::*;
use rt_core::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, ReadBuf};
use rt_util::io::{CopyToBytes, ReaderStream, SinkWriter, StreamReader};

/// Gives what it's told to, a step each poll: `None` is a `Pending` that wakes at once.
struct Steps<T>(VecDeque<Option<io::Result<T>>>);

impl<T> Steps<T> {
    fn step(&mut self, cx: &Context<'_>) -> Poll<Option<io::Result<T>>> {
        match self.0.pop_front() {
            None => Poll::Ready(None),
            Some(Some(item)) => Poll::Ready(Some(item)),
            Some(None) => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }
}

impl<T> FromIterator<Option<io::Result<T>>> for Steps<T> {
    fn from_iter<I: IntoIterator<Item = Option<io::Result<T>>>>(steps: I) -> Self {
        Self(steps.into_iter().collect())
    }
}

impl AsyncRead for Steps<Vec<u8>> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        assert!(buf.remaining() > 0, "a read into no room says nothing");
        let Poll::Ready(item) = self.step(cx) else { return Poll::Pending };
        let Some(mut bytes) = item.transpose()? else { return Poll::Ready(Ok(())) };
        let rest = bytes.split_off(bytes.len().min(buf.remaining()));
        buf.put_slice(&bytes);
        if !rest.is_empty() {
            self.0.push_front(Some(Ok(rest)));
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: Unpin> Stream for Steps<T> {
    type Item = io::Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.step(cx)
    }
}

/// Chunks, none of them empty, with waits between them.
fn steps() -> impl Strategy<Value = Vec<Option<Vec<u8>>>> {
    let chunk = prop::collection::vec(any::<u8>(), 1..40);
    prop::collection::vec(prop_oneof![1 => Just(None), 3 => chunk.prop_map(Some)], 0..20)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A reader becomes a stream becomes a reader: the bytes are the same, whatever the sizes.
    #[test]
    fn bytes_come_around(steps in steps(), capacity in 0_usize..50, sizes in prop::collection::vec(1_usize..30, 1..5)) {
        let expected: Vec<u8> = steps.iter().flatten().flatten().copied().collect();
        let source: Steps<Vec<u8>> = steps.into_iter().map(|step| step.map(Ok)).collect();
        let mut reader = StreamReader::new(ReaderStream::with_capacity(source, capacity));
        let mut read = Vec::new();
        block_on(async {
            for size in sizes.iter().cycle() {
                let mut buf = vec![0; *size];
                match reader.read(&mut buf).await.unwrap() {
                    0 => break,
                    n => read.extend_from_slice(&buf[..n]),
                }
            }
        });
        prop_assert_eq!(read, expected);
    }

    /// As above, taking each chunk whole or in part by way of the buffer.
    #[test]
    fn buffers_are_consumed_in_part(steps in steps(), part in 1_usize..10) {
        let expected: Vec<u8> = steps.iter().flatten().flatten().copied().collect();
        let chunks: Steps<Bytes> = steps.into_iter().map(|step| step.map(|chunk| Ok(chunk.into()))).collect();
        let mut reader = StreamReader::new(chunks);
        let mut read = Vec::new();
        block_on(async {
            loop {
                let buf = reader.fill_buf().await.unwrap();
                let taken = buf.len().min(part);
                if taken == 0 {
                    break;
                }
                read.extend_from_slice(&buf[..taken]);
                reader.consume(taken);
            }
        });
        prop_assert_eq!(read, expected);
    }
}

#[test]
fn chunks_are_never_empty_nor_larger_than_was_asked_for() {
    let text = [7; 1000];
    let chunks: Vec<Bytes> = block_on(ReaderStream::with_capacity(&text[..], 64).try_collect()).unwrap();
    assert!(chunks.iter().all(|chunk| (1..=64).contains(&chunk.len())));
    assert_eq!(chunks.concat(), text);
}

#[test]
fn a_reader_that_failed_is_dropped_and_the_stream_ends() {
    struct Counted(Steps<Vec<u8>>, #[expect(dead_code)] Arc<()>);
    impl AsyncRead for Counted {
        fn poll_read(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            buf: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_read(cx, buf)
        }
    }
    let alive = Arc::new(());
    let failed = Err(io::ErrorKind::ConnectionReset.into());
    let steps = [Some(Ok(vec![1, 2])), None, Some(failed), Some(Ok(vec![3]))];
    let mut stream = ReaderStream::new(Counted(Steps::from_iter(steps), alive.clone()));
    assert_eq!(block_on(stream.next()).unwrap().unwrap(), [1, 2][..]);
    assert_eq!(block_on(stream.next()).unwrap().unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(Arc::strong_count(&alive), 1);
    assert!(block_on(stream.next()).is_none());
}

#[test]
fn an_error_of_the_stream_comes_between_its_chunks() {
    let failed = io::Error::from(io::ErrorKind::TimedOut);
    let chunks = [Ok(&b"before"[..]), Err(failed), Ok(&b"after"[..])];
    let mut reader = StreamReader::new(stream::iter(chunks));
    block_on(async {
        let mut buf = [0; 16];
        assert_eq!(reader.read(&mut buf).await.unwrap(), 6);
        assert_eq!(reader.read(&mut buf).await.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(reader.read(&mut buf).await.unwrap(), 5);
        assert_eq!(reader.read(&mut buf).await.unwrap(), 0);
    });
}

#[test]
fn a_read_without_room_takes_nothing_from_the_stream() {
    let mut reader = StreamReader::new(Steps::<Bytes>::from_iter([Some(Ok(Bytes::from_static(b"x")))]));
    assert_eq!(reader.read(&mut []).now_or_never().unwrap().unwrap(), 0);
    assert_eq!(reader.get_ref().0.len(), 1);
}

#[test]
fn chunks_in_pieces_are_read_in_one_go() {
    let chunk = Buf::chain(&b"two "[..], &b"pieces"[..]);
    let mut reader = StreamReader::new(stream::iter([io::Result::Ok(chunk)]));
    let mut buf = [0; 16];
    assert_eq!(block_on(reader.read(&mut buf)).unwrap(), 10);
    assert_eq!(&buf[..10], b"two pieces");
}

#[test]
fn a_cancelled_read_loses_nothing() {
    let chunks = Steps::<Bytes>::from_iter([None, Some(Ok(Bytes::from_static(b"all")))]);
    let mut reader = StreamReader::new(chunks);
    let mut buf = [0; 3];
    assert!(reader.read(&mut buf).now_or_never().is_none());
    block_on(reader.read_exact(&mut buf)).unwrap();
    assert_eq!(&buf, b"all");
}

#[test]
fn what_is_left_of_a_chunk_can_be_had() {
    let whole = || StreamReader::new(stream::iter([io::Result::Ok(&b"abc"[..])]));
    let (_, untouched) = whole().into_inner_with_chunk();
    assert_eq!(untouched, None);

    let mut reader = whole();
    block_on(reader.read_exact(&mut [0; 2])).unwrap();
    assert_eq!(reader.into_inner_with_chunk().1, Some(&b"c"[..]));

    let mut reader = whole();
    block_on(reader.read_exact(&mut [0; 3])).unwrap();
    assert_eq!(reader.into_inner_with_chunk().1, None);
}

/// The stream of an HTTP body is a sink, too, when it's a WebSocket.
#[test]
fn items_are_sent_through_a_reader() {
    let (sender, mut receiver) = futures::channel::mpsc::unbounded::<u8>();

    struct Both(futures::channel::mpsc::UnboundedSender<u8>);
    impl Stream for Both {
        type Item = io::Result<Bytes>;
        fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
            Poll::Ready(None)
        }
    }
    impl futures::Sink<u8> for Both {
        type Error = futures::channel::mpsc::SendError;
        fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
            self.0.poll_ready_unpin(cx)
        }
        fn start_send(mut self: Pin<&mut Self>, item: u8) -> Result<(), Self::Error> {
            self.0.start_send_unpin(item)
        }
        fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
            self.0.poll_flush_unpin(cx)
        }
        fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
            self.0.poll_close_unpin(cx)
        }
    }
    let mut reader = StreamReader::new(Both(sender));
    block_on(reader.send(9)).unwrap();
    assert_eq!(receiver.try_recv().unwrap(), 9);
    block_on(SinkExt::close(&mut reader)).unwrap();
    assert_eq!(block_on(receiver.next()), None);
}

#[test]
fn a_write_that_waits_has_sent_nothing() {
    let (sender, mut receiver) = futures::channel::mpsc::channel::<Bytes>(0);
    let mut writer = SinkWriter::new(CopyToBytes::new(sender.sink_map_err(io::Error::other)));
    let mut cx = Context::from_waker(Waker::noop());
    block_on(writer.write_all(b"first")).unwrap();
    {
        let mut second = pin!(writer.write_all(b"second"));
        assert!(second.as_mut().poll(&mut cx).is_pending());
    }
    assert_eq!(receiver.try_recv().unwrap(), "first");
    assert!(receiver.try_recv().is_err());
    block_on(writer.write_all(b"third")).unwrap();
    assert_eq!(receiver.try_recv().unwrap(), "third");
    block_on(writer.shutdown()).unwrap();
    assert_eq!(block_on(receiver.next()), None);
    assert!(block_on(writer.write_all(b"late")).is_err());
}
