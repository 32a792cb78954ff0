//! The facades in `compat`: they build, alone and among published crates, and real programs run on them.

mod features;

use std::error::Error;
use std::path::Path;
use std::process::Command;

use crate::cargo::{Counts, cargo, run as run_cargo};
use crate::ci::example_names;

/// One folder for all that is built on the facades, so that what they have in common is built once.
const TARGET: &str = "target/compat";

/// The step of `ci`.
pub(crate) fn check(root: &Path) -> Result<Counts, Box<dyn Error>> {
    let folder = root.join("compat");
    features::check(root)?;
    run_cargo(in_compat(root, &folder, &["fmt", "--all", "--check"]))?;
    let facades = ["clippy", "--workspace", "--exclude", "compat-examples"];
    let deny = ["--", "-D", "warnings"];
    run_cargo(in_compat(root, &folder, &[&facades[..], &deny].concat()))?;
    run_cargo(in_compat(root, &folder, &[&facades[..], &["--all-features"], &deny].concat()))?;
    // A tree in which only tokio is ours.
    let mixed = folder.join("mixed");
    for name in example_names(&mixed.join("src/bin"))? {
        run_cargo(in_compat(root, &mixed, &["run", "--bin", &name]))?;
    }
    run_cargo(in_compat(root, &folder.join("console"), &["run"]))?;
    let counts = run_cargo(in_compat(root, &folder, &["test", "-p", "compat-examples"]))?;
    for name in example_names(&folder.join("examples/src/bin"))? {
        run_cargo(in_compat(root, &folder, &["run", "-p", "compat-examples", "--bin", &name]))?;
    }
    Ok(counts)
}

/// A run of cargo in a workspace that is on the facades.
pub(crate) fn in_compat(root: &Path, folder: &Path, args: &[&str]) -> Command {
    let mut command = cargo(folder, args);
    command.env("CARGO_TARGET_DIR", root.join(TARGET));
    command
}
