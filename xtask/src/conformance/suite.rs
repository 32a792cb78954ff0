//! What is run: the published crates, and the ways in which their tests are built.

use std::path::{Path, PathBuf};

/// A published crate whose tests we run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Suite {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
}

pub(crate) const SUITES: [Suite; 4] = [
    Suite { name: "tokio", version: "1.54.1" },
    Suite { name: "tokio-stream", version: "0.1.19" },
    Suite { name: "tokio-util", version: "0.7.20" },
    Suite { name: "tokio-test", version: "0.4.6" },
];

/// A suite, built with or without `--cfg tokio_unstable`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    pub(crate) suite: &'static Suite,
    pub(crate) unstable: bool,
}

impl Unit {
    /// As the ratchet and the table call it.
    pub(crate) fn name(&self) -> String {
        let tail = if self.unstable { "-unstable" } else { "" };
        format!("{}{tail}", self.suite.name)
    }

    /// The package that is generated for it.
    pub(crate) fn package(&self) -> String {
        format!("conformance-{}", self.name())
    }

    /// The list of what passes on the published crates.
    pub(crate) fn expected_file(&self, root: &Path) -> PathBuf {
        folder(root).join(format!("{}.txt", self.name()))
    }
}

/// Where lists, ratchet and manifests are kept.
pub(crate) fn folder(root: &Path) -> PathBuf {
    root.join("xtask/conformance")
}

/// What the command line asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) suite: Option<String>,
    pub(crate) file: Option<String>,
    pub(crate) unstable: bool,
    pub(crate) published: bool,
    pub(crate) bless: bool,
}

impl Options {
    pub(crate) fn parse(args: &[String]) -> Result<Self, String> {
        let mut options = Self::default();
        let mut words = args.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--file" => options.file = Some(words.next().ok_or("--file wants a name")?.clone()),
                "--unstable" => options.unstable = true,
                "--published" => options.published = true,
                "--bless" => options.bless = true,
                name if SUITES.iter().any(|suite| suite.name == name) && options.suite.is_none() => {
                    options.suite = Some(name.to_owned());
                }
                other => return Err(format!("unknown argument `{other}`\n\n{USAGE}")),
            }
        }
        Ok(options)
    }

    /// The units asked for.
    pub(crate) fn units(&self) -> Vec<Unit> {
        let suites =
            SUITES.iter().filter(|suite| self.suite.as_deref().is_none_or(|name| name == suite.name));
        let ways: &[bool] = if self.unstable { &[false, true] } else { &[false] };
        suites.flat_map(|suite| ways.iter().map(move |&unstable| Unit { suite, unstable })).collect()
    }

    /// Whether a test file is asked for.
    pub(crate) fn wants(&self, file: &str) -> bool {
        self.file.as_deref().is_none_or(|wanted| wanted.trim_end_matches(".rs") == file)
    }
}

pub(crate) const USAGE: &str = "\
usage: cargo xtask conformance [SUITE] [--file FILE] [--unstable] [--bless] [--published]

  SUITE        tokio, tokio-stream, tokio-util or tokio-test; all of them by default
  --file       one of the suite's test files, such as sync_mpsc
  --unstable   also what upstream hides behind `--cfg tokio_unstable`
  --bless      rewrites the ratchet
  --published  runs the published crates instead; with --bless, that is where the lists of expected tests come from";
