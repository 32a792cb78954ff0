use std::future::{pending, ready};

async fn run() {
    let _ = rt_core::try_join!(ready(Ok::<_, u8>(1)), ready(Ok::<_, String>(2)));
}

fn main() {
    drop((run(), pending::<()>(), ready(())));
}
