//! A facade over rt-core, which this crate knows by another name.
//!
//! Its tests show that the macros work where no crate is called `rt_core`: under the other name, and where code
//! knows the facade only.
#![forbid(unsafe_code)]

// The name by which the facade's attributes look for the runtime.
extern crate self as tokio;

pub use rtc::macros::tokio::{main, test};
pub use rtc::{join, pin, runtime, select, task, try_join};
