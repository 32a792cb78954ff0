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
//! out by the table of `command`, whose functions take its words, work on `keyspace` and `pubsub`,
//! and write a `reply`, which `connection` sends. Only `server`, `connection`, the expiry in
//! `keyspace` and `demo` wait for anything: the rest is plain code that takes bytes and the time, and
//! gives bytes.
#![forbid(unsafe_code)]

use std::io;
use std::num::NonZero;
use std::process::{ExitCode, exit};
use std::time::Duration;

use lexopt::prelude::*;
use rt_core::runtime::Builder;

use crate::server::{Config, Server};

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

const USAGE: &str = "\
usage: mini-redis serve [--addr ADDRESS] [--workers N] [--max-clients N] [--idle-timeout SECONDS]
       mini-redis demo [--seconds N] [--clients N] [--workers N]";

enum Task {
    Serve(Config),
    Demo(demo::Options),
}

fn main() -> ExitCode {
    let (task, mut runtime) = parse(lexopt::Parser::from_env()).unwrap_or_else(|error| {
        eprintln!("mini-redis: {error}\n\n{USAGE}");
        exit(2)
    });
    let ended = runtime.enable_all().build().and_then(|runtime| match task {
        Task::Serve(config) => runtime.block_on(serve(config)),
        Task::Demo(options) => runtime.block_on(demo::run(options)).map_err(io::Error::other),
    });
    if let Err(error) = &ended {
        eprintln!("mini-redis: {error}");
    }
    ExitCode::from(u8::from(ended.is_err()))
}

/// What the command line asks for, and a runtime for it.
fn parse(mut parser: lexopt::Parser) -> Result<(Task, Builder), lexopt::Error> {
    let mut runtime = Builder::new_multi_thread();
    let mut task = match parser.next()? {
        Some(Value(name)) if name == "serve" => Task::Serve(Config::default()),
        Some(Value(name)) if name == "demo" => Task::Demo(demo::Options::default()),
        Some(Short('h') | Long("help")) => {
            println!("{USAGE}");
            exit(0)
        }
        Some(other) => return Err(other.unexpected()),
        None => return Err("say what to do".into()),
    };
    while let Some(option) = parser.next()? {
        match (option, &mut task) {
            (Long("workers"), _) => drop(runtime.worker_threads(count(&mut parser)?)),
            (Long("addr"), Task::Serve(config)) => config.addr = parser.value()?.string()?,
            (Long("max-clients"), Task::Serve(config)) => config.max_clients = count(&mut parser)?,
            (Long("idle-timeout"), Task::Serve(config)) => config.idle_timeout = seconds(&mut parser)?,
            (Long("seconds"), Task::Demo(demo)) => demo.duration = seconds(&mut parser)?,
            (Long("clients"), Task::Demo(demo)) => demo.clients = count(&mut parser)?,
            (other, _) => return Err(other.unexpected()),
        }
    }
    Ok((task, runtime))
}

/// A number from 1 on. Its limit is that of 16 bits, more than any machine has of what is counted here.
fn count(parser: &mut lexopt::Parser) -> Result<usize, lexopt::Error> {
    Ok(parser.value()?.parse::<NonZero<u16>>()?.get().into())
}

/// At most a day: longer than any of these is meant to be, and far from where times overflow.
fn seconds(parser: &mut lexopt::Parser) -> Result<Duration, lexopt::Error> {
    let seconds: f64 = parser.value()?.parse()?;
    let is_sensible = (0.0..=86_400.0).contains(&seconds);
    let refusal = || format!("{seconds} seconds are too few or too many");
    Ok(Duration::from_secs_f64(is_sensible.then_some(seconds).ok_or_else(refusal)?))
}

async fn serve(config: Config) -> io::Result<()> {
    let (server, listener) = Server::bind(config).await?;
    let announce = async { println!("mini-redis listens on {}; Ctrl-C stops it", server.addr) };
    // In this order: Ctrl-C is listened for before anybody is told that there is a server to stop.
    let (requests, ()) = rt_core::join!(biased; server.run(listener, interrupted()), announce);
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
