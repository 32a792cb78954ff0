//! What random choices follow from.
#![forbid(unsafe_code)]

use crate::base::mix;

/// What a runtime's random choices follow from: see [`Builder::rng_seed`](super::Builder::rng_seed).
///
/// # Examples
///
/// ```
/// use rt_core::runtime::{Builder, RngSeed};
///
/// let seed = RngSeed::from_bytes(b"the same each time");
/// let runtime = Builder::new_current_thread().rng_seed(seed).build()?;
/// # std::io::Result::Ok(())
/// ```
#[derive(Debug, Clone)]
pub struct RngSeed(u64);

impl RngSeed {
    /// The same bytes make the same seed, on each machine.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.iter().fold(bytes.len() as u64, |seed, byte| mix(seed ^ (u64::from(*byte) + 1))))
    }

    pub(super) fn number(&self) -> u64 {
        self.0
    }
}
