//! Commands about the connection, its subscriptions and the server.

use std::sync::atomic::Ordering;

use super::{Args, COMMANDS, Outcome, Session, unknown_subcommand, wrong_arity};
use crate::glob;
use crate::keyspace::Entries;
use crate::pubsub::{Kind, MAILBOX_LIMIT};
use crate::reply::Replied;
use crate::resp::{LIMITS, keyword};

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

pub(super) fn publish(session: &mut Session, mut args: Args<'_>) -> Outcome {
    Ok(session.out.integer(session.server.pubsub.publish(args.word()?, args.word()?)))
}

pub(super) fn subscribe(session: &mut Session, topics: Args<'_>, kind: Kind, verb: &str) -> Outcome {
    let confirmed = topics.map(|topic| {
        session.subscriptions.subscribe(kind, topic);
        confirm(session, verb, Some(topic))
    });
    confirmed.last().ok_or_else(|| wrong_arity(verb))
}

/// Without topics: from all that there are.
pub(super) fn unsubscribe(session: &mut Session, topics: Args<'_>, kind: Kind, verb: &str) -> Outcome {
    let mut topics: Vec<Box<[u8]>> = topics.map(Box::from).collect();
    if topics.is_empty() {
        let all = session.subscriptions.topics.iter().filter(|topic| topic.0 == kind);
        topics = all.map(|topic| topic.1.clone()).collect();
    }
    let confirmed = topics.iter().map(|topic| {
        session.subscriptions.unsubscribe(kind, topic);
        // What was published before this comes before it.
        session.take_messages();
        confirm(session, verb, Some(topic))
    });
    confirmed.last().map_or_else(|| Ok(confirm(session, verb, None)), Ok)
}

fn confirm(session: &mut Session, verb: &str, topic: Option<&[u8]>) -> Replied {
    session.out.array(3);
    session.out.bulk(verb);
    session.out.bulk_or_nil(topic);
    session.out.integer(session.subscriptions.topics.len())
}

pub(super) fn client(session: &mut Session, mut args: Args<'_>) -> Outcome {
    let word = args.word()?;
    let out = &mut session.out;
    match (keyword(word, &["getname", "id", "setinfo", "setname"]), args.len()) {
        ("id", 0) => Ok(out.integer(session.id)),
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

pub(super) fn command(session: &mut Session, mut args: Args<'_>) -> Outcome {
    let out = &mut session.out;
    if let Some(word) = args.next() {
        return match keyword(word, &["count", "docs"]) {
            "count" => Ok(out.integer(COMMANDS.len())),
            // Texts for people, which redis-cli shows as hints: it does without them.
            "docs" => Ok(out.array(0)),
            _ => Err(unknown_subcommand("COMMAND", word)),
        };
    }
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
    Ok(reply)
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
        ("databases", "1".to_owned()),
        ("maxclients", config.max_clients.to_string()),
        ("proto-max-bulk-len", LIMITS.bulk.to_string()),
        ("save", String::new()),
        ("timeout", config.idle_timeout.as_secs().to_string()),
    ];
    let patterns: Vec<Vec<u8>> = args.map(<[u8]>::to_ascii_lowercase).collect();
    let is_asked_for = |name: &str| patterns.iter().any(|pattern| glob::matches(pattern, name.as_bytes()));
    let found = parameters.iter().filter(|(name, _)| is_asked_for(name));
    Ok(session.out.bulks(&found.flat_map(|(name, value)| [name, &value[..]]).collect::<Vec<_>>()))
}

pub(super) fn info(session: &mut Session, _: Args<'_>) -> Outcome {
    let server = &session.server;
    let expiring = |entries: &Entries| entries.values().filter(|entry| entry.deadline.is_some()).count();
    // The version is that of the Redis whose replies ours are: clients look at it to know what they may use.
    let text = format!(
        "# Server\r\nredis_version:7.0.15\r\ntcp_port:{}\r\nuptime_in_seconds:{}\r\n\r\n\
         # Clients\r\nconnected_clients:{}\r\nmaxclients:{}\r\n\r\n\
         # Stats\r\ntotal_connections_received:{}\r\ntotal_commands_processed:{}\r\n\r\n\
         # Keyspace\r\ndb0:keys={},expires={}\r\n",
        server.addr.port(),
        (session.now - server.started).as_secs(),
        server.clients.len(),
        server.config.max_clients,
        server.connections.load(Ordering::Relaxed),
        server.requests.load(Ordering::Relaxed),
        server.keyspace.len(),
        server.keyspace.each(session.now).map(|table| expiring(&table.entries)).sum::<usize>(),
    );
    Ok(session.out.bulk(text))
}
