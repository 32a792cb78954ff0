//! Making directories with more to say about it.
#![forbid(unsafe_code)]

use std::io;
use std::path::Path;

use super::offload::offload;
use crate::sys::file::DirBuilderExt;

/// How directories are made.
///
/// # Examples
///
/// ```
/// use rt_core::fs::DirBuilder;
///
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// DirBuilder::new().recursive(true).mode(0o700).create(dir.path().join("a/b")).await?;
/// assert!(dir.path().join("a/b").is_dir());
/// # Ok(()) }
/// ```
#[derive(Debug, Default)]
pub struct DirBuilder {
    recursive: bool,
    mode: Option<u32>,
}

impl DirBuilder {
    /// One directory, with the usual permissions.
    pub fn new() -> DirBuilder {
        Self::default()
    }

    /// Whether missing parents are made too, and a directory that exists is no error. `false` at first.
    pub fn recursive(&mut self, recursive: bool) -> &mut DirBuilder {
        self.recursive = recursive;
        self
    }

    /// The permissions of what is made, as `mkdir(2)` takes them: those of the process's mask are taken off. `0o777`
    /// at first.
    pub fn mode(&mut self, mode: u32) -> &mut DirBuilder {
        self.mode = Some(mode);
        self
    }

    /// Makes the directory.
    ///
    /// # Errors
    ///
    /// As [`create_dir`](super::create_dir), or [`create_dir_all`](super::create_dir_all) with
    /// [`recursive`](Self::recursive).
    pub async fn create(&self, path: impl AsRef<Path>) -> io::Result<()> {
        let path = path.as_ref().to_owned();
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(self.recursive);
        if let Some(mode) = self.mode {
            builder.mode(mode);
        }
        offload(move || builder.create(path)).await
    }
}
