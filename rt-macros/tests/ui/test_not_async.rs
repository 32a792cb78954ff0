#[rt_core::test]
fn works() {}

fn main() {}
