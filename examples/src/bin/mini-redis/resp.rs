//! RESP2 as a server reads it: what a client sent becomes requests, without copying and without I/O.
//!
//! Three nouns: a *frame* is the bytes of one request, a [`Request`] is a view of a complete frame
//! with its arguments found, a [`Parser`] is where one connection stands in its current frame.
//!
//! The parser never reads a byte twice, however finely the network cuts a frame up: it keeps its place
//! between calls, so a bulk string that arrives in ten thousand pieces costs ten thousand comparisons
//! of a length and not a scan each. It holds no bytes either: arguments are positions in the caller's
//! buffer. Only an inline request (`SET "a b" c`, what a person types) is unquoted into a buffer of the
//! parser.
//!
//! Memory follows what has arrived, never what was announced: `*1000000000` is refused and
//! `$60000000` allocates nothing.

use std::fmt;

use memchr::memchr;

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

/// A frame that is no RESP2. The connection can't be understood from here on and must be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProtocolError {
    /// The count after `*` is no number, or more than [`Limits::args`].
    MultibulkLength,
    /// The length after `$` is no number, negative, or more than [`Limits::bulk`].
    BulkLength,
    /// Another byte stood where a bulk string's `$` belongs.
    ExpectedBulk(u8),
    /// A bulk string is longer than it said.
    BulkEnd,
    /// An inline request is longer than [`Limits::inline`].
    InlineTooBig,
    /// A quote in an inline request isn't closed, or text follows it without a space.
    UnbalancedQuotes,
    /// The request is longer than [`Limits::frame`].
    FrameTooBig,
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Protocol error: ")?;
        match self {
            ProtocolError::MultibulkLength => f.write_str("invalid multibulk length"),
            ProtocolError::BulkLength => f.write_str("invalid bulk length"),
            ProtocolError::ExpectedBulk(byte) => write!(f, "expected '$', got '{}'", char::from(*byte)),
            ProtocolError::BulkEnd => f.write_str("expected CRLF after a bulk string"),
            ProtocolError::InlineTooBig => f.write_str("too big inline request"),
            ProtocolError::UnbalancedQuotes => f.write_str("unbalanced quotes in request"),
            ProtocolError::FrameTooBig => f.write_str("too big request"),
        }
    }
}

/// Where an argument begins and ends.
type Span = (usize, usize);

/// A complete request: the command's name and its arguments.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    bytes: &'a [u8],
    spans: &'a [Span],
    frame_len: usize,
}

impl<'a> Request<'a> {
    /// How many arguments there are, the command's name included. An empty line and `*0` have none.
    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }

    /// The argument at `index`; the command's name is at 0.
    ///
    /// # Panics
    /// If there are fewer arguments; the command table has checked the count by then.
    pub(crate) fn arg(&self, index: usize) -> &'a [u8] {
        let (start, end) = self.spans[index];
        &self.bytes[start..end]
    }

    /// The arguments from `index` on.
    pub(crate) fn args_from(
        &self,
        index: usize,
    ) -> impl ExactSizeIterator<Item = &'a [u8]> + Clone + use<'a> {
        let bytes = self.bytes;
        self.spans[index.min(self.spans.len())..].iter().map(move |&(start, end)| &bytes[start..end])
    }

    /// How many bytes at the front of the buffer the request took.
    pub(crate) fn frame_len(&self) -> usize {
        self.frame_len
    }
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// Nothing of the frame is read.
    Start,
    /// In an inline request; so many bytes of it hold no line end.
    Inline { scanned: usize },
    /// Before a bulk string's length, with so many bulk strings to come.
    Args { missing: usize },
    /// Inside a bulk string of that length; it's one of the `missing`.
    Bulk { missing: usize, len: usize },
    /// The frame is complete: the next call begins a new one.
    Done { inline: bool },
}

/// Where a connection stands in its current frame.
#[derive(Debug)]
pub(crate) struct Parser {
    limits: Limits,
    state: State,
    /// How far into the frame the state was reached.
    at: usize,
    spans: Vec<Span>,
    /// The unquoted arguments of an inline request.
    unquoted: Vec<u8>,
}

/// Beyond these a request was unusual, and what it made the parser allocate is given back.
const KEPT_SPANS: usize = 4096;
const KEPT_UNQUOTED: usize = 4096;

impl Parser {
    pub(crate) fn new(limits: Limits) -> Self {
        Parser { limits, state: State::Start, at: 0, spans: Vec::new(), unquoted: Vec::new() }
    }

    /// Reads on in `buf`, which begins where the current frame does and holds at least what it held the
    /// last time. `None` asks for more bytes. After a request, the caller takes
    /// [`Request::frame_len`] bytes off the front; after an error it gives the connection up.
    pub(crate) fn parse<'a>(&'a mut self, buf: &'a [u8]) -> Result<Option<Request<'a>>, ProtocolError> {
        if matches!(self.state, State::Done { .. }) {
            self.begin_frame();
        }
        loop {
            match self.step(buf)? {
                None => return Ok(None),
                Some(State::Done { inline }) => {
                    self.state = State::Done { inline };
                    let bytes = if inline { &self.unquoted[..] } else { buf };
                    return Ok(Some(Request { bytes, spans: &self.spans, frame_len: self.at }));
                }
                Some(next) => self.state = next,
            }
        }
    }

    /// One element of the frame, and the state behind it; `None` if it's incomplete.
    fn step(&mut self, buf: &[u8]) -> Result<Option<State>, ProtocolError> {
        Ok(match self.state {
            State::Start => match buf.first() {
                None => None,
                Some(b'*') => self.array_header(buf)?.map(|missing| State::Args { missing }),
                Some(_) => Some(State::Inline { scanned: 0 }),
            },
            State::Inline { scanned } => self.inline(buf, scanned)?.then_some(State::Done { inline: true }),
            State::Args { missing: 0 } => Some(State::Done { inline: false }),
            State::Args { missing } => self.bulk_header(buf)?.map(|len| State::Bulk { missing, len }),
            State::Bulk { missing, len } => {
                self.bulk(buf, len)?.then_some(State::Args { missing: missing - 1 })
            }
            done @ State::Done { .. } => Some(done),
        })
    }

    /// How many bytes are certain to be missing from the frame that `buffered` bytes have arrived of.
    pub(crate) fn missing_bytes(&self, buffered: usize) -> usize {
        match self.state {
            State::Bulk { len, .. } => (self.at + len + 2).saturating_sub(buffered),
            _ => 1,
        }
    }

    fn begin_frame(&mut self) {
        self.state = State::Start;
        self.at = 0;
        self.spans.clear();
        self.spans.shrink_to(KEPT_SPANS);
        self.unquoted.clear();
        self.unquoted.shrink_to(KEPT_UNQUOTED);
    }

    /// `*3\r\n`: how many bulk strings follow. A negative count is an empty request, as in Redis.
    fn array_header(&mut self, buf: &[u8]) -> Result<Option<usize>, ProtocolError> {
        let Some((count, next)) = number_line(buf, 1).map_err(|_| ProtocolError::MultibulkLength)? else {
            return Ok(None);
        };
        let count = usize::try_from(count).unwrap_or(0);
        if count > self.limits.args {
            return Err(ProtocolError::MultibulkLength);
        }
        self.at = next;
        Ok(Some(count))
    }

    /// `$5\r\n`: how long the bulk string is.
    fn bulk_header(&mut self, buf: &[u8]) -> Result<Option<usize>, ProtocolError> {
        match buf.get(self.at) {
            None => return Ok(None),
            Some(b'$') => {}
            Some(&other) => return Err(ProtocolError::ExpectedBulk(other)),
        }
        let Some((len, next)) = number_line(buf, self.at + 1).map_err(|_| ProtocolError::BulkLength)? else {
            return Ok(None);
        };
        let len = usize::try_from(len).map_err(|_| ProtocolError::BulkLength)?;
        if len > self.limits.bulk {
            return Err(ProtocolError::BulkLength);
        }
        if next + len > self.limits.frame {
            return Err(ProtocolError::FrameTooBig);
        }
        self.at = next;
        Ok(Some(len))
    }

    /// A bulk string's bytes and CRLF. Says whether all have come.
    fn bulk(&mut self, buf: &[u8], len: usize) -> Result<bool, ProtocolError> {
        let end = self.at + len;
        let Some(line_end) = buf.get(end..end + 2) else { return Ok(false) };
        if line_end != b"\r\n" {
            return Err(ProtocolError::BulkEnd);
        }
        self.spans.push((self.at, end));
        self.at = end + 2;
        Ok(true)
    }

    /// A line of words. Says whether it was complete.
    fn inline(&mut self, buf: &[u8], scanned: usize) -> Result<bool, ProtocolError> {
        // A line is too long by its own length and not by how much of it has come, so that the
        // verdict doesn't depend on where the network cut it.
        let window = &buf[..buf.len().min(self.limits.inline + 1)];
        let Some(found) = memchr(b'\n', &window[scanned..]) else {
            if window.len() > self.limits.inline {
                return Err(ProtocolError::InlineTooBig);
            }
            self.state = State::Inline { scanned: window.len() };
            return Ok(false);
        };
        let line = &buf[..scanned + found];
        self.at = line.len() + 1;
        unquote(line.strip_suffix(b"\r").unwrap_or(line), &mut self.unquoted, &mut self.spans)?;
        Ok(true)
    }
}

struct NotANumber;

/// A decimal number and CRLF at `start`: the number, and where the line ends. Eighteen digits at most,
/// more than any limit has.
fn number_line(buf: &[u8], start: usize) -> Result<Option<(i64, usize)>, NotANumber> {
    let negative = buf.get(start) == Some(&b'-');
    let digits = start + usize::from(negative);
    let mut number = 0;
    let mut at = digits;
    loop {
        match buf.get(at) {
            None => return Ok(None),
            Some(digit @ b'0'..=b'9') if at < digits + 18 => number = number * 10 + i64::from(digit - b'0'),
            Some(b'\r') if at > digits => break,
            Some(_) => return Err(NotANumber),
        }
        at += 1;
    }
    match buf.get(at + 1) {
        None => Ok(None),
        Some(b'\n') => Ok(Some((if negative { -number } else { number }, at + 2))),
        Some(_) => Err(NotANumber),
    }
}

/// Splits a line into words. `"..."` may hold spaces and `\n \r \t \b \a \xHH \"`, `'...'` only `\'`.
fn unquote(line: &[u8], out: &mut Vec<u8>, spans: &mut Vec<Span>) -> Result<(), ProtocolError> {
    let mut rest = line;
    loop {
        rest = rest.trim_ascii_start();
        if rest.is_empty() {
            return Ok(());
        }
        let start = out.len();
        while let Some((&byte, tail)) = rest.split_first() {
            match byte {
                b'"' | b'\'' => rest = quoted(tail, byte, out)?,
                _ if byte.is_ascii_whitespace() => break,
                _ => {
                    out.push(byte);
                    rest = tail;
                }
            }
        }
        spans.push((start, out.len()));
    }
}

/// What stands between quotes, up to and with the closing one. Gives what follows it.
fn quoted<'a>(mut rest: &'a [u8], quote: u8, out: &mut Vec<u8>) -> Result<&'a [u8], ProtocolError> {
    loop {
        let (byte, tail) = match rest {
            [close, tail @ ..] if *close == quote => {
                let ends = tail.first().is_none_or(u8::is_ascii_whitespace);
                return if ends { Ok(tail) } else { Err(ProtocolError::UnbalancedQuotes) };
            }
            [b'\\', b'\'', tail @ ..] if quote == b'\'' => (b'\'', tail),
            [b'\\', b'x', high, low, tail @ ..]
                if quote == b'"' && high.is_ascii_hexdigit() && low.is_ascii_hexdigit() =>
            {
                (hex(*high) << 4 | hex(*low), tail)
            }
            [b'\\', escaped, tail @ ..] if quote == b'"' => (unescape(*escaped), tail),
            [byte, tail @ ..] => (*byte, tail),
            [] => return Err(ProtocolError::UnbalancedQuotes),
        };
        out.push(byte);
        rest = tail;
    }
}

fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => digit.to_ascii_lowercase() - b'a' + 10,
    }
}

fn unescape(letter: u8) -> u8 {
    match letter {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 8,
        b'a' => 7,
        other => other,
    }
}
