#[rt_core::main(crate = "rt core")]
async fn main() {}
