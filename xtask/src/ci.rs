//! `cargo xtask ci`: every check, the cheap ones first.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::cargo::{Counts, cargo, run as run_cargo};
use crate::{api, compat, conformance, loom, tidy};

type Outcome = Result<Counts, Box<dyn Error>>;

/// A check: what it's called, and what it does.
struct Step {
    name: &'static str,
    run: fn(&Path) -> Outcome,
}

/// In the order of what they cost; the tests come last, so that their results end the output.
const STEPS: [Step; 12] = [
    Step { name: "format", run: format },
    Step { name: "tidy", run: tidy },
    Step { name: "features", run: features },
    Step { name: "clippy", run: clippy },
    Step { name: "docs", run: docs },
    Step { name: "api", run: api::check },
    Step { name: "examples", run: examples },
    Step { name: "facades", run: compat::check },
    Step { name: "models", run: models },
    Step { name: "tests", run: tests },
    Step { name: "conformance", run: conformance::check },
    Step { name: "doctests", run: doc_tests },
];

/// Runs the steps, or those that are named; the first that fails ends the run.
pub(crate) fn run(root: &Path, args: &[String]) -> Result<(), Box<dyn Error>> {
    if let Some(unknown) = args.iter().find(|arg| STEPS.iter().all(|step| step.name != *arg)) {
        let names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        return Err(format!("no step is called `{unknown}`; the steps are {}", names.join(", ")).into());
    }
    let steps: Vec<&Step> =
        STEPS.iter().filter(|step| args.is_empty() || args.iter().any(|arg| arg == step.name)).collect();
    let start = Instant::now();
    let mut times: Vec<(&str, Duration)> = Vec::new();
    let mut total = Counts::default();
    for (index, step) in steps.iter().enumerate() {
        println!("\n=== {} ({} of {})", step.name, index + 1, steps.len());
        let begun = Instant::now();
        let outcome = (step.run)(root);
        times.push((step.name, begun.elapsed()));
        println!("=== {}: {:.1} s", step.name, begun.elapsed().as_secs_f64());
        match outcome {
            Ok(counts) => total.add(counts),
            Err(error) => return Err(format!("step `{}` failed: {error}", step.name).into()),
        }
    }
    println!("\nsummary");
    for (name, time) in times {
        println!("  {name:<10} ok {:>8.1} s", time.as_secs_f64());
    }
    println!("  all        ok {:>8.1} s, {} tests ignored", start.elapsed().as_secs_f64(), total.ignored);
    println!("{} passed, {} failed", total.passed, total.failed);
    Ok(())
}

fn format(root: &Path) -> Outcome {
    run_cargo(cargo(root, &["fmt", "--all", "--check"]))
}

fn tidy(root: &Path) -> Outcome {
    tidy::run(root, &[])?;
    Ok(Counts::default())
}

/// rt-core with no feature, and with each alone: none may lean on another by accident.
fn features(root: &Path) -> Outcome {
    let manifest = fs::read_to_string(root.join("rt-core/Cargo.toml"))?;
    let names = feature_names(&manifest);
    if names.is_empty() {
        return Err("rt-core/Cargo.toml names no feature".into());
    }
    let lint = ["clippy", "-p", "rt-core", "--no-default-features"];
    let deny = ["--", "-D", "warnings"];
    run_cargo(cargo(root, &[&lint[..], &deny].concat()))?;
    for name in names {
        run_cargo(cargo(root, &[&lint[..], &["--features", &name], &deny].concat()))?;
    }
    Ok(Counts::default())
}

/// The names in a manifest's `[features]` section, but `default`.
fn feature_names(manifest: &str) -> Vec<String> {
    let section = manifest.lines().skip_while(|line| line.trim() != "[features]").skip(1);
    section
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once('='))
        .map(|(name, _)| name.trim().to_owned())
        .filter(|name| !name.starts_with('#') && name != "default")
        .collect()
}

fn clippy(root: &Path) -> Outcome {
    let scope = ["clippy", "--workspace", "--all-targets", "--all-features"];
    run_cargo(cargo(root, &[&scope[..], &["--", "-D", "warnings"]].concat()))
}

fn docs(root: &Path) -> Outcome {
    let mut command = cargo(root, &["doc", "--workspace", "--no-deps", "--all-features"]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    run_cargo(command)
}

/// Runs all examples, each of which checks itself and ends: the README's first command among them.
fn examples(root: &Path) -> Outcome {
    run_cargo(cargo(root, &["build", "--release", "-p", "rt-examples", "--bins"]))?;
    for name in example_names(&root.join("examples/src/bin"))? {
        let args = if name == "mini-redis" { &["--", "demo"][..] } else { &[] };
        run_cargo(cargo(root, &[&["run", "--release", "--bin", &name], args].concat()))?;
    }
    Ok(Counts::default())
}

/// The programs in a folder: `hello.rs` is one, and so is the folder `mini-redis`.
pub(crate) fn example_names(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        names.push(name.strip_suffix(".rs").map_or(name.clone(), str::to_owned));
    }
    names.sort();
    Ok(names)
}

fn models(root: &Path) -> Outcome {
    let counts = loom::models(root, None)?;
    if counts.passed == 0 { Err("no model ran".into()) } else { Ok(counts) }
}

fn tests(root: &Path) -> Outcome {
    let scope = ["--workspace", "--all-features", "--lib", "--bins", "--tests"];
    run_cargo(cargo(root, &[&["test"], &scope[..]].concat()))
}

fn doc_tests(root: &Path) -> Outcome {
    run_cargo(cargo(root, &["test", "--workspace", "--all-features", "--doc"]))
}

#[cfg(test)]
mod tests_features {
    use super::feature_names;

    #[test]
    fn names_are_read_from_their_section_only() {
        let manifest = "[package]\nname = \"x\"\n[features]\ndefault = []\n# a = b\nnet = [\"dep:mio\"]\nrt = []\n\
                        \n[dependencies]\nmio = \"1\"\n";
        assert_eq!(feature_names(manifest), ["net", "rt"]);
    }
}
