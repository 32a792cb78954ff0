//! Atomics, cells, locks and threads: the only place that names those of `std`.
//!
//! Every other folder imports them from here, so that the models (`--cfg loom`) run the very code that
//! ships. [`scaled`] picks the capacity of a structure: the full one in a build, a tiny one in a model.
#![forbid(unsafe_code)]

#[cfg(not(loom))]
mod real;
#[cfg(not(loom))]
pub(crate) use real::*;

#[cfg(loom)]
mod model;
#[cfg(loom)]
pub(crate) use model::*;

mod scale;
pub(crate) use scale::scaled;

pub(crate) mod statics;
