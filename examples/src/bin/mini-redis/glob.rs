//! Glob patterns, as `KEYS`, `PSUBSCRIBE` and `CONFIG GET` take them.

#[cfg(test)]
mod tests;

/// Whether all of `text` matches `pattern`: `*` stands for any bytes, `?` for one, `[a-c]` and `[^a]`
/// for one of (or not of) a set, `\` takes the meaning away from the byte after it.
///
/// Only the last `*` is ever gone back to, since what an earlier one could take instead, the last one
/// can too. So the work is at most the product of both lengths, and a pattern of many stars from an
/// unkind client costs no more than another.
pub(crate) fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at_pattern, mut at_text) = (0, 0);
    // Behind the last star: where the pattern goes on, and where the text does if the star takes one more.
    let mut retry = None;
    loop {
        if pattern.get(at_pattern) == Some(&b'*') {
            at_pattern += 1;
            retry = Some((at_pattern, at_text));
            continue;
        }
        let step = match text.get(at_text) {
            None => return pattern[at_pattern..].iter().all(|&byte| byte == b'*'),
            Some(&byte) => one(&pattern[at_pattern..], byte),
        };
        if let Some(len) = step {
            at_pattern += len;
            at_text += 1;
        } else if let Some((pattern_again, text_again)) = retry {
            retry = Some((pattern_again, text_again + 1));
            (at_pattern, at_text) = (pattern_again, text_again + 1);
        } else {
            return false;
        }
    }
}

/// Whether the first element of `pattern`, no star, matches `byte`: then, how long that element is.
fn one(pattern: &[u8], byte: u8) -> Option<usize> {
    match pattern {
        [] => None,
        [b'?', ..] => Some(1),
        [b'[', set @ ..] => {
            let (matched, len) = in_set(set, byte);
            matched.then_some(1 + len)
        }
        [b'\\', literal, ..] => (*literal == byte).then_some(2),
        [literal, ..] => (*literal == byte).then_some(1),
    }
}

/// Whether `byte` is in the set that `set` begins with (behind its bracket), and the set's length with
/// the closing bracket. A set that isn't closed ends with the pattern.
fn in_set(set: &[u8], byte: u8) -> (bool, usize) {
    let negated = set.first() == Some(&b'^');
    let mut at = usize::from(negated);
    let mut found = false;
    loop {
        match &set[at..] {
            [] => break,
            [b']', ..] => {
                at += 1;
                break;
            }
            [b'\\', literal, ..] => {
                found |= *literal == byte;
                at += 2;
            }
            [from, b'-', to, ..] => {
                found |= (*from.min(to)..=*from.max(to)).contains(&byte);
                at += 3;
            }
            [literal, ..] => {
                found |= *literal == byte;
                at += 1;
            }
        }
    }
    (found != negated, at)
}
