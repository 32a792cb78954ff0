use std::future::{pending, ready};

async fn run() {
    rt_core::select! {
        () = ready(()) => {}
        complete => {}
    }
}

fn main() {
    drop((run(), pending::<()>(), ready(())));
}
