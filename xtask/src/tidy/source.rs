//! One Rust file as the rules see it: its place in the house, its tokens, functions and paths.

use super::lexer::{Comment, Kind, Lexed, Token, lex};
use super::paths::{PathRef, collect};

/// A Rust file of the workspace.
#[derive(Debug)]
pub(crate) struct Source {
    /// Relative to the workspace's root, with forward slashes.
    pub(crate) path: String,
    /// The first folder of the path: the package it belongs to.
    pub(crate) package: String,
    /// The module path inside its crate, without `crate`; empty for `lib.rs` and `main.rs`, and for
    /// files outside of `src`.
    pub(crate) module: Vec<String>,
    /// Whether the whole file is a test, so that it's built for no user.
    pub(crate) is_test: bool,
    pub(crate) tokens: Vec<Token>,
    pub(crate) comments: Vec<Comment>,
    /// For each token: whether it belongs to an item under `#[cfg(test)]`.
    pub(crate) in_test: Vec<bool>,
    pub(crate) functions: Vec<Function>,
    /// Every path of two or more segments, those of `use` declarations expanded.
    pub(crate) paths: Vec<PathRef>,
}

/// A function with a body.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// The line of `fn`.
    pub(crate) line: usize,
    /// The line of the closing brace.
    pub(crate) end: usize,
    /// The tokens between its braces, braces included.
    pub(crate) body: std::ops::Range<usize>,
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let Lexed { tokens, comments } = lex(text);
        let in_test = mark_tests(&tokens);
        let functions = functions(&tokens);
        let paths = collect(&tokens, &in_test);
        Self {
            path: path.to_owned(),
            package: path.split('/').next().unwrap_or_default().to_owned(),
            module: module_of(path),
            is_test: is_test_path(path),
            tokens,
            comments,
            in_test,
            functions,
            paths,
        }
    }

    /// The top-level folder of `src` that the file lies in.
    pub(crate) fn folder(&self) -> Option<&str> {
        let nested = self.path.contains("/src/") && !self.module.is_empty();
        nested.then(|| self.module[0].as_str())
    }

    /// The lines that hold code, in order, each once.
    pub(crate) fn code_lines(&self) -> Vec<usize> {
        let mut lines: Vec<usize> = self.tokens.iter().flat_map(|token| token.line..=token.end).collect();
        lines.dedup();
        lines
    }

    /// Whether the file lies in that folder of that package's `src`.
    pub(crate) fn is_in(&self, package: &str, folder: &str) -> bool {
        self.package == package && self.folder() == Some(folder)
    }

    /// The text of the file's own documentation, a pair of line and text each.
    pub(crate) fn header(&self) -> impl Iterator<Item = (usize, &str)> {
        self.comments.iter().filter(|comment| comment.is_header()).flat_map(|comment| {
            comment.text.lines().enumerate().map(|(offset, text)| (comment.line + offset, text))
        })
    }
}

/// `rt-core/src/sync/mpsc/chan.rs` is `sync::mpsc::chan`; `mod.rs` is its folder.
fn module_of(path: &str) -> Vec<String> {
    let Some((_, inner)) = path.split_once("/src/") else { return Vec::new() };
    let inner = inner.strip_suffix(".rs").unwrap_or(inner);
    let mut module: Vec<String> = inner.split('/').map(str::to_owned).collect();
    if matches!(module.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        module.pop();
    }
    module
}

/// `tests.rs`, `tests_loom.rs` and the like beside the code, and everything under a `tests` folder.
fn is_test_path(path: &str) -> bool {
    path.split('/').any(|part| {
        let stem = part.strip_suffix(".rs").unwrap_or(part);
        stem == "tests" || stem.starts_with("tests_")
    })
}

/// Marks every token of an item that `#[cfg(test)]`, or a condition that implies it, keeps out of
/// ordinary builds.
fn mark_tests(tokens: &[Token]) -> Vec<bool> {
    let mut marks = vec![false; tokens.len()];
    let mut at = 0;
    while at < tokens.len() {
        let Some(close) = attribute_end(tokens, at) else {
            at += 1;
            continue;
        };
        let attribute = &tokens[at..close];
        let is_test = attribute.get(2).is_some_and(|token| token.is_ident("cfg"))
            && attribute.iter().any(|token| token.is_ident("test"))
            && !attribute.iter().any(|token| token.is_ident("not") || token.is_ident("any"));
        if is_test {
            let end = item_end(tokens, close);
            marks[at..end].fill(true);
            at = end;
        } else {
            at = close;
        }
    }
    marks
}

/// If an outer attribute starts at `at`: the index after its closing bracket.
pub(crate) fn attribute_end(tokens: &[Token], at: usize) -> Option<usize> {
    let opens = tokens.get(at)?.is("#") && tokens.get(at + 1)?.is("[");
    opens.then(|| matching(tokens, at + 1))
}

/// The index after the item that starts at `at`: after its `;`, or after its braces.
pub(crate) fn item_end(tokens: &[Token], at: usize) -> usize {
    item(tokens, at).1
}

/// The item that starts at `at`: its opening brace, if it has one, and the index after its end.
fn item(tokens: &[Token], at: usize) -> (Option<usize>, usize) {
    let mut at = at;
    while at < tokens.len() {
        let token = &tokens[at];
        if token.is("{") {
            return (Some(at), matching(tokens, at));
        }
        if token.is(";") {
            return (None, at + 1);
        }
        if token.is("}") {
            break;
        }
        at = if token.is("(") || token.is("[") { matching(tokens, at) } else { at + 1 };
    }
    (None, at)
}

/// The index after the bracket that closes the one at `open`.
pub(crate) fn matching(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0usize;
    for (index, token) in tokens.iter().enumerate().skip(open) {
        if token.kind != Kind::Punct {
            continue;
        }
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return index + 1;
                }
            }
            _ => {}
        }
    }
    tokens.len()
}

fn functions(tokens: &[Token]) -> Vec<Function> {
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate().filter(|(_, token)| token.is_ident("fn")) {
        // `fn(u8)` is a type, and `fn $name` a macro's pattern.
        let Some(name) = tokens.get(at + 1).filter(|name| name.kind == Kind::Ident) else { continue };
        let (Some(open), end) = item(tokens, at + 2) else { continue };
        found.push(Function {
            name: name.text.clone(),
            line: token.line,
            end: tokens[end - 1].end,
            body: open..end,
        });
    }
    found
}
