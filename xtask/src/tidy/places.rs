//! What may be named in one place only: the OS in `sys`, std's threads and atomics in `shim`, the clock
//! in the driver.

use super::report::{Report, Rule};
use super::source::{Source, matching};
use super::tree::Tree;

static OS: Rule = Rule {
    name: "os",
    why: "the OS is a folder with a contract (rt-core/src/sys): a port adds files there and touches nothing else",
};

static SHIM: Rule = Rule {
    name: "shim",
    why: "a model explores only what goes through crate::shim: an atomic, lock or thread taken from std is \
          invisible to it. Where a public signature asks for std's, say so beside it: `// std: why`",
};

static CLOCK: Rule = Rule {
    name: "clock",
    why: "all time comes from one clock, or a paused or simulated runtime would see two",
};

/// Conditions that ask which OS it is.
const OS_CONDITIONS: [&str; 5] = ["target_os", "target_family", "target_vendor", "unix", "windows"];

/// The libraries, whose code must run wherever the runtime does.
const LIBRARIES: [&str; 5] = ["rt-core", "rt-macros", "rt-stream", "rt-util", "rt-test"];

/// Names of std and core that have a counterpart in `shim`.
const SHIMMED: [&str; 12] = [
    "sync::atomic",
    "sync::Mutex",
    "sync::MutexGuard",
    "sync::RwLock",
    "sync::Condvar",
    "sync::Barrier",
    "sync::Once",
    "sync::Arc",
    "sync::Weak",
    "cell::UnsafeCell",
    "thread",
    "hint::spin_loop",
];

/// Below [`SHIMMED`], yet only types that carry a result.
const PLAIN: [&str; 2] = ["std::thread::Result", "std::sync::OnceState"];

/// Checks that each thing is named where it belongs.
pub(crate) fn check(tree: &Tree, report: &mut Report) {
    for source in tree.sources.iter().filter(|source| LIBRARIES.contains(&source.package.as_str())) {
        if !source.is_in("rt-core", "sys") {
            check_conditions(source, report);
        }
        if source.package == "rt-core" && source.path.contains("/src/") {
            check_paths(source, report);
            check_thread_locals(source, report);
        }
    }
}

fn check_conditions(source: &Source, report: &mut Report) {
    for (at, token) in source.tokens.iter().enumerate() {
        if !(token.is_ident("cfg") || token.is_ident("cfg_attr")) {
            continue;
        }
        let open = if source.tokens.get(at + 1).is_some_and(|next| next.is("!")) { at + 2 } else { at + 1 };
        if !source.tokens.get(open).is_some_and(|next| next.is("(")) {
            continue;
        }
        for condition in &source.tokens[open..matching(&source.tokens, open)] {
            if OS_CONDITIONS.iter().any(|name| condition.is_ident(name)) {
                let message = format!("`{}` asks for the OS outside of rt-core/src/sys", condition.text);
                report.add(&OS, &source.path, condition.line, message);
            }
        }
    }
}

fn check_paths(source: &Source, report: &mut Report) {
    for path in source.paths.iter().filter(|path| !path.in_test && !source.is_test) {
        let name = path.display();
        let mut add = |rule, message| report.add(rule, &source.path, path.line, message);
        if path.starts_with("libc") && !source.is_in("rt-core", "sys") {
            add(&OS, format!("`{name}` is a system call's name outside of rt-core/src/sys"));
        }
        let shimmed = |name: &str| name.split("::").next() == Some("loom") || is_shimmed(name);
        // What a `use` brought in is judged there, and not again where it's used.
        let judged = path.via.as_deref().is_some_and(shimmed);
        let outside = !source.is_in("rt-core", "shim");
        if outside && shimmed(&name) && !judged && !has_reason(source, path.line) {
            add(&SHIM, format!("`{name}` is named outside of rt-core/src/shim: import it from crate::shim"));
        }
        let reads_clock = ["std::time::Instant::now", "std::time::SystemTime::now"];
        if reads_clock.contains(&name.as_str()) && !is_clock(source) && !has_reason(source, path.line) {
            add(&CLOCK, format!("`{name}` is called outside of rt-core/src/driver/clock"));
        }
    }
}

fn check_thread_locals(source: &Source, report: &mut Report) {
    for (at, token) in source.tokens.iter().enumerate() {
        let is_call = source.tokens.get(at + 1).is_some_and(|next| next.is("!"));
        let exempt = source.is_test || source.in_test[at] || source.is_in("rt-core", "shim");
        if token.is_ident("thread_local") && is_call && !exempt && !has_reason(source, token.line) {
            let message =
                "`thread_local!` outside of rt-core/src/shim: use crate::shim::thread_slot".to_owned();
            report.add(&SHIM, &source.path, token.line, message);
        }
    }
}

fn is_shimmed(name: &str) -> bool {
    let Some(inner) = name.strip_prefix("std::").or_else(|| name.strip_prefix("core::")) else {
        return false;
    };
    let below = |prefix: &str| {
        inner.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    SHIMMED.iter().any(|prefix| below(prefix)) && !PLAIN.contains(&name)
}

/// Whether a comment on the line, or directly above it, says `std: why`.
fn has_reason(source: &Source, line: usize) -> bool {
    source
        .comments
        .iter()
        .any(|comment| (comment.line == line || comment.end + 1 == line) && comment.text.contains("// std: "))
}

fn is_clock(source: &Source) -> bool {
    source.is_in("rt-core", "driver") && source.module.get(1).is_some_and(|name| name == "clock")
}
