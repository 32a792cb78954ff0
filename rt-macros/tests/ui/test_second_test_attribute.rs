#[rt_core::test]
#[test]
async fn works() {}

fn main() {}
