//! The runtime: its builder, its handle, and how threads enter it.
