//! `select!`: waits for the first of several futures whose output matches its pattern.

mod expand;
mod parse;
mod pattern;

pub(crate) use expand::expand;
