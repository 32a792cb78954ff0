//! What is asked of a path.
#![forbid(unsafe_code)]

use std::fs::{File, Metadata};
use std::io;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use super::offload::{begin, offload};
use crate::sys::cached::{self, Cached};

/// The absolute path without symbolic links, `.` and `..`.
///
/// The counterpart of [`std::fs::canonicalize`].
///
/// # Errors
///
/// When there is nothing at the path, or a part before the last isn't a directory.
///
/// # Examples
///
/// ```
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// let path = rt_core::fs::canonicalize(dir.path().join(".")).await?;
/// assert_eq!(path, dir.path().canonicalize()?);
/// # Ok(()) }
/// ```
pub async fn canonicalize(path: impl AsRef<Path>) -> io::Result<PathBuf> {
    let path = path.as_ref().to_owned();
    offload(move || std::fs::canonicalize(path)).await
}

/// Where a symbolic link leads.
///
/// The counterpart of [`std::fs::read_link`].
///
/// # Errors
///
/// When there is no symbolic link at the path.
///
/// # Examples
///
/// ```
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// rt_core::fs::symlink("somewhere", dir.path().join("link")).await?;
/// let to = rt_core::fs::read_link(dir.path().join("link")).await?;
/// assert_eq!(to.as_os_str(), "somewhere");
/// # Ok(()) }
/// ```
pub async fn read_link(path: impl AsRef<Path>) -> io::Result<PathBuf> {
    let path = path.as_ref().to_owned();
    offload(move || std::fs::read_link(path)).await
}

/// What the system knows of a file or directory; of where it leads when the path is a symbolic link.
///
/// The counterpart of [`std::fs::metadata`]. On the thread of the task, when that is in memory.
///
/// # Errors
///
/// When there is nothing at the path, or when the user may not enter a directory on the way.
///
/// # Examples
///
/// ```
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// std::fs::write(dir.path().join("file"), "text")?;
/// assert_eq!(rt_core::fs::metadata(dir.path().join("file")).await?.len(), 4);
/// # Ok(()) }
/// ```
pub async fn metadata(path: impl AsRef<Path>) -> io::Result<Metadata> {
    look_up(path.as_ref(), true).await
}

/// What the system knows of a file or directory; of the link itself when the path is a symbolic link.
///
/// The counterpart of [`std::fs::symlink_metadata`]. On the thread of the task, when that is in memory.
///
/// # Errors
///
/// When there is nothing at the path, or when the user may not enter a directory on the way.
///
/// # Examples
///
/// ```
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// rt_core::fs::symlink("nowhere", dir.path().join("link")).await?;
/// assert!(rt_core::fs::symlink_metadata(dir.path().join("link")).await?.is_symlink());
/// # Ok(()) }
/// ```
pub async fn symlink_metadata(path: impl AsRef<Path>) -> io::Result<Metadata> {
    look_up(path.as_ref(), false).await
}

async fn look_up(path: &Path, follow: bool) -> io::Result<Metadata> {
    begin().await?;
    let learns = match cached::metadata(path, follow) {
        Cached::Hit(found) => return found,
        Cached::Miss => true,
        Cached::Never => false,
    };
    let path = path.to_owned();
    offload(move || {
        let found = if follow { std::fs::metadata(&path) } else { std::fs::symlink_metadata(&path) }?;
        // The directory is of the same mount, most often, and opening it never waits for a peer.
        if learns {
            if let Some(Ok(dir)) = path.parent().map(File::open) {
                let _ = cached::is_local(dir.as_fd());
            }
        }
        Ok(found)
    })
    .await
}

/// Whether there is something at the path; a symbolic link that leads nowhere doesn't count.
///
/// The counterpart of [`std::fs::exists`]. On the thread of the task, when that is in memory. The answer may be out of date
/// by the time it's used: to make a file only if there is none, use [`File::create_new`](super::File::create_new).
///
/// # Errors
///
/// When it can't be said, as when the user may not enter a directory on the way.
///
/// # Examples
///
/// ```
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// assert!(rt_core::fs::try_exists(dir.path()).await?);
/// assert!(!rt_core::fs::try_exists(dir.path().join("nothing")).await?);
/// # Ok(()) }
/// ```
pub async fn try_exists(path: impl AsRef<Path>) -> io::Result<bool> {
    begin().await?;
    let path = path.as_ref();
    if let Cached::Hit(found) = cached::exists(path) {
        return found;
    }
    let path = path.to_owned();
    offload(move || path.try_exists()).await
}
