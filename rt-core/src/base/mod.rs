//! Small building blocks without a policy of their own.

mod atomic_waker;
mod cache_padded;
mod list;
mod parker;
mod rng;
mod wake_batch;

pub(crate) use atomic_waker::AtomicWaker;
pub(crate) use cache_padded::CachePadded;
pub(crate) use list::{Links, List, Node};
pub(crate) use parker::{Parker, block_on};
pub(crate) use rng::{FastRng, fresh_seed, seed_thread_rng, thread_rng_n, thread_turn};
pub(crate) use wake_batch::WakeBatch;
