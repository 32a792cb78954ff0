//! WebSockets by tokio-tungstenite: a room in which each hears all, over a broadcast channel of ours.
#![forbid(unsafe_code)]

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{accept_async, connect_async};

const GUESTS: usize = 10;
const WORDS: usize = 20;

#[tokio::main]
async fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    let host = tokio::spawn(open_room(listener));
    let guests: Vec<_> = (0..GUESTS).map(|number| tokio::spawn(visit(url.clone(), number))).collect();
    for guest in guests {
        let heard = timeout(Duration::from_secs(60), guest).await.expect("nobody waits for long").unwrap();
        // From each guest, his words in his order.
        for number in 0..GUESTS {
            let prefix = format!("{number}:");
            let words: Vec<_> = heard.iter().filter_map(|word| word.strip_prefix(&prefix)).collect();
            let said: Vec<_> = (0..WORDS).map(|word| word.to_string()).collect();
            assert_eq!(words, said, "what guest {number} said");
        }
    }
    host.await.unwrap();
    println!("OK");
}

async fn open_room(listener: TcpListener) {
    let (room, _) = broadcast::channel(GUESTS * WORDS);
    let mut guests = Vec::new();
    for _ in 0..GUESTS {
        let (socket, _peer) = listener.accept().await.unwrap();
        // Subscribed before anybody is told that the room is full.
        guests.push((socket, room.subscribe()));
    }
    let guests = guests.into_iter().map(|(socket, hears)| tokio::spawn(seat(socket, room.clone(), hears)));
    for guest in guests.collect::<Vec<_>>() {
        match guest.await.unwrap() {
            Ok(()) | Err(Error::ConnectionClosed) => {}
            Err(error) => panic!("a guest had trouble: {error}"),
        }
    }
}

async fn seat(
    socket: TcpStream,
    room: broadcast::Sender<Message>,
    mut hears: broadcast::Receiver<Message>,
) -> Result<(), Error> {
    let (mut sink, mut stream) = accept_async(socket).await?.split();
    loop {
        tokio::select! {
            said = stream.next() => match said {
                Some(Ok(Message::Close(_))) | None => return Ok(()),
                Some(Ok(word)) => drop(room.send(word)),
                Some(Err(error)) => return Err(error),
            },
            heard = hears.recv() => sink.send(heard.expect("the channel holds all that is said")).await?,
        }
    }
}

async fn visit(url: String, number: usize) -> Vec<String> {
    let (mut socket, response) = connect_async(url).await.unwrap();
    assert_eq!(response.status(), 101);
    for word in 0..WORDS {
        socket.send(Message::text(format!("{number}:{word}"))).await.unwrap();
    }
    let mut heard = Vec::new();
    while heard.len() < GUESTS * WORDS {
        match socket.next().await.expect("the room is open").unwrap() {
            Message::Text(word) => heard.push(word.to_string()),
            other => panic!("not a word: {other:?}"),
        }
    }
    socket.close(None).await.unwrap();
    heard
}
