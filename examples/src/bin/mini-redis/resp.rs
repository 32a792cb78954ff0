//! RESP2 as a server reads it: what a client sent becomes requests, without copying and without I/O.
//!
//! Three nouns: a *frame* is the bytes of one request, [`Args`] is a view of a complete frame's words,
//! a [`Parser`] is where one connection stands in its current frame.
//!
//! The parser never reads a frame twice, however finely the network cuts it up: it keeps its place
//! between calls, so a bulk string that arrives in ten thousand pieces costs ten thousand looks at its
//! header and not a scan each. It holds no bytes either: words are positions in the caller's buffer.
//!
//! Memory follows what has arrived, never what was announced: `*1000000000` is refused and
//! `$60000000` allocates nothing.

use std::borrow::Cow;
use std::{mem, slice};

use memchr::memchr;

use crate::reply::Fault;

#[cfg(test)]
mod tests;

/// What a frame may hold at most.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// Bytes of one bulk string.
    pub(crate) bulk: usize,
    /// Bulk strings in one request.
    pub(crate) args: usize,
    /// Bytes of an inline request.
    pub(crate) inline: usize,
    /// Bytes of a whole request.
    pub(crate) frame: usize,
}

pub(crate) const LIMITS: Limits =
    Limits { bulk: 64 << 20, args: 1 << 20, inline: 64 << 10, frame: 128 << 20 };

// Why a frame is no RESP2. The connection can't be understood from there on and must be closed.

/// The count after `*` is no number, or more than [`Limits::args`].
const MULTIBULK_LENGTH: Fault = Cow::Borrowed("Protocol error: invalid multibulk length");
/// The length after `$` is no number, negative, or more than [`Limits::bulk`].
const BULK_LENGTH: Fault = Cow::Borrowed("Protocol error: invalid bulk length");
/// A bulk string is longer than it said.
const BULK_END: Fault = Cow::Borrowed("Protocol error: expected CRLF after a bulk string");
/// An inline request is longer than [`Limits::inline`].
const INLINE_TOO_BIG: Fault = Cow::Borrowed("Protocol error: too big inline request");
/// The request is longer than [`Limits::frame`].
const FRAME_TOO_BIG: Fault = Cow::Borrowed("Protocol error: too big request");

/// Where a connection stands in its current frame.
pub(crate) struct Parser {
    limits: Limits,
    /// How far into the frame it's read.
    at: usize,
    /// Bulk strings of it that are to come.
    missing: usize,
    /// How long the frame is at least.
    wanted: usize,
    /// Where its words are.
    spans: Vec<Span>,
}

/// Beyond this a request was unusual, and what it made the parser allocate is given back.
const KEPT_SPANS: usize = 4096;

impl Parser {
    pub(crate) fn new(limits: Limits) -> Self {
        Parser { limits, at: 0, missing: 0, wanted: 0, spans: Vec::new() }
    }

    /// Reads on in `buf`, which begins where the current frame does and holds at least what it held the
    /// last time. Gives the command's name and what follows it (an empty line and `*0` have neither), and
    /// how many bytes the caller is to take off the front. `None` asks for more bytes; after an error
    /// the caller gives the connection up.
    pub(crate) fn parse<'a>(&'a mut self, buf: &'a [u8]) -> Result<Option<(Args<'a>, usize)>, Fault> {
        if self.at == 0 {
            self.wanted = 0;
            self.spans.clear();
            self.spans.shrink_to(KEPT_SPANS);
        }
        let is_complete = match buf.first() {
            None => false,
            Some(b'*') => self.array(buf)?,
            Some(_) => self.inline(buf)?,
        };
        Ok(is_complete.then(|| (Args { bytes: buf, spans: self.spans.iter() }, mem::take(&mut self.at))))
    }

    /// How many bytes are certain to be missing from the frame that `buffered` bytes have arrived of.
    pub(crate) fn missing_bytes(&self, buffered: usize) -> usize {
        self.wanted.saturating_sub(buffered).max(1)
    }

    /// `*2\r\n`, and as many times `$3\r\nGET\r\n`. Says whether all of it has come.
    fn array(&mut self, buf: &[u8]) -> Result<bool, Fault> {
        if self.at == 0 {
            let Some((count, next)) = number_line(buf, 1).ok_or(MULTIBULK_LENGTH)? else { return Ok(false) };
            // A negative count is an empty request, as in Redis.
            self.missing = usize::try_from(count).unwrap_or(0);
            if self.missing > self.limits.args {
                return Err(MULTIBULK_LENGTH);
            }
            self.at = next;
        }
        while self.missing > 0 {
            if let Some(&other) = buf.get(self.at).filter(|&&byte| byte != b'$') {
                return Err(format!("Protocol error: expected '$', got '{}'", char::from(other)).into());
            }
            let Some((len, start)) = number_line(buf, self.at + 1).ok_or(BULK_LENGTH)? else {
                return Ok(false);
            };
            let len = usize::try_from(len).ok().filter(|&len| len <= self.limits.bulk).ok_or(BULK_LENGTH)?;
            let end = start + len;
            if end > self.limits.frame {
                return Err(FRAME_TOO_BIG);
            }
            self.wanted = end + 2;
            match buf.get(end..end + 2) {
                None => return Ok(false),
                Some(b"\r\n") => self.spans.push((start, end)),
                Some(_) => return Err(BULK_END),
            }
            self.at = end + 2;
            self.missing -= 1;
        }
        Ok(true)
    }

    /// A line of words. Says whether all of it has come.
    fn inline(&mut self, buf: &[u8]) -> Result<bool, Fault> {
        // A line is too long by its own length and not by how much of it has come, so that the
        // verdict doesn't depend on where the network cut it.
        let window = &buf[..buf.len().min(self.limits.inline + 1)];
        let found = memchr(b'\n', &window[self.at..]);
        self.at = found.map_or(window.len(), |found| self.at + found + 1);
        if found.is_none() {
            return if self.at > self.limits.inline { Err(INLINE_TOO_BIG) } else { Ok(false) };
        }
        let mut start = 0;
        for word in buf[..self.at].split(u8::is_ascii_whitespace) {
            if !word.is_empty() {
                self.spans.push((start, start + word.len()));
            }
            start += word.len() + 1;
        }
        Ok(true)
    }
}

/// A decimal number and CRLF at `start`: the number and where the line ends, `Some(None)` while that hasn't
/// come, `None` if it's something else. Eighteen digits at most, more than any limit has.
fn number_line(buf: &[u8], start: usize) -> Option<Option<(i64, usize)>> {
    let (sign, start) = if buf.get(start) == Some(&b'-') { (-1, start + 1) } else { (1, start) };
    let line = buf.get(start..).unwrap_or_default();
    let mut number = 0;
    for (at, byte) in line.iter().enumerate() {
        match (byte, line.get(at + 1)) {
            (b'0'..=b'9', _) if at < 18 => number = number * 10 + i64::from(byte - b'0'),
            (b'\r', None) if at > 0 => return Some(None),
            (b'\r', Some(b'\n')) if at > 0 => return Some(Some((sign * number, start + at + 2))),
            _ => return None,
        }
    }
    Some(None)
}

pub(crate) const SYNTAX: Fault = Cow::Borrowed("syntax error");
pub(crate) const NOT_AN_INTEGER: Fault = Cow::Borrowed("value is not an integer or out of range");

/// Where a word begins and ends.
pub(crate) type Span = (usize, usize);

/// What is left of a request's words. A clone begins at the same place.
#[derive(Clone)]
pub(crate) struct Args<'a> {
    bytes: &'a [u8],
    spans: slice::Iter<'a, Span>,
}

impl<'a> Args<'a> {
    /// How many words are left.
    pub(crate) fn len(&self) -> usize {
        self.spans.len()
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
}

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
