use super::*;

#[test]
fn words_come_in_order() {
    let spans = [(0, 3), (4, 5), (6, 8)];
    let mut args = Args::new(b"SET k 42", &spans);
    assert_eq!(args.len(), 3);
    assert_eq!(args.word(), Ok(&b"SET"[..]));
    let rest: Vec<&[u8]> = args.clone().collect();
    assert_eq!(rest, [&b"k"[..], b"42"]);
    assert_eq!(args.clone().integer(), Err(NOT_AN_INTEGER));
    args.next();
    assert_eq!(args.integer(), Ok(42));
    assert_eq!(args.len(), 0);
    assert_eq!(args.word(), Err(SYNTAX));
}

#[test]
fn keywords_are_known_in_any_case() {
    assert_eq!(keyword(b"KeepTTL", &["ex", "keepttl"]), "keepttl");
    assert_eq!(keyword(b"keep", &["ex", "keepttl"]), "");
    assert_eq!(keyword(b"", &["ex", "keepttl"]), "");
}

#[test]
fn integers_are_written_one_way() {
    for number in [0, 1, -1, 10, i64::MAX, i64::MIN] {
        assert_eq!(parse_integer(number.to_string().as_bytes()), Some(number));
    }
    for text in ["", "-", "+1", "01", "-0", "-01", " 1", "1 ", "1.0", "0x1", "9223372036854775808", "\u{661}"]
    {
        assert_eq!(parse_integer(text.as_bytes()), None, "{text:?}");
    }
    assert_eq!(parse_integer(b"-9223372036854775809"), None);
    assert_eq!(parse_integer(b"\xff"), None);
}
