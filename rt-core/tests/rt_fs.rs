//! Files and directories: what is read is what was written, wherever it comes from.
#![cfg(feature = "full")]

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use rt_core::fs::{self, DirBuilder, File, OpenOptions};
use rt_core::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt, SeekFrom};
use rt_core::runtime::{Builder, Runtime};

/// One of each flavor.
fn runtimes() -> [Runtime; 3] {
    [
        Builder::new_current_thread().build().unwrap(),
        Builder::new_current_thread().enable_all().max_blocking_threads(1).build().unwrap(),
        Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap(),
    ]
}

fn on_each(test: impl AsyncFn(&Path)) {
    for runtime in runtimes() {
        let dir = tempfile::tempdir().unwrap();
        runtime.block_on(test(dir.path()));
    }
}

fn bytes(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i / 251 + i) as u8).collect()
}

/// Has the system write the file to the disk and forget it.
fn forget_cached(path: &Path) {
    let file = std::fs::File::open(path).unwrap();
    file.sync_all().unwrap();
    let done = std::process::Command::new("dd")
        .arg(format!("if={}", path.display()))
        .args(["iflag=nocache", "count=0", "status=none"])
        .status();
    assert!(done.is_ok_and(|status| status.success()));
}

#[test]
fn whole_files_of_all_sizes() {
    on_each(async |dir| {
        let path = dir.join("file");
        for len in [0, 1, 4_095, 4_096, 4_097, 256 << 10, (256 << 10) + 1, 3_000_001] {
            let written = bytes(len);
            fs::write(&path, &written).await.unwrap();
            // The first read may teach what the mount is; the second uses that; the third finds nothing in memory.
            for turn in 0..3 {
                if turn == 2 {
                    forget_cached(&path);
                }
                assert!(fs::read(&path).await.unwrap() == written, "{len} bytes, turn {turn}");
            }
        }
    });
}

#[test]
fn parts_of_files_cached_or_not() {
    on_each(async |dir| {
        let path = dir.join("file");
        let written = bytes(5_000_000);
        fs::write(&path, &written).await.unwrap();
        for uncached in [false, true] {
            if uncached {
                forget_cached(&path);
            }
            let mut file = File::open(&path).await.unwrap();
            let mut read = Vec::new();
            for len in (0..).map(|i| [1, 100, 65_536, 1_000_000][i % 4]) {
                let mut part = vec![0; len];
                let n = file.read(&mut part).await.unwrap();
                if n == 0 {
                    break;
                }
                read.extend_from_slice(&part[..n]);
            }
            assert!(read == written);
            assert_eq!(file.read(&mut [0; 8]).await.unwrap(), 0, "the end stays the end");
        }
    });
}

#[test]
fn text_that_is_none() {
    on_each(async |dir| {
        fs::write(dir.join("file"), b"\xff\xfe").await.unwrap();
        let error = fs::read_to_string(dir.join("file")).await.unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
    });
}

#[test]
fn files_without_a_length_are_read_to_their_end() {
    on_each(async |_| {
        for _ in 0..2 {
            let status = fs::read_to_string("/proc/self/status").await.unwrap();
            assert!(status.starts_with("Name:") && status.len() > 100);
            let mut text = String::new();
            File::open("/proc/self/status").await.unwrap().read_to_string(&mut text).await.unwrap();
            assert!(text.starts_with("Name:") && text.len() > 100);
        }
    });
}

#[test]
fn what_is_not_there() {
    on_each(async |dir| {
        let nothing = dir.join("nothing");
        for _ in 0..2 {
            let kind = std::io::ErrorKind::NotFound;
            assert_eq!(fs::read(&nothing).await.unwrap_err().kind(), kind);
            assert_eq!(File::open(&nothing).await.unwrap_err().kind(), kind);
            assert_eq!(fs::metadata(&nothing).await.unwrap_err().kind(), kind);
            assert_eq!(fs::symlink_metadata(&nothing).await.unwrap_err().kind(), kind);
            assert_eq!(fs::read_dir(&nothing).await.unwrap_err().kind(), kind);
            assert_eq!(fs::canonicalize(&nothing).await.unwrap_err().kind(), kind);
            assert!(!fs::try_exists(&nothing).await.unwrap());
        }
        fs::write(&nothing, "now").await.unwrap();
        assert!(fs::try_exists(&nothing).await.unwrap());
        assert_eq!(fs::read(&nothing).await.unwrap(), b"now");
        fs::remove_file(&nothing).await.unwrap();
        assert!(!fs::try_exists(&nothing).await.unwrap());
        assert_eq!(fs::read("a\0b").await.unwrap_err().kind(), std::io::ErrorKind::InvalidInput);
    });
}

#[test]
fn directories_are_not_files() {
    on_each(async |dir| {
        for _ in 0..2 {
            assert_eq!(fs::read(dir).await.unwrap_err().raw_os_error(), Some(21));
            let mut file = File::open(dir).await.unwrap();
            assert_eq!(file.read(&mut [0; 8]).await.unwrap_err().raw_os_error(), Some(21));
            assert!(fs::metadata(dir).await.unwrap().is_dir());
        }
    });
}

#[test]
fn links_and_what_they_lead_to() {
    on_each(async |dir| {
        let (file, link, broken) = (dir.join("file"), dir.join("link"), dir.join("broken"));
        fs::write(&file, "text").await.unwrap();
        fs::symlink("file", &link).await.unwrap();
        fs::symlink("nowhere", &broken).await.unwrap();
        for _ in 0..2 {
            assert_eq!(fs::read(&link).await.unwrap(), b"text");
            assert!(fs::metadata(&link).await.unwrap().is_file());
            assert!(fs::symlink_metadata(&link).await.unwrap().is_symlink());
            assert!(fs::symlink_metadata(&broken).await.unwrap().is_symlink());
            assert!(!fs::try_exists(&broken).await.unwrap());
            assert_eq!(fs::read_link(&link).await.unwrap(), Path::new("file"));
            assert_eq!(fs::canonicalize(&link).await.unwrap(), file.canonicalize().unwrap());
        }
        fs::hard_link(&file, dir.join("hard")).await.unwrap();
        fs::rename(&file, dir.join("renamed")).await.unwrap();
        assert_eq!(fs::read(dir.join("hard")).await.unwrap(), b"text");
        assert_eq!(fs::copy(dir.join("renamed"), dir.join("copy")).await.unwrap(), 4);
        assert!(!fs::try_exists(&link).await.unwrap(), "what it led to has another name now");
    });
}

#[test]
fn names_that_are_not_text() {
    on_each(async |dir| {
        let name = OsStr::from_bytes(b"\xff\xfe\x80");
        fs::write(dir.join(name), "text").await.unwrap();
        for _ in 0..2 {
            assert_eq!(fs::read(dir.join(name)).await.unwrap(), b"text");
            assert_eq!(fs::metadata(dir.join(name)).await.unwrap().len(), 4);
        }
        let mut entries = fs::read_dir(dir).await.unwrap();
        assert_eq!(entries.next_entry().await.unwrap().unwrap().file_name(), name);
    });
}

#[test]
fn directories_of_any_number_of_entries() {
    on_each(async |dir| {
        for len in [0, 1, 63, 64, 65, 200] {
            let dir = dir.join(len.to_string());
            fs::create_dir(&dir).await.unwrap();
            for i in 0..len {
                std::fs::write(dir.join(i.to_string()), "").unwrap();
            }
            let mut entries = fs::read_dir(&dir).await.unwrap();
            let mut found = Vec::new();
            while let Some(entry) = entries.next_entry().await.unwrap() {
                assert!(entry.file_type().await.unwrap().is_file());
                assert!(entry.metadata().await.unwrap().is_file());
                assert_ne!(entry.ino(), 0);
                assert_eq!(entry.path(), dir.join(entry.file_name()));
                found.push(entry.file_name().into_string().unwrap().parse::<usize>().unwrap());
            }
            assert!(entries.next_entry().await.unwrap().is_none());
            found.sort_unstable();
            assert_eq!(found, (0..len).collect::<Vec<_>>());
        }
    });
}

#[test]
fn trees_come_and_go() {
    on_each(async |dir| {
        DirBuilder::new().recursive(true).mode(0o750).create(dir.join("a/b")).await.unwrap();
        assert!(DirBuilder::new().create(dir.join("a/b")).await.is_err());
        fs::create_dir_all(dir.join("a/b/c")).await.unwrap();
        assert!(fs::remove_dir(dir.join("a")).await.is_err());
        fs::remove_dir(dir.join("a/b/c")).await.unwrap();
        fs::remove_dir_all(dir.join("a")).await.unwrap();
        assert!(!fs::try_exists(dir.join("a")).await.unwrap());
    });
}

#[test]
fn options_decide_what_opening_does() {
    on_each(async |dir| {
        let path = dir.join("file");
        let mut options = OpenOptions::new();
        assert!(options.open(&path).await.is_err(), "neither read nor written");
        options.write(true).create_new(true);
        drop(options.open(&path).await.unwrap());
        assert_eq!(options.open(&path).await.unwrap_err().kind(), std::io::ErrorKind::AlreadyExists);
        fs::write(&path, "text").await.unwrap();
        let from_std: OpenOptions = std::fs::OpenOptions::new().read(true).clone().into();
        let mut text = String::new();
        from_std.open(&path).await.unwrap().read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "text");
        let mut file = File::open(&path).await.unwrap();
        file.write_all(b"x").await.unwrap();
        assert!(file.flush().await.is_err(), "it was opened to be read");
        drop(OpenOptions::new().write(true).truncate(true).open(&path).await.unwrap());
        assert_eq!(fs::metadata(&path).await.unwrap().len(), 0);
    });
}

#[test]
fn an_opened_file_has_the_flags_it_was_given() {
    on_each(async |dir| {
        let path = dir.join("file");
        fs::write(&path, "text").await.unwrap();
        for _ in 0..3 {
            let file = File::open(&path).await.unwrap().into_std().await;
            let info = PathBuf::from(format!("/proc/self/fdinfo/{}", std::os::fd::AsRawFd::as_raw_fd(&file)));
            let info = std::fs::read_to_string(info).unwrap();
            let flags = info.lines().find_map(|line| line.strip_prefix("flags:")).unwrap().trim();
            let flags = u32::from_str_radix(flags, 8).unwrap();
            assert_eq!(flags & 0o4000, 0, "it doesn't say that it never blocks");
            assert_eq!(flags & 0o2000000, 0o2000000, "child processes don't get it");
        }
    });
}

#[test]
fn a_seek_goes_from_what_was_taken() {
    on_each(async |dir| {
        let path = dir.join("file");
        fs::write(&path, bytes(1_000)).await.unwrap();
        let mut file = File::options().read(true).write(true).open(&path).await.unwrap();
        let mut part = [0; 10];
        file.read_exact(&mut part).await.unwrap();
        assert_eq!(file.seek(SeekFrom::Current(5)).await.unwrap(), 15);
        file.read_exact(&mut part).await.unwrap();
        assert_eq!(part, bytes(1_000)[15..25]);
        file.write_all(b"here").await.unwrap();
        assert_eq!(file.stream_position().await.unwrap(), 29);
        assert_eq!(file.seek(SeekFrom::End(-1)).await.unwrap(), 999);
        assert!(file.seek(SeekFrom::End(-2_000)).await.is_err());
        assert_eq!(file.stream_position().await.unwrap(), 999);
        file.set_len(500).await.unwrap();
        assert_eq!(file.metadata().await.unwrap().len(), 500);
        assert_eq!(fs::read(&path).await.unwrap()[25..29], *b"here");
    });
}

#[test]
fn clones_have_one_position() {
    on_each(async |dir| {
        let path = dir.join("file");
        fs::write(&path, bytes(100)).await.unwrap();
        let mut one = File::open(&path).await.unwrap();
        let mut other = one.try_clone().await.unwrap();
        let mut part = [0; 10];
        one.read_exact(&mut part).await.unwrap();
        other.read_exact(&mut part).await.unwrap();
        assert_eq!(part, bytes(100)[10..20]);
        other.seek(SeekFrom::Start(50)).await.unwrap();
        assert_eq!(one.stream_position().await.unwrap(), 50);
    });
}

#[test]
fn what_is_in_memory_is_there_in_the_first_poll() {
    fn first<T>(future: impl Future<Output = std::io::Result<T>>) -> Option<T> {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(done) => Some(done.unwrap()),
            Poll::Pending => None,
        }
    }
    on_each(async |dir| {
        let path = dir.join("file");
        fs::write(&path, "text").await.unwrap();
        // Other systems of files may not tell what they have in memory.
        let kind = std::process::Command::new("stat").args(["-f", "-c", "%T"]).arg(dir).output().unwrap();
        if !matches!(kind.stdout.trim_ascii(), b"ext2/ext3" | b"xfs" | b"btrfs") {
            return;
        }
        // This one finds out where the file is, and has it read into memory.
        fs::read(&path).await.unwrap();
        assert_eq!(first(fs::read(&path)).unwrap(), b"text");
        assert_eq!(first(fs::metadata(&path)).unwrap().len(), 4);
        assert!(first(fs::try_exists(&path)).unwrap());
        let mut file = first(File::open(&path)).unwrap();
        assert_eq!(first(file.metadata()).unwrap().len(), 4);
        assert_eq!(first(file.seek(SeekFrom::End(-1))).unwrap(), 3);
        let mut last = [0];
        assert_eq!(first(file.read(&mut last)), Some(1));
        assert_eq!(last, *b"t");
    });
}

#[test]
#[should_panic(expected = "there is no reactor running")]
fn outside_of_a_runtime_what_is_cached_panics_too() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    std::fs::write(&path, "text").unwrap();
    Builder::new_current_thread().build().unwrap().block_on(async { fs::read(&path).await.unwrap() });
    let _ = futures::executor::block_on(fs::read(&path));
}

#[test]
fn a_paused_clock_waits_for_files() {
    let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        let work = async {
            for _ in 0..20 {
                fs::write(&path, bytes(100_000)).await.unwrap();
                let mut file = File::options().append(true).open(&path).await.unwrap();
                file.write_all(b"more").await.unwrap();
                file.flush().await.unwrap();
                assert_eq!(fs::read(&path).await.unwrap().len(), 100_004);
            }
        };
        let an_hour = std::time::Duration::from_secs(3_600);
        rt_core::time::timeout(an_hour, work).await.expect("the clock stands while files are at work");
    });
}
