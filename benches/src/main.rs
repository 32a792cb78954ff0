//! Workloads that run on rt-core and on the published tokio alike, and the comparison of both.
//!
//! Each file in `workloads/` is compiled twice, with `rt` bound to one crate and then to the other
//! (`published.rs`, `ours.rs`). `measure.rs` runs a row's two sides in turn in one process,
//! `report.rs` and `chart.rs` say what came out.
// The two sides are the same files: that is the point.
#![allow(clippy::duplicate_mod)]

mod alloc;
mod case;
mod chart;
mod cli;
mod gate;
mod measure;
mod ours;
mod peers;
mod published;
mod report;
mod stats;
mod usage;

use std::process::ExitCode;

use case::Case;
use cli::{Command, Options, Side};
use measure::measure;
use report::{Report, Row};
use stats::Summary;

#[global_allocator]
static ALLOCATOR: alloc::Counting = alloc::Counting;

fn main() -> ExitCode {
    usage::raise_file_limit();
    let done = cli::parse(std::env::args().skip(1)).and_then(|command| match command {
        Command::Help => {
            print!("{}", cli::USAGE);
            Ok(())
        }
        Command::List => {
            for case in published::cases() {
                println!("{:24} {}", case.name, case.about);
            }
            Ok(())
        }
        Command::Run(options) => match options.side {
            Some(side) => run_one(&options, side),
            None => compare(&options),
        },
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}\n\n{}", cli::USAGE);
            ExitCode::FAILURE
        }
    }
}

/// The cases that were asked for.
fn chosen(cases: Vec<Case>, options: &Options) -> Result<Vec<Case>, String> {
    let names: Vec<_> = cases.iter().map(|case| case.name).collect();
    let chosen: Vec<_> = cases.into_iter().filter(|case| options.wants(case.name, &names)).collect();
    if chosen.is_empty() {
        return Err(format!("no row is called {}", options.filters.join(" or ")));
    }
    Ok(chosen)
}

fn run_one(options: &Options, side: Side) -> Result<(), String> {
    let cases = match side {
        _ if options.peers => peers::cases(side),
        Side::Ours => ours::cases(),
        Side::Tokio => published::cases(),
    };
    for case in chosen(cases, options)? {
        let [samples] = measure([&case], &options.settings);
        let summary = Summary::of(&samples);
        println!(
            "{:24} {:>11} {:8} +- {:.1} %, min {}",
            case.name,
            report::figure(summary.median),
            case.unit.label(),
            summary.spread_percent(),
            report::figure(summary.min),
        );
    }
    Ok(())
}

fn compare(options: &Options) -> Result<(), String> {
    let (theirs, ours, sides) = match (options.peers, options.aa) {
        (true, _) => (peers::cases(Side::Tokio), peers::cases(Side::Ours), ["peer", "ours"]),
        (false, true) => (published::cases(), published::cases(), ["tokio", "tokio"]),
        (false, false) => (published::cases(), ours::cases(), ["tokio", "ours"]),
    };
    let pairs = chosen(theirs, options)?.into_iter().zip(chosen(ours, options)?);
    let mut report = Report { rows: Vec::new(), sides, load: [load(), String::new()] };
    println!("{}", report::head(sides));
    for (theirs, ours) in pairs {
        let [their_samples, our_samples] = measure([&theirs, &ours], &options.settings);
        let row = Row::new(&ours, &their_samples, &our_samples);
        println!("{}", report::line(&row));
        report.rows.push(row);
    }
    report.load[1] = load();
    print!("\n{}", report.summary());
    for (path, content) in [(&options.json, report.to_json()), (&options.svg, chart::svg(&report))] {
        if let Some(path) = path {
            std::fs::write(path, content).map_err(|error| format!("{path}: {error}"))?;
        }
    }
    Ok(())
}

/// The machine's load over the last 1, 5 and 15 minutes, where the system tells it.
fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}
