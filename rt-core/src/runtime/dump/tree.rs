//! Stacks with a common outside, as a tree.
#![forbid(unsafe_code)]

use std::fmt::{self, Write};

use super::Backtrace;

#[cfg(test)]
mod tests;

/// The crate that the functions of this one are printed under.
#[cfg(not(feature = "_facade"))]
const PRINTED_CRATE: &str = env!("CARGO_CRATE_NAME");
/// As above, in a program that names this crate's items as those of the facade: what it asks a dump for.
#[cfg(feature = "_facade")]
const PRINTED_CRATE: &str = "tokio";

/// A place, and those inside of it.
#[derive(Default)]
pub(super) struct Tree {
    inside: Vec<(String, Tree)>,
}

impl Tree {
    pub(super) fn new(backtraces: &[Backtrace]) -> Self {
        let mut root = Self::default();
        for backtrace in backtraces {
            let mut here = &mut root;
            let frames: Vec<_> = backtrace.frames().collect();
            for frame in frames.into_iter().rev() {
                let symbols: Vec<_> = frame.symbols().collect();
                for symbol in symbols.into_iter().rev() {
                    let mut place = printed(symbol.name_demangled().unwrap_or("<unknown>"));
                    if let (Some(file), Some(line)) = (symbol.filename(), symbol.lineno()) {
                        let _ =
                            write!(place, " at {}:{line}:{}", file.display(), symbol.colno().unwrap_or(1));
                    }
                    here = here.go_to(place);
                }
            }
        }
        root
    }

    fn go_to(&mut self, place: String) -> &mut Self {
        let known = self.inside.iter().position(|(other, _)| *other == place);
        let index = known.unwrap_or_else(|| {
            self.inside.push((place, Self::default()));
            self.inside.len() - 1
        });
        &mut self.inside[index].1
    }

    /// Writes the places, each with `indent` before it, and a step more where the tree forks.
    pub(super) fn write(&self, f: &mut fmt::Formatter<'_>, indent: usize) -> fmt::Result {
        let forks = self.inside.len() > 1;
        for (place, inside) in &self.inside {
            let mark = if forks { "+ " } else { "" };
            writeln!(f, "{:indent$}{mark}{place}", "")?;
            inside.write(f, indent + mark.len())?;
        }
        Ok(())
    }
}

/// A function's name, with this crate's name replaced by the one it is printed under.
fn printed(name: &str) -> String {
    let own = concat!(env!("CARGO_CRATE_NAME"), "::");
    let mut printed = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(at) = rest.find(own) {
        let (before, path) = rest.split_at(at);
        let is_whole = !before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | ':'));
        printed.push_str(before);
        printed.push_str(if is_whole { PRINTED_CRATE } else { &own[..own.len() - 2] });
        rest = &path[own.len() - 2..];
    }
    printed + rest
}
