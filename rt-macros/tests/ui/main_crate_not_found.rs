#[rt_core::main(crate = "nowhere::to_be::found")]
async fn main() {}
