#[rt_core::main(name = 7)]
async fn main() {}
