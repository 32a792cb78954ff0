//! The project's own checks and tools: `cargo xtask help`.
#![forbid(unsafe_code)]

mod api;
mod bench;
mod cargo;
mod ci;
mod compat;
mod conformance;
mod loom;
mod tidy;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const HELP: &str = "\
usage: cargo xtask <command>

  ci [STEP...]    every check, the cheap ones first, or those named; stops at the first that fails
  tidy            the rules of the house that the compiler doesn't know
  tidy --shrink   the same, after lowering the records of what is still too large
  loom [FILTER]   the models, at 2 preemptions (LOOM_MAX_PREEMPTIONS overrides)
  conformance     the tests that tokio's crates publish, on the facades; `conformance --help` says more
  api             the public names and signatures, against docs/api; `--bless` takes up changes
  bench [...]     the workloads, ours beside the published tokio
  help            this text
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some((command, rest)) = args.split_first() else {
        eprint!("{HELP}");
        return ExitCode::FAILURE;
    };
    match run(command, rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask {command}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &str, args: &[String]) -> Result<(), Box<dyn Error>> {
    let root = root();
    match command {
        "ci" => ci::run(&root, args),
        "tidy" => tidy::run(&root, args),
        "loom" => loom::run(&root, args),
        "conformance" => conformance::run(&root, args),
        "api" => api::run(&root, args),
        "bench" => bench::run(args),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        _ => Err(format!("no such command\n\n{HELP}").into()),
    }
}

/// The workspace's root: the folder above this package.
fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_owned()
}
