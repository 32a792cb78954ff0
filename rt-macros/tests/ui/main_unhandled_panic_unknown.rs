#[rt_core::main(flavor = "local", unhandled_panic = "abort")]
async fn main() {}
