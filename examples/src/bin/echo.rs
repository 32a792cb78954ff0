//! A server that sends back what it's sent.
//!
//! ```text
//! cargo run --bin echo -- 127.0.0.1:7000    # serves until Ctrl-C; try: nc 127.0.0.1 7000
//! cargo run --bin echo                      # serves a hundred clients of its own, checks them and ends
//! ```
#![forbid(unsafe_code)]

use std::io;
use std::net::SocketAddr;

use rt_core::io::{AsyncReadExt, AsyncWriteExt};
use rt_core::net::{TcpListener, TcpStream};

#[rt_core::main]
async fn main() -> io::Result<()> {
    match std::env::args().nth(1) {
        Some(addr) => serve(TcpListener::bind(addr).await?).await,
        None => check().await,
    }
}

async fn serve(listener: TcpListener) -> io::Result<()> {
    println!("echo listens on {}", listener.local_addr()?);
    loop {
        // An error ends this server, as when no descriptor is free; `mini-redis` shows how to go on.
        let (stream, peer) = listener.accept().await?;
        rt_core::spawn(async move {
            if let Err(error) = echo(stream).await {
                eprintln!("{peer}: {error}");
            }
        });
    }
}

/// Sends back what comes until the client has no more.
async fn echo(mut stream: TcpStream) -> io::Result<()> {
    let (mut reader, mut writer) = stream.split();
    rt_core::io::copy(&mut reader, &mut writer).await?;
    writer.shutdown().await
}

async fn check() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let addr = listener.local_addr()?;
    let server = rt_core::spawn(serve(listener));
    let clients: Vec<_> = (0..100).map(|number| rt_core::spawn(check_client(addr, number))).collect();
    for client in clients {
        client.await??;
    }
    // It would serve for ever. Dropping the runtime would end it, too.
    server.abort();
    println!("a hundred clients were sent back what they sent");
    Ok(())
}

async fn check_client(addr: SocketAddr, number: usize) -> io::Result<()> {
    let mut stream = TcpStream::connect(addr).await?;
    // More than the sockets hold: sending and receiving have to go on at the same time.
    let sent: Vec<u8> = (0..1_000_000).map(|at| (at * number) as u8).collect();
    let mut received = Vec::new();
    let (mut reader, mut writer) = stream.split();
    let send = async {
        writer.write_all(&sent).await?;
        writer.shutdown().await
    };
    rt_core::try_join!(send, reader.read_to_end(&mut received))?;
    assert!(received == sent, "client {number} was sent back something else");
    Ok(())
}
