//! The futures that the methods of [`StreamExt`](crate::StreamExt) return.

mod collect;
mod fold;
mod next;
mod test;

pub(crate) use collect::Collect;
pub(crate) use fold::Fold;
pub(crate) use next::{Next, TryNext};
pub(crate) use test::{All, Any};
