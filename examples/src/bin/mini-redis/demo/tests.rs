//! The check is checked: a server that errs is found out.

use std::future::Future;

use rt_core::io::{AsyncReadExt, AsyncWriteExt};
use rt_core::net::TcpListener;
use rt_core::runtime::Builder;

use super::client::Client;
use super::workload::{Batch, Workload};

/// What a client says that asks for `PING` and then expects the end, of a server that answers in this way.
fn verdict(answer: &'static [u8], closes: bool) -> Result<(), String> {
    block_on(async move {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let server = rt_core::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 14];
            stream.read_exact(&mut request).await.unwrap();
            stream.write_all(answer).await.unwrap();
            if !closes {
                std::future::pending::<()>().await;
            }
        });
        let mut client = Client::connect(addr, "tester".to_owned()).await?;
        let mut batch = Batch::default();
        batch.ask(&[b"PING"]).simple("PONG");
        let result = match client.exchange(&batch).await {
            Ok(()) => client.expect_end().await,
            Err(failure) => Err(failure),
        };
        server.abort();
        result
    })
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

#[test]
fn right_replies_pass() {
    assert_eq!(verdict(b"+PONG\r\n", true), Ok(()));
}

#[test]
fn wrong_replies_are_found() {
    // The third would be waited for in vain if a client looked at whole replies only.
    for (answer, closes, what) in [
        (&b"+PUNG\r\n"[..], true, "that is wrong"),
        (b"-ERR no\r\n", true, "that is wrong"),
        (b"$-1\r\n", false, "that is wrong"),
        (b"+PON", true, "the connection was closed"),
        (b"", true, "the connection was closed"),
        (b"+PONG\r\n+PONG\r\n", false, "came instead of the end"),
    ] {
        let failure = verdict(answer, closes).unwrap_err();
        assert!(failure.contains(what), "{}: {failure}", answer.escape_ascii());
    }
}

/// The workload uses each of its commands, alone and in pipelines, and is the same each time.
#[test]
fn the_workload_is_varied_and_repeatable() {
    let record = || {
        let (mut workload, mut batch) = (Workload::new(3), Batch::default());
        let mut sizes = [0; 17];
        let mut requests = Vec::new();
        for _ in 0..500 {
            workload.fill(&mut batch);
            sizes[usize::try_from(batch.count).unwrap()] += 1;
            requests.extend_from_slice(&batch.requests.bytes);
        }
        assert!(sizes[1] > 100 && sizes[16] > 100, "{sizes:?}");
        requests
    };
    let requests = record();
    for name in ["GET", "SET", "INCR", "INCRBY", "DEL", "APPEND", "STRLEN", "EX", "MSET", "MGET"] {
        let word = format!("\r\n{name}\r\n");
        let found = requests.windows(word.len()).any(|window| window == word.as_bytes());
        assert!(found, "no {name}");
    }
    assert_eq!(requests, record());
}
