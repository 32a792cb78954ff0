#[rt_core::main(flavour = "local", worker_threads = "two", start_paused = yes)]
fn main() {}
