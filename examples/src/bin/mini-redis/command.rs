//! The command table: what there is, how many words it takes and which function does it.

use crate::keyspace::Key;
use crate::pubsub::Kind::{Channel, Pattern};
use crate::reply::{Fault, Outcome, Output};
use crate::resp::{Args, printable};
use crate::session::Session;

mod keys;
mod server;
#[cfg(test)]
mod tests;

struct Command {
    /// In lower case, as replies quote it.
    name: &'static str,
    /// How many words with the name; `-n` for `n` or more.
    arity: i64,
    flag: &'static str,
    run: Run,
}

/// A command's function. It takes all that may be wrong before it changes or writes anything.
enum Run {
    /// On one key, which follows the name: gets it, locked, and the words behind it.
    One(fn(&mut Key<'_>, Args<'_>, &mut Output) -> Outcome),
    /// On each key that follows the name, all of them locked: replies for how many it's true.
    Each(fn(&mut Key<'_>) -> bool),
    /// On whatever it needs: gets the words behind the name.
    Any(fn(&mut Session, Args<'_>) -> Outcome),
}
use Run::{Any, Each, One};

const READ: &str = "readonly";
const WRITE: &str = "write";
const FAST: &str = "fast";
/// Allowed to a client with subscriptions.
const PUBSUB: &str = "pubsub";

const fn entry(name: &'static str, arity: i64, flag: &'static str, run: Run) -> Command {
    Command { name, arity, flag, run }
}

/// The busiest first: it's searched from the front.
static COMMANDS: [Command; 36] = [
    entry("get", 2, READ, One(|key, _, out| Ok(out.bulk_or_nil(key.value())))),
    entry("set", -3, WRITE, One(keys::set)),
    entry("incr", 2, WRITE, One(|key, args, out| keys::add(key, args, out, 1))),
    entry("ping", -1, PUBSUB, Any(server::ping)),
    entry("mget", -2, READ, Any(keys::mget)),
    entry("mset", -3, WRITE, Any(keys::mset)),
    entry("del", -2, WRITE, Each(|key| key.remove())),
    entry("exists", -2, READ, Each(|key| key.exists())),
    entry("publish", 3, FAST, Any(server::publish)),
    entry("strlen", 2, READ, One(|key, _, out| Ok(out.integer(key.value().map_or(0, |v| v.len()))))),
    entry("append", 3, WRITE, One(keys::append)),
    entry("decr", 2, WRITE, One(|key, args, out| keys::add(key, args, out, -1))),
    entry("incrby", 3, WRITE, One(|key, args, out| keys::add(key, args, out, 1))),
    entry("decrby", 3, WRITE, One(|key, args, out| keys::add(key, args, out, -1))),
    entry("expire", 3, WRITE, One(|key, args, out| keys::expire(key, args, out, 1000))),
    entry("pexpire", 3, WRITE, One(|key, args, out| keys::expire(key, args, out, 1))),
    entry("ttl", 2, READ, One(|key, _, out| keys::time_to_live(key, out, 1000))),
    entry("pttl", 2, READ, One(|key, _, out| keys::time_to_live(key, out, 1))),
    entry("persist", 2, WRITE, One(keys::persist)),
    entry("type", 2, READ, One(|key, _, out| Ok(out.simple(if key.exists() { "string" } else { "none" })))),
    entry("unlink", -2, WRITE, Each(|key| key.remove())),
    entry("keys", 2, READ, Any(keys::keys)),
    entry("dbsize", 1, READ, Any(|s, _| Ok(s.out.integer(s.server.keyspace.len())))),
    entry("flushall", -1, WRITE, Any(keys::flushall)),
    entry("echo", 2, FAST, Any(|s, mut args| Ok(s.out.bulk(args.word()?)))),
    entry("select", 2, FAST, Any(server::select)),
    entry("subscribe", -2, PUBSUB, Any(|s, args| server::subscribe(s, args, Channel, "subscribe"))),
    entry("psubscribe", -2, PUBSUB, Any(|s, args| server::subscribe(s, args, Pattern, "psubscribe"))),
    entry("unsubscribe", -1, PUBSUB, Any(|s, args| server::unsubscribe(s, args, Channel, "unsubscribe"))),
    entry("punsubscribe", -1, PUBSUB, Any(|s, args| server::unsubscribe(s, args, Pattern, "punsubscribe"))),
    entry("info", -1, FAST, Any(server::info)),
    entry("config", -2, FAST, Any(server::config)),
    entry("command", -1, FAST, Any(server::command)),
    entry("client", -2, FAST, Any(server::client)),
    entry("reset", 1, PUBSUB, Any(server::reset)),
    entry("quit", -1, PUBSUB, Any(server::quit)),
];

/// Carries out a request: its reply, or why it's refused, is written to the session's output.
pub(crate) fn execute(session: &mut Session, args: Args<'_>) {
    if let Err(fault) = dispatch(session, args) {
        session.out.error(&fault);
    }
}

fn dispatch(session: &mut Session, mut args: Args<'_>) -> Outcome {
    let words = args.len();
    let name = args.word()?;
    let Some(command) = find(name) else {
        let words: String = args.take(4).map(|word| format!("'{}' ", printable(word))).collect();
        let name = printable(name);
        return Err(format!("unknown command '{name}', with args beginning with: {words}").into());
    };
    if !command.takes(words) {
        return Err(wrong_arity(command.name));
    }
    if command.flag != PUBSUB && session.is_subscriber() {
        let (name, allowed) = (command.name, "(P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET");
        return Err(format!("Can't execute '{name}': only {allowed} are allowed in this context").into());
    }
    match command.run {
        Any(run) => run(session, args),
        Each(run) => {
            let mut tables = session.server.keyspace.lock_all(args.clone(), session.now);
            Ok(session.out.integer(args.filter(|key| run(&mut tables.key(key))).count()))
        }
        One(run) => {
            let key = args.word()?;
            run(&mut session.server.keyspace.lock(key, session.now).key(key), args, &mut session.out)
        }
    }
}

fn find(name: &[u8]) -> Option<&'static Command> {
    let is_it = |(ours, theirs): (u8, &u8)| ours == theirs.to_ascii_lowercase();
    COMMANDS
        .iter()
        .find(|command| command.name.len() == name.len() && command.name.bytes().zip(name).all(is_it))
}

impl Command {
    /// Whether a request of so many words fits.
    fn takes(&self, words: usize) -> bool {
        let words = words as i64;
        if self.arity < 0 { words >= -self.arity } else { words == self.arity }
    }
}

fn wrong_arity(name: &str) -> Fault {
    format!("wrong number of arguments for '{name}' command").into()
}

/// Refuses a request whose second word isn't known behind the first.
fn unknown_subcommand(command: &str, word: &[u8]) -> Fault {
    format!("unknown subcommand '{}'. Try {command} HELP.", printable(word)).into()
}
