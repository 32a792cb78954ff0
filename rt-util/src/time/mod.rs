//! Waiting for many deadlines at once.

pub mod delay_queue;

#[doc(inline)]
pub use delay_queue::DelayQueue;

#[doc(no_inline)]
pub use crate::future::FutureExt;
