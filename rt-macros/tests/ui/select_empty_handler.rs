use std::future::{pending, ready};

async fn run() {
    rt_core::select! {
        _ = ready(1) =>
    }
}

fn main() {
    drop((run(), pending::<()>(), ready(())));
}
