//! `mod.rs` files and rt-core's `lib.rs` are tables of contents; what needs no unsafe code forbids it.

use super::lexer::Token;
use super::report::{Report, Rule};
use super::source::{Source, attribute_end, item_end, matching};
use super::tree::Tree;

static CONTENTS: Rule = Rule {
    name: "contents",
    why: "a mod.rs holds docs, `mod` and `use`: then a folder moves whole, and a name is found in the file that \
          is called so",
};

static UNSAFE: Rule = Rule {
    name: "forbid-unsafe",
    why: "a reader who hunts for unsoundness can skip what says #![forbid(unsafe_code)]",
};

/// The libraries without unsafe code; rt-core is asked folder by folder.
const LIBRARIES: [&str; 4] = ["rt-macros", "rt-stream", "rt-util", "rt-test"];

/// Checks tables of contents, and that `unsafe` is forbidden where there is none.
pub(crate) fn check(tree: &Tree, report: &mut Report) {
    for source in &tree.sources {
        let is_contents = source.path.ends_with("/mod.rs") || source.path == "rt-core/src/lib.rs";
        if is_contents && !source.is_test {
            check_contents(source, &source.tokens, report);
        }
    }
    check_unsafe(tree, report);
}

fn check_contents(source: &Source, tokens: &[Token], report: &mut Report) {
    let mut at = 0;
    while at < tokens.len() {
        if let Some(end) = attribute_end(tokens, at) {
            at = end;
            continue;
        }
        if tokens[at].is("#") {
            // `#![...]`
            at = matching(tokens, at + 2);
            continue;
        }
        let start = at;
        if tokens[at].is_ident("pub") {
            at += 1;
            if tokens.get(at).is_some_and(|token| token.is("(")) {
                at = matching(tokens, at);
            }
        }
        let end = if tokens[at].is_ident("use") { use_end(tokens, at) } else { item_end(tokens, at) };
        let is_module = tokens[at].is_ident("mod");
        if is_module && tokens.get(at + 2).is_some_and(|token| token.is("{")) {
            check_contents(source, &tokens[at + 3..end - 1], report);
        } else if !is_module && !tokens[at].is_ident("use") {
            let message = format!("`{}` is more than a table of contents", first_words(&tokens[start..end]));
            report.add(&CONTENTS, &source.path, tokens[start].line, message);
        }
        at = end.max(at + 1);
    }
}

/// A `use` ends at its `;`, whatever braces come before.
fn use_end(tokens: &[Token], at: usize) -> usize {
    tokens[at..].iter().position(|token| token.is(";")).map_or(tokens.len(), |offset| at + offset + 1)
}

fn first_words(tokens: &[Token]) -> String {
    let words: Vec<&str> = tokens.iter().take(4).map(|token| token.text.as_str()).collect();
    words.join(" ")
}

/// The smallest units that can forbid it: a library, or a top-level folder of rt-core.
fn check_unsafe(tree: &Tree, report: &mut Report) {
    for root in &tree.sources {
        let is_folder = root.package == "rt-core" && root.path.ends_with("/mod.rs") && root.module.len() == 1;
        let is_library = LIBRARIES.iter().any(|package| root.path == format!("{package}/src/lib.rs"));
        if !(is_folder || is_library) {
            continue;
        }
        let unit = root.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let within = || {
            let inside =
                |source: &&Source| source.path.strip_prefix(unit).is_some_and(|rest| rest.starts_with('/'));
            tree.sources.iter().filter(inside).flat_map(|source| &source.tokens)
        };
        let forbids = root
            .tokens
            .windows(3)
            .any(|window| window[0].is_ident("forbid") && window[2].is_ident("unsafe_code"));
        // A folder without code yet may still become anything.
        if !forbids && within().next().is_some() && !within().any(|token| token.is_ident("unsafe")) {
            let message = "nothing here is unsafe: add `#![forbid(unsafe_code)]`".to_owned();
            report.add(&UNSAFE, &root.path, 1, message);
        }
    }
}
