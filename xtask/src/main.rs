//! The project's own checks and tools: `cargo xtask help`.
fn main() {}
