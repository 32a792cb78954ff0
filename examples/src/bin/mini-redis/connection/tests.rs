use std::io::ErrorKind;
use std::pin::Pin;
use std::task::{Context, Poll};

use rt_core::runtime::Builder;

use super::*;

/// A socket that takes up to `room` bytes at once, and nothing more after that. Or one that is broken.
struct Socket {
    room: io::Result<usize>,
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match std::mem::replace(&mut self.room, Ok(0)) {
            Ok(0) => Poll::Pending,
            room => Poll::Ready(room.map(|room| room.min(bytes.len()))),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        unreachable!("there is nothing to flush")
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        unreachable!("it isn't closed")
    }
}

/// Sends what the socket takes at once, and says whether that was all.
fn send_to(out: &mut BytesMut, room: io::Result<usize>) -> io::Result<bool> {
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(send(&mut Socket { room }, out, Duration::ZERO))
}

#[test]
fn what_is_sent_is_forgotten() {
    let mut out = BytesMut::from("one two");
    assert!(!send_to(&mut out, Ok(4)).unwrap());
    assert_eq!(out, "two");
    out.extend_from_slice(b" three");
    assert!(!send_to(&mut out, Ok(0)).unwrap());
    assert_eq!(out, "two three");
    assert!(send_to(&mut out, Ok(100)).unwrap());
    assert!(out.is_empty());
    assert!(send_to(&mut out, Err(ErrorKind::Other.into())).unwrap(), "there is nothing to send");
}

#[test]
fn a_broken_socket_is_an_error() {
    let mut out = BytesMut::from("text");
    let error = send_to(&mut out, Err(ErrorKind::BrokenPipe.into())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BrokenPipe);
}

/// A client that is always a little behind doesn't make the buffer grow for ever.
#[test]
fn a_lagging_client_costs_no_more_than_its_lag() {
    let mut out = BytesMut::from(&[b'x'; 1000][..]);
    for _ in 0..10_000 {
        out.extend_from_slice(&[b'x'; 1000]);
        assert!(!send_to(&mut out, Ok(1000)).unwrap());
    }
    assert_eq!(out.len(), 1000);
    assert!(!out.try_reclaim(10_000), "more than ten times the lag");
}

#[test]
fn memory_of_a_large_reply_is_given_back() {
    for piece in [1 << 20, 100_000, 1 << 17] {
        let mut out = BytesMut::zeroed(1 << 20);
        while !out.is_empty() {
            send_to(&mut out, Ok(piece)).unwrap();
        }
        assert!(!out.try_reclaim(KEPT), "kept after pieces of {piece} bytes");
    }
}

#[test]
fn memory_of_a_common_reply_is_used_again() {
    let mut out = BytesMut::zeroed(1000);
    assert!(send_to(&mut out, Ok(1000)).unwrap());
    assert!(out.try_reclaim(1000));
}
