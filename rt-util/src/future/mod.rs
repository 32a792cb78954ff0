//! Limits on futures.

mod ext;
mod until;

pub use ext::FutureExt;
