//! Our tokio under crates that are as published: tokio-stream, tokio-util and tokio-test, which know nothing of us.
//!
//! A line server: frames by tokio-util's codec over our sockets, results as a stream of tokio-stream, a shutdown by
//! tokio-util's token. Ends with `OK`, or with a panic.
#![forbid(unsafe_code)]

use std::time::Duration;

use futures_util::SinkExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::codec::{Framed, LinesCodec};
use tokio_util::sync::CancellationToken;
use tokio_util::time::DelayQueue;

#[tokio::main]
async fn main() {
    serve_lines().await;
    delay().await;
    read_from_a_script().await;
    println!("OK");
}

async fn serve_lines() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let (sender, receiver) = mpsc::channel(8);
    let server = tokio::spawn({
        let stop = stop.clone();
        async move {
            loop {
                let (socket, _peer) = tokio::select! {
                    () = stop.cancelled() => break,
                    accepted = listener.accept() => accepted.unwrap(),
                };
                tokio::spawn(answer(socket, sender.clone()));
            }
        }
    });
    for number in 0..20 {
        let mut lines = Framed::new(TcpStream::connect(address).await.unwrap(), LinesCodec::new());
        for line in ["one", "two"] {
            lines.send(format!("{line} {number}")).await.unwrap();
            assert_eq!(lines.next().await.unwrap().unwrap(), format!("{number} {line}"));
        }
    }
    stop.cancel();
    // The last sender goes with the server and its last connection.
    let (served, server) = tokio::join!(ReceiverStream::new(receiver).collect::<Vec<usize>>(), server);
    server.unwrap();
    assert_eq!(served, [2; 20]);
}

/// Answers each line with its words turned round; reports how many there were.
async fn answer(socket: TcpStream, served: mpsc::Sender<usize>) {
    let mut lines = Framed::new(socket, LinesCodec::new());
    let mut count = 0;
    while let Some(line) = lines.next().await {
        let line = line.unwrap();
        let words: Vec<&str> = line.split(' ').rev().collect();
        lines.send(words.join(" ")).await.unwrap();
        count += 1;
    }
    served.send(count).await.unwrap();
}

/// tokio-util's queue keeps its own wheel, and sleeps on our timers.
async fn delay() {
    let mut queue = DelayQueue::new();
    let begun = tokio::time::Instant::now();
    queue.insert("second", Duration::from_millis(20));
    queue.insert("first", Duration::from_millis(10));
    let removed = queue.insert("never", Duration::from_millis(15));
    queue.remove(&removed);
    let mut order = Vec::new();
    while let Some(item) = queue.next().await {
        order.push(item.into_inner());
    }
    assert_eq!(order, ["first", "second"]);
    assert!(begun.elapsed() >= Duration::from_millis(20));
}

/// tokio-test's mock implements the traits of our `tokio::io`.
async fn read_from_a_script() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let mut mock = tokio_test::io::Builder::new().write(b"ask").read(b"answer").build();
    mock.write_all(b"ask").await.unwrap();
    let mut answer = [0; 6];
    mock.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"answer");
}
