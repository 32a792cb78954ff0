//! `cargo xtask bench`: the workloads, ours beside the published tokio.

mod count;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cargo::cargo;

const HELP: &str = "\
usage: cargo xtask bench [FILTER...] [options]
       cargo xtask bench --instructions ROW [--iters N]
       cargo xtask bench --syscalls ROW [--iters N]

The first form measures and prints a table; it writes target/bench/bench.json and bench.svg.
The others run one row under valgrind or strace, on each side, and print the cost of an operation.

  --list           what the rows are
  --quick          fewer, shorter samples
  --aa             tokio against itself: shows the noise
  --peers          other crates' channels against ours, all on rt-core
  --samples N      samples a side
";

/// Builds the benchmark and runs it, or has it counted.
pub(crate) fn run(args: &[String]) -> Result<(), Box<dyn Error>> {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    if args.iter().any(|arg| matches!(*arg, "--help" | "-h" | "help")) {
        print!("{HELP}");
        return Ok(());
    }
    let root = crate::root();
    let bench = Bench { program: build(&root)?, folder: root.join("target/bench") };
    std::fs::create_dir_all(&bench.folder)?;
    match args.as_slice() {
        ["--list"] => succeed(Command::new(&bench.program).arg("list")),
        ["--instructions", row, rest @ ..] => count::instructions(&bench, row, iterations(rest)?),
        ["--syscalls", row, rest @ ..] => count::syscalls(&bench, row, iterations(rest)?),
        _ => measure(&bench, &args),
    }
}

/// The built program, and where its results go.
struct Bench {
    program: PathBuf,
    folder: PathBuf,
}

fn build(root: &Path) -> Result<PathBuf, Box<dyn Error>> {
    succeed(&mut cargo(root, &["build", "--release", "--quiet", "--package", "rt-benches"]))?;
    // `CARGO_TARGET_DIR` moves cargo's output, and ours stays where one looks for it.
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or(root.join("target"), |path| root.join(path));
    Ok(target.join("release/rt-benches").with_extension(std::env::consts::EXE_EXTENSION))
}

fn measure(bench: &Bench, args: &[&str]) -> Result<(), Box<dyn Error>> {
    let (json, svg) = (bench.folder.join("bench.json"), bench.folder.join("bench.svg"));
    let mut command = Command::new(&bench.program);
    command.arg("run").args(args).arg("--json").arg(&json).arg("--svg").arg(&svg);
    succeed(&mut command)?;
    println!("wrote {} and {}", json.display(), svg.display());
    Ok(())
}

/// The `--iters N` that may follow a row.
fn iterations(args: &[&str]) -> Result<u64, Box<dyn Error>> {
    match args {
        [] => Ok(10_000),
        ["--iters", count] => Ok(count.parse()?),
        [other, ..] => Err(format!("`{other}` isn't expected here\n\n{HELP}").into()),
    }
}

fn succeed(command: &mut Command) -> Result<(), Box<dyn Error>> {
    let status = command.status().map_err(|error| format!("{command:?}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("failed with {status}").into()) }
}
