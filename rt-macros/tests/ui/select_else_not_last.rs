use std::future::{pending, ready};

async fn run() {
    rt_core::select! {
        else => {}
        () = pending() => {}
    }
}

fn main() {
    drop((run(), pending::<()>(), ready(())));
}
