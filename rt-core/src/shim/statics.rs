//! Atomics for statics, which loom's can't be made for: counters whose interleavings are of no interest.

pub(crate) use std::sync::atomic::AtomicU64;
