//! Holds what passed against what must.

use std::collections::{BTreeMap, BTreeSet};

use super::execute::Outcome;
use super::ratchet::{Ratchet, file_of};

/// What a run found out about one unit.
#[derive(Debug, Default)]
pub(crate) struct Results {
    pub(crate) unit: String,
    /// The tests that should pass, of the files that were asked for.
    pub(crate) expected: BTreeSet<String>,
    pub(crate) outcomes: BTreeMap<String, Outcome>,
    /// Files that didn't compile.
    pub(crate) broken: BTreeMap<String, String>,
}

/// Passed and expected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Score {
    pub(crate) passed: usize,
    pub(crate) expected: usize,
}

/// What a run means.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Tests that must pass, and don't: name and reason.
    pub(crate) regressions: Vec<(String, String)>,
    /// Entries of the ratchet that are no longer needed.
    pub(crate) loose: Vec<String>,
    /// How many tests failed that are to fail.
    pub(crate) on_purpose: usize,
    /// Tests that passed only when run again.
    pub(crate) flaky: Vec<(String, String)>,
}

impl Results {
    pub(crate) fn passed(&self, test: &str) -> bool {
        matches!(self.outcomes.get(test), Some(Outcome::Passed | Outcome::Flaky(_)))
    }

    fn reason(&self, test: &str) -> String {
        if let Some(Outcome::Failed(reason)) = self.outcomes.get(test) {
            return reason.clone();
        }
        let broken = self.broken.get(file_of(test)).cloned();
        broken.unwrap_or_else(|| "there is no such test in what was built".to_owned())
    }

    pub(crate) fn by_file(&self) -> BTreeMap<&str, Score> {
        let mut scores: BTreeMap<&str, Score> = BTreeMap::new();
        for test in &self.expected {
            let score = scores.entry(file_of(test)).or_default();
            score.expected += 1;
            score.passed += usize::from(self.passed(test));
        }
        scores
    }

    pub(crate) fn score(&self) -> Score {
        let passed = self.expected.iter().filter(|test| self.passed(test)).count();
        Score { passed, expected: self.expected.len() }
    }

    /// What the ratchet says of this unit, against what happened.
    pub(crate) fn judge(&self, ratchet: &Ratchet) -> Verdict {
        let mut verdict = Verdict::default();
        let mut needed = BTreeSet::new();
        for test in &self.expected {
            let name = format!("{}/{test}", self.unit);
            if let Some(Outcome::Flaky(reason)) = self.outcomes.get(test) {
                verdict.flaky.push((name.clone(), reason.clone()));
            }
            if self.passed(test) {
                continue;
            }
            match ratchet.entry_for(&self.unit, test) {
                Some(entry) => drop(needed.insert(entry.to_owned())),
                None => verdict.regressions.push((name, self.reason(test))),
            }
        }
        let on_purpose = self.in_scope(&ratchet.on_purpose);
        verdict.on_purpose = on_purpose.iter().filter(|entry| needed.contains(*entry)).count();
        let entries = self.in_scope(&ratchet.entries).into_iter().chain(on_purpose);
        verdict.loose = entries.filter(|entry| !needed.contains(entry)).collect();
        // A file that compiles now needs an entry for each of its failing tests, rather than one for all.
        let compiles = |file: &String| !self.broken.contains_key(file);
        let whole = ratchet.whole_files(&self.unit).into_iter().filter(compiles);
        let names = whole.map(|file| format!("{}/{file}", self.unit)).filter(|name| needed.contains(name));
        verdict.loose.extend(names);
        verdict.loose.sort();
        verdict.loose.dedup();
        verdict
    }

    /// Those of the entries that are about files that were run.
    fn in_scope(&self, entries: &BTreeMap<String, String>) -> Vec<String> {
        let files: BTreeSet<&str> = self.expected.iter().map(|test| file_of(test)).collect();
        let of_unit = |key: &&String| {
            key.split_once('/').is_some_and(|(unit, name)| unit == self.unit && files.contains(file_of(name)))
        };
        entries.keys().filter(of_unit).cloned().collect()
    }

    /// Rewrites the ratchet's entries about what was run.
    pub(crate) fn bless(&self, ratchet: &mut Ratchet) {
        for entry in self.in_scope(&ratchet.entries) {
            ratchet.entries.remove(&entry);
        }
        for test in self.expected.iter().filter(|test| !self.passed(test)) {
            let file = file_of(test);
            let name = if self.broken.contains_key(file) { file } else { test };
            let key = format!("{}/{name}", self.unit);
            if !ratchet.on_purpose.contains_key(&key) {
                ratchet.entries.insert(key, self.reason(test));
            }
        }
    }
}
