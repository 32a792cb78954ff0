use std::future::{pending, ready};

async fn run() {
    rt_core::select! {
        x = ready(1) => drop(x),
        y = 5 => drop(y),
    }
}

fn main() {
    drop((run(), pending::<()>(), ready(())));
}
