use std::future::{pending, ready};

async fn run() {
    rt_core::select! {
        #[cfg(unix)]
        () = ready(()) => {}
    }
}

fn main() {
    drop((run(), pending::<()>(), ready(())));
}
