#[rt_core::main(flavor = "multi_thread", worker_threads)]
async fn main() {}
