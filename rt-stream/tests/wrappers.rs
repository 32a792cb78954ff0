//! Types of rt-core as streams: what comes through, and how each ends.
#![cfg(feature = "full")]

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use rt_core::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, duplex};
use rt_core::net::{TcpListener, TcpStream};
use rt_core::runtime::Builder;
use rt_core::signal::unix::{SignalKind, signal};
use rt_core::sync::{broadcast, mpsc};
use rt_stream::wrappers::errors::BroadcastStreamRecvError;
use rt_stream::wrappers::{
    BroadcastStream, LinesStream, ReceiverStream, SignalStream, SplitStream, TcpListenerStream,
    UnboundedReceiverStream,
};
use rt_stream::{Stream, StreamExt};

fn run<F: Future>(future: F) -> F::Output {
    Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

#[test]
fn lines_arrive_as_they_are_written() {
    run(async {
        let (mut writer, reader) = duplex(64);
        let mut lines = LinesStream::new(BufReader::new(reader).lines());
        writer.write_all(b"one\r\ntw").await.unwrap();
        assert_eq!(lines.next().await.unwrap().unwrap(), "one");
        {
            let mut next = pin!(lines.next());
            assert!(next.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
        writer.write_all(b"o").await.unwrap();
        drop(writer);
        assert_eq!(lines.next().await.unwrap().unwrap(), "two", "what came before the end is a line");
        assert!(lines.next().await.is_none());
        let _ = lines.as_mut().get_mut();
    });
}

#[test]
fn a_line_that_is_no_text_is_an_error() {
    run(async {
        let mut lines = LinesStream::new(AsyncBufReadExt::lines(&b"\xff\n"[..]));
        assert_eq!(lines.next().await.unwrap().unwrap_err().kind(), std::io::ErrorKind::InvalidData);
    });
}

#[test]
fn segments_end_with_the_reader() {
    let segments =
        run(SplitStream::new(AsyncBufReadExt::split(&b"a,,b"[..], b',')).collect::<Result<Vec<_>, _>>());
    assert_eq!(segments.unwrap(), [&b"a"[..], b"", b"b"]);
}

#[test]
fn connections_arrive_in_order() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut connections = TcpListenerStream::new(listener);
        for _ in 0..3 {
            let client = TcpStream::connect(address).await.unwrap();
            let server = connections.next().await.unwrap().unwrap();
            assert_eq!(server.peer_addr().unwrap(), client.local_addr().unwrap());
        }
        assert_eq!(connections.into_inner().local_addr().unwrap(), address);
    });
}

#[test]
fn a_signal_arrives() {
    run(async {
        let mut signals = SignalStream::new(signal(SignalKind::user_defined1()).unwrap());
        // std cannot raise a signal, so a child does.
        let status = std::process::Command::new("sh")
            .args(["-c", &format!("kill -USR1 {}", std::process::id())])
            .status()
            .unwrap();
        assert!(status.success());
        assert_eq!(signals.next().await, Some(()));
    });
}

#[test]
fn channels_end_when_closed_and_empty() {
    run(async {
        let (sender, receiver) = mpsc::channel(4);
        let mut stream = ReceiverStream::from(receiver);
        sender.send(1).await.unwrap();
        sender.send(2).await.unwrap();
        assert_eq!(stream.size_hint(), (2, None));
        stream.close();
        assert!(sender.send(3).await.is_err());
        assert_eq!(stream.collect::<Vec<_>>().await, [1, 2]);
        let (sender, receiver) = mpsc::unbounded_channel();
        let mut stream = UnboundedReceiverStream::from(receiver);
        sender.send(1).unwrap();
        assert_eq!(stream.next().await, Some(1));
        stream.close();
        assert!(sender.send(2).is_err());
        assert_eq!(stream.next().await, None);
    });
}

#[test]
fn a_broadcast_says_what_it_missed() {
    run(async {
        let (sender, receiver) = broadcast::channel(2);
        let mut stream = BroadcastStream::from(receiver);
        for number in 0..5 {
            sender.send(number).unwrap();
        }
        assert_eq!(stream.next().await, Some(Err(BroadcastStreamRecvError::Lagged(3))));
        assert_eq!(stream.next().await, Some(Ok(3)));
        {
            let mut next = pin!(stream.next());
            assert_eq!(next.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(Some(Ok(4))));
        }
        let waits = rt_core::spawn(async move { stream.next().await });
        rt_core::task::yield_now().await;
        sender.send(5).unwrap();
        assert_eq!(waits.await.unwrap(), Some(Ok(5)));
    });
    assert_eq!(BroadcastStreamRecvError::Lagged(3).to_string(), "channel lagged by 3");
}
