//! Loads the server from within the process, checks every reply and measures.
//!
//! Each client has keys of its own and knows what they hold, so it knows every reply in advance, to the
//! byte ([`workload`]).

use std::net::SocketAddr;
use std::time::Duration;

use hdrhistogram::Histogram;
use rt_core::sync::{mpsc, oneshot};
use rt_core::task::JoinSet;
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
    pub(crate) clients: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options { duration: Duration::from_secs(3), clients: 50 }
    }
}

/// What went wrong, for a person to read.
type Failure = String;

/// How many requests were answered rightly, by the time they took in nanoseconds.
type Latencies = Histogram<u64>;

/// Two digits, and up to a minute.
fn latencies() -> Latencies {
    Histogram::new_with_bounds(1, 60_000_000_000, 2).expect("the bounds are valid")
}

pub(crate) async fn run(options: Options) -> Result<(), Failure> {
    let config = Config { addr: "127.0.0.1:0".to_owned(), ..Config::default() };
    let (server, listener) = Server::bind(config).await.map_err(|error| format!("can't listen: {error}"))?;
    let addr = server.addr;
    let (stop, stopped) = oneshot::channel::<()>();
    let server = rt_core::spawn(async move { server.run(listener, async { drop(stopped.await) }).await });

    let start = Instant::now();
    // Nothing is ever sent: each client drops its end when its last requests are on their way.
    let (sending, mut all_sent) = mpsc::channel(1);
    let mut clients = JoinSet::new();
    for number in 0..options.clients {
        clients.spawn(load(addr, number, start + options.duration, sending.clone()));
    }
    drop(sending);
    all_sent.recv().await;
    let elapsed = start.elapsed();
    let _ = stop.send(());

    let mut total = latencies();
    let mut failures = Vec::new();
    while let Some(client) = clients.join_next().await {
        match client.unwrap_or_else(|error| Err(error.to_string())) {
            Ok(latencies) => total.add(&latencies).expect("all histograms have the same bounds"),
            Err(failure) => failures.push(failure),
        }
    }
    let served = server.await.map_err(|error| format!("the server: {error}"))?;
    println!("clients     {:>12}", options.clients);
    println!("requests    {:>12}   all replies checked; {served} served until the end", total.len());
    println!("requests/s  {:>12.0}", total.len() as f64 / elapsed.as_secs_f64());
    for (name, quantile) in [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)] {
        println!("{name:<11} {:>12.1} us", total.value_at_quantile(quantile) as f64 / 1000.0);
    }
    if let Some(first) = failures.first() {
        return Err(format!("{} of {} clients failed, one so: {first}", failures.len(), options.clients));
    }
    println!("OK");
    Ok(())
}

/// One client of the load: alone or sixteen at a time, requests until the time is over, and then some
/// more that the server has to answer although it's told to stop.
async fn load(
    addr: SocketAddr,
    number: usize,
    until: Instant,
    sending: mpsc::Sender<()>,
) -> Result<Latencies, Failure> {
    let mut client = Client::connect(addr, format!("client {number}")).await?;
    let (mut workload, mut batch) = (Workload::new(number), Batch::default());
    let mut latencies = latencies();
    let mut now = Instant::now();
    while now < until {
        workload.fill(&mut batch);
        let start = Instant::now();
        client.exchange(&batch).await?;
        now = Instant::now();
        let nanos = u64::try_from((now - start).as_nanos()).unwrap_or(u64::MAX);
        latencies.saturating_record_n(nanos, batch.count);
    }
    workload.fill(&mut batch);
    client.send(&batch).await?;
    drop(sending);
    client.receive(&batch).await?;
    client.expect_end().await?;
    Ok(latencies)
}
