//! Builds what can be built: a file that doesn't compile is left out, and its first error kept.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::messages::{CompileError, Message, Place, parse};
use super::package::{self, Contents};
use super::sources::Tests;
use super::suite::Unit;
use crate::cargo::cargo;

/// A unit's files, sorted by whether they are believed to compile.
pub(crate) struct Plan<'a> {
    pub(crate) unit: Unit,
    pub(crate) tests: &'a Tests,
    pub(crate) files: BTreeSet<String>,
    /// Those that didn't compile the last time. They are built apart, so that their errors hide none of the others'.
    pub(crate) doubtful: BTreeSet<String>,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Built {
    /// The programs, with the package and the name of each.
    pub(crate) programs: Vec<Program>,
    /// By unit and file: the first error.
    pub(crate) broken: BTreeMap<(String, String), String>,
}

#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) package: String,
    pub(crate) target: String,
    pub(crate) path: PathBuf,
}

/// More rounds than that mean that leaving files out doesn't help.
const MAX_ROUNDS: usize = 12;

/// Builds, leaving out more and more, until it compiles.
///
/// The compiler stops at unresolved names before it looks at types, and so on: hence the rounds. They only check;
/// the last one builds.
pub(crate) fn build(
    root: &Path,
    target: &Path,
    plans: &[Plan<'_>],
    published: bool,
) -> Result<Built, Box<dyn Error>> {
    let mut built = Built::default();
    let mut link = plans.iter().all(|plan| plan.doubtful.is_empty());
    for round in 1..=MAX_ROUNDS {
        let contents: Vec<Contents<'_>> = plans.iter().flat_map(|plan| contents(plan, &built)).collect();
        package::write(root, target, &contents, published)?;
        println!("round {round}: {} files, {}", count(&contents), if link { "building" } else { "checking" });
        let messages = compile(root, target, link, published)?;
        let (errors, programs): (Vec<_>, Vec<_>) =
            messages.into_iter().partition(|message| matches!(message, Message::Error(_)));
        let errors: Vec<CompileError> = errors.into_iter().filter_map(error).collect();
        if errors.is_empty() && link {
            built.programs = programs.into_iter().filter_map(program).collect();
            return Ok(built);
        }
        link = errors.is_empty();
        leave_out(plans, errors, &mut built.broken)?;
    }
    Err(format!("some file still didn't compile after {MAX_ROUNDS} rounds").into())
}

fn count(contents: &[Contents<'_>]) -> usize {
    contents.iter().map(|of| of.programs.iter().map(Vec::len).sum::<usize>()).sum()
}

fn contents<'a>(plan: &'a Plan<'a>, built: &Built) -> Option<Contents<'a>> {
    let left = |file: &&String| !built.broken.contains_key(&(plan.unit.name(), (*file).clone()));
    let (doubtful, sound): (Vec<&String>, Vec<&String>) =
        plan.files.iter().filter(left).partition(|file| plan.doubtful.contains(*file));
    let contents = Contents::new(plan.unit, plan.tests, &[sound, doubtful]);
    (!contents.programs.is_empty()).then_some(contents)
}

/// Notes the first error of each file.
fn leave_out(
    plans: &[Plan<'_>],
    errors: Vec<CompileError>,
    broken: &mut BTreeMap<(String, String), String>,
) -> Result<(), Box<dyn Error>> {
    let mut stray = None;
    for error in errors {
        let plan = plans.iter().find(|plan| plan.unit.package() == error.package);
        let (Some(plan), Some(place)) = (plan, &error.place) else {
            // "aborting due to 3 previous errors" has no place, and says nothing new.
            let counts_others = error.text.contains("aborting due to");
            stray = stray.or((!counts_others).then_some(error.rendered));
            continue;
        };
        for file in files_at(plan, place) {
            broken.entry((plan.unit.name(), file)).or_insert_with(|| error.text.clone());
        }
    }
    match stray {
        Some(rendered) => Err(format!("an error that belongs to no test file\n\n{rendered}").into()),
        None => Ok(()),
    }
}

/// The file, or all files that include it.
fn files_at(plan: &Plan<'_>, place: &Place) -> Vec<String> {
    match place {
        Place::File(file) => vec![file.clone()],
        Place::Support(name) => {
            let includes = |file: &&String| {
                plan.tests.files.get(*file).is_some_and(|of| of.support.iter().any(|support| support == name))
            };
            plan.files.iter().filter(includes).cloned().collect()
        }
    }
}

fn error(message: Message) -> Option<CompileError> {
    if let Message::Error(error) = message { Some(error) } else { None }
}

fn program(message: Message) -> Option<Program> {
    let Message::Program { package, target, path } = message else { return None };
    Some(Program { package, target, path: path.into() })
}

/// Runs cargo over the generated workspace.
fn compile(root: &Path, target: &Path, link: bool, published: bool) -> Result<Vec<Message>, Box<dyn Error>> {
    let what = [if link { "build" } else { "check" }, "--tests"];
    let how = ["--workspace", "--keep-going", "--message-format=json"];
    let mut command = cargo(target, &[&what[..], &how].concat());
    // What the facades need is shared with the other programs on them.
    let folder = if published { target.join("target") } else { root.join("target/compat") };
    command.env("CARGO_TARGET_DIR", folder).stdout(Stdio::piped());
    if published && target.ends_with("unstable") {
        command.env("RUSTFLAGS", "--cfg tokio_unstable");
    }
    let mut child = command.spawn()?;
    let mut messages = Vec::new();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines() {
            messages.extend(parse(&line?));
        }
    }
    let failed = !child.wait()?.success();
    if failed && !messages.iter().any(|message| matches!(message, Message::Error(_))) {
        return Err("cargo failed without an error of the compiler".into());
    }
    Ok(messages)
}
