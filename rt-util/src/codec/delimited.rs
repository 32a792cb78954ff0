//! What codecs with delimiters have in common: finding the next one, and dropping what is too long.

use bytes::{Buf, BytesMut};

/// The search for the end of the next chunk.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Seeker {
    /// So many bytes at the front of the buffer are known to hold no delimiter.
    seen: usize,
    max_length: usize,
    /// Whether what comes up to the next delimiter belongs to a chunk that was too long.
    discarding: bool,
}

/// A chunk is longer than allowed.
#[derive(Debug)]
pub(super) struct TooLong;

impl Seeker {
    pub(super) const fn new(max_length: usize) -> Self {
        Self { seen: 0, max_length, discarding: false }
    }

    pub(super) fn max_length(&self) -> usize {
        self.max_length
    }

    /// How long the chunk at the front of the buffer is: it's followed by a delimiter. `find` gives the
    /// place of the first one. What is to be dropped is taken off the buffer; the chunk is left to the caller.
    ///
    /// No byte is looked at twice, however small the pieces that the chunk comes in. One too long is told as
    /// soon as that is known, and what will come of it is dropped.
    pub(super) fn seek(
        &mut self,
        buffer: &mut BytesMut,
        find: impl Fn(&[u8]) -> Option<usize>,
    ) -> Result<Option<usize>, TooLong> {
        if self.discarding {
            let Some(end) = find(buffer) else {
                buffer.clear();
                return Ok(None);
            };
            buffer.advance(end + 1);
            self.discarding = false;
        }
        // The delimiter of the longest chunk allowed is at `max_length`. Who has the buffer in hand may have
        // taken bytes from it, hence the `min`.
        let limit = self.max_length.saturating_add(1).min(buffer.len());
        let seen = std::mem::take(&mut self.seen).min(limit);
        if let Some(distance) = find(&buffer[seen..limit]) {
            return Ok(Some(seen + distance));
        }
        if buffer.len() > self.max_length {
            self.discarding = true;
            return Err(TooLong);
        }
        self.seen = limit;
        Ok(None)
    }

    /// Forgets the search: the buffer's front is about to be taken.
    pub(super) fn restart(&mut self) {
        self.seen = 0;
    }
}
