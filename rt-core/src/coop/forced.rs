//! Who counts the polls that end because the budget is used up.

use std::sync::OnceLock; // std: set once, read in cold code; no model looks at it

static COUNT: OnceLock<fn()> = OnceLock::new();

/// Says who counts. Each runtime says so when it is built; all say the same.
pub(crate) fn set_count_forced_yields(count: fn()) {
    COUNT.get_or_init(|| count);
}

/// Counts a poll that must end.
#[cold]
pub(super) fn count() {
    if let Some(count) = COUNT.get() {
        count();
    }
}
