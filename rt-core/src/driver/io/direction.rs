//! Reading or writing.

use super::Ready;

/// The direction of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// From the resource to us.
    Read,
    /// From us to the resource.
    Write,
}

impl Direction {
    /// The readiness on which the operation is tried. With an error pending it is, for it tells the error.
    #[inline]
    pub(crate) fn mask(self) -> Ready {
        match self {
            Self::Read => Ready::READABLE | Ready::READ_CLOSED | Ready::ERROR,
            Self::Write => Ready::WRITABLE | Ready::WRITE_CLOSED | Ready::ERROR,
        }
    }
}
