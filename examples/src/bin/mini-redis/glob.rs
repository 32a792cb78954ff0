//! Glob patterns, as `KEYS`, `PSUBSCRIBE` and `CONFIG GET` take them.

#[cfg(test)]
mod tests;

/// Whether all of `text` matches `pattern`: `*` stands for any bytes, `?` for one, `[a-c]` and `[^a]`
/// for one of (or not of) a set, `\` takes the meaning away from the byte after it.
///
/// Only the last `*` is ever gone back to, since what an earlier one could take instead, the last one
/// can too. So the work is at most the product of both lengths, and a pattern of many stars from an
/// unkind client costs no more than another.
pub(crate) fn matches(mut pattern: &[u8], mut text: &[u8]) -> bool {
    // Behind the last star, and the text that would follow if the star took nothing (more).
    let mut retry: Option<(&[u8], &[u8])> = None;
    loop {
        if let [b'*', rest @ ..] = pattern {
            pattern = rest;
            retry = Some((rest, text));
        } else if pattern.is_empty() && text.is_empty() {
            return true;
        } else if let Some(rest) = text.first().and_then(|&byte| one(pattern, byte)) {
            (pattern, text) = (rest, &text[1..]);
        } else if let Some((rest, [_, tail @ ..])) = retry {
            (pattern, text) = (rest, tail);
            retry = Some((rest, tail));
        } else {
            return false;
        }
    }
}

/// Whether the first element of `pattern`, no star, matches `byte`: then, what follows it.
fn one(pattern: &[u8], byte: u8) -> Option<&[u8]> {
    let (matched, rest) = match pattern {
        [] => return None,
        [b'?', rest @ ..] => (true, rest),
        [b'[', b'^', set @ ..] => in_set(set, byte, false),
        [b'[', set @ ..] => in_set(set, byte, true),
        [b'\\', literal, rest @ ..] | [literal, rest @ ..] => (*literal == byte, rest),
    };
    matched.then_some(rest)
}

/// Whether `byte` is in the set that `set` begins with, or isn't, as is `wanted`; and what follows the closing
/// bracket. A set that isn't closed ends with the pattern.
fn in_set(mut set: &[u8], byte: u8, wanted: bool) -> (bool, &[u8]) {
    let mut found = false;
    loop {
        let (one, other, rest) = match set {
            [] | [b']', ..] => return (found == wanted, set.get(1..).unwrap_or_default()),
            [b'\\', literal, rest @ ..] => (literal, literal, rest),
            [from, b'-', to, rest @ ..] => (from, to, rest),
            [literal, rest @ ..] => (literal, literal, rest),
        };
        found |= (*one.min(other)..=*one.max(other)).contains(&byte);
        set = rest;
    }
}
