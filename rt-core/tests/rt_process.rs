//! Children: exits, pipes, and what becomes of those that are dropped.
#![cfg(feature = "full")]

mod net_support;

use std::future::Future;
use std::io;
use std::os::fd::AsRawFd;
use std::path::PathBuf;
use std::pin::pin;
use std::process::Stdio;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use net_support::{current_thread, multi_thread, on_each_flavor, poll_once};
use rt_core::io::{AsyncReadExt, AsyncWriteExt};
use rt_core::process::{Child, ChildStdout, Command};
use rt_core::runtime::Builder;
use rt_core::time::timeout;

fn sh(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]).kill_on_drop(true);
    command
}

/// One that runs until it's killed.
fn sleeper() -> Command {
    let mut command = Command::new("sleep");
    command.arg("1000").stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
    command
}

/// Waits, for long enough, until the process is gone, which a zombie isn't.
fn wait_until_reaped(pid: u32) {
    let start = Instant::now();
    let place = PathBuf::from(format!("/proc/{pid}"));
    while place.exists() {
        assert!(start.elapsed() < Duration::from_secs(20), "{pid} is still there");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Whether there is a `/proc` to look at.
fn can_look() -> bool {
    PathBuf::from("/proc/self/stat").exists()
}

on_each_flavor! {
    async fn the_status_is_told_again_and_again() {
        let mut child = sh("exit 7").spawn().unwrap();
        assert!(child.id().is_some());
        for _ in 0..2 {
            assert_eq!(child.wait().await.unwrap().code(), Some(7));
        }
        assert_eq!(child.try_wait().unwrap().unwrap().code(), Some(7));
        assert_eq!(child.id(), None);
        child.start_kill().unwrap();
        child.kill().await.unwrap();
    }

    async fn one_that_is_killed_ends() {
        let mut child = sleeper().spawn().unwrap();
        assert!(child.try_wait().unwrap().is_none());
        child.kill().await.unwrap();
        assert!(!child.wait().await.unwrap().success());
    }

    async fn many_at_once_are_all_waited_for() {
        let tasks: Vec<_> = (0..60)
            .map(|code| {
                rt_core::spawn(async move {
                    let mut child = sh(&format!("exit {code}")).spawn().unwrap();
                    assert_eq!(child.wait().await.unwrap().code(), Some(code));
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    }

    async fn waiting_closes_the_input_and_may_be_cancelled() {
        // It ends by itself with its input, and says so.
        let mut child = sh("cat; exit 4").stdin(Stdio::piped()).spawn().unwrap();
        assert!(child.try_wait().unwrap().is_none());
        assert!(child.stdin.is_some(), "asking closes nothing");
        let _ = poll_once(child.wait());
        assert!(child.stdin.is_none());
        assert_eq!(child.wait().await.unwrap().code(), Some(4));
    }

    async fn input_that_was_taken_out_stays_open() {
        let mut child = sh("read line; exit $line").stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        assert!(poll_once(child.wait()).is_pending());
        stdin.write_all(b"9\n").await.unwrap();
        assert_eq!(child.wait().await.unwrap().code(), Some(9));
    }

    async fn both_outputs_are_collected_however_long() {
        let script = "head -c 300000 /dev/zero; head -c 200000 /dev/zero >&2; head -c 5 /dev/zero; exit 3";
        let output = sh(script).stdin(Stdio::null()).output().await.unwrap();
        assert_eq!(output.status.code(), Some(3));
        assert_eq!((output.stdout.len(), output.stderr.len()), (300_005, 200_000));
    }

    async fn output_is_piped_whatever_was_said_before() {
        let output = sh("echo out; echo err >&2").stdout(Stdio::null()).stderr(Stdio::null()).output().await.unwrap();
        assert_eq!((&output.stdout[..], &output.stderr[..]), (&b"out\n"[..], &b"err\n"[..]));
    }

    async fn a_status_closes_all_pipes() {
        let mut command = sh("cat; echo into nowhere; exit 6");
        let status = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).status();
        drop(command);
        // The shell's `echo` fails or is ended by SIGPIPE; in no case does it hang.
        let _ = timeout(Duration::from_secs(60), status).await.unwrap().unwrap();
    }

    async fn much_goes_through_a_child() {
        let mut child = sh("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let sent: Vec<u8> = (0..1_000_000_u32).map(|n| n as u8).collect();
        let expected = sent.clone();
        let write = rt_core::spawn(async move { stdin.write_all(&sent).await });
        let mut received = Vec::new();
        stdout.read_to_end(&mut received).await.unwrap();
        write.await.unwrap().unwrap();
        assert!(received == expected);
        assert!(child.wait().await.unwrap().success());
    }

    async fn writing_to_one_that_is_gone_fails() {
        let mut child = sh("exit 0").stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        child.wait().await.unwrap();
        // A child that another test spawns right now has the other end, too, until it runs its program.
        let error = loop {
            match stdin.write(&[0; 1024]).await {
                Ok(_) => rt_core::task::yield_now().await,
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
    }

    async fn the_output_of_one_is_the_input_of_another() {
        let mut first = sh("echo b; echo a").stdout(Stdio::piped()).spawn().unwrap();
        let stdio: Stdio = first.stdout.take().unwrap().try_into().unwrap();
        let sorted = Command::new("sort").stdin(stdio).output().await.unwrap();
        assert_eq!(sorted.stdout, b"a\nb\n");
        assert!(first.wait().await.unwrap().success());
    }

    async fn a_pipe_of_the_standard_library_is_taken_over() {
        let mut child = std::process::Command::new("echo").arg("hi").stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = ChildStdout::from_std(child.stdout.take().unwrap()).unwrap();
        let mut text = String::new();
        stdout.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "hi\n");
        child.wait().unwrap();
    }

    async fn a_descriptor_that_is_given_away_blocks() {
        let mut child = sh("sleep 0.2; echo late").stdout(Stdio::piped()).spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        let raw = stdout.as_raw_fd();
        let fd = stdout.into_owned_fd().unwrap();
        assert_eq!(fd.as_raw_fd(), raw);
        // A read that didn't block would fail.
        let read = rt_core::task::spawn_blocking(move || io::read_to_string(std::fs::File::from(fd)));
        assert_eq!(read.await.unwrap().unwrap(), "late\n");
        child.wait().await.unwrap();
    }

    async fn what_can_not_be_spawned_is_an_error() {
        let error = Command::new("/no/such/program").spawn().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        let error = Command::new("/no/such/program").output().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        let mut command = Command::new("true");
        // SAFETY: the closure does nothing but return.
        unsafe { command.pre_exec(|| Err(io::Error::from_raw_os_error(5))) };
        assert_eq!(command.spawn().unwrap_err().raw_os_error(), Some(5));
        let error = Command::new("true").spawn_with(|_| Err(io::ErrorKind::Other.into())).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::Other);
    }

    async fn one_that_is_dropped_is_killed_if_that_was_asked_for_and_reaped() {
        let mut command = sleeper();
        let child = command.spawn().unwrap();
        let pid = child.id().unwrap();
        drop(child);
        if can_look() {
            wait_until_reaped(pid);
        }
    }
}

#[test]
fn one_that_is_dropped_goes_on_and_is_reaped_without_a_runtime() {
    let (pid, stdin) = current_thread().block_on(async {
        let mut child = sh("read line").kill_on_drop(false).stdin(Stdio::piped()).spawn().unwrap();
        (child.id().unwrap(), child.stdin.take().unwrap())
    });
    if can_look() {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        assert!(!stat.contains(") Z "), "it goes on: {stat}");
        drop(stdin);
        wait_until_reaped(pid);
    }
}

#[test]
fn more_than_a_chunk_of_dropped_children_are_reaped() {
    let pids: Vec<u32> = multi_thread().block_on(async {
        let children: Vec<Child> = (0..70).map(|_| sleeper().spawn().unwrap()).collect();
        children.iter().map(|child| child.id().unwrap()).collect()
    });
    if can_look() {
        pids.into_iter().for_each(wait_until_reaped);
    }
}

#[test]
fn a_child_moves_to_another_runtime() {
    // The first is alive, and nobody runs it.
    for is_kept in [true, false] {
        let first = current_thread();
        let (mut child, mut stdin, mut stdout) = first.block_on(async {
            let script = "read line; echo got $line; exit 2";
            let mut child = sh(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
            let (stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
            // All wait here first.
            assert!(poll_once(child.wait()).is_pending());
            assert!(poll_once(stdout.read_u8()).is_pending());
            (child, stdin, stdout)
        });
        let kept = is_kept.then_some(first);
        multi_thread().block_on(async {
            stdin.write_all(b"it\n").await.unwrap();
            let mut text = String::new();
            stdout.read_to_string(&mut text).await.unwrap();
            assert_eq!(text, "got it\n");
            assert_eq!(child.wait().await.unwrap().code(), Some(2));
        });
        drop(kept);
    }
}

#[test]
fn a_child_is_waited_for_from_outside() {
    let runtime = multi_thread();
    let mut child = runtime.block_on(async { sh("exit 1").spawn().unwrap() });
    assert_eq!(futures::executor::block_on(child.wait()).unwrap().code(), Some(1));
}

#[test]
fn the_end_of_the_runtime_ends_a_wait_and_another_one_goes_on() {
    let runtime = current_thread();
    let mut child = runtime.block_on(async {
        let mut child = sleeper().spawn().unwrap();
        assert!(poll_once(child.wait()).is_pending());
        child
    });
    drop(runtime);
    {
        let mut wait = pin!(child.wait());
        let outcome = wait.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(outcome, Poll::Ready(Err(_))), "{outcome:?}");
    }
    child.start_kill().unwrap();
    assert!(!current_thread().block_on(child.wait()).unwrap().success());
}

#[test]
#[should_panic(expected = "there is no reactor running")]
fn spawning_outside_of_a_runtime_panics() {
    let _ = Command::new("true").spawn();
}

#[test]
fn spawning_without_io_panics_before_there_is_a_child() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let spawned = std::cell::Cell::new(false);
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        runtime.block_on(async {
            let _ = Command::new("true").spawn_with(|command| {
                spawned.set(true);
                command.spawn()
            });
        });
    }));
    assert!(outcome.is_err());
    assert!(!spawned.get());
}

#[test]
fn a_command_is_set_up_as_that_of_the_standard_library() {
    let mut command = Command::new("program");
    command.arg("1").args(["2", "3"]).env("A", "a").envs([("B", "b")]).env_remove("C").current_dir("/");
    let std = command.as_std();
    assert_eq!(std.get_program(), "program");
    assert_eq!(std.get_args().collect::<Vec<_>>(), ["1", "2", "3"]);
    assert_eq!(std.get_envs().count(), 3);
    assert_eq!(std.get_current_dir().unwrap(), std::path::Path::new("/"));
    command.env_clear();
    assert_eq!(command.as_std().get_envs().count(), 0);
    assert!(format!("{command:?}").contains("program"));
    assert_eq!(command.into_std().get_args().count(), 3);
}

#[test]
fn a_group_of_its_own() {
    current_thread().block_on(async {
        let script = "ps -o pgid= -p $$ 2>/dev/null || cut -d' ' -f5 /proc/$$/stat";
        let child = sh(script).process_group(0).stdout(Stdio::piped()).spawn().unwrap();
        let pid = child.id().unwrap();
        let output = child.wait_with_output().await.unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), pid.to_string());
    });
}
