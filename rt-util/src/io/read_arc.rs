//! Reading into shared memory.

use std::io;
use std::iter::repeat_n;
use std::pin::pin;
use std::sync::Arc;

use rt_core::io::{AsyncRead, AsyncReadExt};

/// Reads `len` bytes into an `Arc`, without copying them once more.
///
/// # Cancel safety
///
/// None: what was read until it's cancelled is lost.
///
/// # Errors
///
/// [`UnexpectedEof`](io::ErrorKind::UnexpectedEof) when the reader ends before; otherwise what the reader returns. It's
/// asked again when it was [interrupted](io::ErrorKind::Interrupted).
///
/// # Examples
///
/// ```
/// use rt_util::io::read_exact_arc;
///
/// # futures::executor::block_on(async {
/// let shared = read_exact_arc(&b"all of this"[..], 3).await?;
/// assert_eq!(*shared, *b"all");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub async fn read_exact_arc<R: AsyncRead>(read: R, len: usize) -> io::Result<Arc<[u8]>> {
    let mut shared: Arc<[u8]> = repeat_n(0, len).collect();
    let bytes = Arc::get_mut(&mut shared).expect("it was just made");
    pin!(read).read_exact(bytes).await?;
    Ok(shared)
}
