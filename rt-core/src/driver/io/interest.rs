//! What one waits for.

use std::fmt;
use std::ops::{BitOr, BitOrAssign};

use super::Ready;

const READABLE: u8 = 1;
const WRITABLE: u8 = 1 << 1;
const PRIORITY: u8 = 1 << 2;
const ERROR: u8 = 1 << 3;

/// The kinds of readiness that are waited for: one or several.
///
/// # Examples
///
/// ```
/// use rt_core::io::Interest;
///
/// let both = Interest::READABLE | Interest::WRITABLE;
/// assert!(both.is_readable() && both.is_writable());
/// assert_eq!(both.remove(Interest::WRITABLE), Some(Interest::READABLE));
/// ```
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct Interest(u8);

impl Interest {
    /// Something can be read, or nothing will ever come again.
    pub const READABLE: Self = Self(READABLE);

    /// Something can be written, or nothing ever again.
    pub const WRITABLE: Self = Self(WRITABLE);

    /// Something out of the usual order can be read: `EPOLLPRI`. Only Linux and Android report it.
    pub const PRIORITY: Self = Self(PRIORITY);

    /// An error is pending. Errors are reported to every other interest too: this one is for those who wait
    /// for nothing else.
    pub const ERROR: Self = Self(ERROR);

    /// Both kinds of readiness.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::io::Interest;
    ///
    /// const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);
    /// assert!(BOTH.is_writable());
    /// ```
    #[must_use = "this gives the union and changes neither"]
    #[allow(clippy::should_implement_trait, reason = "the name is fixed, and it is const")]
    pub const fn add(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is left without `other`; `None` when nothing is.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::io::Interest;
    ///
    /// assert_eq!(Interest::READABLE.remove(Interest::READABLE), None);
    /// ```
    #[must_use = "this gives what is left and doesn't change the interest"]
    pub fn remove(self, other: Self) -> Option<Self> {
        match self.0 & !other.0 {
            0 => None,
            left => Some(Self(left)),
        }
    }

    /// Whether reading is in it.
    pub const fn is_readable(self) -> bool {
        self.0 & READABLE != 0
    }

    /// Whether writing is in it.
    pub const fn is_writable(self) -> bool {
        self.0 & WRITABLE != 0
    }

    /// Whether reading out of order is in it.
    pub const fn is_priority(self) -> bool {
        self.0 & PRIORITY != 0
    }

    /// Whether [`ERROR`](Self::ERROR) is in it.
    pub const fn is_error(self) -> bool {
        self.0 & ERROR != 0
    }

    /// The readiness that ends a wait for this. A pending error ends every wait: only the operation itself can
    /// tell it.
    pub(crate) fn mask(self) -> Ready {
        let mut mask = Ready::ERROR;
        if self.is_readable() {
            mask |= Ready::READABLE | Ready::READ_CLOSED;
        }
        if self.is_writable() {
            mask |= Ready::WRITABLE | Ready::WRITE_CLOSED;
        }
        if self.is_priority() {
            mask |= Ready::PRIORITY | Ready::READ_CLOSED;
        }
        mask
    }
}

impl BitOr for Interest {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.add(other)
    }
}

impl BitOrAssign for Interest {
    fn bitor_assign(&mut self, other: Self) {
        *self = self.add(other);
    }
}

impl fmt::Debug for Interest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (self.is_readable(), "READABLE"),
            (self.is_writable(), "WRITABLE"),
            (self.is_priority(), "PRIORITY"),
            (self.is_error(), "ERROR"),
        ];
        super::ready::fmt_names(f, &names)
    }
}
