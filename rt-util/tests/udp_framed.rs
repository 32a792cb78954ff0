//! Frames in datagrams, over real sockets.
#![cfg(all(feature = "codec", feature = "net"))]

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use futures::{SinkExt, StreamExt};
use rt_core::net::UdpSocket;
use rt_util::codec::{BytesCodec, Encoder, LinesCodec};
use rt_util::udp::UdpFramed;

fn run<F: Future>(future: F) -> F::Output {
    let runtime = rt_core::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let limit = Duration::from_secs(60);
    runtime.block_on(async { rt_core::time::timeout(limit, future).await.expect("nothing comes") })
}

async fn socket() -> (Arc<UdpSocket>, SocketAddr) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    (Arc::new(socket), address)
}

#[test]
fn a_datagram_holds_several_frames_and_no_frame_spans_two() {
    run(async {
        let ((sender, from), (receiver, to)) = (socket().await, socket().await);
        let mut lines = UdpFramed::new(receiver, LinesCodec::new());
        for datagram in ["a\nb\nrest", "\n", "", "c"] {
            sender.send_to(datagram.as_bytes(), to).await.unwrap();
        }
        for line in ["a", "b", "rest", "", "c"] {
            assert_eq!(lines.next().await.unwrap().unwrap(), (line.to_owned(), from));
        }
    });
}

#[test]
fn a_bad_frame_is_an_error_and_the_stream_goes_on() {
    run(async {
        let ((sender, _), (receiver, to)) = (socket().await, socket().await);
        let mut lines = UdpFramed::new(receiver, LinesCodec::new_with_max_length(3));
        sender.send_to(b"too long\nok", to).await.unwrap();
        sender.send_to(b"\xff", to).await.unwrap();
        sender.send_to(b"end", to).await.unwrap();
        assert!(lines.next().await.unwrap().is_err());
        assert_eq!(lines.next().await.unwrap().unwrap().0, "ok");
        assert!(lines.next().await.unwrap().is_err());
        assert_eq!(lines.next().await.unwrap().unwrap().0, "end");
    });
}

#[test]
fn each_frame_is_a_datagram_also_the_largest() {
    run(async {
        let ((sender, from), (receiver, to)) = (socket().await, socket().await);
        let mut sink = UdpFramed::new(sender, BytesCodec::new());
        let mut stream = UdpFramed::new(receiver, BytesCodec::new());
        for length in [1, 20_000, 65_507, 2] {
            sink.send((Bytes::from(vec![7; length]), to)).await.unwrap();
            let (datagram, peer) = stream.next().await.unwrap().unwrap();
            assert_eq!((datagram.len(), peer), (length, from));
        }
        assert!(sink.send((Bytes::from(vec![7; 65_508]), to)).await.is_err());
        sink.send((Bytes::from("after"), to)).await.unwrap();
        assert_eq!(stream.next().await.unwrap().unwrap().0, "after");
    });
}

/// Writes before it finds out that it can't.
struct Odd;

impl Encoder<u8> for Odd {
    type Error = io::Error;

    fn encode(&mut self, item: u8, dst: &mut BytesMut) -> io::Result<()> {
        dst.put_u8(item);
        if item % 2 == 1 { Ok(()) } else { Err(io::Error::other("even")) }
    }
}

#[test]
fn what_could_not_be_encoded_is_in_no_datagram() {
    run(async {
        let ((sender, _), (receiver, to)) = (socket().await, socket().await);
        let mut sink = UdpFramed::new(sender, Odd);
        assert!(sink.send((2, to)).await.is_err());
        sink.send((3, to)).await.unwrap();
        let mut bytes = [0; 8];
        assert_eq!(receiver.recv(&mut bytes).await.unwrap(), 1);
        assert_eq!(bytes[0], 3);
    });
}
