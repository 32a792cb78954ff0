//! What TCP and Unix listeners have in common.
#![forbid(unsafe_code)]

mod either;
mod listener;
pub mod unix;

pub use listener::{Listener, ListenerAcceptFut};
