use std::future::{pending, ready};

async fn run() {
    rt_core::join!(ready(1) ready(2));
}

fn main() {
    drop((run(), pending::<()>(), ready(())));
}
