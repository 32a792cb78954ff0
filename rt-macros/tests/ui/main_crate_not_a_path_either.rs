#[rt_core::main(crate = 7)]
async fn main() {}
