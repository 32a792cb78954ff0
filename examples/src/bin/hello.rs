//! A TCP server and its client in one program.
//!
//! ```text
//! cargo run --bin hello
//! ```
#![forbid(unsafe_code)]

use std::io;
use std::net::SocketAddr;

use rt_core::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use rt_core::net::{TcpListener, TcpStream};

#[rt_core::main]
async fn main() -> io::Result<()> {
    // Port 0 lets the system choose a free one.
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let addr = listener.local_addr()?;

    // The server runs as a task of its own, beside this one.
    let server = rt_core::spawn(greet_one(listener));
    let answer = ask(addr, "world").await?;
    server.await??;

    println!("{answer}");
    assert_eq!(answer, "Hello, world!");
    Ok(())
}

/// Accepts one connection, reads a name and greets it.
async fn greet_one(listener: TcpListener) -> io::Result<()> {
    let (mut stream, _peer) = listener.accept().await?;
    let (reader, mut writer) = stream.split();
    let mut name = String::new();
    BufReader::new(reader).read_line(&mut name).await?;
    writer.write_all(format!("Hello, {}!", name.trim_end()).as_bytes()).await
}

async fn ask(addr: SocketAddr, name: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(addr).await?;
    stream.write_all(format!("{name}\n").as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}
