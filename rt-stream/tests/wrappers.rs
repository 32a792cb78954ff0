//! Types of rt-core as streams: what comes through, and how each ends.
#![cfg(feature = "full")]

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use rt_core::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, duplex};
use rt_core::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use rt_core::runtime::Builder;
use rt_core::signal::unix::{SignalKind, signal};
use rt_core::sync::{broadcast, mpsc, watch};
use rt_core::task::JoinSet;
use rt_stream::wrappers::errors::BroadcastStreamRecvError;
use rt_stream::wrappers::{
    BroadcastStream, JoinSetStream, LinesStream, ReadDirStream, ReceiverStream, SignalStream, SplitStream,
    TcpListenerStream, UnboundedReceiverStream, UnixListenerStream, WatchStream,
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

#[test]
fn unix_connections_arrive() {
    let path = std::env::temp_dir().join(format!("rt-stream-wrappers-{}.socket", std::process::id()));
    let _ = std::fs::remove_file(&path);
    run(async {
        let mut connections = UnixListenerStream::new(UnixListener::bind(&path).unwrap());
        for sent in [3, 7] {
            let mut client = UnixStream::connect(&path).await.unwrap();
            client.write_u8(sent).await.unwrap();
            let mut server = connections.next().await.unwrap().unwrap();
            assert_eq!(server.read_u8().await.unwrap(), sent);
        }
        assert_eq!(connections.as_ref().local_addr().unwrap().as_pathname(), Some(&*path));
        let waits = rt_core::spawn(async move { connections.next().await.unwrap().is_ok() });
        rt_core::task::yield_now().await;
        let _client = UnixStream::connect(&path).await.unwrap();
        assert!(waits.await.unwrap());
    });
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn a_set_of_tasks_ends_when_it_is_empty_and_goes_on() {
    run(async {
        let mut stream = JoinSetStream::from(JoinSet::new());
        assert_eq!((stream.size_hint(), stream.next().await.is_none()), ((0, Some(0)), true));
        let (sender, receiver) = rt_core::sync::oneshot::channel();
        stream.as_mut().spawn(async { receiver.await.unwrap() });
        assert_eq!(stream.size_hint(), (1, Some(1)));
        assert!(pin!(stream.next()).poll(&mut Context::from_waker(Waker::noop())).is_pending());
        let waits = rt_core::spawn(async move { (stream.next().await.unwrap().unwrap(), stream) });
        rt_core::task::yield_now().await;
        sender.send(5).unwrap();
        let (five, mut stream) = waits.await.unwrap();
        assert_eq!(five, 5);
        // Each error is an item, too.
        stream.as_mut().spawn(async { panic!("boom") });
        assert!(stream.next().await.unwrap().unwrap_err().is_panic());
        stream.as_mut().spawn(std::future::pending()).abort();
        assert!(stream.next().await.unwrap().unwrap_err().is_cancelled());
        // What is left comes back with the set, and is aborted with it.
        let abort = stream.as_mut().spawn(std::future::pending());
        let set = stream.into_inner();
        assert_eq!((set.len(), abort.is_finished()), (1, false));
        drop(set);
        rt_core::task::yield_now().await;
        assert!(abort.is_finished());
    });
}

#[test]
fn a_watch_skips_to_the_last_value_and_ends_after_it() {
    run(async {
        let (sender, receiver) = watch::channel(0);
        let mut values = WatchStream::new(receiver.clone());
        let mut changes = WatchStream::from_changes(receiver);
        assert_eq!(values.next().await, Some(0));
        for stream in [&mut values, &mut changes] {
            assert!(pin!(stream.next()).poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
        sender.send(1).unwrap();
        sender.send(2).unwrap();
        assert_eq!((values.next().await, changes.next().await), (Some(2), Some(2)));
        let waits = rt_core::spawn(async move { (values.next().await, values.next().await) });
        rt_core::task::yield_now().await;
        sender.send(3).unwrap();
        drop(sender);
        assert_eq!(waits.await.unwrap(), (Some(3), None));
        assert_eq!((changes.next().await, changes.next().await, changes.next().await), (Some(3), None, None));
        // The value is there also when all senders were gone before.
        let (sender, receiver) = watch::channel("last");
        drop(sender);
        let mut values = WatchStream::from(receiver);
        assert_eq!((values.next().await, values.next().await), (Some("last"), None));
    });
}

#[test]
fn a_value_that_panics_when_cloned_leaves_the_watch_usable() {
    struct Odd(u32);
    impl Clone for Odd {
        fn clone(&self) -> Self {
            assert!(self.0 % 2 == 1, "even");
            Self(self.0)
        }
    }
    run(async {
        let (sender, receiver) = watch::channel(Odd(2));
        let mut values = WatchStream::new(receiver);
        let mut poll = || {
            let poll = || {
                pin!(values.next()).poll(&mut Context::from_waker(Waker::noop())).map(|odd| odd.unwrap().0)
            };
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(poll))
        };
        assert!(poll().is_err());
        assert!(matches!(poll(), Ok(Poll::Pending)));
        assert!(sender.send(Odd(3)).is_ok());
        assert!(matches!(poll(), Ok(Poll::Ready(3))));
    });
}

#[test]
fn a_directory_ends_after_its_last_entry() {
    let dir = std::env::temp_dir().join(format!("rt-stream-entries-{}", std::process::id()));
    std::fs::create_dir(&dir).unwrap();
    for i in 0..130 {
        std::fs::write(dir.join(i.to_string()), "").unwrap();
    }
    run(async {
        let mut entries = ReadDirStream::new(rt_core::fs::read_dir(&dir).await.unwrap());
        let mut names = Vec::new();
        while let Some(entry) = entries.next().await {
            names.push(entry.unwrap().file_name().into_string().unwrap().parse::<u32>().unwrap());
        }
        names.sort_unstable();
        assert_eq!(names, (0..130).collect::<Vec<_>>());
        assert!(entries.next().await.is_none());
    });
    std::fs::remove_dir_all(&dir).unwrap();
}
