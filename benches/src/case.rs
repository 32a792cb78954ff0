//! A case is one row of the table: a name, a bar, and the code that measures it on one side.
//!
//! Nouns: a **case** is compiled once per side (`published` and `ours` include the same files), a
//! **workload** is a case made ready to run (its runtime is built, its connections are open), a
//! **bar** is what the row is held to.

/// What a row's figures count. Lower is better for each of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Nanoseconds of wall time an operation.
    Ns,
    /// Nanoseconds of processor time an operation, of all threads together.
    CpuNs,
    /// Microseconds after the time that was asked for.
    LateUs,
    /// Microseconds of processor time a second.
    IdleUs,
    /// Bytes requested of the allocator an operation.
    Bytes,
    /// How often something happened.
    Count,
}

impl Unit {
    pub(crate) fn label(self) -> &'static str {
        match self {
            Unit::Ns => "ns",
            Unit::CpuNs => "cpu ns",
            Unit::LateUs => "us late",
            Unit::IdleUs => "cpu us/s",
            Unit::Bytes => "bytes",
            Unit::Count => "times",
        }
    }

    /// Whether rows of this unit are speeds, the ones the geometric mean is over.
    pub(crate) fn is_speed(self) -> bool {
        matches!(self, Unit::Ns | Unit::CpuNs)
    }
}

/// What a row is held to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Bar {
    /// tokio's figure divided by ours is at least this.
    Faster(f64),
    /// Our figure is at most this, whatever tokio's is.
    AtMost(f64),
}

/// Runs so many operations and returns the total of the case's unit: elapsed nanoseconds for a
/// speed. Cases with a gauge (a latency, a number of bytes) are asked for one operation and return
/// its value.
pub(crate) type Workload = Box<dyn FnMut(u64) -> f64>;

/// How many operations a sample holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    /// As many as fill the sample time.
    Calibrated,
    /// The number is part of what is measured: 100,000 timers at once. Fewer samples of these.
    Fixed(u64),
    /// One, and it returns a gauge.
    Gauge,
}

/// One row, on one side.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) unit: Unit,
    pub(crate) bar: Bar,
    pub(crate) size: Size,
    pub(crate) prepare: fn() -> Workload,
}

impl Case {
    /// A speed in nanoseconds an operation, to be at least `faster` times as fast as tokio's.
    pub(crate) fn speed(
        name: &'static str,
        about: &'static str,
        faster: f64,
        prepare: fn() -> Workload,
    ) -> Case {
        Case { name, about, unit: Unit::Ns, bar: Bar::Faster(faster), size: Size::Calibrated, prepare }
    }

    /// A figure that isn't a speed.
    pub(crate) fn gauge(
        name: &'static str,
        about: &'static str,
        unit: Unit,
        bar: Bar,
        prepare: fn() -> Workload,
    ) -> Case {
        Case { name, about, unit, bar, size: Size::Gauge, prepare }
    }

    /// Runs exactly `operations` a sample.
    pub(crate) fn fixed(self, operations: u64) -> Case {
        Case { size: Size::Fixed(operations), ..self }
    }

    /// Counts in `unit` instead of wall time.
    pub(crate) fn counted_in(self, unit: Unit) -> Case {
        Case { unit, ..self }
    }
}
