//! `cargo xtask bench`: the workloads, ours beside the published tokio.

use std::error::Error;

/// Not built yet: says so and fails.
pub(crate) fn run(_args: &[String]) -> Result<(), Box<dyn Error>> {
    Err("bench is not built yet".into())
}
