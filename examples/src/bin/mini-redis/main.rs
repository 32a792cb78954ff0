//! A server that speaks the Redis protocol, and a check of it.
//!
//! ```text
//! cargo run --release --bin mini-redis -- demo [--seconds 3] [--clients 50] [--workers N]
//! cargo run --release --bin mini-redis -- serve [--addr 127.0.0.1:6379] [--workers N]
//!                                               [--max-clients 10000] [--idle-timeout SECONDS]
//! ```
//!
//! `serve` serves until Ctrl-C, to `redis-cli`, `redis-benchmark` and client libraries. `demo` starts the
//! server in this process, loads it from many connections, checks every reply, stops it and says how
//! fast it was; it needs nothing else and fails if a single byte is wrong.
//!
//! The way of a request: `connection` reads bytes, `resp` finds the request in them, `session` has it carried
//! out by the table of `command`, whose functions take its words from `args`, work on `keyspace` and `pubsub`,
//! and give or write a `reply`, which `connection` sends. Only `server`, `connection`, the expiry in
//! `keyspace` and `demo` wait for anything: the rest is plain code that takes bytes and the time, and
//! gives bytes.
#![forbid(unsafe_code)]

use std::error::Error;
use std::io::{self, Write};
use std::pin::pin;
use std::process::ExitCode;

use rt_core::runtime::Builder;

use crate::cli::{Options, Task};
use crate::server::{Config, Server};

mod args;
mod cli;
mod command;
mod connection;
mod demo;
mod glob;
mod keyspace;
mod pubsub;
mod reply;
mod resp;
mod server;
mod session;

fn main() -> ExitCode {
    let options = match cli::parse(lexopt::Parser::from_env()) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("mini-redis: {error}\n\n{}", cli::USAGE);
            return ExitCode::from(2);
        }
    };
    match run(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mini-redis: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: Options) -> Result<(), Box<dyn Error>> {
    let mut builder = Builder::new_multi_thread();
    if let Some(workers) = options.workers {
        builder.worker_threads(workers);
    }
    let runtime = builder.enable_all().build()?;
    match options.task {
        Task::Help => println!("{}", cli::USAGE),
        Task::Serve(config) => runtime.block_on(serve(config))?,
        Task::Demo(options) => runtime.block_on(demo::run(options))?,
    }
    Ok(())
}

async fn serve(config: Config) -> io::Result<()> {
    let server = Server::bind(config).await?;
    // Ctrl-C is listened for from the first poll on: before anybody is told that there is a server to stop.
    let mut interrupted = pin!(interrupted());
    rt_core::select! {
        biased;
        () = &mut interrupted => return Ok(()),
        () = std::future::ready(()) => {}
    }
    println!("mini-redis listens on {}; Ctrl-C stops it", server.addr());
    io::stdout().flush()?;
    let requests = server.run(interrupted).await;
    println!("mini-redis stopped after {requests} requests");
    Ok(())
}

async fn interrupted() {
    if let Err(error) = rt_core::signal::ctrl_c().await {
        // Without the signal the server can only be killed; it serves all the same.
        eprintln!("mini-redis: Ctrl-C can't be heard: {error}");
        std::future::pending().await
    }
}
