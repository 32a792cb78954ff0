//! The workspace that is generated around the tests.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::sources::Tests;
use super::suite::{Unit, folder};

/// How many files one program holds at most: few enough that two cores have something to do each.
const FILES_A_PROGRAM: usize = 32;

/// What a unit's package consists of.
pub(crate) struct Contents<'a> {
    pub(crate) unit: Unit,
    pub(crate) tests: &'a Tests,
    /// The files of each program.
    pub(crate) programs: Vec<Vec<&'a str>>,
}

impl<'a> Contents<'a> {
    /// Distributes the files over programs; those of different groups never share one.
    pub(crate) fn new(unit: Unit, tests: &'a Tests, groups: &[Vec<&'a String>]) -> Self {
        let is_alone = |file: &&&String| tests.files.get(**file).is_some_and(|file| file.alone);
        let mut programs = Vec::new();
        for group in groups {
            let (alone, together): (Vec<&String>, Vec<&String>) = group.iter().partition(is_alone);
            let chunks = together.chunks(FILES_A_PROGRAM).chain(alone.chunks(1));
            programs.extend(chunks.map(|files| files.iter().map(|file| file.as_str()).collect()));
        }
        Self { unit, tests, programs }
    }
}

/// In the name of a program that consists of one file.
const ALONE: &str = "alone-";

/// The file that a program consists of, when it's one: its tests don't say.
pub(crate) fn only_file(program: &str) -> Option<&str> {
    program.split_once(&format!("-{ALONE}")).map(|(_, file)| file)
}

/// Writes the workspace below `target`: on the facades, or on the published crates.
pub(crate) fn write(
    root: &Path,
    target: &Path,
    contents: &[Contents<'_>],
    published: bool,
) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(target)?;
    let members: Vec<String> = contents.iter().map(|of| format!("\"{}\"", of.unit.name())).collect();
    let mut manifest = format!("[workspace]\nresolver = \"3\"\nmembers = [{}]\n\n", members.join(", "));
    manifest.push_str("[profile.dev]\ndebug = false\nincremental = false\n");
    // Tests of dumps and traces look for their own lines in a backtrace.
    for of in contents.iter().filter(|of| of.unit.unstable) {
        write!(manifest, "\n[profile.dev.package.{}]\ndebug = true\n", of.unit.package())?;
    }
    if !published {
        manifest.push_str("\n[patch.crates-io]\n");
        for name in ["tokio", "tokio-stream", "tokio-test", "tokio-util"] {
            let path = root.join("compat").join(name);
            writeln!(manifest, "{name} = {{ path = {:?} }}", path.display().to_string())?;
        }
    }
    update(&target.join("Cargo.toml"), &manifest)?;
    for of in contents {
        package(root, &target.join(of.unit.name()), of, published)?;
    }
    Ok(())
}

fn package(root: &Path, target: &Path, of: &Contents<'_>, published: bool) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(target.join("src"))?;
    let suite = of.unit.suite.name;
    let mut manifest = fs::read_to_string(folder(root).join(format!("{suite}.toml")))?;
    manifest = manifest.replacen(&format!("conformance-{suite}"), &of.unit.package(), 1);
    if of.unit.unstable {
        manifest = manifest.replacen("default = [", "default = [\"unstable\", ", 1);
        // Only these tests shall see the flag: what they depend on needn't be built twice.
        if !published {
            update(
                &target.join("build.rs"),
                "fn main() {\n    println!(\"cargo::rustc-cfg=tokio_unstable\");\n}\n",
            )?;
        }
    }
    for (index, files) in of.programs.iter().enumerate() {
        let path = |file: &str| of.tests.folder.join(format!("{file}.rs")).display().to_string();
        let (name, path) = match &files[..] {
            [file] => (format!("{}-{ALONE}{file}", of.unit.name()), path(file)),
            _ => {
                let mut program = "#![allow(warnings)]\n".to_owned();
                for file in files {
                    writeln!(program, "#[path = {:?}]\nmod {file};", path(file))?;
                }
                let root = target.join(format!("part{index}.rs"));
                update(&root, &program)?;
                (format!("{}-part{index}", of.unit.name()), root.display().to_string())
            }
        };
        writeln!(manifest, "\n[[test]]\nname = {name:?}\npath = {path:?}")?;
    }
    update(&target.join("src/lib.rs"), "")?;
    update(&target.join("Cargo.toml"), &manifest)
}

/// Writes a file if that changes it, so that cargo doesn't build anew what is the same.
fn update(path: &Path, text: &str) -> Result<(), Box<dyn Error>> {
    if fs::read_to_string(path).is_ok_and(|before| before == text) {
        return Ok(());
    }
    Ok(fs::write(path, text)?)
}
