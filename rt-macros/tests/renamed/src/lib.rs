//! A facade over rt-core, which this crate knows by another name.
//!
//! Its tests show that the macros work where no crate is called `rt_core`: under the other name, and where code
//! knows the facade only.
#![forbid(unsafe_code)]

// The name by which the facade's attributes look for the runtime.
extern crate self as tokio;

pub use rtc::macros::tokio::{main, test};
pub use rtc::{join, pin, runtime, select, task, try_join};

#[cfg(test)]
mod tests {
    /// `::tokio` is this crate, and no crate is called `rt_core`.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn attribute_through_a_facade() {
        assert_eq!(tokio::runtime::Handle::current().metrics().num_workers(), 2);
    }

    #[tokio::main(flavor = "current_thread")]
    async fn run() -> u8 {
        tokio::select! { x = async { 5 } => x }
    }

    #[test]
    fn main_through_a_facade() {
        assert_eq!(run(), 5);
    }
}
