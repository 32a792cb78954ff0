//! What is told of a resource.

/// Which resource it is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Barrier,
    Mutex,
    Oneshot,
    RwLock,
    Semaphore,
    Sleep,
}

/// How a resource is now.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Update {
    /// A barrier lets so many through.
    Size(usize),
    /// So many have come to a barrier.
    Arrived(i64),
    Locked(bool),
    MaxReaders(u32),
    WriteLocked(bool),
    Readers(i64),
    /// So many permits can be had.
    Permits(usize),
    SenderDropped(bool),
    ReceiverDropped(bool),
    ValueSent(bool),
    ValueReceived(bool),
    /// A timer ends in so many milliseconds.
    DurationMs(u64),
}
