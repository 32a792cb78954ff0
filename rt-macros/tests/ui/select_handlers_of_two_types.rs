use std::future::{pending, ready};

async fn run() {
    let _x = rt_core::select! {
        x = ready(1) => x,
        () = pending() => "none",
    };
}

fn main() {
    drop((run(), pending::<()>(), ready(())));
}
