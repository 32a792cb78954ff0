//! Commands about the connection and the server.

use std::fmt::Display;
use std::sync::atomic::Ordering;

use super::{COMMANDS, Command, Kind, subcommand, wrong_arity};
use crate::args::{Args, SYNTAX, keyword, printable};
use crate::glob;
use crate::pubsub::MAILBOX_LIMIT;
use crate::reply::{Outcome, Reply};
use crate::session::Session;

pub(super) fn ping(session: &mut Session, mut args: Args<'_>) -> Outcome {
    if args.len() > 1 {
        return Err(wrong_arity("ping"));
    }
    match args.next() {
        text if session.is_subscriber() => session.out.bulks(&[b"pong", text.unwrap_or_default()]),
        Some(text) => session.out.bulk(text),
        None => return Ok(Reply::Simple("PONG")),
    }
    Ok(Reply::Written)
}

pub(super) fn echo(session: &mut Session, mut args: Args<'_>) -> Outcome {
    session.out.bulk(args.word()?);
    Ok(Reply::Written)
}

pub(super) fn select(_: &mut Session, mut args: Args<'_>) -> Outcome {
    if args.integer()? == 0 { Ok(Reply::OK) } else { Err("DB index is out of range".into()) }
}

pub(super) fn quit(session: &mut Session, _: Args<'_>) -> Outcome {
    session.is_closing = true;
    Ok(Reply::OK)
}

pub(super) fn reset(session: &mut Session, _: Args<'_>) -> Outcome {
    session.subscriptions.clear();
    session.name = Box::default();
    Ok(Reply::Simple("RESET"))
}

/// The Redis whose replies ours are, which clients look at to know what they may use.
const VERSION: &str = "7.0.15";

pub(super) fn hello(session: &mut Session, mut args: Args<'_>) -> Outcome {
    if args.len() > 0 && args.integer()? != 2 {
        session.out.bytes.extend_from_slice(b"-NOPROTO unsupported protocol version\r\n");
        return Ok(Reply::Written);
    }
    if args.len() > 0 {
        return Err(SYNTAX);
    }
    session.out.array(8);
    for text in ["server", "redis", "version", VERSION, "mode", "standalone", "proto"] {
        session.out.bulk(text);
    }
    Ok(Reply::Integer(2))
}

pub(super) fn info(session: &mut Session, args: Args<'_>) -> Outcome {
    let server = &session.server;
    let tables = server.keyspace.each().map(|table| (table.len(), table.expiring()));
    let (keys, expires) = tables.fold((0, 0), |sum, table| (sum.0 + table.0, sum.1 + table.1));
    let keyspace = format!("keys={keys},expires={expires},avg_ttl=0");
    let [channels, patterns] = server.pubsub.topics();
    let fields: [(&str, &str, &dyn Display); 13] = [
        ("Server", "redis_version", &VERSION),
        ("Server", "redis_mode", &"standalone"),
        ("Server", "process_id", &std::process::id()),
        ("Server", "tcp_port", &server.addr.port()),
        ("Server", "uptime_in_seconds", &(session.now - server.started).as_secs()),
        ("Clients", "connected_clients", &server.clients()),
        ("Clients", "maxclients", &server.config.max_clients),
        ("Clients", "pubsub_channels", &channels),
        ("Clients", "pubsub_patterns", &patterns),
        ("Stats", "total_connections_received", &server.connections.load(Ordering::Relaxed)),
        ("Stats", "total_commands_processed", &server.requests.load(Ordering::Relaxed)),
        ("Stats", "rejected_connections", &server.rejected.load(Ordering::Relaxed)),
        ("Keyspace", "db0", &keyspace),
    ];
    let mut text = String::new();
    for section in fields.chunk_by(|one, next| one.0 == next.0) {
        let names = [section[0].0, "all", "default", "everything"];
        if args.len() == 0 || args.clone().any(|word| !keyword(word, &names).is_empty()) {
            text += &format!("{}# {}\r\n", if text.is_empty() { "" } else { "\r\n" }, names[0]);
            section.iter().for_each(|(_, name, value)| text += &format!("{name}:{value}\r\n"));
        }
    }
    session.out.bulk(text);
    Ok(Reply::Written)
}

pub(super) fn config_get(session: &mut Session, args: Args<'_>) -> Outcome {
    let config = &session.server.config;
    let parameters: [(&str, &dyn Display); 8] = [
        ("appendonly", &"no"),
        ("client-output-buffer-limit", &format!("pubsub {MAILBOX_LIMIT} 0 0")),
        ("databases", &1),
        ("maxclients", &config.max_clients),
        ("maxmemory", &0),
        ("proto-max-bulk-len", &config.limits.bulk),
        ("save", &""),
        ("timeout", &config.idle_timeout.unwrap_or_default().as_secs()),
    ];
    let mut words = Vec::new();
    for (name, value) in parameters {
        if args.clone().any(|pattern| glob::matches(&pattern.to_ascii_lowercase(), name.as_bytes())) {
            words.extend([name.to_owned(), value.to_string()]);
        }
    }
    session.out.array(words.len());
    words.iter().for_each(|word| session.out.bulk(word));
    Ok(Reply::Written)
}

pub(super) fn command(session: &mut Session, args: Args<'_>) -> Outcome {
    match args.len() {
        0 => describe(session, COMMANDS.iter().map(Some)),
        _ => subcommand(session, args, "command"),
    }
}

/// What the table says of `commands`.
pub(super) fn describe(
    session: &mut Session,
    commands: impl IntoIterator<Item = Option<&'static Command>, IntoIter: ExactSizeIterator>,
) -> Outcome {
    let (out, commands) = (&mut session.out, commands.into_iter());
    out.array(commands.len());
    for command in commands {
        let Some(command) = command else {
            out.bytes.extend_from_slice(b"*-1\r\n");
            continue;
        };
        out.array(6);
        out.bulk(command.name);
        out.integer(command.arity);
        out.array(1);
        out.simple(match command.kind {
            Kind::Read => "readonly",
            Kind::Write => "write",
            Kind::Admin => "fast",
            Kind::PubSub => "pubsub",
        });
        command.keys.iter().for_each(|&position| out.integer(position));
    }
    Ok(Reply::Written)
}

pub(super) fn client_setname(session: &mut Session, mut args: Args<'_>) -> Outcome {
    let name = args.word()?;
    if !name.iter().all(u8::is_ascii_graphic) {
        return Err("Client names cannot contain spaces, newlines or special characters.".into());
    }
    session.name = name.into();
    Ok(Reply::OK)
}

pub(super) fn client_getname(session: &mut Session, _: Args<'_>) -> Outcome {
    session.out.bulk_or_nil((!session.name.is_empty()).then_some(&*session.name));
    Ok(Reply::Written)
}

pub(super) fn client_info(session: &mut Session, _: Args<'_>) -> Outcome {
    session.out.bulk(format!("id={} name={} db=0 resp=2\n", session.id, printable(&session.name)));
    Ok(Reply::Written)
}
