use std::future::{pending, ready};

async fn run() {
    rt_core::select! {
        x = ready(1) => drop(x)
        () = pending() => {}
    }
}

fn main() {
    drop((run(), pending::<()>(), ready(())));
}
