use std::future::ready;

fn main() {
    rt_core::join!(ready(1), ready(2));
}
