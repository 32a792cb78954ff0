#[rt_core::test]
#[rt_core::test]
async fn works() {}

fn main() {}
