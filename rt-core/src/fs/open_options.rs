//! How files are opened.
#![forbid(unsafe_code)]

use std::fmt;
use std::io;
use std::os::fd::AsFd;
use std::path::Path;

use super::File;
use super::offload::{begin, offload};
use crate::sys::cached::{self, Cached};
use crate::sys::file::OpenOptionsExt;

/// How a file is opened: for reading, for writing, whether it's created.
///
/// The counterpart of [`std::fs::OpenOptions`], from which it can be made. At first everything is `false`.
///
/// A regular file that is opened only to be read is opened on the thread of the task when the system has its path in
/// memory; else, and always to be written, on the blocking pool.
///
/// # Examples
///
/// ```
/// use rt_core::fs::OpenOptions;
/// use rt_core::io::AsyncWriteExt;
///
/// # #[rt_core::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// let path = dir.path().join("log");
/// for line in ["one\n", "two\n"] {
///     let mut file = OpenOptions::new().append(true).create(true).open(&path).await?;
///     file.write_all(line.as_bytes()).await?;
///     file.flush().await?;
/// }
/// assert_eq!(std::fs::read_to_string(&path)?, "one\ntwo\n");
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct OpenOptions {
    std: std::fs::OpenOptions,
    /// As far as they are known: those of std can't be asked.
    flags: Option<Flags>,
}

/// What decides whether the page cache may be asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Flags {
    read: bool,
    write: bool,
    append: bool,
    truncate: bool,
    create: bool,
    create_new: bool,
    custom: i32,
}

impl Flags {
    const READ_ONLY: Self = Self {
        read: true,
        write: false,
        append: false,
        truncate: false,
        create: false,
        create_new: false,
        custom: 0,
    };
}

impl OpenOptions {
    /// Everything `false`.
    #[allow(clippy::new_without_default, reason = "it is there, by its own impl")]
    pub fn new() -> OpenOptions {
        Self { std: std::fs::OpenOptions::new(), flags: Some(Flags::default()) }
    }

    /// Opens it to be read.
    pub fn read(&mut self, read: bool) -> &mut OpenOptions {
        self.std.read(read);
        self.note(|flags| flags.read = read)
    }

    /// Opens it to be written, from its start. What is there and isn't written over stays.
    pub fn write(&mut self, write: bool) -> &mut OpenOptions {
        self.std.write(write);
        self.note(|flags| flags.write = write)
    }

    /// Opens it to be written at its end, wherever that is at each write.
    pub fn append(&mut self, append: bool) -> &mut OpenOptions {
        self.std.append(append);
        self.note(|flags| flags.append = append)
    }

    /// Makes it empty. It has to be opened for [`write`](Self::write).
    pub fn truncate(&mut self, truncate: bool) -> &mut OpenOptions {
        self.std.truncate(truncate);
        self.note(|flags| flags.truncate = truncate)
    }

    /// Creates it if there is none. It has to be opened for [`write`](Self::write) or [`append`](Self::append).
    pub fn create(&mut self, create: bool) -> &mut OpenOptions {
        self.std.create(create);
        self.note(|flags| flags.create = create)
    }

    /// Creates it, and fails if there is one. [`create`](Self::create) and [`truncate`](Self::truncate) don't matter
    /// then.
    pub fn create_new(&mut self, create_new: bool) -> &mut OpenOptions {
        self.std.create_new(create_new);
        self.note(|flags| flags.create_new = create_new)
    }

    /// The permissions of a file that is created, as `open(2)` takes them: those of the process's mask are taken off.
    /// `0o666` at first.
    pub fn mode(&mut self, mode: u32) -> &mut OpenOptions {
        self.std.mode(mode);
        self
    }

    /// More flags for `open(2)`. Those that say how the file is accessed are left out.
    pub fn custom_flags(&mut self, flags: i32) -> &mut OpenOptions {
        self.std.custom_flags(flags);
        self.note(|noted| noted.custom = flags)
    }

    fn note(&mut self, change: impl FnOnce(&mut Flags)) -> &mut OpenOptions {
        if let Some(flags) = &mut self.flags {
            change(flags);
        }
        self
    }

    /// Opens the file.
    ///
    /// # Errors
    ///
    /// As [`std::fs::OpenOptions::open`]. [`InvalidInput`](io::ErrorKind::InvalidInput) for options that contradict
    /// each other.
    ///
    /// # Cancel safety
    ///
    /// When it is cancelled, the file may be created or emptied all the same. It is closed again.
    pub async fn open(&self, path: impl AsRef<Path>) -> io::Result<File> {
        let path = path.as_ref();
        if self.flags == Some(Flags::READ_ONLY) {
            begin().await?;
            if let Cached::Hit(opened) = cached::open(path) {
                return opened.map(|(file, _)| File::new(file, true));
            }
        }
        let (options, path) = (self.std.clone(), path.to_owned());
        let open = move || {
            let file = options.open(path)?;
            let local = cached::is_local(file.as_fd());
            Ok((file, local))
        };
        offload(open).await.map(|(file, local)| File::new(file, local))
    }
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl From<std::fs::OpenOptions> for OpenOptions {
    fn from(options: std::fs::OpenOptions) -> OpenOptions {
        OpenOptions { std: options, flags: None }
    }
}

impl fmt::Debug for OpenOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.std.fmt(f)
    }
}
