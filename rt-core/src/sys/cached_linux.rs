//! What Linux has in memory of files, asked for so that it doesn't wait for a disk or a server.
//!
//! - Bytes: `preadv2` with `RWF_NOWAIT` reads what is in the page cache. File systems that can't do so say that they don't
//!   support it; those over a network and in user space are among them.
//! - Paths: `openat2` with `RESOLVE_CACHED` walks through the directory cache only. What it opens with `O_PATH` is a
//!   place, and opening it touches nothing: no server hears of it, no FIFO gets a reader.
//! - Whether to really open what was found depends on the file system: one in user space would be asked, and
//!   who serves it may be a task of this very thread. So the kind of each mount is learned by `statfs` on a thread that may
//!   block ([`is_local`]), and kept by the mount's number, which is never used again. Files of unknown mounts are a miss.
//!
//! Not modelled: a word of the table of mounts is a fact that depends on nothing else in memory.

use std::ffi::{CString, c_long};
use std::fs::{File, Metadata};
use std::io;
use std::mem::{self, MaybeUninit};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::OnceLock;

use crate::shim::atomic::Ordering;
use crate::shim::statics::AtomicU64;

/// What was found in memory.
#[derive(Debug)]
pub(crate) enum Cached<T> {
    /// It was there, or it was there that there is none.
    Hit(io::Result<T>),
    /// It isn't there.
    Miss,
    /// It never is for this file.
    Never,
}

/// Reads from the file's position what is in memory, and moves the position.
pub(crate) fn read(fd: BorrowedFd<'_>, room: &mut [MaybeUninit<u8>]) -> Cached<usize> {
    if !is_zero_an_end() {
        return Cached::Never;
    }
    let part = libc::iovec { iov_base: room.as_mut_ptr().cast(), iov_len: room.len() };
    // The offset that means the file's position, in two halves.
    let here: c_long = -1;
    // SAFETY: the room is ours to be written to, and the arguments are those of `preadv2`.
    let n = unsafe {
        libc::syscall(
            libc::SYS_preadv2,
            fd.as_raw_fd(),
            &raw const part,
            1 as c_long,
            here,
            here,
            libc::RWF_NOWAIT,
        )
    };
    match usize::try_from(n) {
        Ok(n) => Cached::Hit(Ok(n)),
        Err(_) => {
            let error = io::Error::last_os_error();
            match error.raw_os_error() {
                Some(libc::EAGAIN | libc::EINTR) => Cached::Miss,
                // Whatever else it is, also a filter's refusal: whoever reads in the ordinary way will know better.
                _ => Cached::Never,
            }
        }
    }
}

/// Opens a regular file for reading, and says how long it is.
pub(crate) fn open(path: &Path) -> Cached<(File, u64)> {
    let Ok(c_path) = CString::new(path.as_os_str().as_bytes()) else { return Cached::Never };
    let (place, stat) = match look_up(&c_path, 0) {
        Cached::Hit(Ok(found)) => found,
        Cached::Hit(Err(error)) => return Cached::Hit(Err(error)),
        Cached::Miss => return Cached::Miss,
        Cached::Never => return Cached::Never,
    };
    if u32::from(stat.stx_mode) & libc::S_IFMT != libc::S_IFREG || !is_known_local(&stat) {
        return Cached::Miss;
    }
    // Without waiting for a lease to be given up, either. Should something else be at the path by now, a FIFO even, this
    // doesn't wait for it.
    match open_at(&c_path, libc::O_RDONLY | libc::O_NONBLOCK) {
        Ok(fd) => {
            drop(place);
            // SAFETY: it touches no memory of ours. What is opened is ours alone; no flag but this was set.
            if unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_SETFL, 0) } == -1 {
                return Cached::Miss;
            }
            Cached::Hit(Ok((File::from(fd), stat.stx_size)))
        }
        // Also a refusal: one of no permission to read comes only now, and in the ordinary way again.
        Err(_) => Cached::Miss,
    }
}

/// What there is to know of a path: of where it leads, or of a symbolic link itself.
pub(crate) fn metadata(path: &Path, follow: bool) -> Cached<Metadata> {
    let Ok(path) = CString::new(path.as_os_str().as_bytes()) else { return Cached::Never };
    match look_up(&path, if follow { 0 } else { libc::O_NOFOLLOW }) {
        Cached::Hit(Ok((place, stat))) if is_known_local(&stat) => Cached::Hit(File::from(place).metadata()),
        Cached::Hit(Err(error)) => Cached::Hit(Err(error)),
        Cached::Hit(Ok(_)) | Cached::Miss => Cached::Miss,
        Cached::Never => Cached::Never,
    }
}

/// Whether there is something at the path.
pub(crate) fn exists(path: &Path) -> Cached<bool> {
    let Ok(path) = CString::new(path.as_os_str().as_bytes()) else { return Cached::Never };
    match open_at(&path, libc::O_PATH) {
        Ok(_) => Cached::Hit(Ok(true)),
        Err(error) if error.raw_os_error() == Some(libc::ENOENT) => Cached::Hit(Ok(false)),
        Err(_) => Cached::Miss,
    }
}

/// A place found in the directory cache, and what its inode says without asking a server.
fn look_up(path: &CString, flags: i32) -> Cached<(OwnedFd, libc::statx)> {
    // Where that is unknown, mounts can't be told apart.
    if !MOUNTS_HAVE_NUMBERS.get_or_init(|| is_version(6, 8)) {
        return Cached::Never;
    }
    let place = match open_at(path, libc::O_PATH | flags) {
        Ok(place) => place,
        // The cache knows that there is none. Other errors are told in the ordinary way.
        Err(error) if error.raw_os_error() == Some(libc::ENOENT) => return Cached::Hit(Err(error)),
        Err(_) => return Cached::Miss,
    };
    match stat(place.as_raw_fd(), libc::AT_STATX_DONT_SYNC) {
        Some(stat) => Cached::Hit(Ok((place, stat))),
        None => Cached::Miss,
    }
}

fn open_at(path: &CString, flags: i32) -> io::Result<OwnedFd> {
    // SAFETY: a structure of numbers, for which zero is a value.
    let mut how: libc::open_how = unsafe { mem::zeroed() };
    how.flags = (flags | libc::O_CLOEXEC) as u64;
    how.resolve = libc::RESOLVE_CACHED;
    let size = size_of::<libc::open_how>();
    // SAFETY: the path ends with a zero, and the structure has the size that is told.
    let fd = unsafe { libc::syscall(libc::SYS_openat2, libc::AT_FDCWD, path.as_ptr(), &raw const how, size) };
    match i32::try_from(fd) {
        // SAFETY: it was opened just now, and nobody else knows of it.
        Ok(fd) if fd >= 0 => Ok(unsafe { OwnedFd::from_raw_fd(fd) }),
        _ => Err(io::Error::last_os_error()),
    }
}

fn stat(fd: i32, flags: i32) -> Option<libc::statx> {
    // SAFETY: a structure of numbers, for which zero is a value.
    let mut stat: libc::statx = unsafe { mem::zeroed() };
    let mask = libc::STATX_TYPE | libc::STATX_SIZE | libc::STATX_MNT_ID_UNIQUE;
    // SAFETY: the path is an empty string, and the structure is ours to be written to.
    let result = unsafe { libc::statx(fd, c"".as_ptr(), libc::AT_EMPTY_PATH | flags, mask, &raw mut stat) };
    (result == 0 && stat.stx_mask & libc::STATX_MNT_ID_UNIQUE != 0).then_some(stat)
}

static MOUNTS_HAVE_NUMBERS: OnceLock<bool> = OnceLock::new();
static ZERO_IS_AN_END: OnceLock<bool> = OnceLock::new();

/// Whether a read of nothing is the file's end. Before 5.12 it could also be what isn't in memory.
fn is_zero_an_end() -> bool {
    *ZERO_IS_AN_END.get_or_init(|| is_version(5, 12))
}

/// Whether the kernel is of this version or a later one.
fn is_version(major: u32, minor: u32) -> bool {
    // SAFETY: a structure of bytes, for which zero is a value.
    let mut name: libc::utsname = unsafe { mem::zeroed() };
    // SAFETY: the structure is ours to be written to.
    if unsafe { libc::uname(&raw mut name) } != 0 {
        return false;
    }
    let release = name.release.map(|byte| byte as u8);
    let mut numbers = release.split(|byte| !byte.is_ascii_digit()).map(|digits| {
        digits.iter().fold(0_u32, |number, digit| number.saturating_mul(10) + u32::from(digit - b'0'))
    });
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    version >= (major, minor)
}

/// Mounts whose kind is known: the number, and whether it is local in the lowest bit. A number that falls on another's place
/// takes it.
static MOUNTS: [AtomicU64; 32] = [const { AtomicU64::new(0) }; 32];

fn is_known_local(stat: &libc::statx) -> bool {
    // Relaxed: see the module's documentation.
    known(stat).load(Ordering::Relaxed) == stat.stx_mnt_id << 1 | 1
}

fn known(stat: &libc::statx) -> &'static AtomicU64 {
    &MOUNTS[stat.stx_mnt_id as usize % MOUNTS.len()]
}

/// Whether the kernel knows by itself all that there is to know of an open file, and can open it without asking anybody: so
/// with file systems on local disks and in memory. May block; later lookups in the same mount know it.
pub(crate) fn is_local(fd: BorrowedFd<'_>) -> bool {
    let Some(stat) = stat(fd.as_raw_fd(), 0) else { return false };
    // Relaxed: see the module's documentation.
    let fact = known(&stat).load(Ordering::Relaxed);
    if fact >> 1 == stat.stx_mnt_id {
        return fact & 1 == 1;
    }
    // SAFETY: a structure of numbers, for which zero is a value.
    let mut fs: libc::statfs = unsafe { mem::zeroed() };
    // SAFETY: the structure is ours to be written to.
    if unsafe { libc::fstatfs(fd.as_raw_fd(), &raw mut fs) } != 0 {
        return false;
    }
    // Their type differs between targets, their values don't.
    let local = [
        libc::EXT4_SUPER_MAGIC as u32,
        libc::XFS_SUPER_MAGIC as u32,
        libc::BTRFS_SUPER_MAGIC as u32,
        libc::F2FS_SUPER_MAGIC as u32,
        libc::TMPFS_MAGIC as u32,
    ]
    .contains(&(fs.f_type as u32));
    // Relaxed: see the module's documentation.
    known(&stat).store(stat.stx_mnt_id << 1 | u64::from(local), Ordering::Relaxed);
    local
}
