//! Synchronization primitives for tasks; they work on any executor.
