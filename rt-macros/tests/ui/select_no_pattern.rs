use std::future::{pending, ready};

async fn run() {
    rt_core::select! {
        pending() => {}
    }
}

fn main() {
    drop((run(), pending::<()>(), ready(())));
}
