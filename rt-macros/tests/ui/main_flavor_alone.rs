#[rt_core::main(current_thread)]
async fn main() {}
