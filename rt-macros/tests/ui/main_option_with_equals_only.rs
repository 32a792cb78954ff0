#[rt_core::main(flavor =)]
async fn main() {}
