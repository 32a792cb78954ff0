//! The futures that have a name, since they must be pinned before they are used.

pub use super::notify::{Notified, OwnedNotified};
