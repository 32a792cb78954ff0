//! One of two: each side is reached, by each trait.

use std::io::Cursor;
use std::marker::PhantomPinned;

use bytes::Bytes;
use futures::executor::block_on;
use futures::{SinkExt, Stream, StreamExt, stream};
use rt_core::io::{AsyncBufReadExt, AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use rt_util::either::Either;

/// Both sides of the same type.
fn sides<T>(make: impl Fn() -> T) -> [Either<T, T>; 2] {
    [Either::Left(make()), Either::Right(make())]
}

#[test]
fn futures_and_streams() {
    for side in sides(|| async { 5 }) {
        assert_eq!(block_on(side), 5);
    }
    for side in sides(|| stream::iter([1, 2])) {
        assert_eq!(side.size_hint(), (2, Some(2)));
        assert_eq!(block_on(side.collect::<Vec<_>>()), [1, 2]);
    }
}

#[test]
fn sinks() {
    for mut side in sides(Vec::new) {
        block_on(async {
            side.send(1).await.unwrap();
            SinkExt::<i32>::close(&mut side).await.unwrap();
        });
        let (Either::Left(items) | Either::Right(items)) = side;
        assert_eq!(items, [1]);
    }
}

#[test]
fn readers_and_writers() {
    for mut side in sides(|| Cursor::new(b"line\nrest".to_vec())) {
        block_on(async {
            let mut text = String::new();
            side.read_line(&mut text).await.unwrap();
            assert_eq!(text, "line\n");
            side.rewind().await.unwrap();
            side.write_all(b"L").await.unwrap();
            side.flush().await.unwrap();
            let mut rest = Bytes::from_static(b"I");
            side.write_buf(&mut rest).await.unwrap();
            side.shutdown().await.unwrap();
            side.read_to_string(&mut text).await.unwrap();
            assert_eq!(text, "line\nne\nrest");
        });
    }
}

#[test]
fn what_it_holds_may_be_pinned() {
    let pinned = || async {
        // Held over the wait, and with it the future isn't `Unpin`.
        let pinned = (PhantomPinned, 7);
        std::future::ready(()).await;
        pinned.1
    };
    for side in sides(pinned) {
        assert_eq!(block_on(Box::pin(side)), 7);
    }
}

#[cfg(feature = "net")]
#[test]
fn listeners() {
    use rt_core::net::{TcpListener, TcpStream, UnixListener, UnixStream};
    use rt_util::net::Listener;

    let runtime = rt_core::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let mut tcp: Either<_, UnixListener> = Either::Left(TcpListener::bind("127.0.0.1:0").await.unwrap());
        let mut unix: Either<TcpListener, _> = Either::Right(UnixListener::bind(&path).unwrap());
        let Either::Left(address) = tcp.local_addr().unwrap() else { panic!("the wrong side") };
        let Either::Right(unix_address) = unix.local_addr().unwrap() else { panic!("the wrong side") };
        assert_eq!(unix_address.as_pathname(), Some(&*path));

        let client = TcpStream::connect(address).await.unwrap();
        let Either::Left((_, peer)) = tcp.accept().await.unwrap() else { panic!("the wrong side") };
        assert_eq!(peer, client.local_addr().unwrap());

        let _client = UnixStream::connect(&path).await.unwrap();
        let Either::Right((mut server, _)) = unix.accept().await.unwrap() else { panic!("the wrong side") };
        drop(_client);
        assert_eq!(server.read(&mut [0]).await.unwrap(), 0);

        // Of one kind, by the trait.
        let Either::Left(mut tcp) = tcp else { panic!("the wrong side") };
        let client = TcpStream::connect(Listener::local_addr(&tcp).unwrap()).await.unwrap();
        let (_, peer) = Listener::accept(&mut tcp).await.unwrap();
        assert_eq!(peer, client.local_addr().unwrap());
    });
}
