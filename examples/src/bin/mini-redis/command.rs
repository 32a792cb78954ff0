//! The command table: what there is, how many arguments it takes and which function does it.

use std::borrow::Cow;
use std::fmt;

use crate::resp::Request;
use crate::session::Session;

mod admin;
mod keys;
mod pubsub;
mod strings;
#[cfg(test)]
mod tests;

/// A function validates its arguments before it writes anything: it appends one whole reply, or fails.
type Run = fn(&mut Session, &Request<'_>) -> Result<(), Fault>;

pub(crate) struct Command {
    /// In lower case, as replies quote it.
    pub(crate) name: &'static str,
    /// How many arguments with the name itself; `-n` for `n` or more.
    arity: i64,
    kind: Kind,
    /// Where the keys are: first, last (from the end if negative), step.
    keys: (i64, i64, i64),
    pub(crate) run: Run,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Read,
    Write,
    Admin,
    /// Allowed to a client with subscriptions.
    PubSub,
}

impl Command {
    /// Whether a request of `len` arguments fits.
    pub(crate) fn takes(&self, len: usize) -> bool {
        let len = len as i64;
        if self.arity < 0 { len >= -self.arity } else { len == self.arity }
    }

    pub(crate) fn is_for_subscribers(&self) -> bool {
        self.kind == Kind::PubSub
    }
}

const fn entry(name: &'static str, arity: i64, kind: Kind, keys: (i64, i64, i64), run: Run) -> Command {
    Command { name, arity, kind, keys, run }
}

const NO_KEY: (i64, i64, i64) = (0, 0, 0);
const ONE_KEY: (i64, i64, i64) = (1, 1, 1);
const ALL_KEYS: (i64, i64, i64) = (1, -1, 1);

/// The busiest first: it's searched from the front.
static COMMANDS: [Command; 37] = [
    entry("get", 2, Kind::Read, ONE_KEY, strings::get),
    entry("set", -3, Kind::Write, ONE_KEY, strings::set),
    entry("incr", 2, Kind::Write, ONE_KEY, strings::incr),
    entry("ping", -1, Kind::PubSub, NO_KEY, admin::ping),
    entry("mget", -2, Kind::Read, ALL_KEYS, strings::mget),
    entry("mset", -3, Kind::Write, (1, -1, 2), strings::mset),
    entry("del", -2, Kind::Write, ALL_KEYS, keys::del),
    entry("exists", -2, Kind::Read, ALL_KEYS, keys::exists),
    entry("publish", 3, Kind::Admin, NO_KEY, pubsub::publish),
    entry("strlen", 2, Kind::Read, ONE_KEY, strings::strlen),
    entry("append", 3, Kind::Write, ONE_KEY, strings::append),
    entry("decr", 2, Kind::Write, ONE_KEY, strings::decr),
    entry("incrby", 3, Kind::Write, ONE_KEY, strings::incrby),
    entry("decrby", 3, Kind::Write, ONE_KEY, strings::decrby),
    entry("expire", -3, Kind::Write, ONE_KEY, keys::expire),
    entry("pexpire", -3, Kind::Write, ONE_KEY, keys::pexpire),
    entry("ttl", 2, Kind::Read, ONE_KEY, keys::ttl),
    entry("pttl", 2, Kind::Read, ONE_KEY, keys::pttl),
    entry("persist", 2, Kind::Write, ONE_KEY, keys::persist),
    entry("type", 2, Kind::Read, ONE_KEY, keys::kind),
    entry("unlink", -2, Kind::Write, ALL_KEYS, keys::del),
    entry("keys", 2, Kind::Read, NO_KEY, keys::keys),
    entry("dbsize", 1, Kind::Read, NO_KEY, keys::dbsize),
    entry("flushall", -1, Kind::Write, NO_KEY, keys::flushall),
    entry("echo", 2, Kind::Admin, NO_KEY, admin::echo),
    entry("select", 2, Kind::Admin, NO_KEY, admin::select),
    entry("subscribe", -2, Kind::PubSub, NO_KEY, pubsub::subscribe),
    entry("psubscribe", -2, Kind::PubSub, NO_KEY, pubsub::psubscribe),
    entry("unsubscribe", -1, Kind::PubSub, NO_KEY, pubsub::unsubscribe),
    entry("punsubscribe", -1, Kind::PubSub, NO_KEY, pubsub::punsubscribe),
    entry("info", -1, Kind::Admin, NO_KEY, admin::info),
    entry("config", -2, Kind::Admin, NO_KEY, admin::config),
    entry("command", -1, Kind::Admin, NO_KEY, admin::command),
    entry("client", -2, Kind::Admin, NO_KEY, admin::client),
    entry("hello", -1, Kind::Admin, NO_KEY, admin::hello),
    entry("reset", 1, Kind::PubSub, NO_KEY, admin::reset),
    entry("quit", -1, Kind::PubSub, NO_KEY, admin::quit),
];

pub(crate) fn find(name: &[u8]) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.name.as_bytes().eq_ignore_ascii_case(name))
}

/// Why a request was refused, without the `-ERR` in front.
#[derive(Debug)]
pub(crate) struct Fault(Cow<'static, str>);

impl Fault {
    pub(crate) const SYNTAX: Fault = Fault(Cow::Borrowed("syntax error"));
    pub(crate) const NOT_AN_INTEGER: Fault = Fault(Cow::Borrowed("value is not an integer or out of range"));

    pub(crate) fn arity(command: &str) -> Self {
        Fault::from(format!("wrong number of arguments for '{command}' command"))
    }

    fn subcommand(command: &str, given: &[u8]) -> Self {
        Fault::from(format!("unknown subcommand '{}'. Try {command} HELP.", Printable(given)))
    }
}

impl From<String> for Fault {
    fn from(text: String) -> Self {
        Fault(Cow::Owned(text))
    }
}

impl From<&'static str> for Fault {
    fn from(text: &'static str) -> Self {
        Fault(Cow::Borrowed(text))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A client's bytes within a message, a character a byte, the first 128 of them.
pub(crate) struct Printable<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().take(128).try_for_each(|&byte| fmt::Write::write_char(f, char::from(byte)))
    }
}

pub(crate) fn unknown(request: &Request<'_>) -> Fault {
    let mut text = format!("unknown command '{}', with args beginning with: ", Printable(request.arg(0)));
    for arg in request.args_from(1) {
        if text.len() >= 128 {
            break;
        }
        text += &format!("'{}' ", Printable(arg));
    }
    Fault::from(text)
}

/// A whole number, written the one way that Redis takes: no plus, no leading zeros, no spaces.
fn integer(text: &[u8]) -> Result<i64, Fault> {
    parse_integer(text).ok_or(Fault::NOT_AN_INTEGER)
}

fn parse_integer(text: &[u8]) -> Option<i64> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let canonical = match digits {
        [] => false,
        [b'0', ..] => text == b"0",
        _ => digits.iter().all(u8::is_ascii_digit),
    };
    // At most 20 characters can be a 64-bit number; the standard library says about the rest.
    if !canonical || text.len() > 20 {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}
