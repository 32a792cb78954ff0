//! The scheduler: run queues, idle and wake protocol, the worker loop.
