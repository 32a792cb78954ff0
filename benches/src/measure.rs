//! Taking samples: one of each side in turn, so that both see the same weather.
use std::time::{Duration, Instant};

use crate::case::{Case, Size, Workload};

/// How much to measure.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    /// Samples a side of a calibrated row; others get a share of it.
    pub(crate) samples: usize,
    /// How long a calibrated sample lasts, at least about.
    pub(crate) sample_time: Duration,
    /// The largest size of a fixed row; not below 100,000, which some rows have in their names.
    pub(crate) largest: u64,
    /// Exactly one sample of so many operations, without calibration or warm-up: for tools that
    /// count instructions or system calls and take the difference of two runs.
    pub(crate) iters: Option<u64>,
}

impl Settings {
    pub(crate) const FULL: Settings =
        Settings { samples: 15, sample_time: Duration::from_millis(40), largest: u64::MAX, iters: None };
    pub(crate) const QUICK: Settings =
        Settings { samples: 5, sample_time: Duration::from_millis(15), largest: 100_000, iters: None };

    fn samples_of(&self, case: &Case) -> usize {
        match (self.iters, case.size) {
            (Some(_), _) => 1,
            (None, Size::Calibrated) => self.samples,
            (None, Size::Fixed(_)) => (self.samples * 2).div_ceil(3),
            (None, Size::Gauge) => self.samples.div_ceil(3),
        }
    }
}

/// A case on one side, and what was measured of it.
struct Side<'a> {
    case: &'a Case,
    operations: u64,
    samples: Vec<f64>,
}

impl<'a> Side<'a> {
    fn new(case: &'a Case, settings: &Settings) -> Side<'a> {
        let operations = match (settings.iters, case.size) {
            (Some(iters), _) => iters,
            (None, Size::Calibrated) => calibrate(&mut (case.prepare)(), settings.sample_time),
            (None, Size::Fixed(operations)) => operations.min(settings.largest),
            (None, Size::Gauge) => 1,
        };
        Side { case, operations, samples: Vec::new() }
    }

    /// Makes the case ready anew and takes one sample of it. Which worker sits on which core, and
    /// which of them waits in the driver, is settled when a runtime starts and then stays: samples of
    /// one runtime would agree with each other and with no other run.
    fn sample(&mut self, warm_up: bool) {
        let mut workload = (self.case.prepare)();
        // Gauges warm up by themselves.
        if warm_up && self.case.size != Size::Gauge {
            workload(self.operations.div_ceil(4));
        }
        self.samples.push(workload(self.operations) / self.operations as f64);
    }
}

/// Measures one case on all sides given, interleaved, and returns each side's samples. The sides take
/// turns at going first: the second one finds the allocator and the caches as the first left them.
pub(crate) fn measure<const SIDES: usize>(cases: [&Case; SIDES], settings: &Settings) -> [Vec<f64>; SIDES] {
    let mut sides = cases.map(|case| Side::new(case, settings));
    for round in 0..settings.samples_of(cases[0]) {
        for turn in 0..SIDES {
            sides[(round + turn) % SIDES].sample(settings.iters.is_none());
        }
    }
    sides.map(|side| side.samples)
}

/// Finds how many operations fill `target`.
fn calibrate(workload: &mut Workload, target: Duration) -> u64 {
    let mut operations = 1;
    loop {
        let start = Instant::now();
        workload(operations);
        let took = start.elapsed();
        if took * 4 >= target {
            let scale = target.as_secs_f64() / took.as_secs_f64();
            return ((operations as f64 * scale) as u64).max(1);
        }
        operations *= 2;
    }
}
