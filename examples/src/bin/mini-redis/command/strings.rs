//! Commands on values.

use rt_core::time::Instant;

use super::{Fault, integer, keys, parse_integer};
use crate::keyspace::{Expiry, Table};
use crate::resp::Request;
use crate::session::Session;

pub(super) fn get(session: &mut Session, request: &Request<'_>) -> Result<(), Fault> {
    let (mut table, key) = session.server.keyspace.lock(request.arg(1));
    session.out.bulk_or_nil(table.value(key, session.now).map(|value| &value[..]));
    Ok(())
}

/// What follows key and value in `SET`.
struct SetOptions {
    expiry: Expiry,
    /// `NX` asks for false, `XX` for true.
    if_exists: Option<bool>,
    reply_old: bool,
}

impl SetOptions {
    fn parse(request: &Request<'_>, now: Instant) -> Result<Self, Fault> {
        let mut options = SetOptions { expiry: Expiry::Never, if_exists: None, reply_old: false };
        let mut words = request.args_from(3);
        let mut has_expiry = false;
        while let Some(word) = words.next() {
            match word.to_ascii_lowercase().as_slice() {
                b"nx" if options.if_exists != Some(true) => options.if_exists = Some(false),
                b"xx" if options.if_exists != Some(false) => options.if_exists = Some(true),
                b"get" => options.reply_old = true,
                b"keepttl" if !has_expiry => {
                    has_expiry = true;
                    options.expiry = Expiry::Keep;
                }
                unit @ (b"ex" | b"px") if !has_expiry => {
                    has_expiry = true;
                    let amount = words.next().ok_or(Fault::SYNTAX)?;
                    options.expiry = set_expiry(amount, unit == b"ex", now)?;
                }
                _ => return Err(Fault::SYNTAX),
            }
        }
        Ok(options)
    }
}

fn set_expiry(amount: &[u8], seconds: bool, now: Instant) -> Result<Expiry, Fault> {
    let amount = integer(amount)?;
    let millis = if seconds { amount.checked_mul(1000) } else { Some(amount) };
    let deadline = millis.filter(|&millis| millis > 0).and_then(|millis| keys::after(now, millis));
    deadline.map(Expiry::At).ok_or(Fault::from("invalid expire time in 'set' command"))
}

pub(super) fn set(session: &mut Session, request: &Request<'_>) -> Result<(), Fault> {
    let options = SetOptions::parse(request, session.now)?;
    let (mut table, key) = session.server.keyspace.lock(request.arg(1));
    let mut may_set = true;
    if options.reply_old || options.if_exists.is_some() {
        let old = table.value(key, session.now);
        may_set = options.if_exists.is_none_or(|wanted| wanted == old.is_some());
        if options.reply_old {
            session.out.bulk_or_nil(old.map(|value| &value[..]));
        }
    }
    if may_set {
        table.set(key, request.arg(2), options.expiry, session.now);
    }
    match (options.reply_old, may_set) {
        (true, _) => {}
        (false, true) => session.out.simple("OK"),
        (false, false) => session.out.nil(),
    }
    Ok(())
}

pub(super) fn mget(session: &mut Session, request: &Request<'_>) -> Result<(), Fault> {
    let mut keys = request.args_from(1);
    let mut tables = session.server.keyspace.lock_all(keys.clone());
    session.out.array(keys.len());
    let fits = keys.all(|key| {
        let (table, key) = tables.table(key);
        session.out.bulk_or_nil(table.value(key, session.now).map(|value| &value[..]));
        !session.out.is_excessive()
    });
    drop(tables);
    if !fits {
        // A million times the same long value: no client wants that, and it would take all memory.
        session.give_up();
    }
    Ok(())
}

pub(super) fn mset(session: &mut Session, request: &Request<'_>) -> Result<(), Fault> {
    if request.len() % 2 == 0 {
        return Err(Fault::arity("mset"));
    }
    let keys = request.args_from(1).step_by(2);
    let values = request.args_from(2).step_by(2);
    let mut tables = session.server.keyspace.lock_all(keys.clone());
    for (key, value) in keys.zip(values) {
        let (table, key) = tables.table(key);
        table.set(key, value, Expiry::Never, session.now);
    }
    session.out.simple("OK");
    Ok(())
}

pub(super) fn strlen(session: &mut Session, request: &Request<'_>) -> Result<(), Fault> {
    let (mut table, key) = session.server.keyspace.lock(request.arg(1));
    session.out.count(table.value(key, session.now).map_or(0, |value| value.len()));
    Ok(())
}

pub(super) fn append(session: &mut Session, request: &Request<'_>) -> Result<(), Fault> {
    let (mut table, key) = session.server.keyspace.lock(request.arg(1));
    let tail = request.arg(2);
    let len = match table.value(key, session.now) {
        None => {
            table.set(key, tail, Expiry::Never, session.now);
            tail.len()
        }
        Some(value) => {
            if value.len() + tail.len() > session.server.config.limits.bulk {
                return Err(Fault::from("string exceeds maximum allowed size (proto-max-bulk-len)"));
            }
            value.extend_from_slice(tail);
            value.len()
        }
    };
    session.out.count(len);
    Ok(())
}

pub(super) fn incr(session: &mut Session, request: &Request<'_>) -> Result<(), Fault> {
    add(session, request.arg(1), 1)
}

pub(super) fn decr(session: &mut Session, request: &Request<'_>) -> Result<(), Fault> {
    add(session, request.arg(1), -1)
}

pub(super) fn incrby(session: &mut Session, request: &Request<'_>) -> Result<(), Fault> {
    add(session, request.arg(1), integer(request.arg(2))?)
}

pub(super) fn decrby(session: &mut Session, request: &Request<'_>) -> Result<(), Fault> {
    let by = integer(request.arg(2))?.checked_neg().ok_or(Fault::from("decrement would overflow"))?;
    add(session, request.arg(1), by)
}

fn add(session: &mut Session, key: &[u8], by: i64) -> Result<(), Fault> {
    let (mut table, key) = session.server.keyspace.lock(key);
    let table: &mut Table = &mut table;
    let mut text = itoa::Buffer::new();
    let sum = match table.value(key, session.now) {
        None => {
            table.set(key, text.format(by).as_bytes(), Expiry::Never, session.now);
            by
        }
        Some(value) => {
            let old = parse_integer(value).ok_or(Fault::NOT_AN_INTEGER)?;
            let sum = old.checked_add(by).ok_or(Fault::from("increment or decrement would overflow"))?;
            value.clear();
            value.extend_from_slice(text.format(sum).as_bytes());
            sum
        }
    };
    session.out.integer(sum);
    Ok(())
}
