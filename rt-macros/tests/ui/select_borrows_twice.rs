use std::future::{pending, ready};

async fn run() {
    let mut x = 1;
    rt_core::select! {
        () = async { x += 1 } => {}
        () = async { x += 2 } => {}
    }
}

fn main() {
    drop((run(), pending::<()>(), ready(())));
}
