#[rt_core::main(flavor = "single_thread")]
async fn main() {}
