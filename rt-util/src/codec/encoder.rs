//! Out of frames, bytes.

use std::io;

use bytes::BytesMut;

/// Writes frames of type `Item` into a buffer. A codec may encode several types.
///
/// ```
/// use std::io;
/// use rt_util::bytes::{BufMut, BytesMut};
/// use rt_util::codec::Encoder;
///
/// /// Numbers of two bytes.
/// struct Numbers;
///
/// impl Encoder<u16> for Numbers {
///     type Error = io::Error;
///
///     fn encode(&mut self, item: u16, dst: &mut BytesMut) -> io::Result<()> {
///         dst.put_u16(item);
///         Ok(())
///     }
/// }
///
/// let mut output = BytesMut::new();
/// Numbers.encode(258, &mut output).unwrap();
/// assert_eq!(output, &[1, 2][..]);
/// ```
pub trait Encoder<Item> {
    /// What goes wrong. It must be able to hold an I/O error, which is what a transport may meet.
    type Error: From<io::Error>;

    /// Appends the bytes of `item` to `dst`, which may hold those of earlier frames.
    ///
    /// # Errors
    ///
    /// When `item` can't be written as a frame. `dst` should then be as it was: what is in it will be sent.
    fn encode(&mut self, item: Item, dst: &mut BytesMut) -> Result<(), Self::Error>;
}
