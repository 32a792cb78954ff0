use std::future::{pending, ready};

async fn run() {
    let value = Some(1);
    rt_core::select! {
        () = ready(()), if let Some(_) = value => {}
    }
}

fn main() {
    drop((run(), pending::<()>(), ready(())));
}
