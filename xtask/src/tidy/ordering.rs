//! Memory orderings: each barrier names the edge it is an end of.

use std::collections::{BTreeMap, BTreeSet};

use super::report::{Report, Rule};
use super::source::Source;
use super::tree::Tree;

static ORDERING: Rule = Rule {
    name: "ordering",
    why: "a barrier without its partner's name can't be reviewed: the header declares the edges (`//! E1: push's \
          Release -> pop's Acquire, publishes the slot`), and each end of one is tagged `// E1`",
};

static RELAXED: Rule = Rule {
    name: "relaxed",
    why: "Relaxed is a claim that nothing else is published here: a comment beside it, on its function, or in the \
          file's header (a sentence that says Relaxed) gives the reason. What a compare_exchange of the same function checks needs none",
};

static MODELS: Rule = Rule {
    name: "models",
    why: "an ordering that no model explores is a guess: the file has a sibling `x/tests_loom.rs` or shares its \
          folder's; or its header names the tests_loom.rs that covers it, or says `Not modelled:` and why",
};

const BARRIERS: [&str; 4] = ["Acquire", "Release", "AcqRel", "SeqCst"];

/// Checks every ordering in rt-core's own code.
pub(crate) fn check(tree: &Tree, report: &mut Report) {
    for source in tree.sources.iter().filter(|source| is_checked(source)) {
        check_source(tree, source, report);
    }
}

fn is_checked(source: &Source) -> bool {
    source.package == "rt-core"
        && source.path.contains("/src/")
        && !source.is_test
        && !source.is_in("rt-core", "shim")
}

fn check_source(tree: &Tree, source: &Source, report: &mut Report) {
    let sites = sites(source);
    if sites.is_empty() {
        return;
    }
    let comments = Comments::of(source);
    let declared = declared(source.header());
    let header_reason = source.header().any(|(_, text)| text.contains("Relaxed"));
    for (line, name) in &sites {
        let near = comments.near(*line);
        if name == "Relaxed" {
            let reason = header_reason
                || !near.is_empty()
                || is_checked_by_exchange(source, *line)
                || function_reason(source, &comments, *line);
            if !reason {
                report.add(&RELAXED, &source.path, *line, "`Relaxed` without a reason".to_owned());
            }
            continue;
        }
        let tags = tags(&near);
        if tags.is_empty() {
            report.add(&ORDERING, &source.path, *line, format!("`{name}` without the tag of its edge"));
        }
        for tag in tags.iter().filter(|tag| !declared.contains_key(*tag)) {
            if !declared_elsewhere(tree, source, tag, &near) {
                let message =
                    format!("edge {tag} isn't declared in the file's header (or that of its mod.rs)");
                report.add(&ORDERING, &source.path, *line, message);
            }
        }
    }
    check_declared(source, &declared, &comments, report);
    let ordered = sites.iter().find(|(_, name)| name != "Relaxed");
    if let Some((line, _)) = ordered.filter(|_| !is_modelled(tree, source)) {
        report.add(&MODELS, &source.path, *line, "barriers, and no model of them".to_owned());
    }
}

/// Whether a model covers the file, or its header says where one is, or why there is none.
fn is_modelled(tree: &Tree, source: &Source) -> bool {
    let stem = source.path.strip_suffix(".rs").unwrap_or(&source.path);
    let folder = stem.rsplit_once('/').map_or("", |(folder, _)| folder);
    let near = [stem, folder].iter().any(|place| tree.entries.contains(&format!("{place}/tests_loom.rs")));
    near || source.header().any(|(_, text)| text.contains("tests_loom.rs") || text.contains("Not modelled:"))
}

/// Each declared edge has its ends: two of them here, or its text says where it goes.
fn check_declared(
    source: &Source,
    declared: &BTreeMap<String, (usize, String)>,
    comments: &Comments,
    report: &mut Report,
) {
    for (tag, (line, text)) in declared {
        let ends = comments.text.values().filter(|comment| tags(comment).contains(tag)).count();
        if ends == 0 {
            report.add(
                &ORDERING,
                &source.path,
                *line,
                format!("edge {tag} is declared, but no site is tagged with it"),
            );
        } else if ends == 1 && !["->", "→", "pairs with"].iter().any(|arrow| text.contains(arrow)) {
            report.add(&ORDERING, &source.path, *line, format!("edge {tag} has one end: say `from -> to`"));
        }
    }
}

/// The orderings that the file's code names, a pair of line and name each.
fn sites(source: &Source) -> Vec<(usize, String)> {
    let tokens = &source.tokens;
    let imported: BTreeSet<&str> = source
        .paths
        .iter()
        .filter(|path| path.is_use && path.segments.iter().rev().nth(1).is_some_and(|s| s == "Ordering"))
        .filter_map(|path| path.segments.last().map(String::as_str))
        .collect();
    let mut found = Vec::new();
    let mut in_use = false;
    for (at, token) in tokens.iter().enumerate() {
        in_use = (in_use && !token.is(";")) || token.is_ident("use");
        let name = token.text.as_str();
        if in_use || source.in_test[at] || !(BARRIERS.contains(&name) || name == "Relaxed") {
            continue;
        }
        let qualified = at >= 2 && tokens[at - 1].is("::");
        let is_site = if qualified {
            tokens[at - 2].is_ident("Ordering")
        } else {
            imported.contains(name) || imported.contains("*")
        };
        if is_site {
            found.push((token.line, name.to_owned()));
        }
    }
    found
}

/// The comments that aren't the file's header.
struct Comments {
    /// Their text by line.
    text: BTreeMap<usize, String>,
    /// The lines that hold code as well.
    code: BTreeSet<usize>,
}

impl Comments {
    fn of(source: &Source) -> Self {
        let mut text: BTreeMap<usize, String> = BTreeMap::new();
        for comment in source.comments.iter().filter(|comment| !comment.is_header()) {
            for (offset, part) in comment.text.lines().enumerate() {
                text.entry(comment.line + offset).or_default().push_str(part);
            }
        }
        Self { text, code: source.code_lines().into_iter().collect() }
    }

    /// What is said about a line: beside it, on the next two lines (where a long call ends), and in the
    /// comments of their own that end above it.
    fn near(&self, line: usize) -> String {
        let mut near = String::new();
        let mut above = line - 1;
        while let Some(comment) = self.text.get(&above).filter(|_| !self.code.contains(&above)) {
            near = format!("{comment}\n{near}");
            above -= 1;
        }
        for line in [line, line + 1, line + 2] {
            near.extend(self.text.get(&line).map(String::as_str));
            near.push('\n');
        }
        near.trim().to_owned()
    }
}

/// Whether the comment above the function that holds the line speaks of its orderings or statistics.
fn function_reason(source: &Source, comments: &Comments, line: usize) -> bool {
    let around = source.functions.iter().filter(|function| (function.line..=function.end).contains(&line));
    around.into_iter().any(|function| {
        // Attributes may stand between the comment and the function.
        (1..=4).any(|above| {
            let text = comments.near(function.line.saturating_sub(above).max(1));
            text.contains("Relaxed") || text.contains("statistic")
        })
    })
}

/// Whether the function that holds the line ends in an exchange: that checks what was loaded before, and
/// carries the ordering. It's so common that it needs no words.
fn is_checked_by_exchange(source: &Source, line: usize) -> bool {
    let around = source.functions.iter().filter(|function| (function.line..=function.end).contains(&line));
    around.into_iter().any(|function| {
        source.tokens[function.body.clone()].iter().any(|token| token.text.starts_with("compare_exchange"))
    })
}

/// The edges that a header declares: a line whose first word is the tag.
fn declared<'a>(header: impl Iterator<Item = (usize, &'a str)>) -> BTreeMap<String, (usize, String)> {
    let mut found: BTreeMap<String, (usize, String)> = BTreeMap::new();
    let mut current: Option<String> = None;
    for (line, text) in header {
        let plain = text.trim_start_matches(['/', '!', ' ', '-', '*', '`', '|', '[', '#']);
        let tag = tags(plain).into_iter().find(|tag| plain.starts_with(tag.as_str()));
        if let Some(tag) = tag {
            found.insert(tag.clone(), (line, plain.to_owned()));
            current = Some(tag);
        } else if plain.is_empty() {
            current = None;
        } else if let Some((_, edge)) = current.as_ref().and_then(|tag| found.get_mut(tag)) {
            edge.push_str(plain);
        }
    }
    found
}

/// Whether the header of a file around this one declares the edge, or the header of the file that the
/// comment names (`// E3 of state.rs`).
fn declared_elsewhere(tree: &Tree, source: &Source, tag: &str, comment: &str) -> bool {
    let folder = source.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut candidates = vec![format!("{folder}/mod.rs"), format!("{folder}.rs")];
    for word in comment.split(|c: char| !(c.is_alphanumeric() || "_./".contains(c))) {
        let name = word.trim_end_matches('.');
        if name.ends_with(".rs") {
            candidates.push(format!("{folder}/{name}"));
            candidates.push(format!("rt-core/src/{name}"));
        }
    }
    let in_source = tree
        .sources
        .iter()
        .filter(|other| candidates.contains(&other.path))
        .any(|other| declared(other.header()).contains_key(tag));
    let readme = tree.text(&format!("{folder}/README.md")).unwrap_or_default();
    in_source || declared(readme.lines().enumerate()).contains_key(tag)
}

/// The words `E1`, `E2` ... of a text.
fn tags(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| {
            word.strip_prefix('E')
                .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
        })
        .map(str::to_owned)
        .collect()
}
