//! Readers and writers that follow a script.

use std::io::{self, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use rt_core::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt, split};
use rt_core::time::Instant;
use rt_test::io::{Builder, Mock};
use rt_test::{assert_elapsed, assert_pending, assert_ready, assert_ready_eq, assert_ready_ok, task};

#[rt_core::test]
async fn a_conversation() -> io::Result<()> {
    let mut mock = Builder::new().write(b"ping").read(b"pong").write(b"bye").build();
    mock.write_all(b"ping").await?;
    let mut buf = [0; 16];
    assert_eq!(mock.read(&mut buf).await?, 4);
    assert_eq!(&buf[..4], b"pong");
    mock.write_all(b"bye").await?;
    mock.flush().await?;
    mock.shutdown().await?;
    assert_eq!(mock.read(&mut buf).await?, 0);
    assert_eq!(mock.read(&mut buf).await?, 0);
    Ok(())
}

#[rt_core::test]
async fn reads_keep_apart_and_can_be_in_pieces() -> io::Result<()> {
    let mut mock = Builder::new().read(b"hello ").read(b"world").read(b"").read(b"!").build();
    let mut buf = [0; 4];
    assert_eq!(mock.read(&mut []).await?, 0);
    assert_eq!(mock.read(&mut buf).await?, 4);
    assert_eq!(mock.read(&mut buf).await?, 2);
    assert_eq!(&buf, b"o ll");
    let mut rest = String::new();
    // The read of nothing looks like an end, and there's more after it.
    mock.read_to_string(&mut rest).await?;
    assert_eq!(rest, "world");
    mock.read_to_string(&mut rest).await?;
    assert_eq!(rest, "world!");
    Ok(())
}

#[rt_core::test]
async fn writes_can_be_in_pieces_and_together() -> io::Result<()> {
    let mut builder = Builder::new();
    let mut mock = builder.write(b"abc").write(b"def").wait(Duration::from_millis(1)).write(b"g").build();
    assert_eq!(mock.write(b"").await?, 0);
    assert_eq!(mock.write(b"a").await?, 1);
    assert_eq!(mock.write(b"bcdef").await?, 5);
    let mut task = task::spawn(mock);
    assert_pending!(task.enter(|cx, mock| mock.poll_write(cx, b"g")));
    let mut mock = task.into_inner();
    assert_eq!(mock.write(b"g").await?, 1);
    Ok(())
}

#[rt_core::test]
async fn a_write_needs_not_wait_for_reads() -> io::Result<()> {
    let mut builder = Builder::new();
    builder.write(b"a").read(b"xy").read_error(ErrorKind::ConnectionReset.into()).write(b"b").read(b"z");
    let mut mock = builder.build();
    // Both writes of the script, as there is only what can be read between them.
    assert_eq!(mock.write(b"ab").await?, 2);
    let mut task = task::spawn(mock);
    // No write is left, and the script isn't at its end.
    assert_pending!(task.enter(|cx, mock| mock.poll_write(cx, b"c")));
    let mut mock = task.into_inner();
    assert_eq!((mock.read_u8().await?, mock.read_u8().await?), (b'x', b'y'));
    assert_eq!(mock.read_u8().await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert_eq!(mock.read_u8().await?, b'z');
    // A wait and an error keep their places.
    let mut builder = Builder::new();
    builder.read(b"x").wait(Duration::from_millis(1)).read(b"y").write_error(ErrorKind::BrokenPipe.into());
    let mut task = task::spawn(builder.build());
    assert_pending!(task.enter(|cx, mock| mock.poll_write(cx, b"a")));
    let mut mock = task.into_inner();
    assert_eq!(mock.read_u8().await?, b'x');
    assert_eq!(mock.read_u8().await?, b'y');
    assert_eq!(mock.write(b"a").await.unwrap_err().kind(), ErrorKind::BrokenPipe);
    Ok(())
}

#[rt_core::test]
async fn errors_come_once_and_in_their_place() {
    let mut builder = Builder::new();
    builder
        .write(b"a")
        .write_error(io::Error::new(ErrorKind::BrokenPipe, "pipe"))
        .read_error(io::Error::from_raw_os_error(104))
        .read(b"b");
    for _ in 0..2 {
        let mut mock = builder.build();
        assert_eq!(mock.write(b"ab").await.unwrap(), 1);
        let error = mock.write(b"b").await.unwrap_err();
        assert_eq!((error.kind(), error.to_string()), (ErrorKind::BrokenPipe, "pipe".to_owned()));
        assert_eq!(mock.read_u8().await.unwrap_err().raw_os_error(), Some(104));
        assert_eq!(mock.read_u8().await.unwrap(), b'b');
    }
}

#[rt_core::test]
async fn each_side_is_woken_when_its_turn_has_come() {
    let mut builder = Builder::new();
    let mock = builder.read(b"a").write_error(ErrorKind::WriteZero.into()).read(b"c").build();
    let (mut reader, mut writer) = split(mock);
    let mut write = task::spawn(async move {
        writer.write_all(b"b").await.unwrap_err();
        writer
    });
    assert_pending!(write.poll());
    assert_eq!(reader.read_u8().await.unwrap(), b'a');
    assert!(write.is_woken());
    let mut read = task::spawn(async move { reader.read_u8().await.unwrap() });
    assert_pending!(read.poll());
    assert!(!read.is_woken());
    let _writer = assert_ready!(write.poll());
    assert!(read.is_woken());
    assert_ready_eq!(read.poll(), b'c');
}

#[rt_core::test(start_paused = true)]
async fn a_wait_takes_its_time_once() {
    let start = Instant::now();
    let wait = Duration::from_millis(200);
    let mut mock = Builder::new().wait(wait).read(b"a").wait(wait).write(b"b").wait(wait).build();
    assert_eq!(mock.read_u8().await.unwrap(), b'a');
    assert_elapsed!(start, wait);
    mock.write_all(b"b").await.unwrap();
    assert_elapsed!(start, wait * 2);
    assert_eq!(mock.read(&mut [0]).await.unwrap(), 0);
    assert_elapsed!(start, wait * 3);
}

#[rt_core::test(start_paused = true)]
async fn both_sides_wait_for_the_same_timer() {
    let mock = Builder::new().wait(Duration::from_secs(1)).write(b"a").read(b"b").build();
    let (mut reader, mut writer) = split(mock);
    let mut read = pin!(reader.read_u8());
    // The reader polls the timer last, and it's the writer's turn.
    let written = rt_core::select! {
        biased;
        result = writer.write(b"a") => result.unwrap(),
        _ = &mut read => unreachable!("the write comes first"),
    };
    assert_eq!(written, 1);
    assert_eq!(read.await.unwrap(), b'b');
}

#[rt_core::test]
async fn a_handle_adds_to_the_script() {
    let (mock, mut handle) = Builder::new().read(b"a").build_with_handle();
    let (mut reader, mut writer) = split(mock);
    assert_eq!(reader.read_u8().await.unwrap(), b'a');
    {
        let mut read = task::spawn(reader.read_u8());
        assert_pending!(read.poll());
        handle.read(b"b");
        assert!(read.is_woken());
        assert_eq!(assert_ready_ok!(read.poll()), b'b');
    }
    {
        let mut write = task::spawn(writer.write(b"cd"));
        assert_pending!(write.poll());
        handle.write(b"c").write_error(ErrorKind::BrokenPipe.into()).read_error(ErrorKind::TimedOut.into());
        assert!(write.is_woken());
        assert_eq!(assert_ready_ok!(write.poll()), 1);
    }
    assert_eq!(writer.write(b"d").await.unwrap_err().kind(), ErrorKind::BrokenPipe);
    assert_eq!(reader.read_u8().await.unwrap_err().kind(), ErrorKind::TimedOut);
    let mut buf = [0];
    let mut end = task::spawn(reader.read(&mut buf));
    assert_pending!(end.poll());
    drop(handle);
    assert!(end.is_woken());
    assert_eq!(assert_ready_ok!(end.poll()), 0);
}

/// The message of the panic in `f`.
fn panic_of(f: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(f)).expect_err("panics");
    match payload.downcast::<String>() {
        Ok(message) => *message,
        Err(payload) => payload.downcast::<&str>().expect("a message without arguments").to_string(),
    }
}

fn write(mock: Mock, bytes: &[u8]) -> Poll<io::Result<usize>> {
    task::spawn(mock).enter(|cx, mock| mock.poll_write(cx, bytes))
}

#[test]
fn what_is_not_in_the_script_panics() {
    let message = panic_of(|| _ = write(Builder::new().write(b"ab\n").build(), b"ax\n"));
    assert_eq!(message, "mock: expected `ab\\n` to be written, but `ax\\n` was");
    let message = panic_of(|| _ = write(Builder::new().name("client").build(), b"a"));
    assert_eq!(message, "mock `client`: nothing more was to be written, but `a` was");
}

#[test]
fn a_script_that_is_not_played_to_its_end_panics() {
    let message = panic_of(|| drop(Builder::new().read(b"abc").build()));
    assert_eq!(message, "mock: `abc` was never read");
    let message = panic_of(|| _ = write(Builder::new().name("client").write(b"abc").build(), b"ab"));
    assert_eq!(message, "mock `client`: `c` was never written");
    // Neither a wait nor an error must be seen.
    drop(Builder::new().wait(Duration::from_secs(1)).read_error(ErrorKind::Other.into()).build());
    // One panic is enough: a second would abort.
    let message = panic_of(|| {
        let _mock = Builder::new().read(b"abc").build();
        panic!("first");
    });
    assert_eq!(message, "first");
}

#[test]
fn a_handle_without_its_mock_panics() {
    let (mock, mut handle) = Builder::new().build_with_handle();
    drop(mock);
    let message = panic_of(|| _ = handle.read(b"a"));
    assert_eq!(message, "the mock that this handle belongs to has been dropped");
}

#[test]
fn a_mock_can_be_sent_and_is_named() {
    fn is_send_and_sync<T: Send + Sync + Unpin>(_: &T) {}
    let (mut mock, handle) = Builder::new().name("client").build_with_handle();
    is_send_and_sync(&mock);
    is_send_and_sync(&handle);
    assert!(format!("{mock:?}").contains("client"));
    assert!(!Pin::new(&mut mock).is_write_vectored());
}
