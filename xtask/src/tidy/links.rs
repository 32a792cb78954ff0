//! Links and paths in Markdown files lead somewhere.

use std::collections::BTreeMap;

use super::report::{Report, Rule};
use super::tree::{Text, Tree};

static LINKS: Rule =
    Rule { name: "links", why: "a document that points at what isn't there is believed in nothing else" };

/// Checks each Markdown file's links, and the paths of the workspace that it quotes.
pub(crate) fn check(tree: &Tree, report: &mut Report) {
    for file in tree.texts.iter().filter(|file| file.path.ends_with(".md")) {
        for (line, prose, quotes) in prose(&file.text) {
            for target in targets(&prose) {
                if let Some(problem) = broken_link(tree, file, &target) {
                    report.add(&LINKS, &file.path, line, problem);
                }
            }
            for quote in quotes.iter().filter(|quote| is_missing_path(tree, quote)) {
                report.add(&LINKS, &file.path, line, format!("`{quote}` doesn't exist"));
            }
        }
    }
}

/// The lines outside of code blocks: number, text without code spans, code spans.
fn prose(text: &str) -> Vec<(usize, String, Vec<String>)> {
    let mut found = Vec::new();
    let mut in_block = false;
    for (index, line) in text.lines().enumerate() {
        let trimmed = line.trim_start();
        if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            in_block = !in_block;
        } else if !in_block {
            let (quotes, rest): (Vec<_>, Vec<_>) =
                line.split('`').enumerate().partition(|(part, _)| part % 2 == 1);
            let quotes = quotes.into_iter().map(|(_, quote)| quote.to_owned()).collect();
            found.push((index + 1, rest.into_iter().map(|(_, text)| text).collect(), quotes));
        }
    }
    found
}

/// What the links of a line point at: `[text](target)`, `[name]: target`.
fn targets(line: &str) -> Vec<String> {
    let inline = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let definition = line.trim_start().strip_prefix('[').and_then(|rest| rest.split_once("]: "));
    let all = inline.chain(definition.map(|(_, target)| target));
    all.filter_map(|target| target.split_whitespace().next()).map(str::to_owned).collect()
}

fn broken_link(tree: &Tree, file: &Text, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = target.split_once('#').map_or((target, None), |(path, anchor)| (path, Some(anchor)));
    let path = if path.is_empty() { file.path.clone() } else { resolve(&file.path, path) };
    if !tree.entries.contains(&path) {
        return Some(format!("the link to {target} leads nowhere: there's no {path}"));
    }
    let anchor = anchor?;
    let text = tree.text(&path).unwrap_or_default();
    let exists = !path.ends_with(".md") || anchors(text).contains(&anchor.to_owned());
    (!exists).then(|| format!("the link to {target} leads nowhere: {path} has no such heading"))
}

/// The path that `target` means in the file at `from`.
fn resolve(from: &str, target: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The anchors of a document's headings, spelled as the usual renderers spell them.
fn anchors(text: &str) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let headings = text.lines().scan(false, |in_block, line| {
        *in_block ^= line.trim_start().starts_with("```");
        Some(line.strip_prefix('#').filter(|_| !*in_block))
    });
    let slug = |heading: &str| -> String {
        let kept = heading.trim_start_matches('#').trim().to_lowercase();
        kept.chars()
            .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect()
    };
    headings
        .flatten()
        .map(|heading| {
            let slug = slug(heading);
            let count = seen.entry(slug.clone()).or_insert(0);
            *count += 1;
            if *count == 1 { slug } else { format!("{slug}-{}", *count - 1) }
        })
        .collect()
}

/// Whether a code span looks like a path of the workspace, and isn't one.
fn is_missing_path(tree: &Tree, quote: &str) -> bool {
    let plain = quote.chars().all(|c| c.is_ascii_alphanumeric() || "_-./".contains(c));
    let Some((first, _)) = quote.split_once('/').filter(|_| plain) else { return false };
    tree.entries.contains(first) && first != "target" && !tree.entries.contains(quote.trim_end_matches('/'))
}
