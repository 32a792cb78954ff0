//! The command: fetch, build, run, compare, print.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Instant;

use super::build::{Built, Plan, build};
use super::compare::{Results, Score, Verdict};
use super::execute::{self, Outcome, Test};
use super::ratchet::{Ratchet, expected, file_of, write_expected};
use super::sources::{Tests, fetch};
use super::suite::{Options, Unit, folder};
use crate::cargo::Counts;

/// The step of `ci`.
pub(crate) fn check(root: &Path) -> Result<Counts, Box<dyn Error>> {
    run_with(root, &Options { unstable: true, ..Options::default() })
}

/// The command.
pub(crate) fn run(root: &Path, args: &[String]) -> Result<(), Box<dyn Error>> {
    let options = Options::parse(args)?;
    if options.published { published(root, &options) } else { run_with(root, &options).map(drop) }
}

fn run_with(root: &Path, options: &Options) -> Result<Counts, Box<dyn Error>> {
    let target = root.join("target/conformance");
    let sources = fetch(&target)?;
    let mut ratchet = Ratchet::read(root);
    let mut results = Vec::new();
    let mut plans = Vec::new();
    for unit in options.units() {
        let expected: BTreeSet<String> =
            expected(root, unit).into_iter().filter(|test| options.wants(file_of(test))).collect();
        let files: BTreeSet<String> = expected.iter().map(|test| file_of(test).to_owned()).collect();
        if files.is_empty() {
            continue;
        }
        let tests = sources.get(unit.suite.name).ok_or("a suite without sources")?;
        plans.push(Plan { unit, tests, files, doubtful: ratchet.whole_files(&unit.name()) });
        results.push(Results { unit: unit.name(), expected, ..Results::default() });
    }
    if plans.is_empty() {
        return Err("no test has such a name".into());
    }
    let workspace = target.join("facades");
    let lock = folder(root).join("facades.lock");
    fs::create_dir_all(&workspace)?;
    if lock.exists() {
        fs::copy(&lock, workspace.join("Cargo.lock"))?;
    }
    let built = build(root, &workspace, &plans, false)?;
    let is_everything = options.suite.is_none() && options.file.is_none() && options.unstable;
    if options.bless && is_everything {
        // What passes shall not depend on the day.
        fs::copy(workspace.join("Cargo.lock"), &lock)?;
    }
    let wanted =
        |test: &Test| results.iter().any(|of| of.unit == test.unit && of.expected.contains(&test.name));
    let tests: Vec<Test> = execute::list(&built.programs)?.into_iter().filter(wanted).collect();
    let must_pass = |test: &Test| ratchet.entry_for(&test.unit, &test.name).is_none();
    let outcomes = execute_all(&workspace, &tests, must_pass)?;
    fill(&mut results, built, &tests, outcomes);
    print_table(&results);
    if options.bless {
        results.iter().for_each(|of| of.bless(&mut ratchet));
        ratchet.write(root)?;
    }
    conclude(&results, &ratchet)
}

fn execute_all(
    workspace: &Path,
    tests: &[Test],
    must_pass: impl Fn(&Test) -> bool,
) -> Result<Vec<Outcome>, Box<dyn Error>> {
    println!("running {} tests", tests.len());
    let begun = Instant::now();
    let outcomes = execute::run(workspace, tests, must_pass)?;
    println!("ran them in {:.0} s", begun.elapsed().as_secs_f64());
    Ok(outcomes)
}

/// Sorts what happened by unit.
fn fill(results: &mut [Results], built: Built, tests: &[Test], outcomes: Vec<Outcome>) {
    for ((unit, file), reason) in built.broken {
        if let Some(of) = results.iter_mut().find(|of| of.unit == unit) {
            of.broken.insert(file, reason);
        }
    }
    for (test, outcome) in tests.iter().zip(outcomes) {
        if let Some(of) = results.iter_mut().find(|of| of.unit == test.unit) {
            of.outcomes.insert(test.name.clone(), outcome);
        }
    }
}

fn print_table(results: &[Results]) {
    for of in results {
        println!("\n{}", of.unit);
        for (file, Score { passed, expected }) in of.by_file() {
            let note = match of.broken.get(file) {
                Some(error) => format!("  {error}"),
                None => String::new(),
            };
            println!("  {file:<32} {passed:>4} of {expected:>4}{note}");
        }
    }
    println!("\nsuite              passed expected");
    let mut total = Score::default();
    for of in results {
        let Score { passed, expected } = of.score();
        println!("{:<18} {passed:>6} {expected:>8}", of.unit);
        total = Score { passed: total.passed + passed, expected: total.expected + expected };
    }
    println!("{:<18} {:>6} {:>8}", "all", total.passed, total.expected);
}

/// Says what the ratchet says of it all.
fn conclude(results: &[Results], ratchet: &Ratchet) -> Result<Counts, Box<dyn Error>> {
    let verdicts: Vec<Verdict> = results.iter().map(|of| of.judge(ratchet)).collect();
    for (test, reason) in verdicts.iter().flat_map(|verdict| &verdict.flaky) {
        println!("flaky: {test} passed when run again; at first: {reason}");
    }
    let loose: Vec<&String> = verdicts.iter().flat_map(|verdict| &verdict.loose).collect();
    if !loose.is_empty() {
        println!("\nthe ratchet can be tightened (--bless); no longer needed:");
        loose.iter().for_each(|entry| println!("  {entry}"));
    }
    let regressions: Vec<&(String, String)> =
        verdicts.iter().flat_map(|verdict| &verdict.regressions).collect();
    if regressions.is_empty() {
        let on_purpose: usize = verdicts.iter().map(|verdict| verdict.on_purpose).sum();
        println!("{on_purpose} of those that fail do so on purpose");
        let passed: usize = results.iter().map(|of| of.score().passed).sum();
        return Ok(Counts { passed: passed as u64, ..Counts::default() });
    }
    println!("\nnot in the ratchet, and failed:");
    for (test, reason) in &regressions {
        println!("  {test}: {reason}");
    }
    Err(format!("{} tests that must pass don't", regressions.len()).into())
}

/// Runs the tests on the published crates, and with `--bless` writes down which of them pass.
fn published(root: &Path, options: &Options) -> Result<(), Box<dyn Error>> {
    let target = root.join("target/conformance");
    let sources = fetch(&target)?;
    let mut passed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for unstable in if options.unstable { vec![false, true] } else { vec![false] } {
        let units: Vec<Unit> = options.units().into_iter().filter(|unit| unit.unstable == unstable).collect();
        let plans =
            units.iter().map(|&unit| plan_of_all(unit, &sources, options)).collect::<Result<Vec<_>, _>>()?;
        let workspace = target.join("published").join(if unstable { "unstable" } else { "stable" });
        let built = build(root, &workspace, &plans, true)?;
        for ((unit, file), error) in &built.broken {
            println!("{unit}/{file} doesn't compile: {error}");
        }
        let tests = execute::list(&built.programs)?;
        for (test, outcome) in tests.iter().zip(execute_all(&workspace, &tests, |_| true)?) {
            match &outcome {
                Outcome::Passed | Outcome::Ignored => {}
                Outcome::Flaky(reason) => println!("{}/{} is flaky: {reason}", test.unit, test.name),
                Outcome::Failed(reason) => println!("{}/{} fails: {reason}", test.unit, test.name),
            }
            if matches!(outcome, Outcome::Passed | Outcome::Flaky(_)) {
                passed.entry(test.unit.clone()).or_default().insert(test.name.clone());
            }
        }
        for unit in units {
            let mut names = passed.get(&unit.name()).cloned().unwrap_or_default();
            if unstable {
                let stable = passed.get(unit.suite.name).cloned().unwrap_or_default();
                names.retain(|name| !stable.contains(name));
            }
            println!("{}: {} pass", unit.name(), names.len());
            if options.bless && options.file.is_none() {
                write_expected(root, unit, &names)?;
            }
        }
    }
    Ok(())
}

fn plan_of_all<'a>(
    unit: Unit,
    sources: &'a BTreeMap<&'static str, Tests>,
    options: &Options,
) -> Result<Plan<'a>, Box<dyn Error>> {
    let tests = sources.get(unit.suite.name).ok_or("a suite without sources")?;
    let wanted = |(name, file): &(&String, &super::sources::TestFile)| {
        options.wants(name) && (!unit.unstable || file.unstable)
    };
    let files = tests.files.iter().filter(wanted).map(|(name, _)| name.clone()).collect();
    Ok(Plan { unit, tests, files, doubtful: BTreeSet::new() })
}
