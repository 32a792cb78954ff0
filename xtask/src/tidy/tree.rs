//! The files of the workspace, read once.

use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, io};

use super::source::Source;

/// Folders that hold nothing of ours: builds, history, and the deliberate mistakes of compile-fail tests.
const SKIPPED: [&str; 3] = ["target", ".git", "ui"];

/// A file that isn't Rust, or the raw text of one that is.
#[derive(Debug)]
pub(crate) struct Text {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// All that the rules look at.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub(crate) sources: Vec<Source>,
    /// Every text file, Rust or not.
    pub(crate) texts: Vec<Text>,
    /// Every file and folder.
    pub(crate) entries: BTreeSet<String>,
}

impl Tree {
    /// Reads everything below `root`. It walks the folders rather than ask git, which a machine with
    /// only a Rust toolchain lacks.
    pub(crate) fn read(root: &Path) -> io::Result<Self> {
        let mut tree = Self::default();
        tree.walk(root, "")?;
        tree.sources.sort_by(|a, b| a.path.cmp(&b.path));
        tree.texts.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(tree)
    }

    /// A tree of these files, for tests of the rules.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let mut tree = Self::default();
        for (path, text) in files {
            tree.insert(path, (*text).to_owned());
            for (end, _) in path.match_indices('/') {
                tree.entries.insert(path[..end].to_owned());
            }
        }
        tree
    }

    /// The text of the file at `path`.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.texts.iter().find(|file| file.path == path).map(|file| file.text.as_str())
    }

    fn walk(&mut self, folder: &Path, prefix: &str) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
            if SKIPPED.contains(&name.as_str()) {
                continue;
            }
            if entry.file_type()?.is_dir() {
                self.walk(&entry.path(), &path)?;
                self.entries.insert(path);
            } else if let Ok(text) = fs::read_to_string(entry.path()) {
                self.insert(&path, text);
            } else {
                self.entries.insert(path);
            }
        }
        Ok(())
    }

    fn insert(&mut self, path: &str, text: String) {
        if path.ends_with(".rs") {
            self.sources.push(Source::new(path, &text));
        }
        self.entries.insert(path.to_owned());
        self.texts.push(Text { path: path.to_owned(), text });
    }
}
