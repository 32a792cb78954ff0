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
                Ok(Some(request)) => {
                    reading.requests.push(request.args.clone().map(<[u8]>::to_vec).collect());
                    request.frame_len
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
    read([bytes], Limits::default())
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
fn quotes_hold_words_together() {
    let words = |line: &[u8]| requests(line).remove(0);
    assert_eq!(words(b"SET \"a b\" 'c d'\n"), [&b"SET"[..], b"a b", b"c d"]);
    assert_eq!(
        words(b"x \"\\n\\r\\t\\a\\b\\\\\\\"\\x41\\xfF\\q\"\n"),
        [&b"x"[..], b"\n\r\t\x07\x08\\\"A\xffq"]
    );
    assert_eq!(words(b"x 'it\\'s' '\\n'\n"), [&b"x"[..], b"it's", b"\\n"]);
    assert_eq!(words(b"x a\"b c\" \"\" \"\\xzz\"\n"), [&b"x"[..], b"ab c", b"", b"xzz"]);
    for line in [&b"\"\n"[..], b"'\n", b"x \"a\"b\n", b"x 'a'b\n", b"x \"a\\\"\n", b"'a\\'\n"] {
        assert_eq!(error(line), UNBALANCED_QUOTES);
    }
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
    let limits = Limits { bulk: 10, frame: 30, ..Limits::default() };
    let reading = read([&b"*3\r\n$8\r\n12345678\r\n$9\r\n"[..]], limits);
    assert_eq!(reading.error, Some(FRAME_TOO_BIG));
}

#[test]
fn an_announcement_allocates_nothing() {
    let mut parser = Parser::new(Limits::default());
    assert!(matches!(parser.parse(b"*1048576\r\n$67108864\r\nx"), Ok(None)));
    assert_eq!(parser.spans.capacity(), 0);
    assert_eq!(parser.missing_bytes(22), 67_108_864 + 1);
}

#[test]
fn memory_of_an_unusual_request_is_given_back() {
    let mut parser = Parser::new(Limits::default());
    let large = encode(&vec![b"x".to_vec(); 100_000]);
    assert!(matches!(parser.parse(&large), Ok(Some(request)) if request.args.len() == 100_000));
    assert!(matches!(parser.parse(b"PING\r\n"), Ok(Some(request)) if request.args.len() == 1));
    assert!(parser.spans.capacity() <= KEPT_SPANS);
}

#[test]
fn error_texts_are_those_of_redis() {
    let texts = [
        (MULTIBULK_LENGTH, "Protocol error: invalid multibulk length"),
        (BULK_LENGTH, "Protocol error: invalid bulk length"),
        (error(b"*1\r\nP"), "Protocol error: expected '$', got 'P'"),
        (INLINE_TOO_BIG, "Protocol error: too big inline request"),
        (UNBALANCED_QUOTES, "Protocol error: unbalanced quotes in request"),
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
            prop_assert_eq!(&read([head, tail], Limits::default()), &whole);
        }
        prop_assert_eq!(&read(bytes.chunks(1), Limits::default()), &whole);
    }

    #[test]
    fn pieces_change_nothing(bytes in nearly_frames(), cuts in prop::collection::vec(1_usize..9, 1..9)) {
        prop_assert_eq!(read(cut(&bytes, &cuts), Limits::default()), read_all(&bytes));
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

    /// A line of words in quotes reads as those words.
    #[test]
    fn quoting_round_trip(words in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..10), 1..5)) {
        let mut line = Vec::new();
        for word in &words {
            line.push(b'"');
            for byte in word {
                line.extend_from_slice(format!("\\x{byte:02x}").as_bytes());
            }
            line.extend_from_slice(b"\" ");
        }
        line.push(b'\n');
        prop_assert_eq!(requests(&line), vec![words]);
    }
}
