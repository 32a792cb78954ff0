//! The lists: which tests pass on the published crates, and which of these don't pass here, yet or on purpose.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::suite::{Unit, folder};

/// What doesn't pass: `unit/file` for all of a file, `unit/file::test` for one test. To each its reason.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Ratchet {
    /// What doesn't pass yet.
    pub(crate) entries: BTreeMap<String, String>,
    /// Tests that ask for what is done otherwise here, and why. Written by hand.
    pub(crate) on_purpose: BTreeMap<String, String>,
}

const HEAD: &str = "\
# What doesn't pass yet of the tests that pass on the published crates, and why: a whole file by the compiler's first
# error in it, or one test by what it panicked with. `cargo xtask conformance --unstable --bless` rewrites this file.
";

impl Ratchet {
    pub(crate) fn read(root: &Path) -> Self {
        let entries = |path: PathBuf| match fs::read_to_string(path) {
            Ok(text) => parse(&text),
            Err(_) => BTreeMap::new(),
        };
        Self { entries: entries(path(root)), on_purpose: entries(folder(root).join("on-purpose.txt")) }
    }

    pub(crate) fn write(&self, root: &Path) -> Result<(), Box<dyn Error>> {
        Ok(fs::write(path(root), self.text())?)
    }

    pub(crate) fn text(&self) -> String {
        let mut text = HEAD.to_owned();
        for (name, why) in &self.entries {
            let _ = writeln!(text, "{name}: {why}");
        }
        text
    }

    /// The entry that excuses a test: its own, or its file's.
    pub(crate) fn entry_for(&self, unit: &str, test: &str) -> Option<&str> {
        let own = format!("{unit}/{test}");
        let whole = format!("{unit}/{}", file_of(test));
        let entry = |key| self.on_purpose.get_key_value(key).or_else(|| self.entries.get_key_value(key));
        [own, whole].iter().find_map(entry).map(|(key, _)| key.as_str())
    }

    /// The files of a unit that are in it as a whole.
    pub(crate) fn whole_files(&self, unit: &str) -> BTreeSet<String> {
        let of_unit = self.entries.keys().filter_map(|key| key.split_once('/')).filter(|(of, _)| *of == unit);
        of_unit.map(|(_, name)| name).filter(|name| !name.contains("::")).map(str::to_owned).collect()
    }
}

/// The lines `name: reason` of a list.
pub(crate) fn parse(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let entries = lines.filter_map(|line| line.split_once(": "));
    entries.map(|(name, why)| (name.to_owned(), why.to_owned())).collect()
}

/// The file of a test.
pub(crate) fn file_of(test: &str) -> &str {
    test.split_once("::").map_or(test, |(file, _)| file)
}

fn path(root: &Path) -> PathBuf {
    folder(root).join("ratchet.txt")
}

/// The names of the tests that pass on the published crate.
pub(crate) fn expected(root: &Path, unit: Unit) -> BTreeSet<String> {
    let text = fs::read_to_string(unit.expected_file(root)).unwrap_or_default();
    text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

pub(crate) fn write_expected(
    root: &Path,
    unit: Unit,
    names: &BTreeSet<String>,
) -> Result<(), Box<dyn Error>> {
    let path = unit.expected_file(root);
    if names.is_empty() && !path.exists() {
        return Ok(());
    }
    if names.is_empty() {
        return Ok(fs::remove_file(path)?);
    }
    let how = if unit.unstable { " with `--cfg tokio_unstable`, beyond those that need no flag" } else { "" };
    let mut text =
        format!("# Tests that pass on the published {} {}{how}.\n", unit.suite.name, unit.suite.version);
    for name in names {
        writeln!(text, "{name}")?;
    }
    Ok(fs::write(path, text)?)
}
