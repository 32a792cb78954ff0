//! Reading until the end, into a vector or a string.

use std::future::Future;
use std::io;
use std::mem::{self, MaybeUninit};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::io::interrupted::retry;
use crate::io::{AsyncRead, ReadBuf};

/// As much as is read beside the vector to find out whether the end has come: a vector that has exactly
/// the right size needn't grow for it.
const PROBE: usize = 32;

/// By how much a vector that was empty grows at least when more than a little comes: each step costs a read. One that
/// came with a capacity grows by its own measure.
const GROWTH: usize = 1024;

/// The future of `read_to_end`.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct ReadToEnd<'a, R: ?Sized> {
    reader: &'a mut R,
    vec: &'a mut Vec<u8>,
    progress: Progress,
}

impl<'a, R: ?Sized> ReadToEnd<'a, R> {
    pub(super) fn new(reader: &'a mut R, vec: &'a mut Vec<u8>) -> Self {
        let progress = Progress::new(vec);
        Self { reader, vec, progress }
    }
}

impl<R: ?Sized + AsyncRead + Unpin> Future for ReadToEnd<'_, R> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        me.progress.poll_to_end(me.reader, cx, me.vec)
    }
}

/// How far reading to the end has come. The bytes themselves are in the vector, all of them at any time.
#[derive(Debug)]
struct Progress {
    read: usize,
    /// The vector's capacity at the start.
    start_capacity: usize,
    /// How many bytes behind the vector's end are known to be initialized.
    spare_initialized: usize,
}

impl Progress {
    fn new(vec: &Vec<u8>) -> Self {
        Self { read: 0, start_capacity: vec.capacity(), spare_initialized: 0 }
    }

    fn poll_to_end<R: ?Sized + AsyncRead + Unpin>(
        &mut self,
        reader: &mut R,
        cx: &mut Context<'_>,
        vec: &mut Vec<u8>,
    ) -> Poll<io::Result<usize>> {
        loop {
            let is_tight = vec.capacity() - vec.len() < PROBE;
            let n = if is_tight && vec.capacity() == self.start_capacity && self.start_capacity >= PROBE {
                self.spare_initialized = 0;
                ready!(retry(|| poll_probe(reader, cx, vec)))?
            } else {
                if is_tight {
                    self.spare_initialized = 0;
                    vec.reserve(if self.start_capacity == 0 && self.read > 0 { GROWTH } else { PROBE });
                }
                ready!(retry(|| self.poll_spare(reader, cx, vec)))?
            };
            if n == 0 {
                return Poll::Ready(Ok(mem::take(&mut self.read)));
            }
            self.read += n;
        }
    }

    /// Reads once into what the vector has allocated beyond its end.
    fn poll_spare<R: ?Sized + AsyncRead + Unpin>(
        &mut self,
        reader: &mut R,
        cx: &mut Context<'_>,
        vec: &mut Vec<u8>,
    ) -> Poll<io::Result<usize>> {
        let mut spare = ReadBuf::uninit(vec.spare_capacity_mut());
        // SAFETY: an earlier read initialized them, and the vector wasn't reallocated since.
        unsafe { spare.assume_init(self.spare_initialized) };
        let result = spare.fill_part(usize::MAX, |part| Pin::new(&mut *reader).poll_read(cx, part));
        let filled = spare.filled().len();
        self.spare_initialized = spare.initialized().len() - filled;
        ready!(result)?;
        let len = vec.len() + filled;
        // SAFETY: `fill_part` vouches for it that the bytes behind the old end are filled.
        unsafe { vec.set_len(len) };
        Poll::Ready(Ok(filled))
    }
}

/// Reads once beside the vector, which is full, and lets it grow only if something came.
fn poll_probe<R: ?Sized + AsyncRead + Unpin>(
    reader: &mut R,
    cx: &mut Context<'_>,
    vec: &mut Vec<u8>,
) -> Poll<io::Result<usize>> {
    let mut storage = [MaybeUninit::uninit(); PROBE];
    let mut probe = ReadBuf::uninit(&mut storage);
    ready!(Pin::new(reader).poll_read(cx, &mut probe))?;
    vec.extend_from_slice(probe.filled());
    Poll::Ready(Ok(probe.filled().len()))
}

/// The future of `read_to_string`.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct ReadToString<'a, R: ?Sized> {
    reader: &'a mut R,
    text: Text<'a>,
    progress: Progress,
}

impl<'a, R: ?Sized> ReadToString<'a, R> {
    pub(super) fn new(reader: &'a mut R, string: &'a mut String) -> Self {
        let text = Text::new(string);
        let progress = Progress::new(&text.bytes);
        Self { reader, text, progress }
    }
}

impl<R: ?Sized + AsyncRead + Unpin> Future for ReadToString<'_, R> {
    type Output = io::Result<usize>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        let result = ready!(me.progress.poll_to_end(me.reader, cx, &mut me.text.bytes));
        Poll::Ready(me.text.finish(result, Unfinished::Dropped))
    }
}

/// What becomes of the text that came before the reader failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unfinished {
    Kept,
    Dropped,
}

/// A string's bytes while more are added that have yet to be checked. The string gets them back at the end, and
/// also when the future is dropped before.
#[derive(Debug)]
pub(super) struct Text<'a> {
    string: &'a mut String,
    pub(super) bytes: Vec<u8>,
    /// How many bytes the string had: these are valid.
    valid: usize,
}

impl<'a> Text<'a> {
    pub(super) fn new(string: &'a mut String) -> Self {
        let bytes = mem::take(string).into_bytes();
        Self { string, valid: bytes.len(), bytes }
    }

    /// Gives the bytes back to the string.
    ///
    /// With all of them valid, `result` stands. Else the string is as it was before, and an error of the
    /// reader goes before the complaint that the text isn't valid.
    pub(super) fn finish(&mut self, result: io::Result<usize>, unfinished: Unfinished) -> io::Result<usize> {
        if std::str::from_utf8(&self.bytes[self.valid..]).is_err() {
            // The complaint counts from the string's start.
            let complaint = std::str::from_utf8(&self.bytes).map(drop);
            self.restore(self.valid);
            let complaint = complaint.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error));
            return result.and_then(|read| complaint.map(|()| read));
        }
        let keep = result.is_ok() || unfinished == Unfinished::Kept;
        self.restore(if keep { self.bytes.len() } else { self.valid });
        result
    }

    /// Puts the first `end` bytes, which are valid, into the string.
    fn restore(&mut self, end: usize) {
        let mut bytes = mem::take(&mut self.bytes);
        bytes.truncate(end);
        // SAFETY: the first `valid` bytes were a string's, and readers only append to `bytes`; the callers
        // have checked what follows up to `end`. Checking all again would make a loop of `read_line` calls
        // on one string quadratic.
        *self.string = unsafe { String::from_utf8_unchecked(bytes) };
        self.valid = end;
    }
}

impl Drop for Text<'_> {
    /// The future was dropped before its end: the string keeps what is whole.
    fn drop(&mut self) {
        if self.bytes.capacity() == 0 {
            return; // Nothing was taken, or it has been given back.
        }
        let added = match std::str::from_utf8(&self.bytes[self.valid..]) {
            Ok(text) => text.len(),
            Err(error) => error.valid_up_to(),
        };
        self.restore(self.valid + added);
    }
}
