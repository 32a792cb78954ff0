//! Cooperative scheduling: how a task that never waits lets others run.
//!
//! A task whose resources are always ready would never return to the scheduler. So each operation on a
//! resource of the runtime spends a unit of a budget that is full at the start of each poll; with none left,
//! operations return `Pending` until the others had their turn.

pub use crate::coop::{
    Coop, RestoreOnPending, Unconstrained, consume_budget, cooperative, has_budget_remaining, poll_proceed,
    unconstrained,
};
