//! The paths that a file names: in `use` declarations, expanded, and inline.

use std::collections::HashMap;

use super::lexer::{Kind, Token};

/// A path of two or more segments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PathRef {
    /// Its segments; a first one that a `use` declaration brought in stands as what it means.
    pub(crate) segments: Vec<String>,
    pub(crate) line: usize,
    /// The names of the inline modules around it.
    pub(crate) inside: Vec<String>,
    pub(crate) in_test: bool,
    /// Whether it stands in a `use` declaration.
    pub(crate) is_use: bool,
    /// For an inline path that starts with what a `use` declaration brought in: that declaration's path.
    pub(crate) via: Option<String>,
}

impl PathRef {
    /// Whether the path is `prefix` (`a::b`) or below it.
    pub(crate) fn starts_with(&self, prefix: &str) -> bool {
        let mut segments = self.segments.iter();
        prefix.split("::").all(|part| segments.next().is_some_and(|segment| segment == part))
    }

    /// As it's written, joined by `::`.
    pub(crate) fn display(&self) -> String {
        self.segments.join("::")
    }

    /// The module path from the crate's root, when the path says that it starts inside the crate:
    /// `crate::`, `self::` or `super::`.
    pub(crate) fn in_crate(&self, module: &[String]) -> Option<Vec<String>> {
        let mut base: Vec<String> = module.iter().chain(&self.inside).cloned().collect();
        let mut rest = self.segments.iter().peekable();
        match rest.next()?.as_str() {
            "crate" => base.clear(),
            "self" => {}
            "super" => {
                base.pop();
            }
            _ => return None,
        }
        while rest.next_if(|segment| *segment == "super").is_some() {
            base.pop();
        }
        base.extend(rest.cloned());
        Some(base)
    }
}

/// All paths of a file.
pub(crate) fn collect(tokens: &[Token], in_test: &[bool]) -> Vec<PathRef> {
    let mut found = Vec::new();
    let mut aliases: HashMap<String, Vec<String>> = HashMap::new();
    let mut scopes = Scopes::default();
    let mut at = 0;
    while at < tokens.len() {
        scopes.visit(tokens, at);
        if tokens[at].is_ident("use") && !is_capture(tokens, at) {
            let mut tree = UseTree { tokens, at: at + 1, leaves: Vec::new() };
            tree.parse(&[]);
            for (segments, alias, index) in tree.leaves {
                if !in_test[index] {
                    aliases.insert(alias, segments.clone());
                }
                found.push(path(segments, tokens[index].line, &scopes, in_test[index], true));
            }
            at = tree.at;
        } else if starts_path(tokens, at) {
            let (segments, end) = read_path(tokens, at);
            if segments.len() > 1 {
                found.push(path(segments, tokens[at].line, &scopes, in_test[at], false));
            }
            at = end;
        } else {
            at += 1;
        }
    }
    for reference in found.iter_mut().filter(|reference| !reference.is_use) {
        if let Some(meaning) = aliases.get(&reference.segments[0]) {
            reference.via = Some(meaning.join("::"));
            reference.segments.splice(0..1, meaning.iter().cloned());
        }
    }
    found
}

fn path(segments: Vec<String>, line: usize, scopes: &Scopes, in_test: bool, is_use: bool) -> PathRef {
    PathRef { segments, line, inside: scopes.names(), in_test, is_use, via: None }
}

/// The inline modules around the cursor.
#[derive(Default)]
struct Scopes {
    depth: usize,
    /// The module's name, and the depth inside its braces.
    open: Vec<(String, usize)>,
}

impl Scopes {
    fn visit(&mut self, tokens: &[Token], at: usize) {
        if tokens[at].is("{") {
            self.depth += 1;
            if at >= 2 && tokens[at - 2].is_ident("mod") {
                self.open.push((tokens[at - 1].text.clone(), self.depth));
            }
        } else if tokens[at].is("}") {
            self.open.retain(|(_, depth)| *depth < self.depth);
            self.depth = self.depth.saturating_sub(1);
        }
    }

    fn names(&self) -> Vec<String> {
        self.open.iter().map(|(name, _)| name.clone()).collect()
    }
}

/// `use<'a>` in a return type isn't a declaration.
fn is_capture(tokens: &[Token], at: usize) -> bool {
    tokens.get(at + 1).is_none_or(|next| next.is("<"))
}

fn starts_path(tokens: &[Token], at: usize) -> bool {
    let first = tokens[at].kind == Kind::Ident;
    // A `$crate` stands in a macro for users: it names public paths, not folders.
    let fresh = at == 0 || !["::", ".", "$"].iter().any(|before| tokens[at - 1].is(before));
    // `::std::sync` starts at the crate's name as well.
    let global = at > 0
        && tokens[at - 1].is("::")
        && (at < 2 || !(tokens[at - 2].kind == Kind::Ident || tokens[at - 2].is(">")));
    first && (fresh || global)
}

fn read_path(tokens: &[Token], at: usize) -> (Vec<String>, usize) {
    let mut segments = vec![tokens[at].text.clone()];
    let mut end = at + 1;
    while end + 1 < tokens.len() && tokens[end].is("::") && tokens[end + 1].kind == Kind::Ident {
        segments.push(tokens[end + 1].text.clone());
        end += 2;
    }
    (segments, end)
}

/// The segments of a leaf, the name that it brings in, and the token it stands at.
type Leaf = (Vec<String>, String, usize);

struct UseTree<'a> {
    tokens: &'a [Token],
    at: usize,
    leaves: Vec<Leaf>,
}

impl UseTree<'_> {
    /// Reads one tree below `prefix`, up to the `,`, `}` or `;` after it.
    fn parse(&mut self, prefix: &[String]) {
        let mut segments = prefix.to_vec();
        let mut last = self.at;
        while let Some(token) = self.tokens.get(self.at) {
            if token.is("{") {
                self.at += 1;
                while !self.ends("}") {
                    self.parse(&segments);
                    if self.tokens.get(self.at).is_some_and(|token| token.is(",")) {
                        self.at += 1;
                    }
                }
                self.at += 1;
                return;
            }
            if token.is(",") || token.is("}") || token.is(";") {
                break;
            }
            if token.is_ident("as") {
                let alias = self.tokens.get(self.at + 1).map_or(String::new(), |name| name.text.clone());
                self.at += 2;
                self.leaves.push((segments, alias, last));
                return;
            }
            if token.kind == Kind::Ident || token.is("*") {
                last = self.at;
                if token.text != "self" || segments.is_empty() {
                    segments.push(token.text.clone());
                }
            }
            self.at += 1;
        }
        let alias = segments.last().cloned().unwrap_or_default();
        self.leaves.push((segments, alias, last));
    }

    fn ends(&self, close: &str) -> bool {
        self.tokens.get(self.at).is_none_or(|token| token.is(close) || token.is(";"))
    }
}
