//! Stream adapters and wrappers for rt-core.
