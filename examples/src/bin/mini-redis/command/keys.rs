//! Commands on keys, whatever they hold, and their times to live.

use std::time::Duration;

use rt_core::time::Instant;

use super::{Fault, Printable, integer};
use crate::glob;
use crate::keyspace::Expiry;
use crate::reply::Output;
use crate::resp::Request;
use crate::session::Session;

pub(super) fn del(session: &mut Session, request: &Request<'_>) -> Result<(), Fault> {
    let keys = request.args_from(1);
    let mut tables = session.server.keyspace.lock_all(keys.clone());
    let removed = keys.filter(|key| {
        let (table, key) = tables.table(key);
        table.remove(key, session.now)
    });
    session.out.count(removed.count());
    Ok(())
}

pub(super) fn exists(session: &mut Session, request: &Request<'_>) -> Result<(), Fault> {
    let keys = request.args_from(1);
    let mut tables = session.server.keyspace.lock_all(keys.clone());
    let found = keys.filter(|key| {
        let (table, key) = tables.table(key);
        table.contains(key, session.now)
    });
    session.out.count(found.count());
    Ok(())
}

/// The deadline `millis` after `now`, unless it's beyond what Redis can say in milliseconds since 1970 (of
/// which some 2^41 have passed).
pub(super) fn after(now: Instant, millis: i64) -> Option<Instant> {
    millis.checked_add(1 << 41)?;
    now.checked_add(Duration::from_millis(u64::try_from(millis).ok()?))
}

pub(super) fn expire(session: &mut Session, request: &Request<'_>) -> Result<(), Fault> {
    expire_in(session, request, "expire", 1000)
}

pub(super) fn pexpire(session: &mut Session, request: &Request<'_>) -> Result<(), Fault> {
    expire_in(session, request, "pexpire", 1)
}

fn expire_in(session: &mut Session, request: &Request<'_>, name: &str, unit: i64) -> Result<(), Fault> {
    let overflow = || Fault::from(format!("invalid expire time in '{name}' command"));
    let millis = integer(request.arg(2))?.checked_mul(unit).ok_or_else(overflow)?;
    let condition = Condition::parse(request)?;
    let now = session.now;
    let deadline = if millis > 0 { after(now, millis).ok_or_else(overflow)? } else { now };
    let (mut table, key) = session.server.keyspace.lock(request.arg(1));
    let holds = table.deadline(key, now).is_some_and(|current| condition.holds(current, deadline));
    // A deadline that has passed already removes the key.
    let changed = holds
        && if millis > 0 { table.set_expiry(key, Expiry::At(deadline), now) } else { table.remove(key, now) };
    session.out.integer(changed.into());
    Ok(())
}

/// On what `EXPIRE` makes the change depend.
#[derive(Default)]
struct Condition {
    /// `NX`: only a key without a deadline.
    absent: bool,
    /// `XX`: only a key with one.
    present: bool,
    /// `GT`: only to a later one. A key without a deadline counts as one that never comes.
    later: bool,
    /// `LT`: only to an earlier one.
    earlier: bool,
}

impl Condition {
    fn parse(request: &Request<'_>) -> Result<Self, Fault> {
        let mut condition = Condition::default();
        for word in request.args_from(3) {
            match word.to_ascii_lowercase().as_slice() {
                b"nx" => condition.absent = true,
                b"xx" => condition.present = true,
                b"gt" => condition.later = true,
                b"lt" => condition.earlier = true,
                _ => return Err(Fault::from(format!("Unsupported option {}", Printable(word)))),
            }
        }
        if condition.absent && (condition.present || condition.later || condition.earlier) {
            return Err(Fault::from("NX and XX, GT or LT options at the same time are not compatible"));
        }
        if condition.later && condition.earlier {
            return Err(Fault::from("GT and LT options at the same time are not compatible"));
        }
        Ok(condition)
    }

    fn holds(&self, current: Option<Instant>, new: Instant) -> bool {
        (!self.absent || current.is_none())
            && (!self.present || current.is_some())
            && (!self.later || current.is_some_and(|current| new > current))
            && (!self.earlier || current.is_none_or(|current| new < current))
    }
}

pub(super) fn ttl(session: &mut Session, request: &Request<'_>) -> Result<(), Fault> {
    // To the nearest second, as Redis does: a key set to ten seconds says 10 and not 9.
    time_to_live(session, request, |left| (left.as_millis() + 500) / 1000)
}

pub(super) fn pttl(session: &mut Session, request: &Request<'_>) -> Result<(), Fault> {
    time_to_live(session, request, |left| left.as_millis())
}

fn time_to_live(
    session: &mut Session,
    request: &Request<'_>,
    unit: fn(Duration) -> u128,
) -> Result<(), Fault> {
    let (mut table, key) = session.server.keyspace.lock(request.arg(1));
    let left = match table.deadline(key, session.now) {
        None => -2,
        Some(None) => -1,
        Some(Some(at)) => i64::try_from(unit(at - session.now)).unwrap_or(i64::MAX),
    };
    session.out.integer(left);
    Ok(())
}

pub(super) fn persist(session: &mut Session, request: &Request<'_>) -> Result<(), Fault> {
    let (mut table, key) = session.server.keyspace.lock(request.arg(1));
    let had_one = matches!(table.deadline(key, session.now), Some(Some(_)));
    if had_one {
        table.set_expiry(key, Expiry::Never, session.now);
    }
    session.out.integer(had_one.into());
    Ok(())
}

pub(super) fn kind(session: &mut Session, request: &Request<'_>) -> Result<(), Fault> {
    let (mut table, key) = session.server.keyspace.lock(request.arg(1));
    session.out.simple(if table.contains(key, session.now) { "string" } else { "none" });
    Ok(())
}

pub(super) fn keys(session: &mut Session, request: &Request<'_>) -> Result<(), Fault> {
    let pattern = request.arg(1);
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
    session.out.raw(names.unsent());
    Ok(())
}

pub(super) fn dbsize(session: &mut Session, _: &Request<'_>) -> Result<(), Fault> {
    session.out.count(session.server.keyspace.each().map(|table| table.len()).sum());
    Ok(())
}

pub(super) fn flushall(session: &mut Session, request: &Request<'_>) -> Result<(), Fault> {
    let modes = [b"async".as_slice(), b"sync"];
    let known = |mode: &[u8]| modes.iter().any(|known| known.eq_ignore_ascii_case(mode));
    if request.len() > 2 || !request.args_from(1).all(known) {
        return Err(Fault::SYNTAX);
    }
    // All at once; the keys are freed after the locks are.
    let emptied: Vec<_> = {
        let mut tables = session.server.keyspace.lock_everything();
        tables.tables().map(|table| std::mem::take(&mut **table)).collect()
    };
    drop(emptied);
    session.out.simple("OK");
    Ok(())
}
