#[rt_core::main]
async fn main() -> Result<(), String> {
    println!("done");
}
