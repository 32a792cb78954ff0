//! What a resource is ready for.

use std::fmt;
use std::ops::{BitAnd, BitOr, BitOrAssign, Sub};

const READABLE: u8 = 1;
const WRITABLE: u8 = 1 << 1;
const READ_CLOSED: u8 = 1 << 2;
const WRITE_CLOSED: u8 = 1 << 3;
const PRIORITY: u8 = 1 << 4;
const ERROR: u8 = 1 << 5;

/// What a resource is ready for: a set of states.
///
/// # Examples
///
/// ```
/// use rt_core::io::Ready;
///
/// let ready = Ready::READABLE | Ready::READ_CLOSED;
/// assert!(ready.is_readable() && ready.is_read_closed() && !ready.is_writable());
/// assert!((ready - Ready::ALL).is_empty());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ready(u8);

impl Ready {
    /// Nothing.
    pub const EMPTY: Self = Self(0);

    /// Something can be read.
    pub const READABLE: Self = Self(READABLE);

    /// Something can be written.
    pub const WRITABLE: Self = Self(WRITABLE);

    /// Nothing more will come than what can be read now: the other side has closed its half, or all.
    pub const READ_CLOSED: Self = Self(READ_CLOSED);

    /// Nothing can be written any more.
    pub const WRITE_CLOSED: Self = Self(WRITE_CLOSED);

    /// Something out of the usual order can be read.
    pub const PRIORITY: Self = Self(PRIORITY);

    /// An error is pending.
    pub const ERROR: Self = Self(ERROR);

    /// All of them.
    pub const ALL: Self = Self(READABLE | WRITABLE | READ_CLOSED | WRITE_CLOSED | PRIORITY | ERROR);

    /// Whether it is the empty set.
    ///
    /// ```
    /// assert!(rt_core::io::Ready::EMPTY.is_empty());
    /// ```
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether reading makes sense: something is there, or the end of it.
    ///
    /// ```
    /// use rt_core::io::Ready;
    /// assert!(Ready::READ_CLOSED.is_readable());
    /// ```
    pub fn is_readable(self) -> bool {
        self.0 & (READABLE | READ_CLOSED) != 0
    }

    /// Whether writing makes sense: there is room, or there never will be.
    ///
    /// ```
    /// use rt_core::io::Ready;
    /// assert!(Ready::WRITE_CLOSED.is_writable());
    /// ```
    pub fn is_writable(self) -> bool {
        self.0 & (WRITABLE | WRITE_CLOSED) != 0
    }

    /// Whether [`READ_CLOSED`](Self::READ_CLOSED) is in it.
    ///
    /// ```
    /// use rt_core::io::Ready;
    /// assert!(!Ready::READABLE.is_read_closed());
    /// ```
    pub fn is_read_closed(self) -> bool {
        self.0 & READ_CLOSED != 0
    }

    /// Whether [`WRITE_CLOSED`](Self::WRITE_CLOSED) is in it.
    ///
    /// ```
    /// use rt_core::io::Ready;
    /// assert!(!Ready::WRITABLE.is_write_closed());
    /// ```
    pub fn is_write_closed(self) -> bool {
        self.0 & WRITE_CLOSED != 0
    }

    /// Whether [`PRIORITY`](Self::PRIORITY) is in it.
    ///
    /// ```
    /// use rt_core::io::Ready;
    /// assert!(Ready::PRIORITY.is_priority());
    /// ```
    pub fn is_priority(self) -> bool {
        self.0 & PRIORITY != 0
    }

    /// Whether [`ERROR`](Self::ERROR) is in it.
    ///
    /// ```
    /// use rt_core::io::Ready;
    /// assert!(Ready::ERROR.is_error());
    /// ```
    pub fn is_error(self) -> bool {
        self.0 & ERROR != 0
    }

    /// The part of it that the next event can bring again, and that an operation may therefore clear.
    pub(crate) const fn passing(self) -> Self {
        Self(self.0 & !(READ_CLOSED | WRITE_CLOSED))
    }

    /// Whether the two have something in common.
    pub(crate) const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) const fn bits(self) -> u64 {
        self.0 as u64
    }

    pub(super) const fn from_bits(bits: u64) -> Self {
        Self(bits as u8 & Self::ALL.0)
    }
}

impl BitOr for Ready {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Ready {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

impl BitAnd for Ready {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl Sub for Ready {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl fmt::Debug for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (self.0 & READABLE != 0, "READABLE"),
            (self.0 & WRITABLE != 0, "WRITABLE"),
            (self.is_read_closed(), "READ_CLOSED"),
            (self.is_write_closed(), "WRITE_CLOSED"),
            (self.is_priority(), "PRIORITY"),
            (self.is_error(), "ERROR"),
        ];
        fmt_names(f, &names)
    }
}

/// Writes the names that apply, as `A | B`.
pub(super) fn fmt_names(f: &mut fmt::Formatter<'_>, names: &[(bool, &str)]) -> fmt::Result {
    let mut names = names.iter().filter(|(applies, _)| *applies).map(|(_, name)| *name);
    f.write_str(names.next().unwrap_or("EMPTY"))?;
    names.try_for_each(|name| write!(f, " | {name}"))
}
