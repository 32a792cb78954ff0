//! Commands on keys, whatever they hold, and their times to live.

use std::time::Duration;

use rt_core::time::Instant;

use crate::args::{Args, SYNTAX, keyword, printable};
use crate::glob;
use crate::keyspace::{Expiry, Table};
use crate::reply::{Fault, Outcome, Output, Reply};
use crate::session::Session;

/// For how many keys `each` says yes.
pub(super) fn count(
    session: &mut Session,
    keys: Args<'_>,
    each: fn(&mut Table, &[u8], Instant) -> bool,
) -> Outcome {
    let mut tables = session.server.keyspace.lock_all(keys.clone());
    Ok(Reply::count(keys.filter(|key| each(tables.table(key), key, session.now)).count()))
}

/// The moment `amount` times `unit` milliseconds after `now`, or `now` if that has passed; `None` if it's
/// beyond what Redis can say in milliseconds since 1970 (of which some 2^41 have passed).
pub(super) fn deadline(now: Instant, amount: i64, unit: i64) -> Option<Instant> {
    let millis = amount.checked_mul(unit)?;
    millis.checked_add(1 << 41)?;
    now.checked_add(Duration::from_millis(millis.max(0).unsigned_abs()))
}

pub(super) fn invalid_deadline(command: &str) -> Fault {
    format!("invalid expire time in '{command}' command").into()
}

pub(super) fn expire(session: &mut Session, mut args: Args<'_>, command: &str, unit: i64) -> Outcome {
    let (key, amount, now) = (args.word()?, args.integer()?, session.now);
    let (mut nx, mut xx, mut gt, mut lt) = (false, false, false, false);
    for word in args {
        match keyword(word, &["nx", "xx", "gt", "lt"]) {
            "nx" => nx = true,
            "xx" => xx = true,
            "gt" => gt = true,
            "lt" => lt = true,
            _ => return Err(format!("Unsupported option {}", printable(word)).into()),
        }
    }
    if nx && (xx || gt || lt) {
        return Err("NX and XX, GT or LT options at the same time are not compatible".into());
    }
    if gt && lt {
        return Err("GT and LT options at the same time are not compatible".into());
    }
    let deadline = deadline(now, amount, unit).ok_or_else(|| invalid_deadline(command))?;
    let mut table = session.server.keyspace.lock(key);
    // A key without a deadline counts as one whose deadline never comes.
    let is_changed = table.entry(key, now).is_some_and(|entry| match entry.deadline() {
        None => !xx && !gt,
        Some(current) => !nx && (!gt || deadline > current) && (!lt || deadline < current),
    });
    match is_changed {
        true if deadline > now => table.set_expiry(key, Expiry::At(deadline), now),
        // The deadline has passed already.
        true => table.remove(key, now),
        false => false,
    };
    Ok(Reply::Integer(is_changed.into()))
}

/// To the nearest unit, as Redis says it: a key set to ten seconds says 10 and not 9.
pub(super) fn time_to_live(session: &mut Session, mut args: Args<'_>, unit: u128) -> Outcome {
    let key = args.word()?;
    let mut table = session.server.keyspace.lock(key);
    Ok(Reply::Integer(match table.entry(key, session.now).map(|entry| entry.deadline()) {
        None => -2,
        Some(None) => -1,
        Some(Some(at)) => (((at - session.now).as_millis() + unit / 2) / unit) as i64,
    }))
}

pub(super) fn persist(session: &mut Session, mut args: Args<'_>) -> Outcome {
    let key = args.word()?;
    let mut table = session.server.keyspace.lock(key);
    let is_changed = table.entry(key, session.now).is_some_and(|entry| entry.deadline().is_some())
        && table.set_expiry(key, Expiry::Never, session.now);
    Ok(Reply::Integer(is_changed.into()))
}

pub(super) fn kind(session: &mut Session, mut args: Args<'_>) -> Outcome {
    let key = args.word()?;
    let is_there = session.server.keyspace.lock(key).contains(key, session.now);
    Ok(Reply::Simple(if is_there { "string" } else { "none" }))
}

pub(super) fn keys(session: &mut Session, mut args: Args<'_>) -> Outcome {
    let pattern = args.word()?;
    // How many there are goes first, so they are gathered aside.
    let mut names = Output::default();
    let mut count = 0;
    for table in session.server.keyspace.each() {
        for name in table.names(session.now).filter(|name| glob::matches(pattern, name)) {
            names.bulk(name);
            count += 1;
        }
    }
    session.out.array(count);
    session.out.bytes.extend_from_slice(&names.bytes);
    Ok(Reply::Written)
}

pub(super) fn dbsize(session: &mut Session, _: Args<'_>) -> Outcome {
    Ok(Reply::count(session.server.keyspace.each().map(|table| table.len()).sum()))
}

pub(super) fn flushall(session: &mut Session, mut args: Args<'_>) -> Outcome {
    if args.len() > 1 || args.any(|mode| keyword(mode, &["async", "sync"]).is_empty()) {
        return Err(SYNTAX);
    }
    // All at once; the keys are freed after the locks are.
    let emptied: Vec<Table> = {
        let mut tables = session.server.keyspace.lock_everything();
        tables.tables().map(|table| table.take()).collect()
    };
    drop(emptied);
    Ok(Reply::OK)
}
