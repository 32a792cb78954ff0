//! Commands about the connection and the server.

use std::sync::atomic::Ordering;

use super::{COMMANDS, unknown_subcommand, wrong_arity};
use crate::glob;
use crate::pubsub::MAILBOX_LIMIT;
use crate::reply::Outcome;
use crate::resp::{Args, LIMITS, keyword};
use crate::session::Session;

pub(super) fn ping(session: &mut Session, mut args: Args<'_>) -> Outcome {
    if args.len() > 1 {
        return Err(wrong_arity("ping"));
    }
    Ok(match args.next() {
        text if session.is_subscriber() => session.out.bulks(&[b"pong", text.unwrap_or_default()]),
        Some(text) => session.out.bulk(text),
        None => session.out.simple("PONG"),
    })
}

pub(super) fn echo(session: &mut Session, mut args: Args<'_>) -> Outcome {
    Ok(session.out.bulk(args.word()?))
}

pub(super) fn select(session: &mut Session, mut args: Args<'_>) -> Outcome {
    if args.integer()? == 0 { Ok(session.out.ok()) } else { Err("DB index is out of range".into()) }
}

pub(super) fn quit(session: &mut Session, _: Args<'_>) -> Outcome {
    session.is_closing = true;
    Ok(session.out.ok())
}

pub(super) fn reset(session: &mut Session, _: Args<'_>) -> Outcome {
    session.subscriptions.clear();
    session.name = Box::default();
    Ok(session.out.simple("RESET"))
}

pub(super) fn info(session: &mut Session, _: Args<'_>) -> Outcome {
    let server = &session.server;
    // The version is that of the Redis whose replies ours are: clients look at it to know what they may use.
    let text = format!(
        "# Server\r\nredis_version:7.0.15\r\ntcp_port:{}\r\nuptime_in_seconds:{}\r\n\r\n\
         # Clients\r\nconnected_clients:{}\r\nmaxclients:{}\r\n\r\n\
         # Stats\r\ntotal_connections_received:{}\r\ntotal_commands_processed:{}\r\n\r\n\
         # Keyspace\r\ndb0:keys={},expires={}\r\n",
        server.addr.port(),
        (session.now - server.started).as_secs(),
        server.clients(),
        server.config.max_clients,
        server.connections.load(Ordering::Relaxed),
        server.requests.load(Ordering::Relaxed),
        server.keyspace.each(session.now).map(|table| table.len()).sum::<usize>(),
        server.keyspace.each(session.now).map(|table| table.expiring()).sum::<usize>(),
    );
    Ok(session.out.bulk(text))
}

pub(super) fn config(session: &mut Session, mut args: Args<'_>) -> Outcome {
    let word = args.word()?;
    if keyword(word, &["get"]).is_empty() {
        return Err(unknown_subcommand("CONFIG", word));
    }
    if args.len() == 0 {
        return Err(wrong_arity("config|get"));
    }
    let config = &session.server.config;
    let parameters = [
        ("appendonly", "no".to_owned()),
        ("client-output-buffer-limit", format!("pubsub {MAILBOX_LIMIT} 0 0")),
        ("databases", 1.to_string()),
        ("maxclients", config.max_clients.to_string()),
        ("proto-max-bulk-len", LIMITS.bulk.to_string()),
        ("save", String::new()),
        ("timeout", config.idle_timeout.unwrap_or_default().as_secs().to_string()),
    ];
    let patterns: Vec<Vec<u8>> = args.map(<[u8]>::to_ascii_lowercase).collect();
    let is_asked_for = |name: &str| patterns.iter().any(|pattern| glob::matches(pattern, name.as_bytes()));
    let found = parameters.iter().filter(|(name, _)| is_asked_for(name));
    let words: Vec<&str> = found.flat_map(|(name, value)| [name, &value[..]]).collect();
    Ok(session.out.bulks(&words))
}

pub(super) fn command(session: &mut Session, mut args: Args<'_>) -> Outcome {
    let out = &mut session.out;
    let Some(word) = args.next() else {
        let reply = out.array(COMMANDS.len());
        for command in &COMMANDS {
            out.array(6);
            out.bulk(command.name);
            out.integer(command.arity);
            out.array(1);
            out.simple(command.flag);
            // Where the keys are, which matters in a cluster only.
            out.raw(b":0\r\n:0\r\n:0\r\n");
        }
        return Ok(reply);
    };
    match keyword(word, &["count", "docs"]) {
        "count" => Ok(out.count(COMMANDS.len())),
        // Texts for people, which redis-cli shows as hints: it does without them.
        "docs" => Ok(out.array(0)),
        _ => Err(unknown_subcommand("COMMAND", word)),
    }
}

pub(super) fn client(session: &mut Session, mut args: Args<'_>) -> Outcome {
    let word = args.word()?;
    let out = &mut session.out;
    match (keyword(word, &["getname", "id", "setinfo", "setname"]), args.len()) {
        ("id", 0) => Ok(out.integer(session.id as i64)),
        ("getname", 0) => Ok(out.bulk_or_nil(Some(&session.name).filter(|name| !name.is_empty()))),
        ("setname", 1) => {
            let name = args.word()?;
            if !name.iter().all(u8::is_ascii_graphic) {
                return Err("Client names cannot contain spaces, newlines or special characters.".into());
            }
            session.name = name.into();
            Ok(out.ok())
        }
        // A library's name and version, which newer clients send first thing.
        ("setinfo", 2) => Ok(out.ok()),
        _ => Err(unknown_subcommand("CLIENT", word)),
    }
}
