//! Commands on values.

use super::{keys, wrong_arity};
use crate::reply::Outcome;
use crate::resp::{Args, LIMITS, NOT_AN_INTEGER, SYNTAX, keyword, parse_integer};
use crate::session::Session;

pub(super) fn get(session: &mut Session, mut args: Args<'_>) -> Outcome {
    let key = args.word()?;
    let mut table = session.server.keyspace.lock(key, session.now);
    Ok(session.out.bulk_or_nil(table.value(key)))
}

pub(super) fn set(session: &mut Session, mut args: Args<'_>) -> Outcome {
    let (key, value) = (args.word()?, args.word()?);
    let is_plain = args.len() == 0;
    let (mut deadline, mut keeps_deadline) = (None, false);
    // `NX` asks for false, `XX` for true.
    let mut has_to_exist = None;
    let mut replies_old = false;
    while let Some(word) = args.next() {
        match keyword(word, &["ex", "px", "nx", "xx", "get", "keepttl"]) {
            "nx" if has_to_exist != Some(true) => has_to_exist = Some(false),
            "xx" if has_to_exist != Some(false) => has_to_exist = Some(true),
            "get" => replies_old = true,
            "keepttl" if deadline.is_none() => keeps_deadline = true,
            unit @ ("ex" | "px") if deadline.is_none() && !keeps_deadline => {
                let millis = if unit == "ex" { 1000 } else { 1 };
                let at = keys::deadline(session.now, args.integer()?, millis, "set")?;
                if at <= session.now {
                    return Err(keys::invalid_deadline("set"));
                }
                deadline = Some(at);
            }
            _ => return Err(SYNTAX),
        }
    }
    let mut table = session.server.keyspace.lock(key, session.now);
    let old = if is_plain { None } else { table.entry(key) };
    let may_set = has_to_exist.is_none_or(|wanted| wanted == old.is_some());
    if keeps_deadline {
        deadline = old.as_ref().and_then(|entry| entry.deadline());
    }
    let reply = match (replies_old, may_set) {
        (true, _) => session.out.bulk_or_nil(old.map(|entry| &entry.value)),
        (false, true) => session.out.ok(),
        (false, false) => session.out.nil(),
    };
    if may_set {
        table.set(key, value, deadline);
    }
    Ok(reply)
}

pub(super) fn mget(session: &mut Session, mut keys: Args<'_>) -> Outcome {
    let mut tables = session.server.keyspace.lock_all(keys.clone(), session.now);
    let reply = session.out.array(keys.len());
    let fits = keys.all(|key| {
        session.out.bulk_or_nil(tables.of(key).value(key));
        !session.out.is_excessive()
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
        tables.of(key).set(key, value, None);
    }
    Ok(session.out.ok())
}

pub(super) fn strlen(session: &mut Session, mut args: Args<'_>) -> Outcome {
    let key = args.word()?;
    let mut table = session.server.keyspace.lock(key, session.now);
    Ok(session.out.count(table.value(key).map_or(0, |value| value.len())))
}

pub(super) fn append(session: &mut Session, mut args: Args<'_>) -> Outcome {
    let (key, tail) = (args.word()?, args.word()?);
    let mut table = session.server.keyspace.lock(key, session.now);
    let Some(value) = table.value(key) else {
        table.set(key, tail, None);
        return Ok(session.out.count(tail.len()));
    };
    if value.len() + tail.len() > LIMITS.bulk {
        return Err("string exceeds maximum allowed size (proto-max-bulk-len)".into());
    }
    value.extend_from_slice(tail);
    Ok(session.out.count(value.len()))
}

/// Adds what the request says, or one, `sign` times.
pub(super) fn add(session: &mut Session, mut args: Args<'_>, sign: i64) -> Outcome {
    let key = args.word()?;
    let amount = if args.len() == 0 { 1 } else { args.integer()? };
    let amount = amount.checked_mul(sign).ok_or("decrement would overflow")?;
    let mut table = session.server.keyspace.lock(key, session.now);
    let Some(value) = table.value(key) else {
        table.set(key, itoa::Buffer::new().format(amount).as_bytes(), None);
        return Ok(session.out.integer(amount));
    };
    let old = parse_integer(value).ok_or(NOT_AN_INTEGER)?;
    let sum = old.checked_add(amount).ok_or("increment or decrement would overflow")?;
    value.clear();
    value.extend_from_slice(itoa::Buffer::new().format(sum).as_bytes());
    Ok(session.out.integer(sum))
}
