use std::task::Waker;

use super::*;

/// Reads through a desk, and gives what came.
fn read(input: &Input, reader: usize, room: usize) -> Result<Vec<u8>, Fetched> {
    let mut bytes = vec![0; room];
    let mut buf = ReadBuf::new(&mut bytes);
    match input.poll_read(reader, Waker::noop(), &mut buf) {
        Fetched::Ready(Ok(())) => Ok(buf.filled().to_vec()),
        other => Err(other),
    }
}

fn next(input: &Input) -> usize {
    input.next(Duration::from_secs(60)).expect("somebody has asked")
}

#[test]
fn what_an_abandoned_read_brings_is_there_for_the_next() {
    let input = Input::new();
    assert!(matches!(read(&input, 0, 4), Err(Fetched::NeedsThread)));
    input.forget(0);
    assert_eq!(next(&input), *CHUNK.start());
    input.deliver(Ok(b"abcdef"));
    assert_eq!(read(&input, 1, 4).unwrap(), b"abcd");
    assert_eq!(read(&input, 0, 4).unwrap(), b"ef");
    assert!(matches!(read(&input, 1, 4), Err(Fetched::Pending)), "the thread is there");
}

#[test]
fn ends_and_errors_are_told_once_and_behind_the_bytes() {
    let input = Input::new();
    for outcome in [Ok(&b"x"[..]), Ok(&[][..]), Err(io::ErrorKind::PermissionDenied.into())] {
        let _ = read(&input, 0, 4);
        let expected = outcome.as_ref().ok().map(|bytes| bytes.to_vec());
        let _ = next(&input);
        input.deliver(outcome);
        match (read(&input, 0, 4), expected) {
            (Ok(bytes), Some(expected)) => assert_eq!(bytes, expected),
            (Err(Fetched::Ready(Err(error))), None) => {
                assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
            }
            (other, _) => panic!("{other:?}"),
        }
    }
    assert!(matches!(read(&input, 0, 4), Err(Fetched::Pending)), "told once");
}

#[test]
fn a_thread_that_can_not_be_started_is_an_error_and_the_next_read_tries_again() {
    let input = Input::new();
    assert!(matches!(read(&input, 0, 4), Err(Fetched::NeedsThread)));
    input.no_thread(io::ErrorKind::OutOfMemory.into());
    assert!(matches!(read(&input, 0, 4), Err(Fetched::Ready(Err(_)))));
    assert!(matches!(read(&input, 0, 4), Err(Fetched::NeedsThread)));
}

#[test]
fn an_idle_thread_goes() {
    let input = Input::new();
    let _ = read(&input, 0, 4);
    let _ = next(&input);
    input.deliver(Ok(b"x"));
    assert_eq!(input.next(Duration::ZERO), None);
    assert_eq!(read(&input, 0, 4).unwrap(), b"x");
    assert!(matches!(read(&input, 0, 4), Err(Fetched::NeedsThread)));
}

#[test]
fn no_room_is_no_question() {
    let input = Input::new();
    assert_eq!(read(&input, 0, 0).unwrap(), b"");
    assert!(matches!(read(&input, 0, 1), Err(Fetched::NeedsThread)), "nothing was asked for yet");
}
