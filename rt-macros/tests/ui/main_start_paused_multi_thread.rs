#[rt_core::main(start_paused = true)]
async fn main() {}
