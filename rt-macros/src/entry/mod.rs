//! `#[main]` and `#[test]`: an async function becomes one that runs its body on a runtime.

mod defaults;
mod expand;
mod function;
mod options;
#[cfg(test)]
mod tests;

pub(crate) use defaults::{Defaults, Features, Kind};
pub(crate) use expand::expand;
