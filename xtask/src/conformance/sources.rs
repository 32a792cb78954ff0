//! The published tests: fetched by cargo, copied into `target/`.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::suite::{SUITES, Suite};
use crate::cargo::cargo;

/// The test files of a suite, by name, and where they lie.
#[derive(Debug)]
pub(crate) struct Tests {
    pub(crate) folder: PathBuf,
    pub(crate) files: BTreeMap<String, TestFile>,
}

/// What one has to know of a test file before it's compiled.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct TestFile {
    /// It must be the root of its crate.
    pub(crate) alone: bool,
    /// It holds something that needs `--cfg tokio_unstable`.
    pub(crate) unstable: bool,
    /// Files below `support` that it includes.
    pub(crate) support: Vec<String>,
}

impl TestFile {
    pub(crate) fn of(text: &str) -> Self {
        // `$crate` belongs to a macro, which may stand in a module.
        let alone = text.match_indices("crate::").any(|(at, _)| {
            let before = text[..at].chars().next_back().unwrap_or(' ');
            before != '$' && !before.is_alphanumeric() && before != '_'
        });
        let support = match text.split_once("mod support {") {
            Some((_, rest)) => modules(rest.split('}').next().unwrap_or_default()),
            None => Vec::new(),
        };
        Self { alone, unstable: text.contains("tokio_unstable"), support }
    }
}

/// The names in lines such as `pub mod panic;`.
fn modules(block: &str) -> Vec<String> {
    let lines = block.lines().filter_map(|line| line.trim().strip_suffix(';'));
    lines.filter_map(|line| line.rsplit_once("mod ")).map(|(_, name)| name.to_owned()).collect()
}

/// Fetches the published crates and copies their tests below `target`.
pub(crate) fn fetch(target: &Path) -> Result<BTreeMap<&'static str, Tests>, Box<dyn Error>> {
    let folders = published_folders(&target.join("sources"))?;
    let mut all = BTreeMap::new();
    for suite in &SUITES {
        let from =
            folders.get(suite.name).ok_or("cargo knows nothing of a crate that it fetched")?.join("tests");
        let to = target.join("tests").join(suite.name);
        copy(&from, &to)?;
        all.insert(suite.name, Tests { files: test_files(&to)?, folder: to });
    }
    Ok(all)
}

/// Where cargo unpacked each crate.
fn published_folders(package: &Path) -> Result<BTreeMap<String, PathBuf>, Box<dyn Error>> {
    let mut manifest =
        "[package]\nname = \"sources\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n"
            .to_owned();
    for Suite { name, version } in &SUITES {
        writeln!(manifest, "{name} = \"={version}\"")?;
    }
    fs::create_dir_all(package.join("src"))?;
    fs::write(package.join("Cargo.toml"), manifest)?;
    fs::write(package.join("src/lib.rs"), "")?;
    let output = cargo(package, &["metadata", "--format-version", "1"]).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let packages = metadata["packages"].as_array().ok_or("no packages in cargo's metadata")?;
    let folder = |package: &Value| {
        let manifest = Path::new(package["manifest_path"].as_str()?);
        Some((package["name"].as_str()?.to_owned(), manifest.parent()?.to_owned()))
    };
    Ok(packages.iter().filter_map(folder).collect())
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else if fs::read(&target).ok() != Some(fs::read(entry.path())?) {
            // One that is there already keeps its time, by which cargo tells what to build anew.
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn test_files(folder: &Path) -> std::io::Result<BTreeMap<String, TestFile>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_stem().map(|name| name.to_string_lossy().into_owned());
        if let (Some(name), true) = (name, path.extension().is_some_and(|end| end == "rs")) {
            files.insert(name, TestFile::of(&fs::read_to_string(&path)?));
        }
    }
    Ok(files)
}
