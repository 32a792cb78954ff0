//! What is told of a resource.

/// Which resource it is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Barrier,
    Interval,
    Mutex,
    Oneshot,
    RwLock,
    Semaphore,
    Sleep,
}

/// A line in which futures wait for permits, as their spans see it. `T` is what comes of the wait.
pub(crate) trait Line<T> {
    /// How many permits can be had now, if they are counted.
    fn available(&self) -> Option<usize>;

    /// What came of it reaches nobody: a subscriber panicked when it was told.
    fn give_back(&self, outcome: &T);
}

/// No line: nothing is lost with what comes of the wait.
impl<T> Line<T> for () {
    fn available(&self) -> Option<usize> {
        None
    }

    fn give_back(&self, _: &T) {}
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
    /// One reader more.
    ReaderCame,
    /// One reader less.
    ReaderLeft,
    /// So many permits can be had.
    Permits(usize),
    /// A wait needs so many.
    Requested(usize),
    /// A wait was given so many.
    Obtained(usize),
    SenderDropped(bool),
    ReceiverDropped(bool),
    ValueSent(bool),
    ValueReceived(bool),
    /// A timer ends in so many milliseconds.
    DurationMs(u64),
}
