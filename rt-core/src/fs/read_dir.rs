//! The entries of a directory.
#![forbid(unsafe_code)]

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::{FileType, Metadata};
use std::future::{Future, poll_fn};
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc; // std: nothing here is modelled
use std::task::{Context, Poll, ready};

use super::offload::{failed, offload, spawn};
use crate::blocking::JoinHandle;
use crate::coop::poll_proceed;
use crate::sys::file::DirEntryExt;

/// Entries that are read at a time: so many take a thread some 20 microseconds, going there and back takes 7 to 9.
const BATCH: usize = 64;

/// The entries of a directory, without `.` and `..`, in no order.
///
/// The counterpart of [`std::fs::read_dir`]. Entries are read in batches on the blocking pool.
///
/// # Errors
///
/// When there is no directory at the path, or when the user may not read it.
///
/// # Examples
///
/// ```
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// std::fs::write(dir.path().join("file"), "text")?;
/// let mut entries = rt_core::fs::read_dir(dir.path()).await?;
/// while let Some(entry) = entries.next_entry().await? {
///     assert_eq!(entry.file_name(), "file");
/// }
/// # Ok(()) }
/// ```
pub async fn read_dir(path: impl AsRef<Path>) -> io::Result<ReadDir> {
    let path = path.as_ref().to_owned();
    let batch = offload(move || std::fs::read_dir(path).map(|dir| Batch::next(dir, VecDeque::new()))).await?;
    Ok(ReadDir(State::Read(batch)))
}

/// The entries of a directory: see [`read_dir`].
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct ReadDir(State);

#[derive(Debug)]
enum State {
    Read(Batch),
    UnderWay(JoinHandle<Batch>),
}

/// Entries that were read, and the rest of the directory unless they were the last.
#[derive(Debug)]
struct Batch {
    entries: VecDeque<io::Result<DirEntry>>,
    rest: Option<std::fs::ReadDir>,
}

impl Batch {
    /// Reads the next entries, into the memory of the last ones.
    fn next(mut rest: std::fs::ReadDir, mut entries: VecDeque<io::Result<DirEntry>>) -> Self {
        entries.extend(rest.by_ref().take(BATCH).map(|entry| entry.map(DirEntry::new)));
        let rest = (entries.len() == BATCH).then_some(rest);
        Self { entries, rest }
    }
}

impl ReadDir {
    /// The next entry; `None` after the last.
    ///
    /// # Errors
    ///
    /// When the entry can't be read; more may follow. When the runtime is shut down, after which none follow.
    ///
    /// # Cancel safety
    ///
    /// Cancelling it loses no entry.
    pub async fn next_entry(&mut self) -> io::Result<Option<DirEntry>> {
        poll_fn(|cx| self.poll_next_entry(cx)).await
    }

    /// As [`next_entry`](Self::next_entry), for those who write futures by hand.
    ///
    /// `Pending` means that the task of the last caller will be woken when it's worth asking again.
    ///
    /// # Errors
    ///
    /// As [`next_entry`](Self::next_entry).
    pub fn poll_next_entry(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<DirEntry>>> {
        loop {
            match &mut self.0 {
                State::Read(batch) => {
                    if !batch.entries.is_empty() {
                        ready!(poll_proceed(cx)).made_progress();
                        return Poll::Ready(batch.entries.pop_front().transpose());
                    }
                    let Some(rest) = batch.rest.take() else { return Poll::Ready(Ok(None)) };
                    let memory = std::mem::take(&mut batch.entries);
                    self.0 = State::UnderWay(spawn(move || Batch::next(rest, memory)));
                }
                State::UnderWay(join) => match ready!(Pin::new(join).poll(cx)) {
                    Ok(batch) => self.0 = State::Read(batch),
                    Err(_) => {
                        self.0 = State::Read(Batch { entries: VecDeque::new(), rest: None });
                        return Poll::Ready(Err(failed()));
                    }
                },
            }
        }
    }
}

/// An entry of a directory.
#[derive(Debug)]
pub struct DirEntry {
    std: Arc<std::fs::DirEntry>,
    /// Most file systems tell it along with the name.
    file_type: Option<FileType>,
}

impl DirEntry {
    fn new(entry: std::fs::DirEntry) -> Self {
        Self { file_type: entry.file_type().ok(), std: Arc::new(entry) }
    }

    /// The directory's path, as it was given, with the entry's name.
    pub fn path(&self) -> PathBuf {
        self.std.path()
    }

    /// The name, without a path.
    pub fn file_name(&self) -> OsString {
        self.std.file_name()
    }

    /// What the system knows of it; of the link itself when it's a symbolic link.
    ///
    /// # Errors
    ///
    /// When it has gone meanwhile.
    pub async fn metadata(&self) -> io::Result<Metadata> {
        let entry = self.std.clone();
        offload(move || entry.metadata()).await
    }

    /// Whether it is a file, a directory, a symbolic link or something else.
    ///
    /// # Errors
    ///
    /// When the file system doesn't tell it along with the name, and the entry has gone meanwhile.
    pub async fn file_type(&self) -> io::Result<FileType> {
        if let Some(file_type) = self.file_type {
            return Ok(file_type);
        }
        let entry = self.std.clone();
        offload(move || entry.file_type()).await
    }

    /// The number of its inode.
    pub fn ino(&self) -> u64 {
        self.std.ino()
    }
}
