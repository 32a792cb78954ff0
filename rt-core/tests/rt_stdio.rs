//! The standard streams: each test runs this program again, with one of the parts below, and talks with it.
#![cfg(feature = "full")]

use std::io::{Read, Write};
use std::pin::pin;
use std::process::{Child, Command, Stdio};
use std::task::{Context, Waker};

use rt_core::io::{AsyncReadExt, AsyncWriteExt, copy, stderr, stdin, stdout};
use rt_core::runtime::{Builder, Runtime};

const PART: &str = "RT_STDIO_PART";
/// Behind what the test harness prints.
const START: &str = "<start>";

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Runs a part in a process of its own.
fn start(part: &str, stderr: Stdio) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "part", "--nocapture", "--test-threads=1"])
        .env(PART, part)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(stderr)
        .spawn()
        .unwrap()
}

/// Reads until the end, behind the start.
fn rest(mut from: impl Read) -> String {
    let mut text = String::new();
    from.read_to_string(&mut text).unwrap();
    text.split_once(START).map(|(_, rest)| rest.to_owned()).unwrap_or(text)
}

/// Reads until `text` has come.
fn await_text(from: &mut impl Read, text: &str) {
    let mut seen = Vec::new();
    while !seen.ends_with(text.as_bytes()) {
        let mut byte = [0];
        assert_eq!(from.read(&mut byte).unwrap(), 1, "it ended after {:?}", String::from_utf8_lossy(&seen));
        seen.push(byte[0]);
    }
}

/// What a child process does.
#[test]
fn part() {
    let Ok(part) = std::env::var(PART) else { return };
    print!("{START}");
    let code = match part.as_str() {
        "copy" => runtime().block_on(async {
            copy(&mut stdin(), &mut stdout()).await.unwrap();
            stdout().flush().await.unwrap();
            0
        }),
        "abandon" => abandon(),
        "unflushed" => {
            runtime().block_on(async {
                stdout().write_all(b"accepted").await.unwrap();
                stderr().write_all(b"accepted").await.unwrap();
            });
            // Without the standard library's last flush.
            std::process::abort();
        }
        "mixed" => mixed(),
        "broken" => runtime().block_on(async {
            let mut stderr = stderr();
            stderr.write_all(b"into nowhere").await.unwrap();
            let error = stderr.flush().await.unwrap_err();
            assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe);
            stderr.flush().await.unwrap();
            // The next one is tried, and has an error of its own.
            stderr.write_all(b"once more").await.unwrap();
            stderr.shutdown().await.unwrap_err();
            17
        }),
        "flags" => flags(),
        "order" => runtime().block_on(async {
            let mut stdout = stdout();
            for n in 0..10_000 {
                stdout.write_all(format!("{n} ").as_bytes()).await.unwrap();
            }
            stdout.flush().await.unwrap();
            0
        }),
        other => panic!("no part is called {other}"),
    };
    std::process::exit(code);
}

/// A runtime is dropped in the middle of a read, whose input comes later.
fn abandon() -> i32 {
    let first = runtime();
    first.spawn(async { stdin().read_u8().await });
    first.block_on(async {
        let mut stdin = stdin();
        let mut read = pin!(stdin.read_u8());
        assert!(read.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        rt_core::task::yield_now().await;
    });
    drop(first);
    std::io::stdout().write_all(b"shut down").unwrap();
    std::io::stdout().flush().unwrap();
    let text = runtime().block_on(async {
        let mut text = String::new();
        stdin().read_to_string(&mut text).await.unwrap();
        text
    });
    print!("{text}");
    0
}

/// Ours and the standard library's handles take turns.
fn mixed() -> i32 {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    print!("std {line}");
    // No newline, so that it's still in the standard library's buffer.
    print!("and ");
    runtime().block_on(async {
        // Far from all of it is asked for.
        let mut text = [0; 3];
        stdin().read_exact(&mut text).await.unwrap();
        let mut stdout = stdout();
        stdout.write_all(b"ours ").await.unwrap();
        stdout.write_all(&text).await.unwrap();
        let mut rest = String::new();
        stdin().read_to_string(&mut rest).await.unwrap();
        stdout.write_all(rest.as_bytes()).await.unwrap();
        stdout.flush().await.unwrap();
    });
    0
}

/// The descriptors stay as they are, for they are others' as well.
fn flags() -> i32 {
    let flags = |fd: u32| {
        let info = std::fs::read_to_string(format!("/proc/self/fdinfo/{fd}")).unwrap_or_default();
        info.lines().find(|line| line.starts_with("flags")).map(str::to_owned)
    };
    let before = [0, 1, 2].map(flags);
    let during = runtime().block_on(async {
        let mut stdin = stdin();
        let mut read = pin!(stdin.read_u8());
        assert!(read.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        stdout().write_all(b"x").await.unwrap();
        stderr().write_all(b"x").await.unwrap();
        let during = [0, 1, 2].map(flags);
        assert_eq!(read.await.unwrap(), b'y');
        during
    });
    i32::from(before != during)
}

#[test]
fn input_is_read_to_its_end_and_output_written() {
    let mut child = start("copy", Stdio::piped());
    let text: String = (0..200_000).map(|n| char::from(b'a' + (n % 26) as u8)).collect();
    let mut input = child.stdin.take().unwrap();
    let sent = text.clone();
    let write = std::thread::spawn(move || input.write_all(sent.as_bytes()));
    assert!(rest(child.stdout.take().unwrap()) == text);
    write.join().unwrap().unwrap();
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_runtime_does_not_wait_for_input_and_what_was_read_for_it_is_not_lost() {
    let mut child = start("abandon", Stdio::piped());
    let mut output = child.stdout.take().unwrap();
    // Nothing is sent before the first runtime is gone.
    await_text(&mut output, "shut down");
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"late").unwrap();
    drop(input);
    assert_eq!(rest(output), "late");
    assert!(child.wait().unwrap().success());
}

#[test]
fn what_was_accepted_is_written_before_the_runtime_is_gone() {
    let mut child = start("unflushed", Stdio::piped());
    assert_eq!(rest(child.stdout.take().unwrap()), "accepted");
    assert!(rest(child.stderr.take().unwrap()).contains("accepted"));
    child.wait().unwrap();
}

#[test]
fn the_standard_library_s_handles_keep_their_place() {
    let mut child = start("mixed", Stdio::piped());
    child.stdin.take().unwrap().write_all(b"first\nsecond\nthird\n").unwrap();
    let text = rest(child.stdout.take().unwrap());
    assert!(child.wait().unwrap().success());
    assert_eq!(text, "std first\nand ours second\nthird\n");
}

#[test]
fn an_error_is_told_once() {
    // A pipe whose reader is gone: that of a program that has ended.
    let mut gone = Command::new("true").stdin(Stdio::piped()).spawn().unwrap();
    let pipe = gone.stdin.take().unwrap();
    gone.wait().unwrap();
    let mut child = start("broken", pipe.into());
    assert_eq!(child.wait().unwrap().code(), Some(17));
}

#[test]
fn the_flags_of_the_descriptors_are_left_alone() {
    let mut child = start("flags", Stdio::piped());
    let mut output = child.stdout.take().unwrap();
    await_text(&mut output, &format!("{START}x"));
    child.stdin.take().unwrap().write_all(b"y").unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn many_small_writes_arrive_in_order() {
    let mut child = start("order", Stdio::piped());
    let text = rest(child.stdout.take().unwrap());
    assert!(text.split_whitespace().map(|word| word.parse::<usize>().unwrap()).eq(0..10_000));
    assert!(child.wait().unwrap().success());
}

#[test]
#[should_panic(expected = "there is no reactor running")]
fn writing_outside_of_a_runtime_panics() {
    let _ = futures::executor::block_on(stdout().write(b"x"));
}
