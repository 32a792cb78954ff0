//! The words of a request, taken one after the other.

use std::borrow::Cow;
use std::slice;

use crate::reply::Fault;

#[cfg(test)]
mod tests;

pub(crate) const SYNTAX: Fault = Cow::Borrowed("syntax error");
pub(crate) const NOT_AN_INTEGER: Fault = Cow::Borrowed("value is not an integer or out of range");

/// Where a word begins and ends.
pub(crate) type Span = (usize, usize);

/// What is left of a request's words. A clone begins at the same place.
#[derive(Clone, Debug)]
pub(crate) struct Args<'a> {
    bytes: &'a [u8],
    spans: slice::Iter<'a, Span>,
}

impl<'a> Args<'a> {
    pub(crate) fn new(bytes: &'a [u8], spans: &'a [Span]) -> Self {
        Args { bytes, spans: spans.iter() }
    }

    /// A word that has to be there.
    pub(crate) fn word(&mut self) -> Result<&'a [u8], Fault> {
        self.next().ok_or(SYNTAX)
    }

    /// A whole number that has to be there.
    pub(crate) fn integer(&mut self) -> Result<i64, Fault> {
        parse_integer(self.word()?).ok_or(NOT_AN_INTEGER)
    }
}

impl<'a> Iterator for Args<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        self.spans.next().map(|&(start, end)| &self.bytes[start..end])
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.spans.size_hint()
    }
}

impl ExactSizeIterator for Args<'_> {}

/// A whole number, written the one way that Redis takes, which is how it's printed: no plus, no leading
/// zeros, no spaces.
pub(crate) fn parse_integer(text: &[u8]) -> Option<i64> {
    let is_canonical = matches!(text, [b'0'] | [b'1'..=b'9', ..] | [b'-', b'1'..=b'9', ..]);
    std::str::from_utf8(text).ok().filter(|_| is_canonical)?.parse().ok()
}

/// Which of the `known` words, in lower case, this is; an empty one if none.
pub(crate) fn keyword(word: &[u8], known: &[&'static str]) -> &'static str {
    known.iter().find(|known| known.as_bytes().eq_ignore_ascii_case(word)).copied().unwrap_or_default()
}

/// A client's bytes within a message, a character a byte, the first 128 of them.
pub(crate) fn printable(bytes: &[u8]) -> String {
    bytes.iter().take(128).map(|&byte| char::from(byte)).collect()
}
