//! The settings.

use rt_core::io::{AsyncRead, AsyncWrite};

use super::LengthDelimitedCodec;
use super::field::Field;
use crate::codec::{Framed, FramedRead, FramedWrite};

/// The settings of a [`LengthDelimitedCodec`]: see the [module](super) for what they mean together.
///
/// ```
/// use rt_util::bytes::BytesMut;
/// use rt_util::codec::Decoder;
/// use rt_util::codec::length_delimited::Builder;
///
/// // A byte of type, two bytes of length, and the payload.
/// let mut codec = Builder::new().length_field_offset(1).length_field_type::<u16>().new_codec();
/// let mut input = BytesMut::from(&b"T\x00\x02ab"[..]);
/// assert_eq!(codec.decode(&mut input).unwrap().unwrap(), "ab");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Builder {
    pub(super) max_frame_length: usize,
    field_length: usize,
    field_offset: usize,
    adjustment: isize,
    num_skip: Option<usize>,
    big_endian: bool,
}

impl Builder {
    /// The defaults.
    ///
    /// ```
    /// use rt_util::codec::length_delimited::Builder;
    ///
    /// assert_eq!(Builder::new().new_codec().max_frame_length(), 8 * 1024 * 1024);
    /// ```
    pub fn new() -> Self {
        Self {
            max_frame_length: 8 * 1024 * 1024,
            field_length: 4,
            field_offset: 0,
            adjustment: 0,
            num_skip: None,
            big_endian: true,
        }
    }

    /// The length field begins with the highest byte. That is the default.
    pub fn big_endian(&mut self) -> &mut Self {
        self.big_endian = true;
        self
    }

    /// The length field begins with the lowest byte.
    ///
    /// ```
    /// use rt_util::bytes::BytesMut;
    /// use rt_util::codec::{Encoder, LengthDelimitedCodec};
    ///
    /// let mut output = BytesMut::new();
    /// LengthDelimitedCodec::builder().little_endian().new_codec().encode(&b"ab"[..], &mut output).unwrap();
    /// assert_eq!(output, &b"\x02\x00\x00\x00ab"[..]);
    /// ```
    pub fn little_endian(&mut self) -> &mut Self {
        self.big_endian = false;
        self
    }

    /// The length field has the byte order of the machine.
    pub fn native_endian(&mut self) -> &mut Self {
        self.big_endian = cfg!(target_endian = "big");
        self
    }

    /// What the length field may say at most, in bytes; 8 MiB unless set. Frames beyond are errors, when
    /// decoded as well as when encoded.
    ///
    /// A length that was read is compared before the [adjustment](Self::length_adjustment), a payload to be
    /// written as it is. The codec lowers the setting to what the length field can hold.
    ///
    /// ```
    /// use rt_util::bytes::BytesMut;
    /// use rt_util::codec::{Decoder, LengthDelimitedCodec};
    ///
    /// let mut codec = LengthDelimitedCodec::builder().max_frame_length(1024).new_codec();
    /// let mut input = BytesMut::from(&[0, 0, 4, 1][..]);
    /// assert!(codec.decode(&mut input).is_err());
    /// ```
    pub fn max_frame_length(&mut self, val: usize) -> &mut Self {
        self.max_frame_length = val;
        self
    }

    /// The length field is as long as a `T`: `u8`, `u16`, `u32`, `u64` or `usize`.
    ///
    /// ```
    /// use rt_util::codec::LengthDelimitedCodec;
    ///
    /// let codec = LengthDelimitedCodec::builder().length_field_type::<u8>().new_codec();
    /// assert_eq!(codec.max_frame_length(), 255);
    /// ```
    pub fn length_field_type<T: LengthFieldType>(&mut self) -> &mut Self {
        self.length_field_length(size_of::<T>())
    }

    /// How many bytes the length field has; 4 unless set.
    ///
    /// # Panics
    ///
    /// Unless it's 1 to 8.
    #[track_caller]
    pub fn length_field_length(&mut self, val: usize) -> &mut Self {
        assert!((1..=8).contains(&val), "a length field has 1 to 8 bytes");
        self.field_length = val;
        self
    }

    /// How many bytes of the head come before the length field; 0 unless set. For decoding only: an encoder
    /// writes the length field, and then the payload.
    pub fn length_field_offset(&mut self, val: usize) -> &mut Self {
        self.field_offset = val;
        self
    }

    /// What to add to the length field to get the payload's length; 0 unless set. It's negative for a
    /// protocol whose lengths count the head.
    ///
    /// ```
    /// use rt_util::bytes::BytesMut;
    /// use rt_util::codec::{Decoder, LengthDelimitedCodec};
    ///
    /// let mut codec =
    ///     LengthDelimitedCodec::builder().length_field_length(2).length_adjustment(-2).new_codec();
    /// let mut input = BytesMut::from(&b"\x00\x05abc"[..]);
    /// assert_eq!(codec.decode(&mut input).unwrap().unwrap(), "abc");
    /// ```
    pub fn length_adjustment(&mut self, val: isize) -> &mut Self {
        self.adjustment = val;
        self
    }

    /// How many bytes are left out before the payload; unless set, those up to the end of the length field.
    /// For decoding only.
    ///
    /// With 0 the head is given too. The payload's length is counted from where the skipping ends, so
    /// [`length_adjustment`](Self::length_adjustment) has to make up for a head that is given.
    ///
    /// ```
    /// use rt_util::bytes::BytesMut;
    /// use rt_util::codec::{Decoder, LengthDelimitedCodec};
    ///
    /// let mut codec = LengthDelimitedCodec::builder()
    ///     .length_field_length(2)
    ///     .num_skip(0)
    ///     .length_adjustment(2)
    ///     .new_codec();
    /// let mut input = BytesMut::from(&b"\x00\x03abc"[..]);
    /// assert_eq!(codec.decode(&mut input).unwrap().unwrap(), &b"\x00\x03abc"[..]);
    /// ```
    pub fn num_skip(&mut self, val: usize) -> &mut Self {
        self.num_skip = Some(val);
        self
    }

    /// A codec with these settings.
    pub fn new_codec(&self) -> LengthDelimitedCodec {
        let mut settings = *self;
        settings.lower_max();
        LengthDelimitedCodec { settings, payload: None }
    }

    /// The frames in `upstream`.
    ///
    /// ```
    /// use futures::TryStreamExt;
    /// use rt_util::codec::LengthDelimitedCodec;
    ///
    /// # futures::executor::block_on(async {
    /// let mut frames = LengthDelimitedCodec::builder().length_field_length(1).new_read(&b"\x02ab"[..]);
    /// assert_eq!(frames.try_next().await.unwrap().unwrap(), "ab");
    /// # });
    /// ```
    pub fn new_read<T: AsyncRead>(&self, upstream: T) -> FramedRead<T, LengthDelimitedCodec> {
        FramedRead::new(upstream, self.new_codec())
    }

    /// Frames that are written to `inner`.
    ///
    /// ```
    /// use futures::SinkExt;
    /// use rt_util::bytes::Bytes;
    /// use rt_util::codec::LengthDelimitedCodec;
    ///
    /// # futures::executor::block_on(async {
    /// let mut frames = LengthDelimitedCodec::builder().length_field_length(1).new_write(Vec::new());
    /// frames.send(Bytes::from("ab")).await.unwrap();
    /// assert_eq!(frames.get_ref(), b"\x02ab");
    /// # });
    /// ```
    pub fn new_write<T: AsyncWrite>(&self, inner: T) -> FramedWrite<T, LengthDelimitedCodec> {
        FramedWrite::new(inner, self.new_codec())
    }

    /// Frames over `inner`, both ways.
    ///
    /// ```
    /// use rt_util::codec::LengthDelimitedCodec;
    ///
    /// let framed = LengthDelimitedCodec::builder().new_framed(rt_core::io::duplex(64).0);
    /// assert!(framed.read_buffer().is_empty());
    /// ```
    pub fn new_framed<T: AsyncRead + AsyncWrite>(&self, inner: T) -> Framed<T, LengthDelimitedCodec> {
        Framed::new(inner, self.new_codec())
    }

    pub(super) fn field(&self) -> Field {
        Field::new(self.field_offset, self.field_length, self.big_endian)
    }

    pub(super) fn skip(&self) -> usize {
        self.num_skip.unwrap_or(self.field_offset + self.field_length)
    }

    /// How long the payload is when the field says `length`.
    pub(super) fn payload_length(&self, length: u64) -> Option<usize> {
        usize::try_from(length).ok()?.checked_add_signed(self.adjustment)
    }

    /// What the field says of a payload of `length` bytes.
    pub(super) fn field_value(&self, length: usize) -> Option<u64> {
        let value = match self.adjustment.unsigned_abs() {
            up if self.adjustment > 0 => length.checked_sub(up)?,
            down => length.checked_add(down)?,
        };
        u64::try_from(value).ok()
    }

    /// Lowers the longest frame to what the field can say.
    pub(super) fn lower_max(&mut self) {
        let field_max = u64::MAX >> (64 - 8 * self.field_length);
        let field_max = usize::try_from(field_max).unwrap_or(usize::MAX);
        self.max_frame_length = self.max_frame_length.min(field_max.saturating_add_signed(self.adjustment));
    }
}

impl Default for Builder {
    fn default() -> Self {
        Self::new()
    }
}

/// What a length field may be.
pub trait LengthFieldType: sealed::Sealed {}

mod sealed {
    pub trait Sealed {}
}

macro_rules! length_field_types {
    ($($int:ty),*) => {
        $(
            impl sealed::Sealed for $int {}
            impl LengthFieldType for $int {}
        )*
    };
}

length_field_types!(u8, u16, u32, u64, usize);
