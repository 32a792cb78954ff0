//! The cooperative budget, and whether a thread may block.
