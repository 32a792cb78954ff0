#[rt_core::main]
async fn main() {
    println!("done");
    42
}
