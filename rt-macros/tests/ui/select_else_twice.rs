use std::future::{pending, ready};

async fn run() {
    rt_core::select! {
        () = pending() => {}
        else => {}
        else => {}
    }
}

fn main() {
    drop((run(), pending::<()>(), ready(())));
}
