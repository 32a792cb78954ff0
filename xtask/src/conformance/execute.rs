//! Runs tests, each in a process of its own and with a time limit.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::build::Program;
use super::messages::one_line;
use super::package::only_file;

/// Far beyond what the slowest of them takes on the published crates.
const LIMIT: Duration = Duration::from_secs(40);

/// How the reason of a test begins that had to be stopped.
const NO_END: &str = "no end within";

/// As many tests as this machine has cores, and one more, since most of them wait.
const AT_ONCE: usize = 3;

/// A test of a program: by the name that upstream gives it, `file::test`, and by the name in the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Test {
    pub(crate) unit: String,
    pub(crate) name: String,
    program: PathBuf,
    inner: String,
}

/// How a test ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    /// Failed first, and passed when run again.
    Flaky(String),
    Failed(String),
    /// Marked `#[ignore]`.
    Ignored,
}

/// Asks each program which tests it has.
pub(crate) fn list(programs: &[Program]) -> Result<Vec<Test>, Box<dyn Error>> {
    let mut tests = Vec::new();
    for program in programs {
        let Some(unit) = program.package.strip_prefix("conformance-") else { continue };
        let output = Command::new(&program.path).args(["--list", "--format", "terse"]).output()?;
        for line in String::from_utf8(output.stdout)?.lines() {
            let Some(inner) = line.strip_suffix(": test") else { continue };
            let name = match only_file(&program.target) {
                Some(file) => format!("{file}::{inner}"),
                None => inner.to_owned(),
            };
            let (unit, inner) = (unit.to_owned(), inner.to_owned());
            tests.push(Test { unit, name, program: program.path.clone(), inner });
        }
    }
    Ok(tests)
}

/// Runs the tests, several at once; then those that failed, though they must pass, again, one at a time, since a machine that is busy fails
/// tests that measure time. What passes then is called flaky, and reported as such.
///
/// A test runs in the folder of its package, as under `cargo test`.
pub(crate) fn run(
    workspace: &Path,
    tests: &[Test],
    must_pass: impl Fn(&Test) -> bool,
) -> Result<Vec<Outcome>, Box<dyn Error>> {
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    // Only a counter: nothing else is published by it.
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(test) = tests.get(index) else { return };
                    let outcome = run_one(workspace, index, test);
                    if let Ok(mut outcomes) = outcomes.lock() {
                        outcomes.insert(index, outcome);
                    }
                }
            });
        }
    });
    let outcomes = outcomes.into_inner().map_err(|_| "a thread that ran tests panicked")?;
    let mut all = Vec::new();
    for (index, first) in outcomes.into_values().enumerate() {
        all.push(match first {
            Outcome::Failed(reason) if must_pass(&tests[index]) => {
                again(workspace, index, &tests[index], reason)
            }
            other => other,
        });
    }
    Ok(all)
}

fn again(workspace: &Path, index: usize, test: &Test, reason: String) -> Outcome {
    let times = if reason.starts_with(NO_END) { 1 } else { 2 };
    for _ in 0..times {
        if run_one(workspace, index, test) == Outcome::Passed {
            return Outcome::Flaky(reason);
        }
    }
    Outcome::Failed(reason)
}

fn run_one(workspace: &Path, index: usize, test: &Test) -> Outcome {
    let log = workspace.join(format!("{index}.log"));
    match try_run(&workspace.join(&test.unit), &log, test) {
        Ok(outcome) => outcome,
        Err(error) => Outcome::Failed(format!("could not be run: {error}")),
    }
}

fn try_run(package: &Path, log: &Path, test: &Test) -> std::io::Result<Outcome> {
    let output = File::create(log)?;
    let mut command = Command::new(&test.program);
    command.args(["--exact", &test.inner, "--nocapture", "--test-threads", "1"]);
    command.current_dir(package).env("RUST_BACKTRACE", "0");
    let output_too = output.try_clone()?;
    let mut child = command.stdin(Stdio::null()).stdout(output).stderr(output_too).spawn()?;
    let begun = Instant::now();
    let status = loop {
        match child.try_wait()? {
            Some(status) => break status,
            None if begun.elapsed() > LIMIT => {
                child.kill()?;
                child.wait()?;
                return Ok(Outcome::Failed(format!("{NO_END} {} s", LIMIT.as_secs())));
            }
            None => thread::sleep(Duration::from_millis(3)),
        }
    };
    let text = String::from_utf8_lossy(&fs::read(log)?).into_owned();
    fs::remove_file(log)?;
    Ok(match status.success() {
        true if text.contains("1 passed; 0 failed") => Outcome::Passed,
        true => Outcome::Ignored,
        false => Outcome::Failed(reason(&text).unwrap_or_else(|| status.to_string())),
    })
}

/// The first panic in a test's output.
pub(crate) fn reason(output: &str) -> Option<String> {
    let mut lines = output.lines();
    let place = lines.find_map(|line| line.split_once("panicked at ")).map(|(_, place)| place)?;
    let place = place.rsplit('/').next().unwrap_or(place).trim_end_matches(':');
    // An assertion's values follow on lines of their own.
    let values = lines.take_while(|line| !line.starts_with("note:") && !line.is_empty()).take(3);
    Some(format!("{place}: {}", one_line(&values.collect::<Vec<_>>().join(" "))))
}
