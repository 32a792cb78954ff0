//! The workloads on the published tokio.
use tokio as rt;
use tokio_util as util;

#[path = "workloads/mod.rs"]
mod workloads;

pub(crate) use workloads::cases;
