//! The macros of a crate that depends on `tokio` and has never heard of rt-core.
#![forbid(unsafe_code)]

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{self, Instant};

#[tokio::main(worker_threads = 2)]
async fn main() -> std::io::Result<()> {
    let (joined, tried) = tokio::join!(echo(), pair());
    assert_eq!(joined?, *b"ping");
    assert_eq!(tried, Ok((1, 2)));
    assert_eq!(sum_until_stopped().await, 10);
    tokio::task::spawn_blocking(on_one_thread).await?;
    println!("OK");
    Ok(())
}

async fn echo() -> std::io::Result<[u8; 4]> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let (mut client, (mut server, _peer)) =
        tokio::try_join!(TcpStream::connect(listener.local_addr()?), listener.accept())?;
    let server = tokio::spawn(async move {
        let (mut reader, mut writer) = server.split();
        tokio::io::copy(&mut reader, &mut writer).await
    });
    client.write_all(b"ping").await?;
    let mut answer = [0; 4];
    client.read_exact(&mut answer).await?;
    drop(client);
    assert_eq!(server.await??, 4);
    Ok(answer)
}

async fn pair() -> Result<(u32, u32), &'static str> {
    let refused = tokio::try_join!(async { Ok::<u32, _>(1) }, async { Err::<u32, _>("refused") });
    assert_eq!(refused, Err("refused"));
    tokio::try_join!(async { Ok(1) }, async { Ok(2) })
}

async fn sum_until_stopped() -> u32 {
    let (numbers, mut arriving) = mpsc::channel(2);
    let (stop, stopped) = oneshot::channel::<()>();
    tokio::spawn(async move {
        for number in 1..=4 {
            numbers.send(number).await.unwrap();
        }
        numbers.closed().await;
        drop(stop);
    });
    tokio::pin!(stopped);
    let mut sum = 0;
    loop {
        tokio::select! {
            Some(number) = arriving.recv() => sum += number,
            _ = &mut stopped => return sum,
            () = time::sleep(Duration::from_millis(1)), if sum == 10 => arriving.close(),
        }
    }
}

/// An hour of a paused clock passes at once.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn on_one_thread() {
    let begun = Instant::now();
    time::sleep(Duration::from_secs(3600)).await;
    assert!(begun.elapsed() >= Duration::from_secs(3600));
}

#[tokio::test]
async fn the_attribute_for_tests() {
    assert_eq!(sum_until_stopped().await, 10);
}
