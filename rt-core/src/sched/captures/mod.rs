//! Who wants to know where tasks wait.
//!
//! - A [`request`] knows the tasks that there are, and where each stands with it.
//! - [`Captures`] are the requests under way. Each poll comes by them while there are any.
//!
//! Without the feature there are none, and nothing in it.

#[cfg(all(not(feature = "taskdump"), not(loom)))]
mod off;
#[cfg(all(feature = "taskdump", not(loom)))]
mod on;
#[cfg(any(all(feature = "taskdump", not(loom)), all(test, loom)))]
mod request;
#[cfg(all(test, loom))]
mod tests_loom;

#[cfg(all(not(feature = "taskdump"), not(loom)))]
pub(crate) use off::Captures;
#[cfg(all(feature = "taskdump", not(loom)))]
pub(crate) use on::Captures;
