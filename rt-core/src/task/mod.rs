//! Asynchronous tasks: spawning, joining, yielding.
