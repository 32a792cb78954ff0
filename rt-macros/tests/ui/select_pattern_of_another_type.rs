use std::future::{pending, ready};

async fn run() {
    rt_core::select! {
        Some(x) = ready(1) => drop(x),
        else => {}
    }
}

fn main() {
    drop((run(), pending::<()>(), ready(())));
}
