//! The table's rows, in its order.
use super::{
    block_on, blocking, channels, files, footprint, idle, locks, macros, process, scheduling, spawn, stall,
    sync, tcp, timers, utilities, wheel,
};
use crate::case::Case;

/// All rows, in the order of the table.
pub(crate) fn cases() -> Vec<Case> {
    [
        spawn::cases(),
        scheduling::cases(),
        block_on::cases(),
        channels::cases(),
        locks::cases(),
        sync::cases(),
        macros::cases(),
        timers::cases(),
        wheel::cases(),
        utilities::cases(),
        tcp::cases(),
        blocking::cases(),
        process::cases(),
        files::cases(),
        footprint::cases(),
        idle::cases(),
        stall::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
