//! What becomes of a runtime when a task panics.
#![forbid(unsafe_code)]

/// What becomes of a runtime when a task panics: see [`Builder::unhandled_panic`](super::Builder::unhandled_panic).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum UnhandledPanic {
    /// It goes on. The task's [`JoinHandle`](crate::task::JoinHandle) returns the panic as an error.
    Ignore,
    /// It shuts down, whether or not somebody waits for the task.
    ///
    /// Each `block_on` that is under way, or called later, panics; all other tasks are dropped; what is spawned
    /// from then on is cancelled.
    ShutdownRuntime,
}
