//! Loads the server from within the process, checks every reply and measures.
//!
//! Each client has keys of its own and knows what they hold, so it knows every reply in advance, to the
//! byte ([`workload`]). Besides the load, one pair of clients checks that what is published arrives in
//! order, and one that keys expire, neither early nor late.

use std::net::SocketAddr;
use std::time::Duration;

use hdrhistogram::Histogram;
use rt_core::sync::oneshot;
use rt_core::task::JoinHandle;
use rt_core::time::Instant;

use self::client::Client;
use self::workload::{Batch, Workload};
use crate::server::{Config, Server};

mod client;
#[cfg(test)]
mod tests;
mod workload;

pub(crate) struct Options {
    pub(crate) duration: Duration,
    pub(crate) clients: u16,
}

impl Default for Options {
    fn default() -> Self {
        Options { duration: Duration::from_secs(3), clients: 50 }
    }
}

/// Held by a client until its last requests are on their way.
type Sending = oneshot::Sender<()>;

/// What went wrong, for a person to read.
type Failure = String;

/// Requests that were answered rightly, with the time each took in nanoseconds.
struct Tally {
    requests: u64,
    latency: Histogram<u64>,
}

impl Tally {
    fn new() -> Self {
        // Two digits, and up to a minute.
        let latency = Histogram::new_with_bounds(1, 60_000_000_000, 2).expect("the bounds are valid");
        Tally { requests: 0, latency }
    }

    /// A batch of requests, all of which took `time`.
    fn add(&mut self, requests: u64, time: Duration) {
        self.requests += requests;
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.latency.saturating_record_n(nanos, requests);
    }
}

pub(crate) async fn run(options: Options) -> Result<(), Failure> {
    let clients = usize::from(options.clients);
    let config = Config { addr: "127.0.0.1:0".to_owned(), ..Config::default() };
    let server = Server::bind(config).await.map_err(|error| format!("can't listen: {error}"))?;
    let addr = server.addr();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = rt_core::spawn(server.run(async {
        let _ = stopped.await;
    }));

    let start = Instant::now();
    let until = start + options.duration;
    let mut on_their_way = Vec::new();
    // Each client takes one end along and drops it when its last requests are on their way.
    let mut sending = || {
        let (sending, sent) = oneshot::channel();
        on_their_way.push(sent);
        sending
    };
    let load: Vec<JoinHandle<Result<Tally, Failure>>> =
        (0..clients).map(|number| rt_core::spawn(load(addr, number, until, sending()))).collect();
    let checks = [
        rt_core::spawn(check_pubsub(addr, until, sending())),
        rt_core::spawn(check_expiry(addr, until, sending())),
    ];

    for sent in on_their_way {
        // Nothing is ever sent: it's the end that is waited for.
        let _ = sent.await;
    }
    let elapsed = start.elapsed();
    let _ = stop.send(());

    let mut total = Tally::new();
    let mut failures = Vec::new();
    for task in load {
        match join(task).await {
            Ok(tally) => {
                total.requests += tally.requests;
                total.latency.add(&tally.latency).expect("all histograms have the same bounds");
            }
            Err(failure) => failures.push(failure),
        }
    }
    for task in checks {
        failures.extend(join(task).await.err());
    }
    let served = server.await.map_err(|error| format!("the server: {error}"))?;
    report(&options, &total, elapsed, served);
    match failures.first() {
        None => {
            println!("OK");
            Ok(())
        }
        Some(first) => {
            Err(format!("{} of {} clients failed, the first: {first}", failures.len(), clients + 3))
        }
    }
}

async fn join<T>(task: JoinHandle<Result<T, Failure>>) -> Result<T, Failure> {
    task.await.map_err(|error| error.to_string())?
}

fn report(options: &Options, total: &Tally, elapsed: Duration, served: u64) {
    let per_second = total.requests as f64 / elapsed.as_secs_f64();
    println!("clients     {:>12}", options.clients);
    println!(
        "requests    {:>12}   all replies checked; {served} served with those of the checks",
        total.requests
    );
    println!("requests/s  {per_second:>12.0}");
    for (name, quantile) in [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)] {
        let micros = total.latency.value_at_quantile(quantile) as f64 / 1000.0;
        println!("{name:<11} {micros:>12.1} us");
    }
}

/// One client of the load: alone or sixteen at a time, requests until the time is over, and then some
/// more that the server has to answer although it's told to stop.
async fn load(addr: SocketAddr, number: usize, until: Instant, sending: Sending) -> Result<Tally, Failure> {
    let mut client = Client::connect(addr, format!("client {number}")).await?;
    let mut workload = Workload::new(number);
    let mut batch = Batch::default();
    let mut tally = Tally::new();
    loop {
        workload.fill(&mut batch);
        let start = Instant::now();
        client.exchange(&batch).await?;
        let end = Instant::now();
        tally.add(batch.requests(), end - start);
        if end >= until {
            break;
        }
    }
    workload.fill(&mut batch);
    client.send(&batch).await?;
    drop(sending);
    client.receive(&batch).await?;
    client.expect_end().await?;
    Ok(tally)
}

/// Publishes numbers to two subscribers, one of the channel and one of a pattern.
async fn check_pubsub(addr: SocketAddr, until: Instant, sending: Sending) -> Result<(), Failure> {
    let mut publisher = Client::connect(addr, "publisher".to_owned()).await?;
    let mut subscriber = Client::connect(addr, "subscriber".to_owned()).await?;
    let mut follower = Client::connect(addr, "subscriber of a pattern".to_owned()).await?;
    let mut batch = Batch::default();
    batch.push(&[b"SUBSCRIBE", b"demo:news"], b"*3\r\n$9\r\nsubscribe\r\n$9\r\ndemo:news\r\n:1\r\n");
    subscriber.exchange(&batch).await?;
    batch.clear();
    batch.push(&[b"PSUBSCRIBE", b"demo:n*"], b"*3\r\n$10\r\npsubscribe\r\n$7\r\ndemo:n*\r\n:1\r\n");
    follower.exchange(&batch).await?;
    let mut number = 0_u64;
    while Instant::now() < until {
        let (mut messages, mut of_pattern) = (Batch::default(), Batch::default());
        batch.clear();
        for _ in 0..4 {
            number += 1;
            let text = number.to_string();
            batch.push(&[b"PUBLISH", b"demo:news", text.as_bytes()], b":2\r\n");
            messages.expect_array(&[b"message", b"demo:news", text.as_bytes()]);
            of_pattern.expect_array(&[b"pmessage", b"demo:n*", b"demo:news", text.as_bytes()]);
        }
        publisher.exchange(&batch).await?;
        subscriber.receive(&messages).await?;
        follower.receive(&of_pattern).await?;
        rt_core::time::sleep(Duration::from_millis(1)).await;
    }
    drop(sending);
    for client in [&mut publisher, &mut subscriber, &mut follower] {
        client.expect_end().await?;
    }
    Ok(())
}

/// Keys with a short life are gone afterwards, and keys with a long one are not.
async fn check_expiry(addr: SocketAddr, until: Instant, sending: Sending) -> Result<(), Failure> {
    let mut client = Client::connect(addr, "expiry".to_owned()).await?;
    let mut batch = Batch::default();
    loop {
        batch.clear();
        batch.push(&[b"SET", b"demo:short", b"1", b"PX", b"20"], b"+OK\r\n");
        batch.push(&[b"SET", b"demo:long", b"1", b"EX", b"1000"], b"+OK\r\n");
        client.exchange(&batch).await?;
        rt_core::time::sleep(Duration::from_millis(21)).await;
        batch.clear();
        batch.push(&[b"GET", b"demo:short"], b"$-1\r\n");
        batch.push(&[b"PTTL", b"demo:short"], b":-2\r\n");
        batch.push(&[b"GET", b"demo:long"], b"$1\r\n1\r\n");
        batch.push(&[b"PERSIST", b"demo:long"], b":1\r\n");
        batch.push(&[b"TTL", b"demo:long"], b":-1\r\n");
        client.exchange(&batch).await?;
        if Instant::now() >= until {
            break;
        }
    }
    drop(sending);
    client.expect_end().await
}
