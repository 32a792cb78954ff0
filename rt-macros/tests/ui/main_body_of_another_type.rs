#[rt_core::main]
async fn main() -> Result<(), String> {
    let answer = 42;
    Ok(answer)
}
