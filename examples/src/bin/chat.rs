//! A chat room: a line that one client sends reaches all others.
//!
//! ```text
//! cargo run --bin chat -- 127.0.0.1:7000    # serves until Ctrl-C; try: nc 127.0.0.1 7000, twice
//! cargo run --bin chat                      # lets three guests of its own talk, checks them and ends
//! ```
//!
//! The room is a broadcast channel. A guest's task waits for two things at once, a line from its socket and
//! a message from the room; `select!` takes whichever comes first.
#![forbid(unsafe_code)]

use std::io;
use std::net::SocketAddr;

use rt_core::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use rt_core::net::{TcpListener, TcpStream};
use rt_core::sync::broadcast::{self, error::RecvError};

/// Messages that wait for a guest who doesn't read. What is older is lost to that guest.
const BACKLOG: usize = 128;

/// A longer line isn't one that a person has typed.
const LINE_LIMIT: usize = 4096;

#[derive(Clone)]
struct Message {
    from: SocketAddr,
    text: String,
}

#[rt_core::main]
async fn main() -> io::Result<()> {
    match std::env::args().nth(1) {
        Some(addr) => serve(TcpListener::bind(addr).await?).await,
        None => check().await,
    }
}

async fn serve(listener: TcpListener) -> io::Result<()> {
    println!("chat listens on {}", listener.local_addr()?);
    let (room, _) = broadcast::channel(BACKLOG);
    loop {
        let (stream, guest) = listener.accept().await?;
        let room = room.clone();
        rt_core::spawn(async move {
            say(&room, guest, format!("* {guest} is here"));
            if let Err(error) = talk(stream, guest, &room).await {
                eprintln!("{guest}: {error}");
            }
            say(&room, guest, format!("* {guest} has left"));
        });
    }
}

fn say(room: &broadcast::Sender<Message>, from: SocketAddr, text: String) {
    // An error says that nobody is in the room.
    let _ = room.send(Message { from, text });
}

/// Carries lines between a guest and the room until the guest goes.
async fn talk(mut stream: TcpStream, guest: SocketAddr, room: &broadcast::Sender<Message>) -> io::Result<()> {
    let mut others = room.subscribe();
    let (reader, mut writer) = stream.split();
    let mut reader = BufReader::new(reader);
    writer.write_all(b"* welcome\n").await?;
    let mut line = Vec::new();
    loop {
        rt_core::select! {
            // What was read of a line is in `line` when the other branch wins, and goes on from there.
            whole = read_line(&mut reader, &mut line) => {
                if !whole? {
                    return Ok(());
                }
                say(room, guest, format!("{guest}: {}", String::from_utf8_lossy(&line).trim_end()));
                line.clear();
            }
            message = others.recv() => match message {
                Ok(message) if message.from == guest => {}
                Ok(message) => writer.write_all(format!("{}\n", message.text).as_bytes()).await?,
                Err(RecvError::Lagged(lost)) => {
                    writer.write_all(format!("* you missed {lost} messages\n").as_bytes()).await?;
                }
                Err(RecvError::Closed) => return Ok(()),
            },
        }
    }
}

/// Reads on to the end of a line. Says whether there was one.
async fn read_line(reader: &mut (impl AsyncBufRead + Unpin), line: &mut Vec<u8>) -> io::Result<bool> {
    let room = LINE_LIMIT - line.len();
    reader.take(room as u64).read_until(b'\n', line).await?;
    if line.len() == LINE_LIMIT && !line.ends_with(b"\n") {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "an endless line"));
    }
    Ok(line.ends_with(b"\n"))
}

async fn check() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let addr = listener.local_addr()?;
    let server = rt_core::spawn(serve(listener));

    let mut anna = Guest::enter(addr).await?;
    let mut ben = Guest::enter(addr).await?;
    anna.hears(&format!("* {} is here", ben.name)).await?;
    let mut cleo = Guest::enter(addr).await?;
    for guest in [&mut anna, &mut ben] {
        guest.hears(&format!("* {} is here", cleo.name)).await?;
    }
    anna.says("hello, all").await?;
    for guest in [&mut ben, &mut cleo] {
        guest.hears(&format!("{}: hello, all", anna.name)).await?;
    }
    let name = cleo.name;
    drop(cleo);
    // Anna doesn't hear what she said herself.
    for guest in [&mut anna, &mut ben] {
        guest.hears(&format!("* {name} has left")).await?;
    }
    server.abort();
    println!("three guests heard each other");
    Ok(())
}

struct Guest {
    name: SocketAddr,
    stream: BufReader<TcpStream>,
}

impl Guest {
    async fn enter(addr: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(addr).await?;
        let mut guest = Guest { name: stream.local_addr()?, stream: BufReader::new(stream) };
        guest.hears("* welcome").await?;
        Ok(guest)
    }

    async fn says(&mut self, text: &str) -> io::Result<()> {
        self.stream.write_all(format!("{text}\n").as_bytes()).await
    }

    async fn hears(&mut self, expected: &str) -> io::Result<()> {
        let mut line = String::new();
        self.stream.read_line(&mut line).await?;
        assert_eq!(line.trim_end(), expected);
        Ok(())
    }
}
