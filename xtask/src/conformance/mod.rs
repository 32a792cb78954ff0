//! `cargo xtask conformance`: the tests that tokio's crates publish, run on the facades.
//!
//! - A **suite** is one crate's tests; a **unit** is a suite built in one way: without `--cfg tokio_unstable`, or with it
//!   (then only the files that ask for it).
//! - The **expected** tests are those that pass on the published crates; `xtask/conformance/*.txt` names them.
//! - The **ratchet**, `xtask/conformance/ratchet.txt`, names those of them that don't pass yet, and why. A test that
//!   isn't in it must pass; `--bless` rewrites it.
//! - **On purpose**, `xtask/conformance/on-purpose.txt`, names those that ask for what is done otherwise here. It is
//!   written by hand, and a test in it that passes is reported.
//!
//! The sources come through cargo, from the registry, and live in `target/` only. A suite's files are modules of few
//! programs, since linking each alone would take longer than all the tests; each *test* still has a process of its
//! own, so that one which hangs, or breaks what is shared by a process, harms no other.

mod build;
mod compare;
mod execute;
mod messages;
mod package;
mod ratchet;
mod run;
mod sources;
mod suite;

#[cfg(test)]
mod tests;

pub(crate) use run::{check, run};
