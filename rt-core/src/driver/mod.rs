//! What a worker waits on: I/O readiness, timers, unparking; one driver a worker.
