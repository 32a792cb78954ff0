//! Traits, helpers and type definitions for asynchronous I/O.
