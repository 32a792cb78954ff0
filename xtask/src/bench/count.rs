//! Costs that don't depend on the machine's mood: instructions and system calls an operation.
//!
//! Each is the difference of two runs that differ only in how many operations they do, divided by
//! that difference; so whatever starts and ends a run falls out.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::PathBuf;
use std::process::Command;

use super::Bench;

const SIDES: [&str; 2] = ["tokio", "ours"];

/// The shorter of two runs is this many times shorter.
const SHORTER: u64 = 5;

/// Prints the user-space instructions an operation takes, by valgrind.
pub(super) fn instructions(bench: &Bench, row: &str, iters: u64) -> Result<(), Box<dyn Error>> {
    for side in SIDES {
        let few = instructions_of(bench, row, side, iters / SHORTER)?;
        let many = instructions_of(bench, row, side, iters)?;
        let each = (many as f64 - few as f64) / (iters - iters / SHORTER) as f64;
        println!("{row:24} {side:6} {each:>10.1} instructions an operation");
        println!("  callgrind_annotate {}", profile(bench, row, side).display());
    }
    Ok(())
}

fn profile(bench: &Bench, row: &str, side: &str) -> PathBuf {
    bench.folder.join(format!("callgrind.{}.{side}.out", row.replace('/', "-")))
}

fn instructions_of(bench: &Bench, row: &str, side: &str, iters: u64) -> Result<u64, Box<dyn Error>> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--fair-sched=try"]);
    command.arg(format!("--callgrind-out-file={}", profile(bench, row, side).display()));
    let report = run(command, bench, row, side, iters)?;
    collected(&report).ok_or(format!("no count in what valgrind said:\n{report}").into())
}

/// The total of valgrind's last words.
fn collected(report: &str) -> Option<u64> {
    let (_, count) = report.lines().find_map(|line| line.split_once("Collected :"))?;
    count.trim().parse().ok()
}

/// Prints the system calls an operation takes, by strace.
pub(super) fn syscalls(bench: &Bench, row: &str, iters: u64) -> Result<(), Box<dyn Error>> {
    for side in SIDES {
        let few = syscalls_of(bench, row, side, iters / SHORTER)?;
        let many = syscalls_of(bench, row, side, iters)?;
        let operations = (iters - iters / SHORTER) as f64;
        let mut each: Vec<(&str, f64)> = many
            .iter()
            .map(|(name, count)| {
                let before = few.get(name).copied().unwrap_or(0);
                (name.as_str(), (*count as f64 - before as f64) / operations)
            })
            .filter(|(_, each)| each.abs() >= 0.005)
            .collect();
        each.sort_by(|a, b| b.1.total_cmp(&a.1));
        let total: f64 = each.iter().map(|(_, each)| each).sum();
        let parts: Vec<String> = each.iter().map(|(name, each)| format!("{name} {each:.2}")).collect();
        println!("{row:24} {side:6} {total:>8.2} system calls an operation: {}", parts.join(", "));
    }
    Ok(())
}

fn syscalls_of(
    bench: &Bench,
    row: &str,
    side: &str,
    iters: u64,
) -> Result<BTreeMap<String, u64>, Box<dyn Error>> {
    let summary = bench.folder.join("strace.txt");
    let mut command = Command::new("strace");
    command.args(["-f", "-c", "-o"]).arg(&summary);
    run(command, bench, row, side, iters)?;
    Ok(tally(&std::fs::read_to_string(summary)?))
}

/// Reads the table of `strace -c`: time, seconds, microseconds a call, calls, perhaps errors, name.
fn tally(table: &str) -> BTreeMap<String, u64> {
    let mut calls = BTreeMap::new();
    for line in table.lines() {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let [_, _, _, count, .., name] = columns.as_slice() else { continue };
        if let (Ok(count), false) = (count.parse(), *name == "total") {
            calls.insert((*name).to_owned(), count);
        }
    }
    calls
}

/// Runs `tool` on one side of a row and returns what it wrote to its standard error.
fn run(
    mut tool: Command,
    bench: &Bench,
    row: &str,
    side: &str,
    iters: u64,
) -> Result<String, Box<dyn Error>> {
    tool.arg(&bench.program).args(["run", row, "--side", side, "--iters", &iters.to_string()]);
    let output = tool.output().map_err(|error| format!("{:?}: {error}", tool.get_program()))?;
    let report = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(report) } else { Err(report.into()) }
}

#[cfg(test)]
mod tests {
    use super::{collected, tally};

    #[test]
    fn reads_the_count_of_instructions() {
        let report = "==7== Events    : Ir\n==7== Collected : 66218452\n==7==\n";
        assert_eq!(collected(report), Some(66_218_452));
        assert_eq!(collected("==7== killed\n"), None);
    }

    #[test]
    fn reads_calls_with_and_without_errors_and_leaves_the_total_out() {
        let table = "\
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 60.00    0.000120           1       120        20 read
 40.00    0.000080           2        40           write
------ ----------- ----------- --------- --------- ----------------
100.00    0.000200           1       160        20 total
";
        let calls = tally(table);
        assert_eq!(calls.len(), 2, "{calls:?}");
        assert_eq!((calls["read"], calls["write"]), (120, 40));
    }
}
