//! Replies, as RESP2 writes them, gathered in one buffer until a batch of requests is answered.

use std::borrow::Cow;

use bytes::{BufMut, BytesMut};

#[cfg(test)]
mod tests;

/// Why a request was refused, without the `-ERR` in front.
pub(crate) type Fault = Cow<'static, str>;

/// What a command comes to.
pub(crate) type Outcome = Result<Reply, Fault>;

/// A short reply. What is longer, a command writes itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Simple(&'static str),
    Integer(i64),
    Nil,
    /// It's in the output already, whole.
    Written,
}

impl Reply {
    pub(crate) const OK: Reply = Reply::Simple("OK");

    pub(crate) fn count(count: usize) -> Self {
        Reply::Integer(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

/// What is to be sent to a client: replies are appended, the socket takes from the front.
#[derive(Debug, Default)]
pub(crate) struct Output {
    pub(crate) bytes: BytesMut,
}

/// Bytes of replies that may wait for a client while further requests of it are read and answered.
pub(crate) const ROOM: usize = 256 << 10;

/// More than this waits for no client.
const EXCESSIVE: usize = 256 << 20;

impl Output {
    /// Whether more requests may be answered before the client has taken what there is.
    pub(crate) fn has_room(&self) -> bool {
        self.bytes.len() < ROOM
    }

    /// Whether it holds more than any client may ask for.
    pub(crate) fn is_excessive(&self) -> bool {
        self.bytes.len() > EXCESSIVE
    }

    pub(crate) fn outcome(&mut self, outcome: Outcome) {
        match outcome {
            Ok(Reply::Simple(text)) => self.simple(text),
            Ok(Reply::Integer(number)) => self.integer(number),
            Ok(Reply::Nil) => self.bulk_or_nil(None),
            Ok(Reply::Written) => {}
            Err(fault) => self.error(&fault),
        }
    }

    /// `+OK`
    pub(crate) fn simple(&mut self, text: &str) {
        self.line(b'+', text.as_bytes());
    }

    /// `-ERR text`. A character of `text` stands for a byte; those that would end the line become spaces.
    pub(crate) fn error(&mut self, text: &str) {
        let bytes = text.chars().map(|character| match character {
            '\r' | '\n' => b' ',
            _ => u8::try_from(character).unwrap_or(b'?'),
        });
        self.bytes.put_slice(b"-ERR ");
        self.bytes.extend(bytes);
        self.bytes.put_slice(b"\r\n");
    }

    /// `:42`
    pub(crate) fn integer(&mut self, number: i64) {
        self.number(b':', number);
    }

    /// `$5 hello`
    pub(crate) fn bulk(&mut self, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        // One reservation for the header (a sign and at most 20 digits and the line ends) and the bytes.
        self.bytes.reserve(bytes.len() + 25);
        self.number(b'$', bytes.len() as i64);
        self.bytes.put_slice(bytes);
        self.bytes.put_slice(b"\r\n");
    }

    pub(crate) fn bulk_or_nil(&mut self, bytes: Option<&[u8]>) {
        match bytes {
            Some(bytes) => self.bulk(bytes),
            None => self.bytes.put_slice(b"$-1\r\n"),
        }
    }

    /// The head of an array of `len` replies, which follow.
    pub(crate) fn array(&mut self, len: usize) {
        self.number(b'*', len as i64);
    }

    /// An array of bulk strings.
    pub(crate) fn bulks(&mut self, parts: &[&[u8]]) {
        self.array(parts.len());
        parts.iter().for_each(|part| self.bulk(part));
    }

    fn number(&mut self, kind: u8, number: i64) {
        self.line(kind, itoa::Buffer::new().format(number).as_bytes());
    }

    fn line(&mut self, kind: u8, text: &[u8]) {
        self.bytes.put_u8(kind);
        self.bytes.put_slice(text);
        self.bytes.put_slice(b"\r\n");
    }
}
