//! What changes the tree of files.
#![forbid(unsafe_code)]

use std::fs::Permissions;
use std::io;
use std::path::Path;

use super::offload::offload;
use crate::sys;

/// Makes a directory.
///
/// The counterpart of [`std::fs::create_dir`].
///
/// # Errors
///
/// When it exists, when its parent doesn't, or when the user isn't allowed to.
///
/// # Examples
///
/// ```
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// rt_core::fs::create_dir(dir.path().join("new")).await?;
/// assert!(dir.path().join("new").is_dir());
/// # Ok(()) }
/// ```
pub async fn create_dir(path: impl AsRef<Path>) -> io::Result<()> {
    let path = path.as_ref().to_owned();
    offload(move || std::fs::create_dir(path)).await
}

/// Makes a directory, and those above it that are missing. One that exists is no error.
///
/// The counterpart of [`std::fs::create_dir_all`].
///
/// # Errors
///
/// When what exists at one of the places isn't a directory, or when the user isn't allowed to make one. Those made before stay.
///
/// # Examples
///
/// ```
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// rt_core::fs::create_dir_all(dir.path().join("a/b/c")).await?;
/// assert!(dir.path().join("a/b/c").is_dir());
/// # Ok(()) }
/// ```
pub async fn create_dir_all(path: impl AsRef<Path>) -> io::Result<()> {
    let path = path.as_ref().to_owned();
    offload(move || std::fs::create_dir_all(path)).await
}

/// Removes an empty directory.
///
/// The counterpart of [`std::fs::remove_dir`].
///
/// # Errors
///
/// When it doesn't exist, is no directory or isn't empty, or when the user isn't allowed to.
///
/// # Examples
///
/// ```
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// std::fs::create_dir(dir.path().join("old"))?;
/// rt_core::fs::remove_dir(dir.path().join("old")).await?;
/// assert!(!dir.path().join("old").exists());
/// # Ok(()) }
/// ```
pub async fn remove_dir(path: impl AsRef<Path>) -> io::Result<()> {
    let path = path.as_ref().to_owned();
    offload(move || std::fs::remove_dir(path)).await
}

/// Removes a directory with all that is in it. Symbolic links are removed, not followed.
///
/// The counterpart of [`std::fs::remove_dir_all`].
///
/// # Errors
///
/// As [`std::fs::remove_dir_all`]. What was removed before is gone.
///
/// # Examples
///
/// ```
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// std::fs::create_dir_all(dir.path().join("old/deep"))?;
/// rt_core::fs::remove_dir_all(dir.path().join("old")).await?;
/// assert!(!dir.path().join("old").exists());
/// # Ok(()) }
/// ```
pub async fn remove_dir_all(path: impl AsRef<Path>) -> io::Result<()> {
    let path = path.as_ref().to_owned();
    offload(move || std::fs::remove_dir_all(path)).await
}

/// Removes a file. Its bytes stay for as long as it is open somewhere.
///
/// The counterpart of [`std::fs::remove_file`].
///
/// # Errors
///
/// When it doesn't exist or is a directory, or when the user isn't allowed to.
///
/// # Examples
///
/// ```
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// std::fs::write(dir.path().join("old"), "")?;
/// rt_core::fs::remove_file(dir.path().join("old")).await?;
/// assert!(!dir.path().join("old").exists());
/// # Ok(()) }
/// ```
pub async fn remove_file(path: impl AsRef<Path>) -> io::Result<()> {
    let path = path.as_ref().to_owned();
    offload(move || std::fs::remove_file(path)).await
}

/// Gives a file or directory another name, in the same file system. A file that had the name is replaced.
///
/// The counterpart of [`std::fs::rename`].
///
/// # Errors
///
/// When there is nothing at `from`, when `to` is in another file system, or when the user isn't allowed to.
///
/// # Examples
///
/// ```
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// std::fs::write(dir.path().join("old"), "text")?;
/// rt_core::fs::rename(dir.path().join("old"), dir.path().join("new")).await?;
/// assert_eq!(std::fs::read(dir.path().join("new"))?, b"text");
/// # Ok(()) }
/// ```
pub async fn rename(from: impl AsRef<Path>, to: impl AsRef<Path>) -> io::Result<()> {
    let (from, to) = (from.as_ref().to_owned(), to.as_ref().to_owned());
    offload(move || std::fs::rename(from, to)).await
}

/// Gives a file one more name, `link`, in the same file system.
///
/// The counterpart of [`std::fs::hard_link`].
///
/// # Errors
///
/// When there is no file at `original` or there is something at `link`, or when the file system has no such links.
///
/// # Examples
///
/// ```
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// std::fs::write(dir.path().join("a"), "text")?;
/// rt_core::fs::hard_link(dir.path().join("a"), dir.path().join("b")).await?;
/// assert_eq!(std::fs::read(dir.path().join("b"))?, b"text");
/// # Ok(()) }
/// ```
pub async fn hard_link(original: impl AsRef<Path>, link: impl AsRef<Path>) -> io::Result<()> {
    let (original, link) = (original.as_ref().to_owned(), link.as_ref().to_owned());
    offload(move || std::fs::hard_link(original, link)).await
}

/// Makes a symbolic link at `link` that leads to `original`, which need not exist.
///
/// The counterpart of [`std::os::unix::fs::symlink`].
///
/// # Errors
///
/// When there is something at `link`, or when the file system has no such links.
///
/// # Examples
///
/// ```
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// rt_core::fs::symlink("somewhere", dir.path().join("link")).await?;
/// assert_eq!(std::fs::read_link(dir.path().join("link"))?.as_os_str(), "somewhere");
/// # Ok(()) }
/// ```
pub async fn symlink(original: impl AsRef<Path>, link: impl AsRef<Path>) -> io::Result<()> {
    let (original, link) = (original.as_ref().to_owned(), link.as_ref().to_owned());
    offload(move || sys::file::symlink(original, link)).await
}

/// Changes who may do what with a file or directory.
///
/// The counterpart of [`std::fs::set_permissions`].
///
/// # Errors
///
/// When it doesn't exist, or when the user isn't allowed to.
///
/// # Examples
///
/// ```
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// let path = dir.path().join("file");
/// std::fs::write(&path, "")?;
/// let mut permissions = rt_core::fs::metadata(&path).await?.permissions();
/// permissions.set_readonly(true);
/// rt_core::fs::set_permissions(&path, permissions).await?;
/// assert!(rt_core::fs::metadata(&path).await?.permissions().readonly());
/// # Ok(()) }
/// ```
pub async fn set_permissions(path: impl AsRef<Path>, perm: Permissions) -> io::Result<()> {
    let path = path.as_ref().to_owned();
    offload(move || std::fs::set_permissions(path, perm)).await
}
