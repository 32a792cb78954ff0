//! Tracking time: sleeps, timeouts, intervals.
