//! What the rules found.

use std::fmt;

/// A rule of the house, and the reason that it exists.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) name: &'static str,
    pub(crate) why: &'static str,
}

/// A place that breaks a rule.
#[derive(Debug)]
pub(crate) struct Violation {
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) rule: &'static Rule,
    pub(crate) message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}:{}: {}: {}", self.path, self.line, self.rule.name, self.message)?;
        write!(f, "    why: {}", self.rule.why)
    }
}

/// Collects violations.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) violations: Vec<Violation>,
}

impl Report {
    pub(crate) fn add(&mut self, rule: &'static Rule, path: &str, line: usize, message: String) {
        self.violations.push(Violation { path: path.to_owned(), line, rule, message });
    }
}
