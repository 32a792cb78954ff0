//! What to do after a tick was missed.
#![forbid(unsafe_code)]

use std::time::Duration;

use super::Instant;

/// What an [`Interval`](super::Interval) does when a tick was missed: when nobody waited for it until more
/// than 5 ms after it was due. (Less is taken for the ordinary delays of scheduling, and changes nothing.)
///
/// With a period of 50 ms, and a tick due at 100 that is seen at 180:
///
/// | behavior | following ticks |
/// |---|---|
/// | [`Burst`](Self::Burst) | 150, 200, 250: the missed ones at once, one after the other |
/// | [`Delay`](Self::Delay) | 230, 280, 330: a full period after the late one |
/// | [`Skip`](Self::Skip) | 200, 250, 300: those of the old rhythm that are still ahead |
///
/// # Examples
///
/// ```
/// use rt_core::time::{Duration, MissedTickBehavior, interval};
///
/// # rt_core::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let mut interval = interval(Duration::from_millis(50));
/// interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
/// interval.tick().await;
/// # });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MissedTickBehavior {
    /// Ticks as fast as it can until it has caught up.
    #[default]
    Burst,

    /// Ticks a full period after the late tick, and goes on from there.
    Delay,

    /// Leaves out what was missed, and keeps to the multiples of the period.
    Skip,
}

/// Up to here a tick isn't missed, only late.
const LATE: Duration = Duration::from_millis(5);

impl MissedTickBehavior {
    /// When the tick after the one that was `due` is due.
    pub(super) fn next(self, due: Instant, now: Instant, period: Duration) -> Instant {
        let late = now.saturating_duration_since(due);
        match self {
            Self::Delay if late > LATE => now.saturating_add(period),
            Self::Skip if late > LATE => now.saturating_add(period - remainder(late, period)),
            _ => due.saturating_add(period),
        }
    }
}

/// What is left of `time` after whole periods. The period isn't zero.
fn remainder(time: Duration, period: Duration) -> Duration {
    let rest = time.as_nanos() % period.as_nanos();
    Duration::new((rest / 1_000_000_000) as u64, (rest % 1_000_000_000) as u32)
}
