//! Replies, as RESP2 writes them, gathered in one buffer until a batch of requests is answered.

use std::borrow::Cow;

use bytes::{BufMut, BytesMut};

#[cfg(test)]
mod tests;

/// Why a request was refused, without the `-ERR` in front.
pub(crate) type Fault = Cow<'static, str>;

/// The evidence that a reply was written: nothing else makes one.
pub(crate) struct Replied(());

/// What a command comes to.
pub(crate) type Outcome = Result<Replied, Fault>;

/// What is to be sent to a client: replies are appended, the socket takes from the front.
#[derive(Default)]
pub(crate) struct Output {
    pub(crate) bytes: BytesMut,
}

/// Bytes of replies that may wait for a client while further requests of it are answered.
const ROOM: usize = 256 << 10;

impl Output {
    /// Whether more requests may be answered before the client has taken what there is.
    pub(crate) fn has_room(&self) -> bool {
        self.bytes.len() < ROOM
    }

    pub(crate) fn ok(&mut self) -> Replied {
        self.simple("OK")
    }

    /// `+text`
    pub(crate) fn simple(&mut self, text: &str) -> Replied {
        self.raw(b"+");
        self.raw(text.as_bytes());
        self.raw(b"\r\n")
    }

    /// `-ERR text`. A character of `text` stands for a byte; those that would end the line become spaces.
    pub(crate) fn error(&mut self, text: &str) -> Replied {
        let bytes = text.chars().map(|character| match character {
            '\r' | '\n' => b' ',
            _ => u8::try_from(character).unwrap_or(b'?'),
        });
        self.bytes.put_slice(b"-ERR ");
        self.bytes.extend(bytes);
        self.raw(b"\r\n")
    }

    /// `:42`
    pub(crate) fn integer(&mut self, number: impl itoa::Integer) -> Replied {
        self.number(b":", number)
    }

    /// `$5 hello`
    pub(crate) fn bulk(&mut self, bytes: impl AsRef<[u8]>) -> Replied {
        let bytes = bytes.as_ref();
        // One reservation for the header (a sign and at most 20 digits and the line ends) and the bytes.
        self.bytes.reserve(bytes.len() + 25);
        self.number(b"$", bytes.len());
        self.bytes.put_slice(bytes);
        self.raw(b"\r\n")
    }

    pub(crate) fn bulk_or_nil(&mut self, bytes: Option<impl AsRef<[u8]>>) -> Replied {
        match bytes {
            Some(bytes) => self.bulk(bytes),
            None => self.nil(),
        }
    }

    pub(crate) fn nil(&mut self) -> Replied {
        self.raw(b"$-1\r\n")
    }

    /// The head of an array of `len` replies, which follow.
    pub(crate) fn array(&mut self, len: usize) -> Replied {
        self.number(b"*", len)
    }

    /// An array of bulk strings.
    pub(crate) fn bulks(&mut self, parts: &[impl AsRef<[u8]>]) -> Replied {
        let reply = self.array(parts.len());
        for part in parts {
            self.bulk(part);
        }
        reply
    }

    /// A reply, or a part of one, that is in its final form.
    pub(crate) fn raw(&mut self, bytes: &[u8]) -> Replied {
        self.bytes.put_slice(bytes);
        Replied(())
    }

    fn number(&mut self, kind: &[u8; 1], number: impl itoa::Integer) -> Replied {
        self.raw(kind);
        self.raw(itoa::Buffer::new().format(number).as_bytes());
        self.raw(b"\r\n")
    }
}
