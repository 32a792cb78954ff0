//! The command: describe, compare, print.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::inventory::lines;
use crate::cargo::{Counts, cargo, run as run_cargo};

const CRATES: [&str; 4] = ["rt-core", "rt-stream", "rt-test", "rt-util"];

/// The step of `ci`.
pub(crate) fn check(root: &Path) -> Result<Counts, Box<dyn Error>> {
    run(root, &[])?;
    Ok(Counts::default())
}

/// The command.
pub(crate) fn run(root: &Path, args: &[String]) -> Result<(), Box<dyn Error>> {
    let bless = match args {
        [] => false,
        [flag] if flag == "--bless" => true,
        _ => return Err("usage: cargo xtask api [--bless]".into()),
    };
    let mut changed = 0;
    for name in CRATES {
        let (format, now) = describe(root, name)?;
        let file = snapshot(root, name);
        if bless {
            fs::write(&file, text(name, format, &now))?;
            println!("{name}: {} public items", now.len());
            continue;
        }
        let before = fs::read_to_string(&file)?;
        if !before.lines().next().is_some_and(|head| head.ends_with(&format!(" {format}."))) {
            println!(
                "{name}: not compared, as this toolchain's rustdoc writes version {format} of its format"
            );
            continue;
        }
        let before: BTreeSet<String> = before.lines().skip(1).map(str::to_owned).collect();
        before.difference(&now).for_each(|line| println!("- {line}"));
        now.difference(&before).for_each(|line| println!("+ {line}"));
        let count = before.symmetric_difference(&now).count();
        println!("{name}: {} public items, {count} lines differ from {}", now.len(), file.display());
        changed += count;
    }
    match changed {
        0 => Ok(()),
        _ => Err("the public interface has changed; if that is meant: cargo xtask api --bless".into()),
    }
}

fn snapshot(root: &Path, name: &str) -> PathBuf {
    root.join("docs/api").join(format!("{name}.txt"))
}

fn text(name: &str, format: u64, lines: &BTreeSet<String>) -> String {
    let head = format!("# The public interface of {name}, all features, on Linux, from version {format}.\n");
    lines.iter().fold(head, |text, line| text + line + "\n")
}

/// The format's version, and the crate's lines.
fn describe(root: &Path, name: &str) -> Result<(u64, BTreeSet<String>), Box<dyn Error>> {
    let options = ["-Zunstable-options", "--output-format", "json", "--cap-lints", "allow"];
    let scope = ["rustdoc", "-q", "-p", name, "--lib", "--all-features", "--target-dir", "target/api", "--"];
    let mut command = cargo(root, &[&scope[..], &options].concat());
    // What stable rustdoc can do, and doesn't promise.
    command.env("RUSTC_BOOTSTRAP", "1");
    run_cargo(command)?;
    let json = fs::read(root.join("target/api/doc").join(format!("{}.json", name.replace('-', "_"))))?;
    let json: Value = serde_json::from_slice(&json)?;
    Ok((json["format_version"].as_u64().unwrap_or_default(), lines(&json)))
}
