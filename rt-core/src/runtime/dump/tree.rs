//! Stacks with a common outside, as a tree.
#![forbid(unsafe_code)]

use std::fmt::{self, Write};

use super::Backtrace;

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
                    let mut place = symbol.name_demangled().unwrap_or("<unknown>").to_owned();
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
