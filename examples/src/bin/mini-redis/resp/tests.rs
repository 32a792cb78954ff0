use proptest::prelude::*;

use super::*;

/// What a stream of bytes comes to: the requests in it, then the error that ended it if one did.
#[derive(Debug, Default, PartialEq)]
struct Reading {
    requests: Vec<Vec<Vec<u8>>>,
    error: Option<Fault>,
    /// Bytes behind the last request.
    left: usize,
}

/// Reads a stream that arrives in the given pieces.
fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, limits: Limits) -> Reading {
    let mut parser = Parser::new(limits);
    let mut reading = Reading::default();
    let mut buf = Vec::new();
    for piece in pieces {
        buf.extend_from_slice(piece);
        loop {
            let frame_len = match parser.parse(&buf) {
                Ok(None) => break,
                Ok(Some((args, frame_len))) => {
                    reading.requests.push(args.map(<[u8]>::to_vec).collect());
                    frame_len
                }
                Err(error) => {
                    reading.error = Some(error);
                    return reading;
                }
            };
            buf.drain(..frame_len);
        }
    }
    reading.left = buf.len();
    reading
}

fn read_all(bytes: &[u8]) -> Reading {
    read([bytes], LIMITS)
}

fn requests(bytes: &[u8]) -> Vec<Vec<Vec<u8>>> {
    let reading = read_all(bytes);
    assert_eq!((reading.error, reading.left), (None, 0), "{}", bytes.escape_ascii());
    reading.requests
}

fn error(bytes: &[u8]) -> Fault {
    let reading = read_all(bytes);
    reading.error.clone().unwrap_or_else(|| panic!("{} was taken: {reading:?}", bytes.escape_ascii()))
}

fn encode(request: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", request.len()).into_bytes();
    for arg in request {
        bytes.extend_from_slice(format!("${}\r\n", arg.len()).as_bytes());
        bytes.extend_from_slice(arg);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

#[test]
fn reads_arrays_and_lines() {
    assert_eq!(requests(b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n"), [[b"GET".to_vec(), b"k".to_vec()]]);
    assert_eq!(requests(b"GET k\r\n  GET \t k \n"), [[b"GET", &b"k"[..]], [b"GET", b"k"]]);
    assert_eq!(requests(b"*1\r\n$0\r\n\r\n"), [[b""]]);
    // Line ends inside a bulk string are content.
    assert_eq!(requests(b"*1\r\n$6\r\n\r\n$1\r\n\r\n"), [[b"\r\n$1\r\n"]]);
}

#[test]
fn empty_requests_have_no_arguments() {
    assert_eq!(requests(b"\r\n\n*0\r\n*-1\r\n   \r\n"), vec![Vec::<Vec<u8>>::new(); 5]);
}

#[test]
fn a_line_has_no_quotes() {
    assert_eq!(requests(b"ECHO \"a b\"\n"), [[&b"ECHO"[..], b"\"a", b"b\""]]);
}

#[test]
fn refuses_what_is_no_frame() {
    for bytes in [&b"*x\r\n"[..], b"*\r\n", b"*-\r\n", b"*1\n", b"*1x\r\n", b"*1\rx", b"*+1\r\n", b"* 1\r\n"]
    {
        assert_eq!(error(bytes), MULTIBULK_LENGTH);
    }
    for bytes in [&b"*1\r\n$x\r\n"[..], b"*1\r\n$-1\r\n", b"*1\r\n$\r\n", b"*1\r\n$1\n"] {
        assert_eq!(error(bytes), BULK_LENGTH);
    }
    assert_eq!(error(b"*1\r\nPING\r\n"), "Protocol error: expected '$', got 'P'");
    assert_eq!(error(b"*1\r\n$4\r\nPINGxx"), BULK_END);
    assert_eq!(error(b"*1\r\n$4\r\nPING\n\n"), BULK_END);
    // What came before is answered.
    assert_eq!(read_all(b"PING\r\n*1\r\n!").requests, [[b"PING"]]);
}

#[test]
fn refuses_what_is_too_large_when_it_is_announced() {
    assert_eq!(error(b"*1000000000\r\n"), MULTIBULK_LENGTH);
    assert_eq!(error(b"*1048577\r\n"), MULTIBULK_LENGTH);
    assert_eq!(error(b"*99999999999999999999999"), MULTIBULK_LENGTH);
    assert_eq!(error(b"*1\r\n$67108865\r\n"), BULK_LENGTH);
    assert_eq!(error(b"*1\r\n$9223372036854775807\r\n"), BULK_LENGTH);
    assert_eq!(error(b"*1\r\n$00000000000000000000001"), BULK_LENGTH);
    assert_eq!(error(&[b'x'; (64 << 10) + 1]), INLINE_TOO_BIG);
    let limits = Limits { bulk: 10, frame: 30, ..LIMITS };
    let reading = read([&b"*3\r\n$8\r\n12345678\r\n$9\r\n"[..]], limits);
    assert_eq!(reading.error, Some(FRAME_TOO_BIG));
}

#[test]
fn an_announcement_allocates_nothing() {
    let mut parser = Parser::new(LIMITS);
    assert!(matches!(parser.parse(b"*1048576\r\n$67108864\r\nx"), Ok(None)));
    assert_eq!(parser.spans.capacity(), 0);
    assert_eq!(parser.missing_bytes(22), 67_108_864 + 1);
}

#[test]
fn memory_of_an_unusual_request_is_given_back() {
    let mut parser = Parser::new(LIMITS);
    let large = encode(&vec![b"x".to_vec(); 100_000]);
    assert!(matches!(parser.parse(&large), Ok(Some((args, _))) if args.len() == 100_000));
    assert!(matches!(parser.parse(b"PING\r\n"), Ok(Some((args, _))) if args.len() == 1));
    assert!(parser.spans.capacity() <= KEPT_SPANS);
}

#[test]
fn error_texts_are_those_of_redis() {
    let texts = [
        (MULTIBULK_LENGTH, "Protocol error: invalid multibulk length"),
        (BULK_LENGTH, "Protocol error: invalid bulk length"),
        (error(b"*1\r\nP"), "Protocol error: expected '$', got 'P'"),
        (INLINE_TOO_BIG, "Protocol error: too big inline request"),
    ];
    for (error, text) in texts {
        assert_eq!(error.to_string(), text);
    }
}

fn any_request() -> impl Strategy<Value = Vec<Vec<u8>>> {
    prop::collection::vec(prop::collection::vec(any::<u8>(), 0..12), 1..6)
}

/// Bytes made of what frames are made of, so that they are nearly right often enough.
fn nearly_frames() -> impl Strategy<Value = Vec<u8>> {
    let element = prop_oneof![
        6 => any_request().prop_map(|request| encode(&request)),
        2 => prop::sample::select(vec!["\r\n", "*", "$", "*1\r\n", "$3\r\n", "*-1\r\n", "-", "\n", "\"", "'", "\\"])
            .prop_map(|text| text.as_bytes().to_vec()),
        1 => "[ -~]{0,20}\r?\n".prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 0..20),
    ];
    prop::collection::vec(element, 0..8).prop_map(|elements| elements.concat())
}

/// Cuts `bytes` into pieces of the lengths that `cuts` gives, in turn.
fn cut<'a>(mut bytes: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    for &len in cuts.iter().cycle() {
        if bytes.is_empty() {
            break;
        }
        let (piece, rest) = bytes.split_at(len.min(bytes.len()));
        pieces.push(piece);
        bytes = rest;
    }
    pieces
}

proptest! {
    /// What is encoded is what is read.
    #[test]
    fn round_trip(expected in prop::collection::vec(any_request(), 0..6)) {
        let bytes: Vec<u8> = expected.iter().flat_map(|request| encode(request)).collect();
        prop_assert_eq!(requests(&bytes), expected);
    }

    /// Cut in two at any byte, or into single bytes, a stream reads the same, errors included.
    #[test]
    fn cuts_change_nothing(bytes in nearly_frames()) {
        let whole = read_all(&bytes);
        for at in 0..=bytes.len() {
            let (head, tail) = bytes.split_at(at);
            prop_assert_eq!(&read([head, tail], LIMITS), &whole);
        }
        prop_assert_eq!(&read(bytes.chunks(1), LIMITS), &whole);
    }

    #[test]
    fn pieces_change_nothing(bytes in nearly_frames(), cuts in prop::collection::vec(1_usize..9, 1..9)) {
        prop_assert_eq!(read(cut(&bytes, &cuts), LIMITS), read_all(&bytes));
    }

    /// The limits are told by a frame's content and not by how it's cut.
    #[test]
    fn limits_hold_for_all_cuts(bytes in nearly_frames(), bulk in 0_usize..12, args in 0_usize..6, rest in 1_usize..60) {
        let limits = Limits { bulk, args, inline: rest, frame: 2 * rest };
        prop_assert_eq!(read(bytes.chunks(1), limits), read([&bytes[..]], limits));
        for request in read([&bytes[..]], limits).requests {
            prop_assert!(request.iter().map(Vec::len).sum::<usize>() <= 2 * rest);
        }
    }

    /// Any bytes at all: no panic, and no request longer than what was given.
    #[test]
    fn noise_is_harmless(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let reading = read_all(&bytes);
        prop_assert!(reading.left <= bytes.len());
    }
}

#[test]
fn words_come_in_order() {
    let spans = [(0, 3), (4, 5), (6, 8)];
    let mut args = Args { bytes: b"SET k 42", spans: spans.iter() };
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
