//! The workloads on rt-core.
use rt_core as rt;
use rt_util as util;

#[path = "workloads/mod.rs"]
mod workloads;

pub(crate) use workloads::cases;
