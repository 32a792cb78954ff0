//! The buffer that readers fill.
//!
//! ```text
//!  0              filled            initialized           capacity
//!  ├── bytes read ──┼── old bytes ───────┼── uninitialized ──┤
//! ```
//!
//! Invariant I1: `filled <= initialized <= buf.len()`. Invariant I2: the first `initialized` bytes of `buf`
//! are initialized. Only bytes before `initialized` are ever given out as `u8`.

use std::fmt;
use std::mem::MaybeUninit;

/// A buffer that knows which part of it was read into, and which part was ever initialized.
///
/// A reader adds to the filled part. Nothing has to be zeroed beforehand, since only initialized bytes can
/// be seen by safe code.
///
/// # Examples
///
/// ```
/// use std::mem::MaybeUninit;
/// use rt_core::io::ReadBuf;
///
/// let mut storage = [MaybeUninit::uninit(); 8];
/// let mut buf = ReadBuf::uninit(&mut storage);
/// buf.put_slice(b"abc");
/// assert_eq!(buf.filled(), b"abc");
/// assert_eq!(buf.remaining(), 5);
/// ```
pub struct ReadBuf<'a> {
    buf: &'a mut [MaybeUninit<u8>],
    filled: usize,
    initialized: usize,
}

impl<'a> ReadBuf<'a> {
    /// A buffer of initialized bytes, none of them filled.
    #[inline]
    pub fn new(buf: &'a mut [u8]) -> ReadBuf<'a> {
        let initialized = buf.len();
        let bytes: *mut [u8] = buf;
        // SAFETY: `MaybeUninit<u8>` has the layout of `u8`, and the borrow lasts as long. No safe method
        // writes an uninitialized byte into it, and the unsafe ones forbid it, so the caller's bytes stay
        // initialized.
        let buf = unsafe { &mut *(bytes as *mut [MaybeUninit<u8>]) };
        ReadBuf { buf, filled: 0, initialized }
    }

    /// A buffer whose bytes need not be initialized, none of them filled.
    #[inline]
    pub fn uninit(buf: &'a mut [MaybeUninit<u8>]) -> ReadBuf<'a> {
        ReadBuf { buf, filled: 0, initialized: 0 }
    }

    /// How many bytes the buffer can hold.
    #[inline]
    pub fn capacity(&self) -> usize {
        self.buf.len()
    }

    /// The filled part.
    #[inline]
    pub fn filled(&self) -> &[u8] {
        // SAFETY: I1 and I2.
        unsafe { self.init_until(self.filled) }
    }

    /// The filled part, to change bytes in place.
    #[inline]
    pub fn filled_mut(&mut self) -> &mut [u8] {
        // SAFETY: I1 and I2.
        unsafe { self.init_until_mut(self.filled) }
    }

    /// A buffer of its own over the first `n` unfilled bytes, or over all when there are fewer.
    ///
    /// What is filled there isn't known here: call [`assume_init`](Self::assume_init) and
    /// [`advance`](Self::advance) when done.
    #[inline]
    pub fn take(&mut self, n: usize) -> ReadBuf<'_> {
        let end = self.filled + n.min(self.remaining());
        ReadBuf {
            filled: 0,
            initialized: self.initialized.min(end) - self.filled,
            buf: &mut self.buf[self.filled..end],
        }
    }

    /// The initialized part, the filled one included.
    #[inline]
    pub fn initialized(&self) -> &[u8] {
        // SAFETY: I2.
        unsafe { self.init_until(self.initialized) }
    }

    /// The initialized part, the filled one included, to change bytes in place.
    #[inline]
    pub fn initialized_mut(&mut self) -> &mut [u8] {
        // SAFETY: I2.
        unsafe { self.init_until_mut(self.initialized) }
    }

    /// The whole buffer.
    ///
    /// # Safety
    ///
    /// The caller must not put an uninitialized byte where an initialized one was.
    #[inline]
    pub unsafe fn inner_mut(&mut self) -> &mut [MaybeUninit<u8>] {
        self.buf
    }

    /// The unfilled part.
    ///
    /// # Safety
    ///
    /// The caller must not put an uninitialized byte where an initialized one was.
    #[inline]
    pub unsafe fn unfilled_mut(&mut self) -> &mut [MaybeUninit<u8>] {
        &mut self.buf[self.filled..]
    }

    /// The unfilled part, with zeros where it wasn't initialized.
    #[inline]
    pub fn initialize_unfilled(&mut self) -> &mut [u8] {
        self.initialize_unfilled_to(self.remaining())
    }

    /// The first `n` unfilled bytes, with zeros where they weren't initialized.
    ///
    /// # Panics
    ///
    /// When fewer than `n` bytes are unfilled.
    #[inline]
    #[track_caller]
    pub fn initialize_unfilled_to(&mut self, n: usize) -> &mut [u8] {
        assert!(n <= self.remaining(), "n overflows remaining");
        let end = self.filled + n;
        if self.initialized < end {
            self.buf[self.initialized..end].fill(MaybeUninit::new(0));
            self.initialized = end;
        }
        let filled = self.filled;
        // SAFETY: everything up to `end` is initialized now.
        unsafe { &mut self.init_until_mut(end)[filled..] }
    }

    /// How many bytes are unfilled.
    #[inline]
    pub fn remaining(&self) -> usize {
        self.buf.len() - self.filled
    }

    /// Makes the filled part empty. What is initialized stays so.
    #[inline]
    pub fn clear(&mut self) {
        self.filled = 0;
    }

    /// Adds the next `n` bytes, which are initialized, to the filled part.
    ///
    /// # Panics
    ///
    /// When fewer than `n` unfilled bytes are initialized.
    #[inline]
    #[track_caller]
    pub fn advance(&mut self, n: usize) {
        let filled = self.filled.checked_add(n).expect("filled overflow");
        self.set_filled(filled);
    }

    /// Makes the first `n` bytes the filled part, more or fewer than before.
    ///
    /// # Panics
    ///
    /// When fewer than `n` bytes are initialized.
    #[inline]
    #[track_caller]
    pub fn set_filled(&mut self, n: usize) {
        assert!(n <= self.initialized, "filled must not become larger than initialized");
        self.filled = n;
    }

    /// Takes the first `n` unfilled bytes for initialized.
    ///
    /// Nothing changes when as many were initialized before.
    ///
    /// # Safety
    ///
    /// The first `n` unfilled bytes must exist, and must have been initialized.
    #[inline]
    pub unsafe fn assume_init(&mut self, n: usize) {
        self.initialized = self.initialized.max(self.filled + n);
    }

    /// Adds a copy of `buf` to the filled part.
    ///
    /// # Panics
    ///
    /// When `buf` is longer than what is unfilled.
    #[inline]
    #[track_caller]
    pub fn put_slice(&mut self, buf: &[u8]) {
        assert!(buf.len() <= self.remaining(), "buf.len() must fit in remaining()");
        let end = self.filled + buf.len();
        let to = &mut self.buf[self.filled..end];
        // SAFETY: both are valid for `buf.len()` bytes, and a unique borrow overlaps no other.
        unsafe { to.as_mut_ptr().cast::<u8>().copy_from_nonoverlapping(buf.as_ptr(), buf.len()) };
        self.initialized = self.initialized.max(end);
        self.filled = end;
    }

    /// Lets `read` fill a buffer over the first `limit` unfilled bytes, and takes over what it filled.
    ///
    /// # Panics
    ///
    /// When `read` put another buffer in the place of the one it was given.
    #[cfg(feature = "io-util")]
    #[inline]
    pub(crate) fn fill_part<R>(&mut self, limit: usize, read: impl FnOnce(&mut ReadBuf<'_>) -> R) -> R {
        let mut part = self.take(limit);
        let start = part.buf.as_ptr();
        let result = read(&mut part);
        assert_eq!(start, part.buf.as_ptr(), "a reader must fill the buffer that it was given");
        let (filled, initialized) = (part.filled, part.initialized);
        // SAFETY: the part starts where the unfilled bytes start, and it says that these are initialized.
        unsafe { self.assume_init(initialized) };
        self.filled += filled;
        result
    }

    /// The first `end` bytes.
    ///
    /// # Safety
    ///
    /// They must be initialized.
    #[inline]
    unsafe fn init_until(&self, end: usize) -> &[u8] {
        let bytes: *const [MaybeUninit<u8>] = &self.buf[..end];
        // SAFETY: by the caller; the layouts are the same.
        unsafe { &*(bytes as *const [u8]) }
    }

    /// The first `end` bytes.
    ///
    /// # Safety
    ///
    /// They must be initialized.
    #[inline]
    unsafe fn init_until_mut(&mut self, end: usize) -> &mut [u8] {
        let bytes: *mut [MaybeUninit<u8>] = &mut self.buf[..end];
        // SAFETY: by the caller; the layouts are the same.
        unsafe { &mut *(bytes as *mut [u8]) }
    }
}

impl fmt::Debug for ReadBuf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadBuf")
            .field("filled", &self.filled)
            .field("initialized", &self.initialized)
            .field("capacity", &self.capacity())
            .finish()
    }
}

// SAFETY: `chunk_mut` gives the unfilled part and `advance_mut` moves over it, so that both speak of the
// same bytes, and `remaining_mut` is their number.
#[cfg(feature = "io-util")]
unsafe impl bytes::BufMut for ReadBuf<'_> {
    fn remaining_mut(&self) -> usize {
        self.remaining()
    }

    unsafe fn advance_mut(&mut self, cnt: usize) {
        assert!(cnt <= self.remaining(), "cannot advance past the end");
        // SAFETY: the caller has initialized them.
        unsafe { self.assume_init(cnt) };
        self.filled += cnt;
    }

    fn chunk_mut(&mut self) -> &mut bytes::buf::UninitSlice {
        // An `UninitSlice` lets safe code write initialized bytes only.
        bytes::buf::UninitSlice::uninit(&mut self.buf[self.filled..])
    }
}

#[cfg(all(test, feature = "io-util", not(loom)))]
mod tests;
