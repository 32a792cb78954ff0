//! The workloads on rt-core.
use rt_core as rt;

#[path = "workloads/mod.rs"]
mod workloads;

pub(crate) use workloads::cases;
