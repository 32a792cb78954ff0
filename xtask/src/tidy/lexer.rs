//! Splits Rust text into tokens and comments, each with its line.
//!
//! The rules ask about names, nesting and comments, never about types: a token is enough. A parser
//! (syn) would hide what stands inside macros, knows nothing of comments, and triples the time that
//! `cargo xtask` takes to build.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An identifier or keyword; a raw identifier stands without its `r#`.
    Ident,
    /// A string, character or number.
    Literal,
    /// `'a`.
    Lifetime,
    /// One character of punctuation, except `::`, which is one token.
    Punct,
}

/// A token of the program.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) text: String,
    pub(crate) line: usize,
    /// Where the token ends: a string may span lines.
    pub(crate) end: usize,
}

impl Token {
    /// Whether this is the punctuation `text`.
    pub(crate) fn is(&self, text: &str) -> bool {
        self.kind == Kind::Punct && self.text == text
    }

    /// Whether this is the identifier or keyword `text`.
    pub(crate) fn is_ident(&self, text: &str) -> bool {
        self.kind == Kind::Ident && self.text == text
    }
}

/// A comment, with its markers.
#[derive(Clone, Debug)]
pub(crate) struct Comment {
    pub(crate) text: String,
    pub(crate) line: usize,
    pub(crate) end: usize,
}

impl Comment {
    /// Whether it documents what encloses it: `//!` or `/*!`.
    pub(crate) fn is_header(&self) -> bool {
        self.text.starts_with("//!") || self.text.starts_with("/*!")
    }
}

/// What a file consists of.
#[derive(Debug, Default)]
pub(crate) struct Lexed {
    pub(crate) tokens: Vec<Token>,
    pub(crate) comments: Vec<Comment>,
}

/// Splits `text`. Text that isn't Rust gives tokens too, just no meaningful ones.
pub(crate) fn lex(text: &str) -> Lexed {
    let mut lexer = Lexer { text, bytes: text.as_bytes(), at: 0, line: 1, out: Lexed::default() };
    while lexer.at < lexer.bytes.len() {
        lexer.step();
    }
    lexer.out
}

struct Lexer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    line: usize,
    out: Lexed,
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn step(&mut self) {
        match self.peek(0) {
            b'\n' => {
                self.line += 1;
                self.at += 1;
            }
            b'/' if self.peek(1) == b'/' => self.line_comment(),
            b'/' if self.peek(1) == b'*' => self.block_comment(),
            b'"' => self.string(0),
            b'\'' => self.quote(),
            c if c.is_ascii_digit() => self.number(),
            c if is_ident_start(c) => self.word(),
            c if c.is_ascii_whitespace() => self.at += 1,
            b':' if self.peek(1) == b':' => self.push(Kind::Punct, self.at + 2),
            _ => {
                let width = self.text[self.at..].chars().next().map_or(1, char::len_utf8);
                self.push(Kind::Punct, self.at + width);
            }
        }
    }

    /// Ends the token that starts at the cursor, and moves the cursor to its end.
    fn push(&mut self, kind: Kind, end: usize) {
        let end = end.min(self.bytes.len());
        let text = self.text[self.at..end].to_owned();
        let line = self.line;
        self.line += text.matches('\n').count();
        self.at = end;
        self.out.tokens.push(Token { kind, text, line, end: self.line });
    }

    fn push_comment(&mut self, end: usize) {
        let text = self.text[self.at..end].to_owned();
        let line = self.line;
        self.line += text.matches('\n').count();
        self.at = end;
        self.out.comments.push(Comment { text, line, end: self.line });
    }

    fn line_comment(&mut self) {
        let end = self.text[self.at..].find('\n').map_or(self.bytes.len(), |offset| self.at + offset);
        self.push_comment(end);
    }

    fn block_comment(&mut self) {
        let mut end = self.at + 2;
        let mut depth = 1;
        while end < self.bytes.len() && depth > 0 {
            match &self.bytes[end..] {
                [b'/', b'*', ..] => (depth, end) = (depth + 1, end + 2),
                [b'*', b'/', ..] => (depth, end) = (depth - 1, end + 2),
                _ => end += 1,
            }
        }
        self.push_comment(end);
    }

    /// A string whose opening quote stands `prefix` bytes after the cursor.
    fn string(&mut self, prefix: usize) {
        let mut end = self.at + prefix + 1;
        while end < self.bytes.len() && self.bytes[end] != b'"' {
            end += if self.bytes[end] == b'\\' { 2 } else { 1 };
        }
        self.push(Kind::Literal, end + 1);
    }

    /// A raw string whose first `#` or quote stands `prefix` bytes after the cursor.
    fn raw_string(&mut self, prefix: usize) {
        let hashes = self.bytes[self.at + prefix..].iter().take_while(|byte| **byte == b'#').count();
        let close = format!("\"{}", "#".repeat(hashes));
        let body = self.at + prefix + hashes + 1;
        let end = self.text[body..].find(&close).map_or(self.bytes.len(), |o| body + o + close.len());
        self.push(Kind::Literal, end);
    }

    /// A character or a lifetime: only a character has a closing quote.
    fn quote(&mut self) {
        if self.peek(1) == b'\\' {
            let tail = &self.bytes[(self.at + 3).min(self.bytes.len())..];
            let length = tail.iter().position(|byte| *byte == b'\'').unwrap_or(tail.len());
            return self.push(Kind::Literal, self.at + 3 + length + 1);
        }
        let width = self.text[self.at + 1..].chars().next().map_or(1, char::len_utf8);
        if self.peek(1 + width) == b'\'' {
            return self.push(Kind::Literal, self.at + width + 2);
        }
        let end = self.ident_end(self.at + 1);
        self.push(Kind::Lifetime, end);
    }

    fn number(&mut self) {
        let mut end = self.ident_end(self.at);
        // `1.5` is one number, `1..5` and `1.max(2)` aren't.
        let fraction = self.bytes.get(end) == Some(&b'.')
            && self.bytes.get(end + 1).is_some_and(|byte| byte.is_ascii_digit());
        if fraction {
            end = self.ident_end(end + 1);
        }
        self.push(Kind::Literal, end);
    }

    /// An identifier, or the prefix of a literal (`b"`, `r#"`, `c"`, `b'`).
    fn word(&mut self) {
        let end = self.ident_end(self.at);
        let word = &self.text[self.at..end];
        let (next, after) =
            (self.bytes.get(end).copied().unwrap_or(0), self.bytes.get(end + 1).copied().unwrap_or(0));
        let length = word.len();
        match (word, next) {
            ("b" | "c", b'"') => self.string(length),
            ("r" | "br" | "cr", b'"') => self.raw_string(length),
            ("r" | "br" | "cr", b'#') if after == b'"' || after == b'#' => self.raw_string(length),
            ("b", b'\'') => {
                self.at += length;
                self.quote();
            }
            ("r", b'#') => {
                self.at += 2;
                let end = self.ident_end(self.at);
                self.push(Kind::Ident, end);
            }
            _ => self.push(Kind::Ident, end),
        }
    }

    fn ident_end(&self, from: usize) -> usize {
        let length = self.bytes[from..].iter().take_while(|byte| is_ident(**byte)).count();
        from + length
    }
}

fn is_ident_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

fn is_ident(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
