//! TCP over loopback, both ends in one runtime.
use std::net::SocketAddr;
use std::time::Instant;

use super::common::{ct, mt, on_worker, since};
use super::rt;
use crate::case::{Case, Workload};
use rt::io::{AsyncReadExt, AsyncWriteExt};
use rt::net::{TcpListener, TcpStream};
use rt::runtime::Runtime;

const MESSAGE: usize = 64;
const CHUNK: usize = 64 * 1024;
/// Clients that connect at once in the rows about accepting.
const CALLERS: u64 = 16;

pub(super) fn cases() -> Vec<Case> {
    let one = "64 bytes there and back, one connection";
    let some = "64 bytes there and back, 64 connections";
    let idle = "64 bytes there and back, 1,000 connections, 50 active";
    let accept = "connect, accept, close, end of stream; 16 clients";
    let bulk = "64 KiB written and read, one connection";
    vec![
        Case::speed("tcp-echo-1/mt", one, 1.0, || echo(mt(), 1, 1)),
        Case::speed("tcp-echo-1/ct", one, 1.0, || echo(ct(), 1, 1)),
        Case::speed("tcp-echo-64/mt", some, 1.0, || echo(mt(), 64, 64)),
        Case::speed("tcp-echo-64/ct", some, 1.0, || echo(ct(), 64, 64)),
        Case::speed("tcp-echo-1000/mt", idle, 1.0, || echo(mt(), 1_000, 50)),
        Case::speed("tcp-echo-1000/ct", idle, 1.0, || echo(ct(), 1_000, 50)),
        Case::speed("tcp-accept/mt", accept, 1.0, || accept_close(mt())),
        Case::speed("tcp-accept/ct", accept, 1.0, || accept_close(ct())),
        Case::speed("tcp-bulk/mt", bulk, 1.5, || bulk_transfer(mt())),
        Case::speed("tcp-bulk/ct", bulk, 1.0, || bulk_transfer(ct())),
    ]
}

fn listen(runtime: &Runtime) -> (TcpListener, SocketAddr) {
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port to listen on");
    let address = listener.local_addr().expect("the listener's address");
    (listener, address)
}

async fn answer(mut stream: TcpStream) {
    let mut buffer = [0; 1024];
    stream.set_nodelay(true).unwrap();
    while let Ok(length @ 1..) = stream.read(&mut buffer).await {
        if stream.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}

fn echo(runtime: Runtime, connections: usize, active: u64) -> Workload {
    let (listener, address) = listen(&runtime);
    runtime.spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.expect("accept (is the limit of open files too low?)");
            rt::spawn(answer(stream));
        }
    });
    let mut clients = on_worker(&runtime, async move {
        let mut clients = Vec::with_capacity(connections);
        for _ in 0..connections {
            let mut client = TcpStream::connect(address).await.expect("connect");
            client.set_nodelay(true).unwrap();
            ask(&mut client).await;
            clients.push(client);
        }
        clients
    });
    Box::new(move |operations| {
        let rounds = operations.div_ceil(active);
        let callers = clients.drain(..active as usize).collect::<Vec<_>>();
        let (took, callers) = on_worker(&runtime, async move {
            let start = Instant::now();
            let tasks = callers.into_iter().map(|mut client| {
                rt::spawn(async move {
                    for _ in 0..rounds {
                        ask(&mut client).await;
                    }
                    client
                })
            });
            let mut callers = Vec::with_capacity(active as usize);
            for task in tasks.collect::<Vec<_>>() {
                callers.push(task.await.unwrap());
            }
            (since(start), callers)
        });
        // To the front again: the same connections stay the active ones.
        clients.splice(..0, callers);
        took * operations as f64 / (rounds * active) as f64
    })
}

async fn ask(client: &mut TcpStream) {
    let mut buffer = [7; MESSAGE];
    client.write_all(&buffer).await.unwrap();
    client.read_exact(&mut buffer).await.unwrap();
}

/// A new listener each sample, so that ports in TIME_WAIT don't pile up for one address.
fn accept_close(runtime: Runtime) -> Workload {
    Box::new(move |operations| {
        let (listener, address) = listen(&runtime);
        let rounds = operations.div_ceil(CALLERS);
        let took = on_worker(&runtime, async move {
            let start = Instant::now();
            let tasks = (0..CALLERS).map(|_| {
                rt::spawn(async move {
                    for _ in 0..rounds {
                        let mut client = TcpStream::connect(address).await.expect("connect");
                        assert_eq!(client.read(&mut [0; 16]).await.unwrap(), 0);
                    }
                })
            });
            let tasks = tasks.collect::<Vec<_>>();
            let server = rt::spawn(async move {
                for _ in 0..rounds * CALLERS {
                    drop(listener.accept().await.expect("accept"));
                }
            });
            for task in tasks {
                task.await.unwrap();
            }
            server.await.unwrap();
            since(start)
        });
        took * operations as f64 / (rounds * CALLERS) as f64
    })
}

fn bulk_transfer(runtime: Runtime) -> Workload {
    let (listener, address) = listen(&runtime);
    let mut pair = Some(runtime.block_on(async {
        let writer = TcpStream::connect(address).await.expect("connect");
        let (reader, _) = listener.accept().await.expect("accept");
        (writer, reader)
    }));
    Box::new(move |operations| {
        let (mut writer, mut reader) = pair.take().expect("the last sample put the pair back");
        let (took, writer, reader) = on_worker(&runtime, async move {
            let start = Instant::now();
            let sending = rt::spawn(async move {
                let chunk = vec![7; CHUNK];
                for _ in 0..operations {
                    writer.write_all(&chunk).await.unwrap();
                }
                writer
            });
            let mut chunk = vec![0; CHUNK];
            let mut left = operations as usize * CHUNK;
            while left > 0 {
                left -= match reader.read(&mut chunk).await.unwrap() {
                    0 => panic!("the stream ended early"),
                    length => length,
                };
            }
            let took = since(start);
            (took, sending.await.unwrap(), reader)
        });
        pair = Some((writer, reader));
        took
    })
}
