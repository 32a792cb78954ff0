#[rt_core::main]
fn main() {}
