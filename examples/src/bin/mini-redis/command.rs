//! The command table: what there is, how many words it takes and which function does it.

use crate::pubsub::Kind as Topic;
use crate::reply::{Fault, Outcome};
use crate::resp::{Args, printable};
use crate::session::Session;

mod keys;
mod pubsub;
mod server;
mod strings;
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

/// Takes the words behind the name, all that may be wrong before it changes or writes anything.
type Run = fn(&mut Session, Args<'_>) -> Outcome;

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
    entry("get", 2, READ, strings::get),
    entry("set", -3, WRITE, strings::set),
    entry("incr", 2, WRITE, |s, args| strings::add(s, args, 1)),
    entry("ping", -1, PUBSUB, server::ping),
    entry("mget", -2, READ, strings::mget),
    entry("mset", -3, WRITE, strings::mset),
    entry("del", -2, WRITE, |s, args| keys::count(s, args, |t, key| t.remove(key))),
    entry("exists", -2, READ, |s, args| keys::count(s, args, |t, key| t.contains(key))),
    entry("publish", 3, FAST, pubsub::publish),
    entry("strlen", 2, READ, strings::strlen),
    entry("append", 3, WRITE, strings::append),
    entry("decr", 2, WRITE, |s, args| strings::add(s, args, -1)),
    entry("incrby", 3, WRITE, |s, args| strings::add(s, args, 1)),
    entry("decrby", 3, WRITE, |s, args| strings::add(s, args, -1)),
    entry("expire", 3, WRITE, |s, args| keys::expire(s, args, "expire", 1000)),
    entry("pexpire", 3, WRITE, |s, args| keys::expire(s, args, "pexpire", 1)),
    entry("ttl", 2, READ, |s, args| keys::time_to_live(s, args, 1000)),
    entry("pttl", 2, READ, |s, args| keys::time_to_live(s, args, 1)),
    entry("persist", 2, WRITE, keys::persist),
    entry("type", 2, READ, keys::kind),
    entry("unlink", -2, WRITE, |s, args| keys::count(s, args, |t, key| t.remove(key))),
    entry("keys", 2, READ, keys::keys),
    entry("dbsize", 1, READ, keys::dbsize),
    entry("flushall", -1, WRITE, keys::flushall),
    entry("echo", 2, FAST, server::echo),
    entry("select", 2, FAST, server::select),
    entry("subscribe", -2, PUBSUB, |s, args| pubsub::change(s, args, Topic::Channel, "subscribe")),
    entry("psubscribe", -2, PUBSUB, |s, args| pubsub::change(s, args, Topic::Pattern, "psubscribe")),
    entry("unsubscribe", -1, PUBSUB, |s, args| pubsub::change(s, args, Topic::Channel, "unsubscribe")),
    entry("punsubscribe", -1, PUBSUB, |s, args| pubsub::change(s, args, Topic::Pattern, "punsubscribe")),
    entry("info", -1, FAST, server::info),
    entry("config", -2, FAST, server::config),
    entry("command", -1, FAST, server::command),
    entry("client", -2, FAST, server::client),
    entry("reset", 1, PUBSUB, server::reset),
    entry("quit", -1, PUBSUB, server::quit),
];

/// Carries out a request.
pub(crate) fn execute(session: &mut Session, mut args: Args<'_>) -> Outcome {
    let words = args.len();
    let name = args.word()?;
    if let Some(command) = find(name) {
        return command.execute(session, words, args);
    }
    let words: String = args.take(4).map(|word| format!("'{}' ", printable(word))).collect();
    Err(format!("unknown command '{}', with args beginning with: {words}", printable(name)).into())
}

/// Refuses a request whose second word isn't known behind the first.
fn unknown_subcommand(command: &str, word: &[u8]) -> Fault {
    format!("unknown subcommand '{}'. Try {command} HELP.", printable(word)).into()
}

fn find(name: &[u8]) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.name.as_bytes().eq_ignore_ascii_case(name))
}

fn wrong_arity(name: &str) -> Fault {
    format!("wrong number of arguments for '{name}' command").into()
}

impl Command {
    fn execute(&self, session: &mut Session, words: usize, args: Args<'_>) -> Outcome {
        if !self.takes(words) {
            return Err(wrong_arity(self.name));
        }
        if self.flag != PUBSUB && session.is_subscriber() {
            let (name, allowed) = (self.name, "(P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET");
            let text = format!("Can't execute '{name}': only {allowed} are allowed in this context");
            return Err(text.into());
        }
        (self.run)(session, args)
    }

    /// Whether a request of so many words fits.
    fn takes(&self, words: usize) -> bool {
        let words = words as i64;
        if self.arity < 0 { words >= -self.arity } else { words == self.arity }
    }
}
