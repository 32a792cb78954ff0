use super::*;

fn written(write: impl FnOnce(&mut Output)) -> Vec<u8> {
    let mut out = Output::default();
    write(&mut out);
    out.unsent().to_vec()
}

#[test]
fn each_kind_of_reply() {
    assert_eq!(written(|out| out.simple("OK")), b"+OK\r\n");
    assert_eq!(written(|out| out.integer(i64::MIN)), b":-9223372036854775808\r\n");
    assert_eq!(written(|out| out.count(42)), b":42\r\n");
    assert_eq!(written(|out| out.bulk(b"a\r\nb")), b"$4\r\na\r\nb\r\n");
    assert_eq!(written(|out| out.bulk(b"")), b"$0\r\n\r\n");
    assert_eq!(written(|out| out.bulk_or_nil(None)), b"$-1\r\n");
    assert_eq!(written(|out| out.array(3)), b"*3\r\n");
}

/// What a client sent can't be used to forge a second reply.
#[test]
fn an_error_is_one_line() {
    assert_eq!(written(|out| out.error("no\r\n+OK\r\n")), b"-ERR no  +OK  \r\n");
    assert_eq!(written(|out| out.error(&char::from(0xff))), b"-ERR \xff\r\n");
}

#[test]
fn what_is_sent_is_forgotten() {
    let mut out = Output::default();
    out.raw(b"one two");
    out.mark_sent(4);
    assert_eq!(out.unsent(), b"two");
    out.raw(b" three");
    assert_eq!(out.unsent(), b"two three");
    out.mark_sent(9);
    assert!(out.is_empty());
    assert_eq!(out.bytes.len(), 0);
}

/// A client that is always a little behind doesn't make the buffer grow for ever.
#[test]
fn a_lagging_client_costs_no_more_than_its_lag() {
    let mut out = Output::default();
    out.raw(&[b'x'; 1000]);
    for _ in 0..10_000 {
        out.raw(&[b'x'; 1000]);
        out.mark_sent(1000);
    }
    assert_eq!(out.len(), 1000);
    assert!(out.bytes.capacity() <= 4 * KEPT_CAPACITY, "{} bytes", out.bytes.capacity());
}

#[test]
fn memory_of_a_large_reply_is_given_back() {
    let mut out = Output::default();
    out.bulk(&vec![b'x'; 1 << 20]);
    let len = out.len();
    out.mark_sent(len);
    assert!(out.bytes.capacity() <= KEPT_CAPACITY);
}

#[test]
fn bytes_of_a_message_are_what_is_unsent() {
    let mut out = Output::default();
    out.raw(b"ab");
    out.mark_sent(1);
    assert_eq!(out.into_bytes(), "b");
}
