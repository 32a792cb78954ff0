//! Commands on keys and what they hold.

use std::time::Duration;

use rt_core::time::Instant;

use super::{Args, Key, Outcome, Output, Session, wrong_arity};
use crate::glob;
use crate::resp::{LIMITS, NOT_AN_INTEGER, SYNTAX, keyword, parse_integer};

/// Bytes of replies that a client may ask for at once.
const REPLIES_MAX: usize = 256 << 20;

pub(super) fn set(key: &mut Key<'_>, mut args: Args<'_>, out: &mut Output) -> Outcome {
    let value = args.word()?;
    let is_plain = args.len() == 0;
    let (mut deadline, mut keeps_deadline, mut replies_old) = (None, false, false);
    // `NX` asks for false, `XX` for true.
    let mut has_to_exist = None;
    while let Some(word) = args.next() {
        match keyword(word, &["ex", "px", "nx", "xx", "get", "keepttl"]) {
            "nx" if has_to_exist != Some(true) => has_to_exist = Some(false),
            "xx" if has_to_exist != Some(false) => has_to_exist = Some(true),
            "get" => replies_old = true,
            "keepttl" if deadline.is_none() => keeps_deadline = true,
            unit @ ("ex" | "px") if deadline.is_none() && !keeps_deadline => {
                let at = later(key.now, args.integer()?, if unit == "ex" { 1000 } else { 1 });
                let at = at.filter(|&at| at > key.now).ok_or("invalid expire time in 'set' command")?;
                deadline = Some(at);
            }
            _ => return Err(SYNTAX),
        }
    }
    let old = if is_plain { None } else { key.entry() };
    let may_set = has_to_exist.is_none_or(|wanted| wanted == old.is_some());
    if keeps_deadline {
        deadline = old.as_ref().and_then(|entry| entry.deadline);
    }
    let reply = match (replies_old, may_set) {
        (true, _) => out.bulk_or_nil(old.map(|entry| &entry.value)),
        (false, true) => out.ok(),
        (false, false) => out.nil(),
    };
    if may_set {
        key.set(value, deadline);
    }
    Ok(reply)
}

pub(super) fn append(key: &mut Key<'_>, mut args: Args<'_>, out: &mut Output) -> Outcome {
    let tail = args.word()?;
    let Some(value) = key.value() else {
        key.set(tail, None);
        return Ok(out.integer(tail.len()));
    };
    if value.len() + tail.len() > LIMITS.bulk {
        return Err("string exceeds maximum allowed size (proto-max-bulk-len)".into());
    }
    value.extend_from_slice(tail);
    Ok(out.integer(value.len()))
}

/// Adds what the request says, or one, `sign` times.
pub(super) fn add(key: &mut Key<'_>, mut args: Args<'_>, out: &mut Output, sign: i64) -> Outcome {
    let amount = if args.len() == 0 { 1 } else { args.integer()? };
    let amount = amount.checked_mul(sign).ok_or("decrement would overflow")?;
    let Some(value) = key.value() else {
        key.set(itoa::Buffer::new().format(amount).as_bytes(), None);
        return Ok(out.integer(amount));
    };
    let old = parse_integer(value).ok_or(NOT_AN_INTEGER)?;
    let sum = old.checked_add(amount).ok_or("increment or decrement would overflow")?;
    value.clear();
    value.extend_from_slice(itoa::Buffer::new().format(sum).as_bytes());
    Ok(out.integer(sum))
}

pub(super) fn mget(session: &mut Session, mut keys: Args<'_>) -> Outcome {
    let mut tables = session.server.keyspace.lock_all(keys.clone(), session.now);
    let reply = session.out.array(keys.len());
    let fits = keys.all(|key| {
        session.out.bulk_or_nil(tables.key(key).value());
        session.out.bytes.len() <= REPLIES_MAX
    });
    drop(tables);
    if !fits {
        // A million times the same long value: no client wants that, and it would take all memory.
        session.give_up();
    }
    Ok(reply)
}

pub(super) fn mset(session: &mut Session, args: Args<'_>) -> Outcome {
    if args.len() % 2 != 0 {
        return Err(wrong_arity("mset"));
    }
    let (keys, values) = (args.clone().step_by(2), args.skip(1).step_by(2));
    let mut tables = session.server.keyspace.lock_all(keys.clone(), session.now);
    for (key, value) in keys.zip(values) {
        tables.key(key).set(value, None);
    }
    Ok(session.out.ok())
}

/// The moment `amount` times `millis` milliseconds after `now`, or `now` if that has passed; `None` if it's beyond
/// what Redis can say in milliseconds since 1970 (of which some 2^41 have passed).
fn later(now: Instant, amount: i64, millis: i64) -> Option<Instant> {
    let millis = amount.checked_mul(millis).filter(|millis| millis.checked_add(1 << 41).is_some())?;
    now.checked_add(Duration::from_millis(millis.max(0).unsigned_abs()))
}

pub(super) fn expire(key: &mut Key<'_>, mut args: Args<'_>, out: &mut Output, millis: i64) -> Outcome {
    let command = if millis == 1 { "pexpire" } else { "expire" };
    let deadline = later(key.now, args.integer()?, millis);
    let deadline = deadline.ok_or_else(|| format!("invalid expire time in '{command}' command"))?;
    Ok(out.integer(u8::from(key.set_deadline(Some(deadline)))))
}

/// To the nearest unit, as Redis says it: a key set to ten seconds says 10 and not 9.
pub(super) fn time_to_live(key: &mut Key<'_>, out: &mut Output, unit: u128) -> Outcome {
    Ok(out.integer(match key.entry().map(|entry| entry.deadline) {
        None => -2,
        Some(None) => -1,
        Some(Some(at)) => (((at - key.now).as_millis() + unit / 2) / unit) as i64,
    }))
}

pub(super) fn persist(key: &mut Key<'_>, _: Args<'_>, out: &mut Output) -> Outcome {
    let has_deadline = key.entry().is_some_and(|entry| entry.deadline.is_some());
    Ok(out.integer(u8::from(has_deadline && key.set_deadline(None))))
}

pub(super) fn keys(session: &mut Session, mut args: Args<'_>) -> Outcome {
    let pattern = args.word()?;
    // How many there are goes first, so they are gathered aside.
    let (mut names, mut count) = (Output::default(), 0);
    for table in session.server.keyspace.each(session.now) {
        for name in table.names().filter(|name| glob::matches(pattern, name)) {
            names.bulk(name);
            count += 1;
        }
    }
    session.out.array(count);
    Ok(session.out.raw(&names.bytes))
}

pub(super) fn flushall(session: &mut Session, mut args: Args<'_>) -> Outcome {
    if args.len() > 1 || args.any(|mode| keyword(mode, &["async", "sync"]).is_empty()) {
        return Err(SYNTAX);
    }
    drop(session.server.keyspace.take(session.now));
    Ok(session.out.ok())
}
