use super::*;

fn written(write: impl FnOnce(&mut Output) -> Replied) -> Vec<u8> {
    let mut out = Output::default();
    write(&mut out);
    out.bytes.to_vec()
}

#[test]
fn each_kind_of_reply() {
    assert_eq!(written(Output::ok), b"+OK\r\n");
    assert_eq!(written(Output::nil), b"$-1\r\n");
    assert_eq!(written(|out| out.integer(i64::MIN)), b":-9223372036854775808\r\n");
    assert_eq!(written(|out| out.integer(42_usize)), b":42\r\n");
    assert_eq!(written(|out| out.bulk(b"a\r\nb")), b"$4\r\na\r\nb\r\n");
    assert_eq!(written(|out| out.bulk(b"")), b"$0\r\n\r\n");
    assert_eq!(written(|out| out.bulk_or_nil(None::<&[u8]>)), b"$-1\r\n");
    assert_eq!(written(|out| out.array(3)), b"*3\r\n");
    assert_eq!(written(|out| out.bulks(&["a", ""])), b"*2\r\n$1\r\na\r\n$0\r\n\r\n");
}

/// What a client sent can't be used to forge a second reply.
#[test]
fn an_error_is_one_line() {
    assert_eq!(written(|out| out.error("no\r\n+OK\r\n")), b"-ERR no  +OK  \r\n");
    assert_eq!(written(|out| out.error("\u{ff}")), b"-ERR \xff\r\n");
}
