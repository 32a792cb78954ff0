//! Capacities that shrink under models.

/// A capacity: `full` in a build, `tiny` in a model, where every slot multiplies the states.
pub(crate) const fn scaled(full: usize, tiny: usize) -> usize {
    if cfg!(loom) { tiny } else { full }
}
