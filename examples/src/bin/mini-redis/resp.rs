//! RESP2 as a server reads it: what a client sent becomes requests, without copying and without I/O.
//!
//! Three nouns: a *frame* is the bytes of one request, a [`Request`] is a view of a complete frame
//! with its words found, a [`Parser`] is where one connection stands in its current frame.
//!
//! The parser never reads a byte twice, however finely the network cuts a frame up: it keeps its place
//! between calls, so a bulk string that arrives in ten thousand pieces costs ten thousand comparisons
//! of a length and not a scan each. It holds no bytes either: words are positions in the caller's
//! buffer. Only an inline request (`SET "a b" c`, what a person types) is unquoted into a buffer of the
//! parser.
//!
//! Memory follows what has arrived, never what was announced: `*1000000000` is refused and
//! `$60000000` allocates nothing.

use std::borrow::Cow;

use memchr::memchr;

use crate::args::{Args, Span};
use crate::reply::Fault;

#[cfg(test)]
mod tests;

/// What a frame may hold at most.
#[derive(Clone, Copy, Debug)]
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

impl Default for Limits {
    fn default() -> Self {
        Limits { bulk: 64 << 20, args: 1 << 20, inline: 64 << 10, frame: 128 << 20 }
    }
}

// Why a frame is no RESP2. The connection can't be understood from there on and must be closed.

/// The count after `*` is no number, or more than [`Limits::args`].
const MULTIBULK_LENGTH: Fault = Cow::Borrowed("Protocol error: invalid multibulk length");
/// The length after `$` is no number, negative, or more than [`Limits::bulk`].
const BULK_LENGTH: Fault = Cow::Borrowed("Protocol error: invalid bulk length");
/// A bulk string is longer than it said.
const BULK_END: Fault = Cow::Borrowed("Protocol error: expected CRLF after a bulk string");
/// An inline request is longer than [`Limits::inline`].
const INLINE_TOO_BIG: Fault = Cow::Borrowed("Protocol error: too big inline request");
/// A quote in an inline request isn't closed, or text follows it without a space.
const UNBALANCED_QUOTES: Fault = Cow::Borrowed("Protocol error: unbalanced quotes in request");
/// The request is longer than [`Limits::frame`].
const FRAME_TOO_BIG: Fault = Cow::Borrowed("Protocol error: too big request");

/// A complete request.
#[derive(Clone, Debug)]
pub(crate) struct Request<'a> {
    /// The command's name and what follows it. An empty line and `*0` have none.
    pub(crate) args: Args<'a>,
    /// How many bytes at the front of the buffer it took.
    pub(crate) frame_len: usize,
}

/// Where a connection stands in its current frame.
#[derive(Debug, Default)]
pub(crate) struct Parser {
    limits: Limits,
    /// How far into the frame it's read.
    at: usize,
    /// Bulk strings of it that are to come.
    missing: usize,
    /// The length of the one that is being read.
    bulk: Option<usize>,
    /// The frame was read to its end: the next call begins a new one.
    is_complete: bool,
    spans: Vec<Span>,
    /// The unquoted words of an inline request.
    unquoted: Vec<u8>,
}

/// Beyond these a request was unusual, and what it made the parser allocate is given back.
const KEPT_SPANS: usize = 4096;
const KEPT_UNQUOTED: usize = 4096;

impl Parser {
    pub(crate) fn new(limits: Limits) -> Self {
        Parser { limits, ..Parser::default() }
    }

    /// Reads on in `buf`, which begins where the current frame does and holds at least what it held the
    /// last time. `None` asks for more bytes. After a request, the caller takes
    /// [`Request::frame_len`] bytes off the front; after an error it gives the connection up.
    pub(crate) fn parse<'a>(&'a mut self, buf: &'a [u8]) -> Result<Option<Request<'a>>, Fault> {
        if self.is_complete {
            self.begin_frame();
        }
        let Some(&first) = buf.first() else { return Ok(None) };
        let is_array = first == b'*';
        self.is_complete = if is_array { self.array(buf)? } else { self.inline(buf)? };
        if !self.is_complete {
            return Ok(None);
        }
        let bytes = if is_array { buf } else { &self.unquoted };
        Ok(Some(Request { args: Args::new(bytes, &self.spans), frame_len: self.at }))
    }

    /// How many bytes are certain to be missing from the frame that `buffered` bytes have arrived of.
    pub(crate) fn missing_bytes(&self, buffered: usize) -> usize {
        self.bulk.map_or(1, |len| (self.at + len + 2).saturating_sub(buffered))
    }

    fn begin_frame(&mut self) {
        self.at = 0;
        self.spans.clear();
        self.spans.shrink_to(KEPT_SPANS);
        self.unquoted.clear();
        self.unquoted.shrink_to(KEPT_UNQUOTED);
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
            if self.bulk.is_none() {
                self.bulk = self.bulk_header(buf)?;
            }
            let Some(len) = self.bulk else { return Ok(false) };
            let end = self.at + len;
            match buf.get(end..end + 2) {
                None => return Ok(false),
                Some(b"\r\n") => self.spans.push((self.at, end)),
                Some(_) => return Err(BULK_END),
            }
            self.at = end + 2;
            self.bulk = None;
            self.missing -= 1;
        }
        Ok(true)
    }

    /// `$3\r\n`: how long the bulk string is, if that has come.
    fn bulk_header(&mut self, buf: &[u8]) -> Result<Option<usize>, Fault> {
        match buf.get(self.at) {
            None => return Ok(None),
            Some(b'$') => {}
            Some(&other) => {
                return Err(format!("Protocol error: expected '$', got '{}'", char::from(other)).into());
            }
        }
        let Some((len, next)) = number_line(buf, self.at + 1).ok_or(BULK_LENGTH)? else { return Ok(None) };
        let len = usize::try_from(len).ok().filter(|&len| len <= self.limits.bulk).ok_or(BULK_LENGTH)?;
        if next + len > self.limits.frame {
            return Err(FRAME_TOO_BIG);
        }
        self.at = next;
        Ok(Some(len))
    }

    /// A line of words. Says whether all of it has come.
    fn inline(&mut self, buf: &[u8]) -> Result<bool, Fault> {
        // A line is too long by its own length and not by how much of it has come, so that the
        // verdict doesn't depend on where the network cut it.
        let window = &buf[..buf.len().min(self.limits.inline + 1)];
        let Some(found) = memchr(b'\n', &window[self.at..]) else {
            self.at = window.len();
            return if self.at > self.limits.inline { Err(INLINE_TOO_BIG) } else { Ok(false) };
        };
        let line = &buf[..self.at + found];
        self.at = line.len() + 1;
        unquote(line.strip_suffix(b"\r").unwrap_or(line), &mut self.unquoted, &mut self.spans)?;
        Ok(true)
    }
}

/// A decimal number and CRLF at `start`: the number and where the line ends, `Some(None)` while that hasn't
/// come, `None` if it's something else. Eighteen digits at most, more than any limit has.
fn number_line(buf: &[u8], start: usize) -> Option<Option<(i64, usize)>> {
    let (sign, start) = if buf.get(start) == Some(&b'-') { (-1, start + 1) } else { (1, start) };
    let line = buf.get(start..)?;
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

/// Splits a line into words. `"..."` may hold spaces and `\n \r \t \b \a \xHH \"`, `'...'` only `\'`.
fn unquote(line: &[u8], out: &mut Vec<u8>, spans: &mut Vec<Span>) -> Result<(), Fault> {
    let mut rest = line.trim_ascii_start();
    while !rest.is_empty() {
        let start = out.len();
        // The quote that is open.
        let mut quote = None;
        while let Some((&byte, tail)) = rest.split_first() {
            rest = tail;
            match (byte, quote) {
                (b'"' | b'\'', None) => quote = Some(byte),
                (_, None) if byte.is_ascii_whitespace() => break,
                (_, Some(open)) if byte == open => {
                    if !tail.first().is_none_or(u8::is_ascii_whitespace) {
                        return Err(UNBALANCED_QUOTES);
                    }
                    quote = None;
                }
                (b'\\', Some(b'"')) => {
                    let (byte, tail) = unescape(tail).ok_or(UNBALANCED_QUOTES)?;
                    out.push(byte);
                    rest = tail;
                }
                (b'\\', Some(_)) if tail.first() == Some(&b'\'') => {
                    out.push(b'\'');
                    rest = &tail[1..];
                }
                _ => out.push(byte),
            }
        }
        if quote.is_some() {
            return Err(UNBALANCED_QUOTES);
        }
        spans.push((start, out.len()));
        rest = rest.trim_ascii_start();
    }
    Ok(())
}

/// What an escape stands for, which begins with what is behind its backslash, and what follows it.
fn unescape(escaped: &[u8]) -> Option<(u8, &[u8])> {
    let (&letter, tail) = escaped.split_first()?;
    let hex = |at: usize| tail.get(at).and_then(|&digit| char::from(digit).to_digit(16));
    Some(match (letter, hex(0), hex(1)) {
        (b'x', Some(high), Some(low)) => ((high << 4 | low) as u8, &tail[2..]),
        (b'n', ..) => (b'\n', tail),
        (b'r', ..) => (b'\r', tail),
        (b't', ..) => (b'\t', tail),
        (b'b', ..) => (8, tail),
        (b'a', ..) => (7, tail),
        _ => (letter, tail),
    })
}
