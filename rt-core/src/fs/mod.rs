//! Files and directories without blocking the thread.
//!
//! - [`read`], [`read_to_string`], [`write()`] and [`copy`] take whole files. [`File`] and [`OpenOptions`] are for parts of them.
//! - [`read_dir`], [`create_dir_all`], [`rename`], [`metadata`] and their like do what those of [`std::fs`] do.
//!
//! Systems offer files in a way that blocks the thread. So an operation runs on a thread of the runtime's blocking pool, as
//! a whole, unless the system has in memory what it asks for and is able to say so: then it's done at once, on the thread
//! of the task. On Linux that is so for reads of the page cache (`preadv2` with `RWF_NOWAIT`), and for opening files for
//! reading, [`metadata`] and [`try_exists`] when the path is in the directory cache (`openat2` with `RESOLVE_CACHED`, from
//! Linux 6.8 on). Each such operation spends of the task's budget, the more the more bytes it moves.
//!
//! What is not a file on a disk, a FIFO, a terminal, a socket, is better served by the types of `net` and `io`: a
//! read that waits for a peer occupies a thread of the pool for as long as that takes, and a runtime that is shut down waits
//! for it.
//!
//! The feature `io-uring` of the crate `tokio` is accepted by its facade and changes nothing: operations run as above.
//!
//! # Panics
//!
//! Everything here that waits panics outside of a runtime.
//!
//! # Cancel safety
//!
//! An operation that has begun runs to its end, also when its future is dropped: a file may have been created,
//! written or removed although nobody learned of it. Methods that act on a [`File`] say what they do.
//!
//! # Examples
//!
//! ```
//! # #[rt_core::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let dir = tempfile::tempdir()?;
//! let path = dir.path().join("greeting");
//! rt_core::fs::write(&path, "hello").await?;
//! assert_eq!(rt_core::fs::read_to_string(&path).await?, "hello");
//! # Ok(()) }
//! ```

mod change;
mod dir_builder;
mod file;
mod file_times;
mod offload;
mod open_options;
mod paths;
mod read_dir;
mod whole;

pub use change::{
    create_dir, create_dir_all, hard_link, remove_dir, remove_dir_all, remove_file, rename, set_permissions,
    symlink,
};
pub use dir_builder::DirBuilder;
pub use file::File;
pub use file_times::FileTimes;
pub use open_options::OpenOptions;
pub use paths::{canonicalize, metadata, read_link, symlink_metadata, try_exists};
pub use read_dir::{DirEntry, ReadDir, read_dir};
pub use whole::{copy, read, read_to_string, write};
