//! Order statistics of a few samples.

/// Where the samples lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Summary {
    pub(crate) min: f64,
    pub(crate) p25: f64,
    pub(crate) median: f64,
    pub(crate) p75: f64,
}

impl Summary {
    /// Summarizes at least one sample.
    pub(crate) fn of(samples: &[f64]) -> Summary {
        let mut sorted = samples.to_vec();
        sorted.sort_by(f64::total_cmp);
        Summary {
            min: sorted[0],
            p25: quantile(&sorted, 0.25),
            median: quantile(&sorted, 0.5),
            p75: quantile(&sorted, 0.75),
        }
    }

    /// Half the distance of the quartiles, in percent of the median.
    pub(crate) fn spread_percent(&self) -> f64 {
        match self.median {
            0.0 => 0.0,
            median => 50.0 * (self.p75 - self.p25) / median,
        }
    }
}

/// Interpolates between the two nearest of the sorted samples.
fn quantile(sorted: &[f64], q: f64) -> f64 {
    let place = q * (sorted.len() - 1) as f64;
    let (low, high) = (place.floor() as usize, place.ceil() as usize);
    match sorted[low] == sorted[high] {
        // Also for infinities, whose difference is no number.
        true => sorted[low],
        false => sorted[low] + (sorted[high] - sorted[low]) * (place - low as f64),
    }
}

/// The geometric mean, or `None` of nothing.
pub(crate) fn geometric_mean(ratios: &[f64]) -> Option<f64> {
    let sum: f64 = ratios.iter().map(|ratio| ratio.ln()).sum();
    (!ratios.is_empty()).then(|| (sum / ratios.len() as f64).exp())
}

#[cfg(test)]
mod tests;
