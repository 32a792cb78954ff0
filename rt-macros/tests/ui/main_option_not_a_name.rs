#[rt_core::main("multi_thread")]
async fn main() {}
