//! The length field itself.

use bytes::{BufMut, BytesMut};

/// Where the length is in a head, and how it's written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    offset: usize,
    /// Bytes, 1 to 8.
    length: usize,
    big_endian: bool,
}

impl Field {
    pub(super) fn new(offset: usize, length: usize, big_endian: bool) -> Self {
        Self { offset, length, big_endian }
    }

    pub(super) fn length(self) -> usize {
        self.length
    }

    /// What the field says in the head at the front of `src`, once it's there.
    pub(super) fn read(self, src: &[u8]) -> Option<u64> {
        let bytes = src.get(self.offset..)?.get(..self.length)?;
        let mut word = [0; 8];
        Some(if self.big_endian {
            word[8 - self.length..].copy_from_slice(bytes);
            u64::from_be_bytes(word)
        } else {
            word[..self.length].copy_from_slice(bytes);
            u64::from_le_bytes(word)
        })
    }

    /// Appends the field alone: what comes before it in a head is for who writes it.
    pub(super) fn write(self, value: u64, dst: &mut BytesMut) {
        if self.big_endian {
            dst.put_uint(value, self.length);
        } else {
            dst.put_uint_le(value, self.length);
        }
    }
}
