//! Histograms of durations: which values share a bucket, and the counts of one worker.
//!
//! The types that configure them are public, as `rt_core::runtime::{HistogramConfiguration, LogHistogram, ...}`.
#![forbid(unsafe_code)]

mod config;
mod counts;
mod log;
mod scale;

pub use config::{HistogramConfiguration, HistogramScale};
pub use log::{InvalidHistogramConfiguration, LogHistogram, LogHistogramBuilder};

pub(crate) use config::Legacy;
pub(crate) use counts::Histogram;
pub(crate) use scale::Scale;

#[cfg(test)]
mod tests;
