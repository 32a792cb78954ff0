//! How a file comes to be, and what is asked of it as a whole.

use std::fmt;
use std::fs::{Metadata, Permissions};
use std::future::poll_fn;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::path::Path;
use std::time::SystemTime;

use super::super::offload::{begin, offload};
use super::super::{FileTimes, OpenOptions};
use super::queue::Queue;
use super::reading::{Reading, Seeking, seek};
use super::transfer::MAX_CACHED;
use crate::shim::atomic::{AtomicBool, Ordering};
use crate::shim::hint;
use crate::shim::sync::Arc;

/// An open file.
///
/// It's read by the methods of `AsyncReadExt`, written by those of `AsyncWriteExt`, and its position is moved by those of
/// `AsyncSeekExt`.
///
/// # Reading
///
/// What the system has in memory is read on the thread of the task, and may be less than asked for although there is more
/// in the file. Else a thread of the blocking pool reads.
///
/// # Writing
///
/// A write is done when its bytes are accepted into a buffer. A thread of the blocking pool writes them, in order; more may be
/// accepted meanwhile. An error is told once, by the next write, flush, shutdown, read or seek, or by
/// [`sync_all`](Self::sync_all), [`sync_data`](Self::sync_data) or [`set_len`](Self::set_len); what was accepted after the bytes that
/// failed isn't written then. **Flush** a file before it is dropped, to know that all was written: dropping it doesn't wait.
/// What was accepted is still written, also when the runtime is shut down; only then the file is closed. Flushing
/// doesn't mean that the bytes are on the disk, which [`sync_all`](Self::sync_all) does.
///
/// # Cancel safety
///
/// A read that is cancelled loses nothing: what was read meanwhile is what the next one returns. A write either accepted
/// bytes, and has said so, or did nothing. A seek that has begun will be done.
///
/// # Panics
///
/// What waits panics outside of a runtime.
///
/// # Examples
///
/// ```
/// use rt_core::fs::File;
/// use rt_core::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt, SeekFrom};
///
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// let mut file = File::options().read(true).write(true).create(true).open(dir.path().join("file")).await?;
/// file.write_all(b"hello").await?;
/// file.seek(SeekFrom::Start(1)).await?;
/// let mut text = String::new();
/// file.read_to_string(&mut text).await?;
/// assert_eq!(text, "ello");
/// # Ok(()) }
/// ```
pub struct File {
    pub(super) queue: Arc<Queue>,
    pub(super) reading: Reading,
    pub(super) seeking: Seeking,
    /// Where the last seek led.
    pub(super) position: u64,
    pub(super) max_buf_size: usize,
    /// Whether the page cache may be asked.
    pub(super) caches: bool,
    /// Whether the system knows by itself what there is to know of the file.
    pub(super) local: bool,
    /// Whether a clone has the same position.
    cloned: AtomicBool,
}

impl File {
    pub(in super::super) fn new(std: std::fs::File, local: bool) -> Self {
        Self {
            queue: Arc::new(Queue::new(std)),
            reading: Reading::NOTHING,
            seeking: Seeking::Nothing,
            position: 0,
            max_buf_size: MAX_CACHED,
            caches: true,
            local,
            cloned: AtomicBool::new(false),
        }
    }

    /// Opens a file to be read.
    ///
    /// # Errors
    ///
    /// When there is none at the path, or when the user may not read it.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::fs::File;
    /// use rt_core::io::AsyncReadExt;
    ///
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("file");
    /// std::fs::write(&path, "text")?;
    /// let mut text = Vec::new();
    /// File::open(&path).await?.read_to_end(&mut text).await?;
    /// assert_eq!(text, b"text");
    /// # Ok(()) }
    /// ```
    pub async fn open(path: impl AsRef<Path>) -> io::Result<File> {
        Self::options().read(true).open(path).await
    }

    /// Opens a file to be written, created if there is none, and emptied if there is one.
    ///
    /// # Errors
    ///
    /// When its directory doesn't exist, or when the user may not write there.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::fs::File;
    /// use rt_core::io::AsyncWriteExt;
    ///
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("file");
    /// let mut file = File::create(&path).await?;
    /// file.write_all(b"text").await?;
    /// file.flush().await?;
    /// assert_eq!(std::fs::read(&path)?, b"text");
    /// # Ok(()) }
    /// ```
    pub async fn create(path: impl AsRef<Path>) -> io::Result<File> {
        Self::options().write(true).create(true).truncate(true).open(path).await
    }

    /// Creates a file to be read and written, where there is none.
    ///
    /// # Errors
    ///
    /// [`AlreadyExists`](io::ErrorKind::AlreadyExists) when there is something at the path; as
    /// [`create`](Self::create) otherwise.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::fs::File;
    ///
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("file");
    /// assert!(File::create_new(&path).await.is_ok());
    /// assert!(File::create_new(&path).await.is_err());
    /// # Ok(()) }
    /// ```
    pub async fn create_new<P: AsRef<Path>>(path: P) -> io::Result<File> {
        Self::options().read(true).write(true).create_new(true).open(path).await
    }

    /// Options to open a file with: [`OpenOptions::new`].
    #[must_use]
    pub fn options() -> OpenOptions {
        OpenOptions::new()
    }

    /// Takes over a file of std's.
    ///
    /// # Examples
    ///
    /// ```
    /// let file = std::fs::File::open("/dev/null")?;
    /// let file = rt_core::fs::File::from_std(file);
    /// # std::io::Result::Ok(())
    /// ```
    pub fn from_std(std: std::fs::File) -> File {
        Self::new(std, false)
    }

    /// Waits until everything that was written is on the disk, with what is known of the file.
    ///
    /// # Errors
    ///
    /// That of the last write, unless it was told; and when the disk doesn't take it.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::fs::File;
    /// use rt_core::io::AsyncWriteExt;
    ///
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// # let dir = tempfile::tempdir()?;
    /// let mut file = File::create(dir.path().join("file")).await?;
    /// file.write_all(b"text").await?;
    /// file.sync_all().await?;
    /// # Ok(()) }
    /// ```
    pub async fn sync_all(&self) -> io::Result<()> {
        self.after_writes(|queue| {
            queue.take_error()?;
            queue.target.sync_all()
        })
        .await
    }

    /// As [`sync_all`](Self::sync_all), but for what isn't needed to read the bytes again, as the times of access.
    ///
    /// # Errors
    ///
    /// As [`sync_all`](Self::sync_all).
    pub async fn sync_data(&self) -> io::Result<()> {
        self.after_writes(|queue| {
            queue.take_error()?;
            queue.target.sync_data()
        })
        .await
    }

    /// Makes the file so many bytes long: what is behind them is cut off, what is missing becomes zeros. The position stays
    /// where it is.
    ///
    /// # Errors
    ///
    /// That of the last write, unless it was told; and when the file isn't opened for writing.
    ///
    /// # Examples
    ///
    /// ```
    /// use rt_core::fs::File;
    ///
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// # let dir = tempfile::tempdir()?;
    /// let file = File::create(dir.path().join("file")).await?;
    /// file.set_len(10).await?;
    /// assert_eq!(file.metadata().await?.len(), 10);
    /// # Ok(()) }
    /// ```
    pub async fn set_len(&self, size: u64) -> io::Result<()> {
        self.after_writes(move |queue| {
            queue.take_error()?;
            queue.target.set_len(size)
        })
        .await
    }

    /// What the system knows of the file, after what was written.
    ///
    /// # Errors
    ///
    /// When the system doesn't tell.
    pub async fn metadata(&self) -> io::Result<Metadata> {
        if self.local && self.queue.is_clean() {
            begin().await?;
            return self.queue.target.metadata();
        }
        self.after_writes(|queue| queue.target.metadata()).await
    }

    /// One more handle of the same open file. Both have the same position, which each moves by reading, writing and
    /// seeking. What was written by this one is in the file then.
    ///
    /// # Errors
    ///
    /// When the process has too many open files.
    pub async fn try_clone(&self) -> io::Result<File> {
        // Relaxed: it's set before the clone exists. Who reads or seeks has a unique reference, and so comes before or after.
        self.cloned.store(true, Ordering::Relaxed);
        let std = self.after_writes(|queue| queue.target.try_clone()).await?;
        let mut clone = Self::new(std, self.local);
        clone.max_buf_size = self.max_buf_size;
        clone.cloned = AtomicBool::new(true);
        Ok(clone)
    }

    /// Gives std's file, after what was begun.
    ///
    /// # Cancel safety
    ///
    /// When it is cancelled the file is closed, after what was written to it.
    ///
    /// # Panics
    ///
    /// When the runtime is shut down while an operation is under way.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let file = rt_core::fs::File::open("/dev/null").await?;
    /// let file: std::fs::File = file.into_std().await;
    /// # drop(file);
    /// # Ok(()) }
    /// ```
    pub async fn into_std(mut self) -> std::fs::File {
        // Their errors are nobody's any longer.
        let _ = poll_fn(|cx| self.reading.poll_arrive(cx)).await;
        let _ = poll_fn(|cx| self.seeking.poll_arrive(cx)).await;
        let mut file = match self.try_into_std() {
            Ok(std) => return std,
            Err(file) => file,
        };
        // Somebody writes, or does what nobody waits for any longer. When he is done, he lets go of the file.
        let wait = move || {
            file.queue.settle();
            for turn in 0.. {
                file = match file.try_into_std() {
                    Ok(std) => return Ok(std),
                    Err(file) => file,
                };
                hint::wait_for_holder(turn);
            }
            unreachable!("an endless range has an end")
        };
        match offload(wait).await {
            Ok(std) => std,
            Err(error) => panic!("the file can't be taken out: {error}"),
        }
    }

    /// As [`into_std`](Self::into_std), unless it would have to wait.
    ///
    /// # Errors
    ///
    /// The file, when an operation is under way.
    pub fn try_into_std(mut self) -> Result<std::fs::File, Self> {
        if self.is_busy() {
            return Err(self);
        }
        let ahead = self.reading.forget();
        let Self { queue, reading, seeking, position, max_buf_size, caches, local, cloned } = self;
        match Arc::try_unwrap(queue) {
            Ok(queue) => {
                if ahead > 0 {
                    // What can't be sought has no position to be put right.
                    let _ = seek(&queue.target, ahead, io::SeekFrom::Current(0));
                }
                Ok(queue.target)
            }
            Err(queue) => {
                Err(Self { queue, reading, seeking, position, max_buf_size, caches, local, cloned })
            }
        }
    }

    fn is_busy(&self) -> bool {
        matches!(self.reading, Reading::UnderWay(_))
            || matches!(self.seeking, Seeking::UnderWay(_))
            || Arc::strong_count(&self.queue) > 1
    }

    /// Changes who may do what with the file.
    ///
    /// # Errors
    ///
    /// When the user isn't allowed to.
    pub async fn set_permissions(&self, perm: Permissions) -> io::Result<()> {
        self.after_writes(move |queue| queue.target.set_permissions(perm)).await
    }

    /// Sets when the file was read and changed last.
    ///
    /// # Errors
    ///
    /// When the user isn't allowed to, or when the file system doesn't keep such times.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use rt_core::fs::{File, FileTimes};
    ///
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// # let dir = tempfile::tempdir()?;
    /// let file = File::create(dir.path().join("file")).await?;
    /// let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    /// file.set_times(FileTimes::new().set_modified(time)).await?;
    /// assert_eq!(file.metadata().await?.modified()?, time);
    /// # Ok(()) }
    /// ```
    pub async fn set_times(&self, times: FileTimes) -> io::Result<()> {
        self.after_writes(move |queue| queue.target.set_times(times.into_std())).await
    }

    /// Sets when the file was changed last.
    ///
    /// # Errors
    ///
    /// As [`set_times`](Self::set_times).
    pub async fn set_modified(&self, time: SystemTime) -> io::Result<()> {
        self.after_writes(move |queue| queue.target.set_modified(time)).await
    }

    /// Sets how many bytes a read or write moves at most. 2 MiB at first.
    ///
    /// So much memory a file that is read on the blocking pool keeps, and twice as much one that is written.
    ///
    /// # Panics
    ///
    /// When it is zero.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[rt_core::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let mut file = rt_core::fs::File::open("/dev/null").await?;
    /// file.set_max_buf_size(64 * 1024);
    /// assert_eq!(file.max_buf_size(), 64 * 1024);
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn set_max_buf_size(&mut self, max_buf_size: usize) {
        assert!(max_buf_size > 0, "`max_buf_size` must be greater than 0");
        self.max_buf_size = max_buf_size;
    }

    /// How many bytes a read or write moves at most.
    pub fn max_buf_size(&self) -> usize {
        self.max_buf_size
    }

    /// Whether the position is this one's alone, as far as that is known. The system lets whoever moves it wait for others
    /// who do, and they may be in the middle of a read from a disk.
    pub(super) fn has_cursor(&self) -> bool {
        // Relaxed: see `try_clone`.
        !self.cloned.load(Ordering::Relaxed)
    }

    /// Does something with the file on the pool, after what was accepted is written.
    async fn after_writes<T: Send + 'static>(
        &self,
        f: impl FnOnce(&Queue) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let queue = self.queue.clone();
        offload(move || {
            queue.settle();
            f(&queue)
        })
        .await
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("tokio::fs::File").field("std", &self.queue.target).finish()
    }
}

impl From<std::fs::File> for File {
    fn from(std: std::fs::File) -> Self {
        Self::from_std(std)
    }
}

impl From<OwnedFd> for File {
    fn from(fd: OwnedFd) -> Self {
        Self::from_std(fd.into())
    }
}

impl AsFd for File {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.queue.target.as_fd()
    }
}

impl AsRawFd for File {
    fn as_raw_fd(&self) -> RawFd {
        self.queue.target.as_raw_fd()
    }
}

impl FromRawFd for File {
    unsafe fn from_raw_fd(fd: RawFd) -> Self {
        // SAFETY: by the caller.
        Self::from_std(unsafe { std::fs::File::from_raw_fd(fd) })
    }
}
