#[rt_core::main(flavor = "multi_thread", worker_threads = 1, flavor = "current_thread")]
async fn main() {}
