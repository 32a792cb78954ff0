//! Commands on keys, whatever they hold, and their times to live.

use std::time::Duration;

use rt_core::time::Instant;

use crate::glob;
use crate::keyspace::Table;
use crate::reply::{Fault, Outcome, Output};
use crate::resp::{Args, SYNTAX, keyword};
use crate::session::Session;

/// For how many keys `each` says yes.
pub(super) fn count(
    session: &mut Session,
    keys: Args<'_>,
    each: fn(&mut Table<'_>, &[u8]) -> bool,
) -> Outcome {
    let mut tables = session.server.keyspace.lock_all(keys.clone(), session.now);
    Ok(session.out.count(keys.filter(|key| each(tables.of(key), key)).count()))
}

/// The moment `amount` times `millis` milliseconds after `now`, or `now` if that has passed; refused if it's
/// beyond what Redis can say in milliseconds since 1970 (of which some 2^41 have passed).
pub(super) fn deadline(now: Instant, amount: i64, millis: i64, command: &str) -> Result<Instant, Fault> {
    let millis = amount.checked_mul(millis).filter(|millis| millis.checked_add(1 << 41).is_some());
    let later = millis.map(|millis| Duration::from_millis(millis.max(0).unsigned_abs()));
    later.and_then(|later| now.checked_add(later)).ok_or_else(|| invalid_deadline(command))
}

pub(super) fn invalid_deadline(command: &str) -> Fault {
    format!("invalid expire time in '{command}' command").into()
}

pub(super) fn expire(session: &mut Session, mut args: Args<'_>, command: &str, millis: i64) -> Outcome {
    let (key, amount) = (args.word()?, args.integer()?);
    let deadline = deadline(session.now, amount, millis, command)?;
    let mut table = session.server.keyspace.lock(key, session.now);
    Ok(session.out.integer(table.set_deadline(key, Some(deadline)).into()))
}

/// To the nearest unit, as Redis says it: a key set to ten seconds says 10 and not 9.
pub(super) fn time_to_live(session: &mut Session, mut args: Args<'_>, unit: u128) -> Outcome {
    let key = args.word()?;
    let mut table = session.server.keyspace.lock(key, session.now);
    Ok(session.out.integer(match table.entry(key).map(|entry| entry.deadline()) {
        None => -2,
        Some(None) => -1,
        Some(Some(at)) => (((at - session.now).as_millis() + unit / 2) / unit) as i64,
    }))
}

pub(super) fn persist(session: &mut Session, mut args: Args<'_>) -> Outcome {
    let key = args.word()?;
    let mut table = session.server.keyspace.lock(key, session.now);
    let is_changed =
        table.entry(key).is_some_and(|entry| entry.deadline().is_some()) && table.set_deadline(key, None);
    Ok(session.out.integer(is_changed.into()))
}

pub(super) fn kind(session: &mut Session, mut args: Args<'_>) -> Outcome {
    let key = args.word()?;
    let is_there = session.server.keyspace.lock(key, session.now).contains(key);
    Ok(session.out.simple(if is_there { "string" } else { "none" }))
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

pub(super) fn dbsize(session: &mut Session, _: Args<'_>) -> Outcome {
    let tables = session.server.keyspace.each(session.now);
    Ok(session.out.count(tables.map(|table| table.len()).sum()))
}

pub(super) fn flushall(session: &mut Session, mut args: Args<'_>) -> Outcome {
    if args.len() > 1 || args.any(|mode| keyword(mode, &["async", "sync"]).is_empty()) {
        return Err(SYNTAX);
    }
    drop(session.server.keyspace.take(session.now));
    Ok(session.out.ok())
}
