//! Commands on values.

use super::{keys, wrong_arity};
use crate::args::{Args, NOT_AN_INTEGER, SYNTAX, keyword, parse_integer};
use crate::keyspace::Expiry;
use crate::reply::{Outcome, Reply};
use crate::session::Session;

pub(super) fn get(session: &mut Session, mut args: Args<'_>) -> Outcome {
    let key = args.word()?;
    let mut table = session.server.keyspace.lock(key);
    session.out.bulk_or_nil(table.value(key, session.now).map(|value| &value[..]));
    Ok(Reply::Written)
}

pub(super) fn set(session: &mut Session, mut args: Args<'_>) -> Outcome {
    let (key, value) = (args.word()?, args.word()?);
    let mut expiry = None;
    // `NX` asks for false, `XX` for true.
    let mut has_to_exist = None;
    let mut replies_old = false;
    while let Some(word) = args.next() {
        match keyword(word, &["ex", "px", "nx", "xx", "get", "keepttl"]) {
            "nx" if has_to_exist != Some(true) => has_to_exist = Some(false),
            "xx" if has_to_exist != Some(false) => has_to_exist = Some(true),
            "get" => replies_old = true,
            "keepttl" if expiry.is_none() => expiry = Some(Expiry::Keep),
            unit @ ("ex" | "px") if expiry.is_none() => {
                let unit = if unit == "ex" { 1000 } else { 1 };
                let deadline = keys::deadline(session.now, args.integer()?, unit);
                let deadline = deadline.filter(|&at| at > session.now);
                expiry = Some(Expiry::At(deadline.ok_or_else(|| keys::invalid_deadline("set"))?));
            }
            _ => return Err(SYNTAX),
        }
    }
    let mut table = session.server.keyspace.lock(key);
    let mut may_set = true;
    if replies_old || has_to_exist.is_some() {
        let old = table.value(key, session.now);
        may_set = has_to_exist.is_none_or(|wanted| wanted == old.is_some());
        if replies_old {
            session.out.bulk_or_nil(old.map(|value| &value[..]));
        }
    }
    if may_set {
        table.set(key, value, expiry.unwrap_or(Expiry::Never), session.now);
    }
    Ok(match (replies_old, may_set) {
        (true, _) => Reply::Written,
        (false, true) => Reply::OK,
        (false, false) => Reply::Nil,
    })
}

pub(super) fn mget(session: &mut Session, mut keys: Args<'_>) -> Outcome {
    let mut tables = session.server.keyspace.lock_all(keys.clone());
    session.out.array(keys.len());
    let fits = keys.all(|key| {
        let value = tables.table(key).value(key, session.now);
        session.out.bulk_or_nil(value.map(|value| &value[..]));
        !session.out.is_excessive()
    });
    drop(tables);
    if !fits {
        // A million times the same long value: no client wants that, and it would take all memory.
        session.give_up();
    }
    Ok(Reply::Written)
}

pub(super) fn mset(session: &mut Session, args: Args<'_>) -> Outcome {
    if args.len() % 2 != 0 {
        return Err(wrong_arity("mset"));
    }
    let (keys, values) = (args.clone().step_by(2), args.skip(1).step_by(2));
    let mut tables = session.server.keyspace.lock_all(keys.clone());
    for (key, value) in keys.zip(values) {
        tables.table(key).set(key, value, Expiry::Never, session.now);
    }
    Ok(Reply::OK)
}

pub(super) fn strlen(session: &mut Session, mut args: Args<'_>) -> Outcome {
    let key = args.word()?;
    let mut table = session.server.keyspace.lock(key);
    Ok(Reply::count(table.value(key, session.now).map_or(0, |value| value.len())))
}

pub(super) fn append(session: &mut Session, mut args: Args<'_>) -> Outcome {
    let (key, tail) = (args.word()?, args.word()?);
    let mut table = session.server.keyspace.lock(key);
    let Some(value) = table.value(key, session.now) else {
        table.set(key, tail, Expiry::Never, session.now);
        return Ok(Reply::count(tail.len()));
    };
    if value.len() + tail.len() > session.server.config.limits.bulk {
        return Err("string exceeds maximum allowed size (proto-max-bulk-len)".into());
    }
    value.extend_from_slice(tail);
    Ok(Reply::count(value.len()))
}

/// Adds what the request says, or one, `sign` times.
pub(super) fn add(session: &mut Session, mut args: Args<'_>, sign: i64) -> Outcome {
    let key = args.word()?;
    let amount = if args.len() == 0 { 1 } else { args.integer()? };
    let amount = amount.checked_mul(sign).ok_or("decrement would overflow")?;
    let mut table = session.server.keyspace.lock(key);
    let Some(value) = table.value(key, session.now) else {
        table.set(key, itoa::Buffer::new().format(amount).as_bytes(), Expiry::Never, session.now);
        return Ok(Reply::Integer(amount));
    };
    let old = parse_integer(value).ok_or(NOT_AN_INTEGER)?;
    let sum = old.checked_add(amount).ok_or("increment or decrement would overflow")?;
    value.clear();
    value.extend_from_slice(itoa::Buffer::new().format(sum).as_bytes());
    Ok(Reply::Integer(sum))
}
