#[rt_core::main(threads = 4)]
async fn main() {}
