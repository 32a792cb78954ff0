use std::future::ready;

fn main() {
    rt_core::select! {
        x = ready(1) => drop(x),
    }
}
