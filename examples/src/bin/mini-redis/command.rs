//! The command table: what there is, how many words it takes and which function does it.

use crate::args::{Args, printable};
use crate::keyspace::Table;
use crate::pubsub::Kind as Topic;
use crate::reply::{Fault, Outcome, Reply};
use crate::session::Session;

mod admin;
mod keys;
mod pubsub;
mod strings;
#[cfg(test)]
mod tests;

/// A command, or a subcommand with its command's name before it.
struct Command {
    /// In lower case, as replies quote it.
    name: &'static str,
    /// How many words with those of the name; `-n` for `n` or more.
    arity: i64,
    kind: Kind,
    /// Where the keys are: first, last (from the end if negative), step.
    keys: [i64; 3],
    run: Run,
}

/// Takes the words behind the name, all of them before it changes or writes anything.
type Run = fn(&mut Session, Args<'_>) -> Outcome;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Read,
    Write,
    Admin,
    /// Allowed to a client with subscriptions.
    PubSub,
}

const NO_KEY: [i64; 3] = [0, 0, 0];
const ONE_KEY: [i64; 3] = [1, 1, 1];
const ALL_KEYS: [i64; 3] = [1, -1, 1];
const PAIRS: [i64; 3] = [1, -1, 2];

const fn entry(name: &'static str, arity: i64, kind: Kind, keys: [i64; 3], run: Run) -> Command {
    Command { name, arity, kind, keys, run }
}

/// The busiest first: it's searched from the front.
static COMMANDS: [Command; 37] = [
    entry("get", 2, Kind::Read, ONE_KEY, strings::get),
    entry("set", -3, Kind::Write, ONE_KEY, strings::set),
    entry("incr", 2, Kind::Write, ONE_KEY, |s, args| strings::add(s, args, 1)),
    entry("ping", -1, Kind::PubSub, NO_KEY, admin::ping),
    entry("mget", -2, Kind::Read, ALL_KEYS, strings::mget),
    entry("mset", -3, Kind::Write, PAIRS, strings::mset),
    entry("del", -2, Kind::Write, ALL_KEYS, |s, args| keys::count(s, args, Table::remove)),
    entry("exists", -2, Kind::Read, ALL_KEYS, |s, args| keys::count(s, args, Table::contains)),
    entry("publish", 3, Kind::Admin, NO_KEY, pubsub::publish),
    entry("strlen", 2, Kind::Read, ONE_KEY, strings::strlen),
    entry("append", 3, Kind::Write, ONE_KEY, strings::append),
    entry("decr", 2, Kind::Write, ONE_KEY, |s, args| strings::add(s, args, -1)),
    entry("incrby", 3, Kind::Write, ONE_KEY, |s, args| strings::add(s, args, 1)),
    entry("decrby", 3, Kind::Write, ONE_KEY, |s, args| strings::add(s, args, -1)),
    entry("expire", -3, Kind::Write, ONE_KEY, |s, args| keys::expire(s, args, "expire", 1000)),
    entry("pexpire", -3, Kind::Write, ONE_KEY, |s, args| keys::expire(s, args, "pexpire", 1)),
    entry("ttl", 2, Kind::Read, ONE_KEY, |s, args| keys::time_to_live(s, args, 1000)),
    entry("pttl", 2, Kind::Read, ONE_KEY, |s, args| keys::time_to_live(s, args, 1)),
    entry("persist", 2, Kind::Write, ONE_KEY, keys::persist),
    entry("type", 2, Kind::Read, ONE_KEY, keys::kind),
    entry("unlink", -2, Kind::Write, ALL_KEYS, |s, args| keys::count(s, args, Table::remove)),
    entry("keys", 2, Kind::Read, NO_KEY, keys::keys),
    entry("dbsize", 1, Kind::Read, NO_KEY, keys::dbsize),
    entry("flushall", -1, Kind::Write, NO_KEY, keys::flushall),
    entry("echo", 2, Kind::Admin, NO_KEY, admin::echo),
    entry("select", 2, Kind::Admin, NO_KEY, admin::select),
    entry("subscribe", -2, Kind::PubSub, NO_KEY, |s, args| pubsub::subscribe(s, args, Topic::Channel)),
    entry("psubscribe", -2, Kind::PubSub, NO_KEY, |s, args| pubsub::subscribe(s, args, Topic::Pattern)),
    entry("unsubscribe", -1, Kind::PubSub, NO_KEY, |s, args| pubsub::unsubscribe(s, args, Topic::Channel)),
    entry("punsubscribe", -1, Kind::PubSub, NO_KEY, |s, args| pubsub::unsubscribe(s, args, Topic::Pattern)),
    entry("info", -1, Kind::Admin, NO_KEY, admin::info),
    entry("config", -2, Kind::Admin, NO_KEY, |s, args| subcommand(s, args, "config")),
    entry("command", -1, Kind::Admin, NO_KEY, admin::command),
    entry("client", -2, Kind::Admin, NO_KEY, |s, args| subcommand(s, args, "client")),
    entry("hello", -1, Kind::Admin, NO_KEY, admin::hello),
    entry("reset", 1, Kind::PubSub, NO_KEY, admin::reset),
    entry("quit", -1, Kind::PubSub, NO_KEY, admin::quit),
];

static SUBCOMMANDS: [Command; 9] = [
    entry("client|getname", 2, Kind::Admin, NO_KEY, admin::client_getname),
    entry("client|id", 2, Kind::Admin, NO_KEY, |s, _| Ok(Reply::Integer(s.id as i64))),
    entry("client|info", 2, Kind::Admin, NO_KEY, admin::client_info),
    // A library's name and version, which newer clients send first thing.
    entry("client|setinfo", 4, Kind::Admin, NO_KEY, |_, _| Ok(Reply::OK)),
    entry("client|setname", 3, Kind::Admin, NO_KEY, admin::client_setname),
    entry("command|count", 2, Kind::Admin, NO_KEY, |_, _| Ok(Reply::count(COMMANDS.len()))),
    // Texts for people, which redis-cli shows as hints: it does without them.
    entry("command|docs", -2, Kind::Admin, NO_KEY, |s, _| admin::describe(s, [])),
    entry("command|info", -2, Kind::Admin, NO_KEY, |s, names| admin::describe(s, names.map(find))),
    entry("config|get", -3, Kind::Admin, NO_KEY, admin::config_get),
];

/// Carries out a request.
pub(crate) fn execute(session: &mut Session, mut args: Args<'_>) -> Outcome {
    let words = args.len();
    let name = args.word()?;
    if let Some(command) = find(name) {
        return command.execute(session, words, args);
    }
    let mut text = format!("unknown command '{}', with args beginning with: ", printable(name));
    for word in args {
        if text.len() >= 128 {
            break;
        }
        text += &format!("'{}' ", printable(word));
    }
    Err(text.into())
}

/// Carries out a request whose second word says what's to be done.
fn subcommand(session: &mut Session, mut args: Args<'_>, command: &str) -> Outcome {
    let words = args.len() + 1;
    let name = args.word()?;
    match find_in(&SUBCOMMANDS, &[command.as_bytes(), b"|", name].concat()) {
        Some(subcommand) => subcommand.execute(session, words, args),
        None => {
            let command = command.to_ascii_uppercase();
            Err(format!("unknown subcommand '{}'. Try {command} HELP.", printable(name)).into())
        }
    }
}

fn find(name: &[u8]) -> Option<&'static Command> {
    find_in(&COMMANDS, name)
}

fn find_in(table: &'static [Command], name: &[u8]) -> Option<&'static Command> {
    table.iter().find(|command| command.name.as_bytes().eq_ignore_ascii_case(name))
}

fn wrong_arity(name: &str) -> Fault {
    format!("wrong number of arguments for '{name}' command").into()
}

impl Command {
    fn execute(&self, session: &mut Session, words: usize, args: Args<'_>) -> Outcome {
        if !self.takes(words) {
            return Err(wrong_arity(self.name));
        }
        if self.kind != Kind::PubSub && session.is_subscriber() {
            let name = self.name;
            return Err(format!(
                "Can't execute '{name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET \
                 are allowed in this context"
            )
            .into());
        }
        (self.run)(session, args)
    }

    /// Whether a request of so many words fits.
    fn takes(&self, words: usize) -> bool {
        let words = words as i64;
        if self.arity < 0 { words >= -self.arity } else { words == self.arity }
    }
}
