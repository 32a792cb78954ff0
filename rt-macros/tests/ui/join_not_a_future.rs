use std::future::{pending, ready};

async fn run() {
    rt_core::join!(ready(1), 5);
}

fn main() {
    drop((run(), pending::<()>(), ready(())));
}
