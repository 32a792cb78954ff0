use std::future::{pending, ready};

async fn run() {
    let _ = rt_core::try_join!(ready(Ok::<_, ()>(1)), ready(2));
}

fn main() {
    drop((run(), pending::<()>(), ready(())));
}
