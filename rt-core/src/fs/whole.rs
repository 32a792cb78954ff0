//! Whole files.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::path::Path;

use super::offload::{begin, offload};
use crate::coop::charge;
use crate::sys::cached::{self, Cached};

/// Files of up to so many bytes are read on the thread of the task: copying as many takes 12 microseconds, and going
/// to another thread and back 7 to 9.
const SMALL: usize = 256 << 10;

/// Reads a whole file.
///
/// The counterpart of [`std::fs::read`]. A file of up to 256 KiB that is in memory is read on the thread of the task.
///
/// # Errors
///
/// When there is no file at the path, when the user may not read it, or when it can't be read to its end.
///
/// # Examples
///
/// ```
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// std::fs::write(dir.path().join("file"), "text")?;
/// assert_eq!(rt_core::fs::read(dir.path().join("file")).await?, b"text");
/// # Ok(()) }
/// ```
pub async fn read(path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
    begin().await?;
    let path = path.as_ref();
    let mut bytes = Vec::new();
    let (file, len) = match cached::open(path) {
        Cached::Hit(opened) => opened?,
        Cached::Miss | Cached::Never => {
            let path = path.to_owned();
            return offload(move || read_slowly(&path)).await;
        }
    };
    let small = usize::try_from(len).is_ok_and(|len| len <= SMALL);
    // What is empty may be longer than it says.
    if small && len > 0 && read_cached(&file, len as usize, &mut bytes)? {
        charge(bytes.len());
        return Ok(bytes);
    }
    offload(move || (&file).read_to_end(&mut bytes).map(|_| bytes)).await
}

/// Reads a whole file of text.
///
/// The counterpart of [`std::fs::read_to_string`], as [`read`] otherwise.
///
/// # Errors
///
/// As [`read`]; and when what is in the file isn't UTF-8.
///
/// # Examples
///
/// ```
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// std::fs::write(dir.path().join("file"), "text")?;
/// assert_eq!(rt_core::fs::read_to_string(dir.path().join("file")).await?, "text");
/// # Ok(()) }
/// ```
pub async fn read_to_string(path: impl AsRef<Path>) -> io::Result<String> {
    let bytes = read(path).await?;
    String::from_utf8(bytes)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "stream did not contain valid UTF-8"))
}

/// Makes these the contents of a file, which is created if there is none.
///
/// The counterpart of [`std::fs::write`]. The contents are copied, to belong to the operation.
///
/// # Errors
///
/// When the file can't be created or written. There may be a part of the contents in it then.
///
/// # Examples
///
/// ```
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// rt_core::fs::write(dir.path().join("file"), "text").await?;
/// assert_eq!(std::fs::read(dir.path().join("file"))?, b"text");
/// # Ok(()) }
/// ```
pub async fn write(path: impl AsRef<Path>, contents: impl AsRef<[u8]>) -> io::Result<()> {
    let (path, contents) = (path.as_ref().to_owned(), contents.as_ref().to_owned());
    offload(move || std::fs::write(path, contents)).await
}

/// Copies a file's contents and permissions, and says how many bytes there were. What was at `to` is replaced.
///
/// The counterpart of [`std::fs::copy`].
///
/// # Errors
///
/// When `from` is no file that the user may read, or `to` can't be written.
///
/// # Examples
///
/// ```
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// std::fs::write(dir.path().join("a"), "text")?;
/// assert_eq!(rt_core::fs::copy(dir.path().join("a"), dir.path().join("b")).await?, 4);
/// assert_eq!(std::fs::read(dir.path().join("b"))?, b"text");
/// # Ok(()) }
/// ```
pub async fn copy(from: impl AsRef<Path>, to: impl AsRef<Path>) -> io::Result<u64> {
    let (from, to) = (from.as_ref().to_owned(), to.as_ref().to_owned());
    offload(move || std::fs::copy(from, to)).await
}

/// As [`std::fs::read`]. The next lookup in the same mount knows what kind of mount it is.
fn read_slowly(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let _ = cached::is_local(file.as_fd());
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads a file that is so long. True when that was all in memory; what was is in `bytes`, and what follows is yet to
/// be read.
fn read_cached(file: &File, len: usize, bytes: &mut Vec<u8>) -> io::Result<bool> {
    bytes.try_reserve_exact(len)?;
    while bytes.len() < len {
        let missing = len - bytes.len();
        let Cached::Hit(read) = cached::read(file.as_fd(), &mut bytes.spare_capacity_mut()[..missing]) else {
            return Ok(false);
        };
        match read? {
            // It has become shorter.
            0 => break,
            // SAFETY: so many of the bytes behind the length were initialized by the read.
            n => unsafe { bytes.set_len(bytes.len() + n) },
        }
    }
    Ok(true)
}
