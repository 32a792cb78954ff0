//! `cargo xtask tidy`: the rules of the house that the compiler doesn't know.
//!
//! Each rule is a file with a `check(&Tree, &mut Report)`, and says in its [`report::Rule`] why it
//! exists: that sentence is printed with each violation.

mod files;
mod gates;
mod layers;
mod lexer;
mod links;
mod modules;
mod ordering;
mod paths;
mod places;
mod regressions;
mod report;
mod run;
mod sizes;
mod source;
mod tree;

#[cfg(test)]
mod tests;

pub(crate) use run::run;
