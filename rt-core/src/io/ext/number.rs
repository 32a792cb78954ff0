//! Numbers read and written in a given order of their bytes.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::read_futures::poll_fill;
use super::write_futures::poll_drain;
use crate::io::{AsyncRead, AsyncWrite};

/// A number of a fixed size.
pub trait Number: Sized {
    /// An array of its size.
    type Bytes: AsRef<[u8]> + AsMut<[u8]> + Default + Unpin;

    /// The number with these bytes, the most significant first.
    fn from_be(bytes: Self::Bytes) -> Self;
    /// The number with these bytes, the least significant first.
    fn from_le(bytes: Self::Bytes) -> Self;
    /// Its bytes, the most significant first.
    fn to_be(self) -> Self::Bytes;
    /// Its bytes, the least significant first.
    fn to_le(self) -> Self::Bytes;
}

macro_rules! number {
    ($($ty:ty),+) => {$(
        impl Number for $ty {
            type Bytes = [u8; size_of::<$ty>()];

            fn from_be(bytes: Self::Bytes) -> Self {
                <$ty>::from_be_bytes(bytes)
            }

            fn from_le(bytes: Self::Bytes) -> Self {
                <$ty>::from_le_bytes(bytes)
            }

            fn to_be(self) -> Self::Bytes {
                self.to_be_bytes()
            }

            fn to_le(self) -> Self::Bytes {
                self.to_le_bytes()
            }
        }
    )+};
}

number!(u8, u16, u32, u64, u128, i8, i16, i32, i64, i128, f32, f64);

/// The future of `read_u8` and its like.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct ReadNumber<'a, R: ?Sized, N: Number, const BE: bool> {
    reader: &'a mut R,
    bytes: N::Bytes,
    filled: u8,
}

impl<'a, R: ?Sized, N: Number, const BE: bool> ReadNumber<'a, R, N, BE> {
    pub(super) fn new(reader: &'a mut R) -> Self {
        Self { reader, bytes: N::Bytes::default(), filled: 0 }
    }
}

impl<R: ?Sized + AsyncRead + Unpin, N: Number, const BE: bool> Future for ReadNumber<'_, R, N, BE> {
    type Output = io::Result<N>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        let mut filled = usize::from(me.filled);
        let result = poll_fill(me.reader, cx, me.bytes.as_mut(), &mut filled);
        // No number has more than 16 bytes.
        me.filled = filled as u8;
        ready!(result)?;
        let bytes = std::mem::take(&mut me.bytes);
        Poll::Ready(Ok(if BE { N::from_be(bytes) } else { N::from_le(bytes) }))
    }
}

/// The future of `write_u8` and its like.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct WriteNumber<'a, W: ?Sized, N: Number> {
    writer: &'a mut W,
    bytes: N::Bytes,
    written: u8,
}

impl<'a, W: ?Sized, N: Number> WriteNumber<'a, W, N> {
    pub(super) fn be(writer: &'a mut W, number: N) -> Self {
        Self { writer, bytes: number.to_be(), written: 0 }
    }

    pub(super) fn le(writer: &'a mut W, number: N) -> Self {
        Self { writer, bytes: number.to_le(), written: 0 }
    }
}

impl<W: ?Sized + AsyncWrite + Unpin, N: Number> Future for WriteNumber<'_, W, N> {
    type Output = io::Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let me = &mut *self;
        let mut written = usize::from(me.written);
        let result = poll_drain(me.writer, cx, me.bytes.as_ref(), &mut written);
        // No number has more than 16 bytes.
        me.written = written as u8;
        result
    }
}
