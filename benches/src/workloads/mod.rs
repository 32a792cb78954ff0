//! The workloads. These files are compiled twice, once with `rt` naming the published tokio and once
//! with `rt` naming rt-core (see `published.rs` and `ours.rs`), so that both sides run one source.
//!
//! `mt` stands for a multi-thread runtime of two workers, `ct` for a current-thread runtime.
use super::{rt, util};

mod block_on;
mod blocking;
mod channels;
mod common;
mod files;
mod footprint;
mod idle;
mod locks;
mod macros;
mod process;
mod scheduling;
mod spawn;
mod stall;
mod sync;
mod table;
mod tcp;
mod timers;
mod utilities;
mod wheel;

pub(crate) use table::cases;
