use std::future::{pending, ready};

async fn run() {
    rt_core::select! {}
}

fn main() {
    drop((run(), pending::<()>(), ready(())));
}
