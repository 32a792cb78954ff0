struct Failure;

#[rt_core::main]
async fn main() -> Result<(), Failure> {
    Err(Failure)
}
