use std::future::{pending, ready};

async fn run() {
    rt_core::select! {
        x => {}
    }
}

fn main() {
    drop((run(), pending::<()>(), ready(())));
}
