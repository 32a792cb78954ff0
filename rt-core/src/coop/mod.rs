//! The cooperative budget, and whether a thread may block.
//!
//! - [`budget`]: how much a task may do in one poll before it must let others run.
//! - [`region`]: whether the calling thread drives a runtime and so must not be blocked.
#![forbid(unsafe_code)]

mod budget;
pub(crate) mod region;

pub(crate) use budget::{Budget, charge, with_budget};
pub use budget::{
    Coop, RestoreOnPending, Unconstrained, consume_budget, cooperative, has_budget_remaining, poll_proceed,
    unconstrained,
};
