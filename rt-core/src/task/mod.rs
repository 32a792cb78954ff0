//! Asynchronous tasks: spawning, joining, yielding.

/// Cooperative scheduling: how a task that never waits lets others run.
pub mod coop {
    pub use crate::coop::{
        Coop, RestoreOnPending, Unconstrained, consume_budget, cooperative, has_budget_remaining,
        poll_proceed, unconstrained,
    };
}
