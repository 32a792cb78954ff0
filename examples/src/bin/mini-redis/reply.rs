//! Replies, as RESP2 writes them, gathered in one buffer until a batch of requests is answered.

use std::fmt::{self, Write};

use bytes::Bytes;

#[cfg(test)]
mod tests;

/// What is to be sent to a client: replies are appended, the socket takes from the front.
#[derive(Debug, Default)]
pub(crate) struct Output {
    bytes: Vec<u8>,
    sent: usize,
}

/// More than this waits for no client.
const EXCESSIVE: usize = 256 << 20;

/// An empty buffer larger than this is given back rather than kept for the connection's life.
const KEPT_CAPACITY: usize = 128 << 10;

impl Output {
    /// What the socket hasn't taken yet.
    pub(crate) fn unsent(&self) -> &[u8] {
        &self.bytes[self.sent..]
    }

    pub(crate) fn into_bytes(mut self) -> Bytes {
        self.bytes.drain(..self.sent);
        Bytes::from(self.bytes)
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len() - self.sent
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it holds more than any client may ask for.
    pub(crate) fn is_excessive(&self) -> bool {
        self.len() > EXCESSIVE
    }

    /// The socket took `n` more bytes.
    pub(crate) fn mark_sent(&mut self, n: usize) {
        self.sent += n;
        debug_assert!(self.sent <= self.bytes.len());
        if self.is_empty() {
            self.clear();
        } else if self.sent >= KEPT_CAPACITY && self.sent >= self.bytes.len() / 2 {
            // What was sent is most of it: moving the rest to the front costs less than growing.
            self.bytes.drain(..self.sent);
            self.sent = 0;
        }
    }

    /// Forgets everything unsent.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.sent = 0;
        if self.bytes.capacity() > KEPT_CAPACITY {
            self.bytes = Vec::new();
        }
    }

    /// `+OK`
    pub(crate) fn simple(&mut self, text: &str) {
        self.bytes.push(b'+');
        self.raw(text.as_bytes());
        self.end_line();
    }

    /// `-ERR text`. The text may quote what a client sent, so line ends in it become spaces.
    pub(crate) fn error(&mut self, text: &(impl fmt::Display + ?Sized)) {
        self.raw(b"-ERR ");
        let start = self.bytes.len();
        // Writing to memory doesn't fail.
        let _ = write!(Latin1(&mut self.bytes), "{text}");
        for byte in &mut self.bytes[start..] {
            if matches!(byte, b'\r' | b'\n') {
                *byte = b' ';
            }
        }
        self.end_line();
    }

    /// `:42`
    pub(crate) fn integer(&mut self, number: i64) {
        self.number_line(b':', number);
    }

    /// A count as an integer reply.
    pub(crate) fn count(&mut self, count: usize) {
        self.integer(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// `$5 hello`, or nil.
    pub(crate) fn bulk_or_nil(&mut self, bytes: Option<&[u8]>) {
        match bytes {
            Some(bytes) => self.bulk(bytes),
            None => self.nil(),
        }
    }

    pub(crate) fn bulk(&mut self, bytes: &[u8]) {
        // One reservation for the header (a sign and at most 20 digits and the line ends) and the bytes.
        self.bytes.reserve(bytes.len() + 25);
        self.number_line(b'$', bytes.len() as i64);
        self.raw(bytes);
        self.end_line();
    }

    pub(crate) fn nil(&mut self) {
        self.raw(b"$-1\r\n");
    }

    /// The head of an array of `len` replies, which follow.
    pub(crate) fn array(&mut self, len: usize) {
        self.number_line(b'*', len as i64);
    }

    /// Bytes that are replies already.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    fn number_line(&mut self, kind: u8, number: i64) {
        self.bytes.push(kind);
        self.raw(itoa::Buffer::new().format(number).as_bytes());
        self.end_line();
    }

    fn end_line(&mut self) {
        self.raw(b"\r\n");
    }
}

/// Turns characters below 256 back into the bytes that [`char::from`] made them of.
struct Latin1<'a>(&'a mut Vec<u8>);

impl Write for Latin1<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            self.0.push(u8::try_from(character).unwrap_or(b'?'));
        }
        Ok(())
    }
}
