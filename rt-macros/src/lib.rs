//! Procedural macros of rt-core.
