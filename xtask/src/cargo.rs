//! Runs cargo, and counts the tests that it reports.

use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// What cargo's test runners counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) ignored: u64,
}

impl Counts {
    /// Adds the counts of a `test result:` line; other lines count nothing.
    pub(crate) fn add_line(&mut self, line: &str) {
        let Some((_, result)) = line.split_once("test result: ") else { return };
        for part in result.split(['.', ';']) {
            let mut words = part.split_whitespace();
            let (Some(Ok(count)), Some(what)) = (words.next().map(str::parse::<u64>), words.next()) else {
                continue;
            };
            match what {
                "passed" => self.passed += count,
                "failed" => self.failed += count,
                "ignored" => self.ignored += count,
                _ => {}
            }
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
    }
}

/// A run of cargo in the workspace, with nothing to read from.
pub(crate) fn cargo(root: &Path, args: &[&str]) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(root).args(args).stdin(Stdio::null());
    // What `cargo xtask` itself was run with must not leak into what it runs.
    command.env_remove("CARGO_MANIFEST_DIR").env_remove("CARGO_MANIFEST_PATH");
    command
}

/// Runs the command, passes its output on, and counts the tests in it.
pub(crate) fn run(mut command: Command) -> Result<Counts, Box<dyn Error>> {
    println!("$ {}", describe(&command));
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let mut counts = Counts::default();
    if let Some(output) = child.stdout.take() {
        let mut out = std::io::stdout();
        for line in BufReader::new(output).split(b'\n') {
            let line = String::from_utf8_lossy(&line?).into_owned();
            counts.add_line(&line);
            writeln!(out, "{line}")?;
        }
    }
    let status = child.wait()?;
    if status.success() { Ok(counts) } else { Err(format!("failed with {status}").into()) }
}

/// The command as one would type it.
fn describe(command: &Command) -> String {
    let set = command
        .get_envs()
        .filter_map(|(key, value)| Some(format!("{}={:?}", key.to_string_lossy(), value?.to_string_lossy())));
    let words = command.get_args().map(|word| word.to_string_lossy().into_owned());
    set.chain(["cargo".to_owned()]).chain(words).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::Counts;

    #[test]
    fn counts_result_lines_only() {
        let mut counts = Counts::default();
        counts.add_line("running 3 tests");
        counts.add_line("test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out");
        counts.add_line("test result: FAILED. 5 passed; 2 failed; 0 ignored; 0 measured; 9 filtered out");
        counts.add_line("test passed ... ok");
        assert_eq!(counts, Counts { passed: 8, failed: 2, ignored: 1 });
    }
}
