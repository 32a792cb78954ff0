//! `Compat`: reads, writes and seeks, both ways, also where one waits or is given up.
#![cfg(feature = "compat")]

use std::io::{self, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use futures::executor::block_on;
use futures::io::Cursor;
use futures::{FutureExt, io as fio};
use rt_core::io::{AsyncBufReadExt, AsyncReadExt, AsyncSeek, AsyncSeekExt, AsyncWriteExt};
use rt_util::compat::{
    Compat, FuturesAsyncReadCompatExt, FuturesAsyncWriteCompatExt, TokioAsyncReadCompatExt,
    TokioAsyncWriteCompatExt,
};

#[test]
fn a_cursor_of_futures_does_all_that_one_of_ours_does() {
    let mut cursor = Cursor::new(b"one\ntwo\n".to_vec()).compat();
    block_on(async {
        let mut line = String::new();
        cursor.read_line(&mut line).await.unwrap();
        assert_eq!(line, "one\n");
        assert_eq!(cursor.stream_position().await.unwrap(), 4);
        assert_eq!(cursor.seek(SeekFrom::End(-1)).await.unwrap(), 7);
        cursor.write_all(b"!").await.unwrap();
        cursor.shutdown().await.unwrap();
        assert!(cursor.seek(SeekFrom::Current(-100)).await.is_err());
        cursor.rewind().await.unwrap();
        let mut all = String::from("read: ");
        cursor.read_to_string(&mut all).await.unwrap();
        assert_eq!(all, "read: one\ntwo!");
    });
    assert_eq!(cursor.get_ref().position(), 8);
    cursor.get_mut().set_position(0);
    assert_eq!(cursor.into_inner().position(), 0);
}

#[test]
fn there_and_back_is_the_same() {
    let (near, far) = rt_core::io::duplex(3);
    // Each way twice.
    let mut near = FuturesAsyncWriteCompatExt::compat_write(TokioAsyncWriteCompatExt::compat_write(near));
    let mut far = FuturesAsyncReadCompatExt::compat(TokioAsyncReadCompatExt::compat(far));
    let text = block_on(async {
        let write = async {
            near.write_all(b"in small pieces").await.unwrap();
            near.shutdown().await.unwrap();
        };
        let mut text = String::new();
        let (read, ()) = futures::join!(far.read_to_string(&mut text), write);
        read.unwrap();
        text
    });
    assert_eq!(text, "in small pieces");
}

/// Needs a second poll for each seek, and refuses to begin one before the last is over.
#[derive(Default)]
struct Slow {
    position: u64,
    target: Option<(u64, bool)>,
}

impl AsyncSeek for Slow {
    fn start_seek(mut self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        if self.target.is_some() {
            return Err(io::Error::other("another seek is under way"));
        }
        let target = match position {
            SeekFrom::Start(n) => Some(n),
            SeekFrom::Current(n) | SeekFrom::End(n) => self.position.checked_add_signed(n),
        };
        self.target = Some((target.ok_or(io::ErrorKind::InvalidInput)?, false));
        Ok(())
    }

    fn poll_complete(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        match self.target {
            Some((target, false)) => {
                self.target = Some((target, true));
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Some((target, true)) => {
                self.position = target;
                self.target = None;
            }
            None => {}
        }
        Poll::Ready(Ok(self.position))
    }
}

fn seek(slow: &mut Compat<Slow>, to: SeekFrom) -> Poll<io::Result<u64>> {
    let mut cx = Context::from_waker(Waker::noop());
    fio::AsyncSeek::poll_seek(Pin::new(slow), &mut cx, to)
}

impl rt_core::io::AsyncRead for Slow {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &mut rt_core::io::ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[test]
fn a_seek_that_was_given_up_is_over_before_the_next_begins() {
    let mut slow = TokioAsyncReadCompatExt::compat(Slow::default());
    assert!(seek(&mut slow, SeekFrom::Start(10)).is_pending());
    // Another one: the first comes to its end, then this begins, and waits in its turn.
    assert!(seek(&mut slow, SeekFrom::Current(5)).is_pending());
    assert!(matches!(seek(&mut slow, SeekFrom::Current(5)), Poll::Ready(Ok(15))));
    // One that fails isn't remembered.
    assert!(matches!(seek(&mut slow, SeekFrom::Current(-16)), Poll::Ready(Err(_))));
    assert!(seek(&mut slow, SeekFrom::Current(-15)).is_pending());
    assert!(matches!(seek(&mut slow, SeekFrom::Current(-15)), Poll::Ready(Ok(0))));
}

#[test]
fn a_read_that_is_given_up_loses_nothing() {
    let (mut near, far) = rt_core::io::duplex(8);
    let mut far = TokioAsyncReadCompatExt::compat(far);
    let mut bytes = [0; 3];
    assert!(fio::AsyncReadExt::read(&mut far, &mut bytes).now_or_never().is_none());
    block_on(near.write_all(b"all")).unwrap();
    block_on(fio::AsyncReadExt::read_exact(&mut far, &mut bytes)).unwrap();
    assert_eq!(&bytes, b"all");
}
