//! The scheduler: run queues, idle and wake protocol, the worker loop. `README.md` explains the protocol.

#[cfg(not(loom))]
mod agenda;
#[cfg(not(loom))]
mod awake;
mod captures;
#[cfg(not(loom))]
mod config;
#[cfg(not(loom))]
mod context;
#[cfg(not(loom))]
mod counters;
#[cfg(not(loom))]
mod current_thread;
#[cfg(not(loom))]
mod enter;
#[cfg(not(loom))]
mod failure;
#[cfg(not(loom))]
mod gather;
#[cfg(not(loom))]
mod handoff;
#[cfg(not(loom))]
mod histogram;
mod idle;
mod inject;
mod lifo;
#[cfg(not(loom))]
mod observe;
mod queue;
#[cfg(not(loom))]
mod rescue;
mod seat;
#[cfg(not(loom))]
mod shared;
mod sharing;
#[cfg(not(loom))]
mod shutdown;
#[cfg(not(loom))]
mod slot;
#[cfg(not(loom))]
mod thread_id;
#[cfg(not(loom))]
mod threads;
#[cfg(not(loom))]
mod worker;

#[cfg(not(loom))]
pub(crate) use config::{Config, Flavor, ThreadHooks};
#[cfg(not(loom))]
pub(crate) use context::worker_index;
#[cfg(not(loom))]
pub(crate) use counters::{Counters, Stopwatch};
#[cfg(not(loom))]
pub(crate) use enter::{Entered, with_entered};
#[cfg(not(loom))]
pub(crate) use handoff::block_in_place;
#[cfg(not(loom))]
pub(crate) use histogram::{Histogram, Legacy, Scale};
#[cfg(not(loom))]
pub use histogram::{
    HistogramConfiguration, HistogramScale, InvalidHistogramConfiguration, LogHistogram, LogHistogramBuilder,
};
#[cfg(not(loom))]
pub(crate) use observe::TaskHooks;
#[cfg(not(loom))]
pub use observe::TaskMeta;
#[cfg(not(loom))]
pub(crate) use shared::Shared;
#[cfg(not(loom))]
pub(crate) use slot::Slot;
