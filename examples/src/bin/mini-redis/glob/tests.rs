use std::time::Instant;

use proptest::prelude::*;

use super::matches;

#[test]
fn elements() {
    let cases: &[(&str, &[&str], &[&str])] = &[
        ("", &[""], &["a"]),
        ("*", &["", "a", "abc"], &[]),
        ("a*", &["a", "ab"], &["", "ba"]),
        ("*a", &["a", "ba", "aba"], &["ab"]),
        ("a*b*c", &["abc", "axxbyyc", "abbcc"], &["acb", "ab"]),
        ("h?llo", &["hello", "hallo"], &["hllo", "heello"]),
        ("h[ae]llo", &["hello", "hallo"], &["hillo", "hllo"]),
        ("h[^e]llo", &["hallo"], &["hello", "hllo"]),
        ("h[a-c]llo", &["hallo", "hbllo", "hcllo"], &["hdllo"]),
        ("h[c-a]llo", &["hallo", "hbllo"], &["hdllo"]),
        ("[\\]]", &["]"], &["\\"]),
        ("\\*", &["*"], &["a", "\\*"]),
        ("\\", &["\\"], &[""]),
        ("[abc", &["a", "c"], &["d"]),
        ("[", &[], &["[", ""]),
        ("[^", &["x"], &[""]),
        ("*[0-9]", &["a1", "11"], &["1a"]),
        ("**a**", &["a", "bab"], &["b"]),
    ];
    for (pattern, good, bad) in cases {
        for text in *good {
            assert!(matches(pattern.as_bytes(), text.as_bytes()), "{pattern} has to match {text:?}");
        }
        for text in *bad {
            assert!(!matches(pattern.as_bytes(), text.as_bytes()), "{pattern} must not match {text:?}");
        }
    }
}

/// What a pattern means, said without any care for time.
fn matches_by_definition(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern, text) {
        ([], _) => text.is_empty(),
        ([b'*', rest @ ..], _) => (0..=text.len()).any(|taken| matches_by_definition(rest, &text[taken..])),
        ([b'?', rest @ ..], [_, tail @ ..]) => matches_by_definition(rest, tail),
        ([b'\\', literal, rest @ ..], [first, tail @ ..]) => {
            literal == first && matches_by_definition(rest, tail)
        }
        ([literal, rest @ ..], [first, tail @ ..]) => literal == first && matches_by_definition(rest, tail),
        (_, []) => false,
    }
}

proptest! {
    #[test]
    fn agrees_with_the_definition(pattern in "[ab*?\\\\]{0,8}", text in "[ab*]{0,10}") {
        let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
        prop_assert_eq!(matches(pattern, text), matches_by_definition(pattern, text));
    }

    #[test]
    fn noise_is_harmless(pattern in prop::collection::vec(any::<u8>(), 0..20), text in prop::collection::vec(any::<u8>(), 0..20)) {
        matches(&pattern, &text);
    }

    #[test]
    fn text_matches_itself_escaped(text in prop::collection::vec(any::<u8>(), 0..20)) {
        let escaped: Vec<u8> = text.iter().flat_map(|&byte| [b'\\', byte]).collect();
        prop_assert!(matches(&escaped, &text));
    }
}

/// With a way back to every star this would take longer than the universe is old.
#[test]
fn many_stars_are_cheap() {
    let pattern = [b"a*".repeat(50), b"b".to_vec()].concat();
    let text = b"a".repeat(10_000);
    let start = Instant::now();
    assert!(!matches(&pattern, &text));
    assert!(start.elapsed().as_secs() < 5);
}
