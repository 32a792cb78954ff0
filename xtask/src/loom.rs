//! `cargo xtask loom`: the models of everything that threads share.

use std::error::Error;
use std::path::Path;
use std::process::Command;

use crate::cargo::{Counts, cargo, run as run_cargo};

/// Runs the models whose path contains the filter.
pub(crate) fn run(root: &Path, args: &[String]) -> Result<(), Box<dyn Error>> {
    let filter = match args {
        [] => None,
        [filter] => Some(filter.as_str()),
        _ => return Err("usage: cargo xtask loom [FILTER]".into()),
    };
    let counts = models(root, filter)?;
    if counts.passed == 0 {
        return Err("no model has such a name".into());
    }
    println!("{} models passed", counts.passed);
    Ok(())
}

/// Runs the models, in a target folder of their own: `--cfg loom` changes every crate.
pub(crate) fn models(root: &Path, filter: Option<&str>) -> Result<Counts, Box<dyn Error>> {
    let Some(filter) = filter else { return run_cargo(test(root, &["tests_loom"])) };
    // libtest joins its filters by "or", so that a filter of names can't narrow down `tests_loom`.
    let list = test(root, &["tests_loom", "--list"]).output()?;
    if !list.status.success() {
        return Err(String::from_utf8_lossy(&list.stderr).into());
    }
    let list = String::from_utf8(list.stdout)?;
    let names: Vec<&str> = list
        .lines()
        .filter_map(|line| line.strip_suffix(": test"))
        .filter(|name| name.contains(filter))
        .collect();
    if names.is_empty() {
        return Ok(Counts::default());
    }
    run_cargo(test(root, &[&["--exact"], &names[..]].concat()))
}

/// The models' test runner with these arguments.
fn test(root: &Path, args: &[&str]) -> Command {
    let packages = ["test", "-p", "rt-core", "-p", "rt-util", "--lib", "--profile", "loom"];
    let options =
        ["--features", "rt-core/full,rt-core/test-util,rt-util/_loom", "--target-dir", "target/loom", "--"];
    let mut command = cargo(root, &[&packages[..], &options, args].concat());
    command.env("RUSTFLAGS", "--cfg loom");
    if std::env::var_os("LOOM_MAX_PREEMPTIONS").is_none() {
        command.env("LOOM_MAX_PREEMPTIONS", "2");
    }
    command
}
