//! `cargo xtask api`: the public names and signatures, against the list of them under `docs/api/`.
//!
//! rustdoc describes each crate as JSON; that becomes one line for each public item, sorted. A change of the interface is
//! then a change of a file in review, and one that nobody noticed fails the check. `--bless` rewrites the files.
//!
//! rustdoc's JSON is an unstable format: with a toolchain that speaks another version of it than the list was made
//! with, nothing is compared, and that is said.

mod inventory;
mod render;
mod run;

#[cfg(test)]
mod tests;

pub(crate) use run::{check, run};
