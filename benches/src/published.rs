//! The workloads on the published tokio.
use tokio as rt;

#[path = "workloads/mod.rs"]
mod workloads;

pub(crate) use workloads::cases;
