use std::future::{pending, ready};

async fn run() {
    rt_core::join!(biased, ready(1));
}

fn main() {
    drop((run(), pending::<()>(), ready(())));
}
