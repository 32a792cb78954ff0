use std::future::{pending, ready};

async fn run() {
    rt_core::select! {
        () = ready(()), true => {}
    }
}

fn main() {
    drop((run(), pending::<()>(), ready(())));
}
