//! The task's memory: one allocation that holds state, future and output.
