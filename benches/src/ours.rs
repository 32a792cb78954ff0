//! The workloads on rt-core: those that it can run so far.
use crate::case::Case;
use rt_core as rt;

#[path = "workloads/block_on.rs"]
mod block_on;
#[path = "workloads/blocking.rs"]
mod blocking;
#[path = "workloads/common.rs"]
mod common;
#[path = "workloads/idle.rs"]
mod idle;
#[path = "workloads/locks.rs"]
mod locks;
#[path = "workloads/macros.rs"]
mod macros;
#[path = "workloads/scheduling.rs"]
mod scheduling;
#[path = "workloads/spawn.rs"]
mod spawn;
#[path = "workloads/stall.rs"]
mod stall;
#[path = "workloads/tcp.rs"]
mod tcp;
#[path = "workloads/timers.rs"]
mod timers;
#[path = "workloads/wheel.rs"]
mod wheel;

/// The rows of these.
pub(crate) fn cases() -> Vec<Case> {
    [
        spawn::cases(),
        scheduling::cases(),
        block_on::cases(),
        locks::cases(),
        macros::cases(),
        timers::cases(),
        wheel::cases(),
        tcp::cases(),
        blocking::cases(),
        idle::cases(),
        stall::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
