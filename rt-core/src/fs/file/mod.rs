//! An open file.
//!
//! - [`open`]: how a [`File`] comes to be, what is asked of it as a whole, and what it can be turned into.
//! - `queue`: how it is written to.
//! - `reading`: what it has read, or is reading. `transfer`: the traits of I/O, on the two.

mod open;
mod queue;
mod reading;
mod transfer;

pub use open::File;
