//! The cooperative budget, whether a thread may block, and where a future waits.
//!
//! - [`budget`]: how much a task may do in one poll before it must let others run.
//! - [`forced`]: who counts the polls that must end for it.
//! - [`region`]: whether the calling thread drives a runtime and so must not be blocked.
//! - [`capture`]: the stacks at which a task that is being dumped waits; nothing without the feature `taskdump`.

mod budget;
#[cfg(not(feature = "taskdump"))]
#[path = "capture/off.rs"]
pub(crate) mod capture;
#[cfg(feature = "taskdump")]
#[path = "capture/on.rs"]
pub(crate) mod capture;
mod forced;
pub(crate) mod region;

pub(crate) use budget::{
    Budget, charge, poll_has_remaining, spend, take_spent, with_budget, with_full_budget,
};
pub use budget::{
    Coop, RestoreOnPending, Unconstrained, consume_budget, cooperative, has_budget_remaining, poll_proceed,
    unconstrained,
};
pub(crate) use forced::set_count_forced_yields;
