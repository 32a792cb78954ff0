//! Files that are in the page cache, as most that a program uses are.
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::common::{ct, mt, on_worker, since};
use super::rt;
use crate::case::{Case, Workload};
use rt::fs;
use rt::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt, SeekFrom};
use rt::runtime::Runtime;

pub(super) fn cases() -> Vec<Case> {
    let small = "fs::read of a file of 1 KiB";
    let parts = "File::read of 64 KiB, through a file of 8 MiB";
    let write = "fs::write of 1 KiB over a file";
    let log = "File::write_all of 100 bytes, flushed once in 100";
    vec![
        Case::speed("file-read/mt", small, 2.0, || read_small(mt())),
        Case::speed("file-read/ct", small, 2.0, || read_small(ct())),
        Case::speed("file-parts/mt", parts, 3.0, || read_parts(mt())),
        Case::speed("file-parts/ct", parts, 3.0, || read_parts(ct())),
        Case::speed("file-write/mt", write, 1.0, || write_small(mt())),
        Case::speed("file-write/ct", write, 1.0, || write_small(ct())),
        Case::speed("file-log/mt", log, 20.0, || append(mt())),
        Case::speed("file-log/ct", log, 20.0, || append(ct())),
    ]
}

/// A file that is gone when the workload is.
struct Scratch(PathBuf);

impl Scratch {
    fn new(len: usize) -> Self {
        Self::inside(&std::env::temp_dir(), len)
    }

    /// One in memory where there is a file system for that. A file that is cut to nothing and written anew goes to the disk when
    /// it's closed, on ext4, and it's not the disk that is compared.
    fn in_memory(len: usize) -> Self {
        let shared = Path::new("/dev/shm");
        if shared.is_dir() { Self::inside(shared, len) } else { Self::new(len) }
    }

    fn inside(dir: &Path, len: usize) -> Self {
        static NEXT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        let nth = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let name = format!("rt-benches-{}-{}-{nth}", std::process::id(), module_path!().replace("::", "-"));
        let path = dir.join(name);
        std::fs::write(&path, vec![b'x'; len]).expect("a scratch file");
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn read_small(runtime: Runtime) -> Workload {
    let file = Scratch::new(1 << 10);
    Box::new(move |operations| {
        let path = file.0.clone();
        on_worker(&runtime, async move {
            let start = Instant::now();
            for _ in 0..operations {
                assert_eq!(fs::read(&path).await.unwrap().len(), 1 << 10);
            }
            since(start)
        })
    })
}

fn read_parts(runtime: Runtime) -> Workload {
    let file = Scratch::new(8 << 20);
    Box::new(move |operations| {
        let path = file.0.clone();
        on_worker(&runtime, async move {
            let mut file = fs::File::open(&path).await.unwrap();
            let mut part = vec![0; 64 << 10];
            let start = Instant::now();
            for nth in 0..operations {
                if nth % 128 == 127 {
                    file.seek(SeekFrom::Start(0)).await.unwrap();
                }
                file.read_exact(&mut part).await.unwrap();
            }
            since(start)
        })
    })
}

fn write_small(runtime: Runtime) -> Workload {
    let file = Scratch::in_memory(0);
    Box::new(move |operations| {
        let path = file.0.clone();
        on_worker(&runtime, async move {
            let bytes = vec![b'x'; 1 << 10];
            let start = Instant::now();
            for _ in 0..operations {
                fs::write(&path, &bytes).await.unwrap();
            }
            since(start)
        })
    })
}

fn append(runtime: Runtime) -> Workload {
    let file = Scratch::new(0);
    Box::new(move |operations| {
        let path = file.0.clone();
        on_worker(&runtime, async move {
            let mut file = fs::File::create(&path).await.unwrap();
            let line = [b'x'; 100];
            let start = Instant::now();
            for nth in 0..operations {
                file.write_all(&line).await.unwrap();
                if nth % 100 == 99 {
                    file.flush().await.unwrap();
                }
            }
            file.flush().await.unwrap();
            since(start)
        })
    })
}
