use std::future::{pending, ready};

async fn run() {
    rt_core::select! {
        biased,
        () = ready(()) => {}
    }
}

fn main() {
    drop((run(), pending::<()>(), ready(())));
}
