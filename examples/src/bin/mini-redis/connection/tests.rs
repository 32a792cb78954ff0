use super::*;

/// A socket that takes up to `room` bytes.
fn takes(room: usize) -> impl FnMut(&[u8]) -> io::Result<usize> {
    move |bytes| if room == 0 { Err(ErrorKind::WouldBlock.into()) } else { Ok(room.min(bytes.len())) }
}

#[test]
fn what_is_sent_is_forgotten() {
    let mut out = BytesMut::from("one two");
    send(&mut out, takes(4)).unwrap();
    assert_eq!(out, "two");
    out.extend_from_slice(b" three");
    send(&mut out, takes(0)).unwrap();
    assert_eq!(out, "two three");
    send(&mut out, takes(100)).unwrap();
    assert!(out.is_empty());
    send(&mut out, |_| panic!("there is nothing to send")).unwrap();
}

#[test]
fn a_broken_socket_is_an_error() {
    let mut out = BytesMut::from("text");
    let error = send(&mut out, |_| Err(ErrorKind::BrokenPipe.into())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BrokenPipe);
}

/// A client that is always a little behind doesn't make the buffer grow for ever.
#[test]
fn a_lagging_client_costs_no_more_than_its_lag() {
    let mut out = BytesMut::from(&[b'x'; 1000][..]);
    for _ in 0..10_000 {
        out.extend_from_slice(&[b'x'; 1000]);
        send(&mut out, takes(1000)).unwrap();
    }
    assert_eq!(out.len(), 1000);
    assert!(!out.try_reclaim(10_000), "more than ten times the lag");
}

#[test]
fn memory_of_a_large_reply_is_given_back() {
    for piece in [1 << 20, 100_000, 1 << 17] {
        let mut out = BytesMut::zeroed(1 << 20);
        while !out.is_empty() {
            send(&mut out, takes(piece)).unwrap();
        }
        assert!(!out.try_reclaim(KEPT), "kept after pieces of {piece} bytes");
    }
}

#[test]
fn memory_of_a_common_reply_is_used_again() {
    let mut out = BytesMut::zeroed(1000);
    send(&mut out, takes(1000)).unwrap();
    assert!(out.try_reclaim(1000));
}
