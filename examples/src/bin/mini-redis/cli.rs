//! The command line.

use std::time::Duration;

use lexopt::prelude::*;

use crate::demo;
use crate::server::Config;

pub(crate) const USAGE: &str = "\
usage: mini-redis serve [--addr ADDRESS] [--workers N] [--max-clients N] [--idle-timeout SECONDS]
       mini-redis demo [--seconds N] [--clients N] [--workers N]";

pub(crate) struct Options {
    pub(crate) task: Task,
    /// Worker threads; one a processor if it's not said.
    pub(crate) workers: Option<usize>,
}

pub(crate) enum Task {
    Serve(Config),
    Demo(demo::Options),
    Help,
}

pub(crate) fn parse(mut parser: lexopt::Parser) -> Result<Options, lexopt::Error> {
    let mut task = match parser.next()? {
        Some(Value(name)) if name == "serve" => Task::Serve(Config::default()),
        Some(Value(name)) if name == "demo" => Task::Demo(demo::Options::default()),
        Some(Short('h') | Long("help")) => return Ok(Options { task: Task::Help, workers: None }),
        Some(other) => return Err(other.unexpected()),
        None => return Err("say what to do".into()),
    };
    let mut workers = None;
    while let Some(option) = parser.next()? {
        match (option, &mut task) {
            (Long("workers"), _) => workers = Some(at_least_one(&mut parser)?),
            (Long("addr"), Task::Serve(config)) => config.addr = parser.value()?.string()?,
            (Long("max-clients"), Task::Serve(config)) => config.max_clients = at_least_one(&mut parser)?,
            (Long("idle-timeout"), Task::Serve(config)) => {
                config.idle_timeout = Some(seconds(&mut parser)?).filter(|timeout| !timeout.is_zero());
            }
            (Long("seconds"), Task::Demo(demo)) => demo.duration = seconds(&mut parser)?,
            (Long("clients"), Task::Demo(demo)) => demo.clients = at_least_one(&mut parser)?,
            (other, _) => return Err(other.unexpected()),
        }
    }
    Ok(Options { task, workers })
}

/// A number from 1 on. Its limit is that of 16 bits, more than any machine has of what is counted here.
fn at_least_one<T: From<u16>>(parser: &mut lexopt::Parser) -> Result<T, lexopt::Error> {
    let number: std::num::NonZero<u16> = parser.value()?.parse()?;
    Ok(T::from(number.get()))
}

fn seconds(parser: &mut lexopt::Parser) -> Result<Duration, lexopt::Error> {
    let seconds: f64 = parser.value()?.parse()?;
    // A day: longer than any of these is meant to be, and far from where times overflow.
    if !(0.0..=86_400.0).contains(&seconds) {
        return Err(format!("{seconds} seconds are too few or too many").into());
    }
    Ok(Duration::from_secs_f64(seconds))
}
