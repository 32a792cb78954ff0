//! Small building blocks without a policy of their own.

mod atomic_waker;
#[cfg(not(loom))]
mod block_on;
mod cache_padded;
pub(crate) mod complaints;
mod contain;
mod gone;
mod inbox;
mod latch;
mod list;
mod parker;
mod ready_set;
mod rng;
#[cfg(all(feature = "taskdump", not(loom)))]
pub(crate) mod stack;
mod thread_number;
#[cfg(not(feature = "tracing"))]
#[path = "trace/off.rs"]
pub(crate) mod trace;
#[cfg(feature = "tracing")]
#[path = "trace/on.rs"]
pub(crate) mod trace;
mod wake_batch;

#[cfg(loom)]
pub(crate) use crate::shim::block_on;
pub(crate) use atomic_waker::AtomicWaker;
#[cfg(not(loom))]
pub(crate) use block_on::block_on;
pub(crate) use cache_padded::CachePadded;
pub(crate) use contain::contain;
pub(crate) use gone::{gone, is_gone};
pub(crate) use inbox::{Inbox, Link, Linked, Pushed};
pub(crate) use latch::{Latch, LatchGuard, Spin};
pub(crate) use list::{Links, List, Node};
pub(crate) use parker::Parker;
pub(crate) use ready_set::ReadySet;
pub(crate) use rng::{FastRng, SeededThread, fresh_seed, mix, thread_rng_n, thread_turn};
pub(crate) use thread_number::thread_number;
pub(crate) use wake_batch::{WakeBatch, at_end_of_row};
