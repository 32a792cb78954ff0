//! Commands about the connection and the server.

use std::fmt::Write;
use std::sync::atomic::Ordering;

use super::{COMMANDS, Command, Fault, Kind, find, integer};
use crate::glob;
use crate::pubsub::MAILBOX_LIMIT;
use crate::reply::Output;
use crate::resp::Request;
use crate::session::Session;

pub(super) fn ping(session: &mut Session, request: &Request<'_>) -> Result<(), Fault> {
    if request.len() > 2 {
        return Err(Fault::arity("ping"));
    }
    let text = request.args_from(1).next();
    if session.is_subscriber() {
        session.out.array(2);
        session.out.bulk(b"pong");
        session.out.bulk(text.unwrap_or_default());
        return Ok(());
    }
    match text {
        None => session.out.simple("PONG"),
        Some(text) => session.out.bulk(text),
    }
    Ok(())
}

pub(super) fn echo(session: &mut Session, request: &Request<'_>) -> Result<(), Fault> {
    session.out.bulk(request.arg(1));
    Ok(())
}

pub(super) fn select(session: &mut Session, request: &Request<'_>) -> Result<(), Fault> {
    if integer(request.arg(1))? != 0 {
        return Err(Fault::from("DB index is out of range"));
    }
    session.out.simple("OK");
    Ok(())
}

pub(super) fn quit(session: &mut Session, _: &Request<'_>) -> Result<(), Fault> {
    session.out.simple("OK");
    session.closing = true;
    Ok(())
}

pub(super) fn reset(session: &mut Session, _: &Request<'_>) -> Result<(), Fault> {
    session.subscriptions = None;
    session.name = Box::default();
    session.out.simple("RESET");
    Ok(())
}

pub(super) fn hello(session: &mut Session, request: &Request<'_>) -> Result<(), Fault> {
    if let Some(version) = request.args_from(1).next() {
        let version = integer(version)
            .map_err(|_| Fault::from("Protocol version is not an integer or out of range"))?;
        if version != 2 {
            session.out.raw(b"-NOPROTO unsupported protocol version\r\n");
            return Ok(());
        }
    }
    if request.len() > 2 {
        return Err(Fault::SYNTAX);
    }
    let out = &mut session.out;
    out.array(8);
    for (name, value) in [("server", "redis"), ("version", VERSION), ("mode", "standalone")] {
        out.bulk(name.as_bytes());
        out.bulk(value.as_bytes());
    }
    out.bulk(b"proto");
    out.integer(2);
    Ok(())
}

/// The Redis whose replies ours are, which clients look at to know what they may use.
const VERSION: &str = "7.0.15";

pub(super) fn info(session: &mut Session, request: &Request<'_>) -> Result<(), Fault> {
    let mut text = String::new();
    for (section, write) in SECTIONS {
        let asked = |name: &[u8]| {
            [section, "all", "default", "everything"]
                .iter()
                .any(|known| known.as_bytes().eq_ignore_ascii_case(name))
        };
        if request.len() == 1 || request.args_from(1).any(asked) {
            if !text.is_empty() {
                text.push_str("\r\n");
            }
            write(session, &mut text);
        }
    }
    session.out.bulk(text.as_bytes());
    Ok(())
}

type Section = (&'static str, fn(&Session, &mut String));

const SECTIONS: [Section; 4] =
    [("server", info_server), ("clients", info_clients), ("stats", info_stats), ("keyspace", info_keyspace)];

// Writing to a string doesn't fail, so what `write!` says is of no interest below.

fn info_server(session: &Session, text: &mut String) {
    let server = &session.server;
    let uptime = session.now.saturating_duration_since(server.started).as_secs();
    let _ = write!(
        text,
        "# Server\r\nredis_version:{VERSION}\r\nredis_mode:standalone\r\nprocess_id:{}\r\n\
         tcp_port:{}\r\nuptime_in_seconds:{uptime}\r\n",
        std::process::id(),
        server.addr.port(),
    );
}

fn info_clients(session: &Session, text: &mut String) {
    let server = &session.server;
    let (channels, patterns) = server.pubsub.topics();
    let _ = write!(
        text,
        "# Clients\r\nconnected_clients:{}\r\nmaxclients:{}\r\npubsub_channels:{channels}\r\n\
         pubsub_patterns:{patterns}\r\n",
        server.clients(),
        server.config.max_clients,
    );
}

fn info_stats(session: &Session, text: &mut String) {
    let stats = &session.server.stats;
    let _ = write!(
        text,
        "# Stats\r\ntotal_connections_received:{}\r\ntotal_commands_processed:{}\r\n\
         rejected_connections:{}\r\n",
        stats.connections.load(Ordering::Relaxed),
        stats.requests.load(Ordering::Relaxed),
        stats.rejected.load(Ordering::Relaxed),
    );
}

fn info_keyspace(session: &Session, text: &mut String) {
    let counts = session.server.keyspace.each().map(|table| (table.len(), table.expiring()));
    let (keys, expires) = counts.fold((0, 0), |sum, (keys, expires)| (sum.0 + keys, sum.1 + expires));
    text.push_str("# Keyspace\r\n");
    if keys > 0 {
        let _ = write!(text, "db0:keys={keys},expires={expires},avg_ttl=0\r\n");
    }
}

pub(super) fn config(session: &mut Session, request: &Request<'_>) -> Result<(), Fault> {
    let subcommand = request.arg(1);
    if !subcommand.eq_ignore_ascii_case(b"get") {
        return Err(Fault::subcommand("CONFIG", subcommand));
    }
    if request.len() < 3 {
        return Err(Fault::arity("config|get"));
    }
    let config = &session.server.config;
    let parameters = [
        ("appendonly", "no".to_owned()),
        ("client-output-buffer-limit", format!("pubsub {MAILBOX_LIMIT} 0 0")),
        ("databases", "1".to_owned()),
        ("maxclients", config.max_clients.to_string()),
        ("maxmemory", "0".to_owned()),
        ("proto-max-bulk-len", config.limits.bulk.to_string()),
        ("save", String::new()),
        ("timeout", config.idle_timeout.as_secs().to_string()),
    ];
    let asked = |name: &str| {
        request.args_from(2).any(|pattern| glob::matches(&pattern.to_ascii_lowercase(), name.as_bytes()))
    };
    let found: Vec<_> = parameters.iter().filter(|(name, _)| asked(name)).collect();
    session.out.array(found.len() * 2);
    for (name, value) in found {
        session.out.bulk(name.as_bytes());
        session.out.bulk(value.as_bytes());
    }
    Ok(())
}

pub(super) fn command(session: &mut Session, request: &Request<'_>) -> Result<(), Fault> {
    let out = &mut session.out;
    let Some(subcommand) = request.args_from(1).next() else {
        out.array(COMMANDS.len());
        COMMANDS.iter().for_each(|command| describe(out, command));
        return Ok(());
    };
    match subcommand.to_ascii_lowercase().as_slice() {
        b"count" => out.count(COMMANDS.len()),
        // Texts for people, which redis-cli shows as hints: it does without them.
        b"docs" => out.array(0),
        b"info" => {
            let names = request.args_from(2);
            out.array(names.len());
            for name in names {
                match find(name) {
                    Some(command) => describe(out, command),
                    None => out.raw(b"*-1\r\n"),
                }
            }
        }
        _ => return Err(Fault::subcommand("COMMAND", subcommand)),
    }
    Ok(())
}

fn describe(out: &mut Output, command: &Command) {
    out.array(6);
    out.bulk(command.name.as_bytes());
    out.integer(command.arity);
    let flag = match command.kind {
        Kind::Read => "readonly",
        Kind::Write => "write",
        Kind::PubSub => "pubsub",
        Kind::Admin => "fast",
    };
    out.array(1);
    out.simple(flag);
    let (first, last, step) = command.keys;
    for position in [first, last, step] {
        out.integer(position);
    }
}

pub(super) fn client(session: &mut Session, request: &Request<'_>) -> Result<(), Fault> {
    let subcommand = request.arg(1);
    let name = subcommand.to_ascii_lowercase();
    let args = match name.as_slice() {
        b"id" | b"getname" | b"info" => 2,
        b"setname" => 3,
        b"setinfo" => 4,
        _ => return Err(Fault::subcommand("CLIENT", subcommand)),
    };
    if request.len() != args {
        return Err(Fault::from(format!(
            "wrong number of arguments for 'client|{}' command",
            super::Printable(&name)
        )));
    }
    match name.as_slice() {
        b"id" => session.out.integer(session.id as i64),
        b"getname" if session.name.is_empty() => session.out.nil(),
        b"getname" => session.out.bulk(&session.name),
        b"setname" => {
            let new = request.arg(2);
            if !new.iter().all(u8::is_ascii_graphic) {
                return Err(Fault::from(
                    "Client names cannot contain spaces, newlines or special characters.",
                ));
            }
            session.name = new.into();
            session.out.simple("OK");
        }
        b"info" => {
            let text = format!("id={} name={} db=0 resp=2\n", session.id, super::Printable(&session.name));
            session.out.bulk(text.as_bytes());
        }
        // A library's name and version, which newer clients send first thing.
        _ => session.out.simple("OK"),
    }
    Ok(())
}
