//! Feature gates stand on whole items.

use super::report::{Report, Rule};
use super::source::{Source, matching};
use super::tree::Tree;

static GATES: Rule = Rule {
    name: "gates",
    why: "a function that changes with features is as many functions as there are combinations, and only some of \
          them are ever tested; wrapper macros hide their items from rustfmt and from IDEs",
};

/// Checks that no function body asks for a feature, and that no macro wraps gated items.
pub(crate) fn check(tree: &Tree, report: &mut Report) {
    for source in tree.sources.iter().filter(|source| source.path.contains("/src/")) {
        check_bodies(source, report);
        check_wrappers(source, report);
    }
}

fn check_bodies(source: &Source, report: &mut Report) {
    let tokens = &source.tokens;
    let bodies = source.functions.iter().map(|function| function.body.clone());
    for at in bodies.flatten() {
        let open = if tokens.get(at + 1).is_some_and(|next| next.is("!")) { at + 2 } else { at + 1 };
        let is_condition = tokens[at].is_ident("cfg") && tokens.get(open).is_some_and(|next| next.is("("));
        if is_condition && tokens[open..matching(tokens, open)].iter().any(|token| token.is_ident("feature"))
        {
            let message = "a feature is asked for inside a function".to_owned();
            report.add(&GATES, &source.path, tokens[at].line, message);
        }
    }
}

fn check_wrappers(source: &Source, report: &mut Report) {
    for window in source.tokens.windows(3) {
        if window[0].is_ident("macro_rules") && window[2].text.starts_with("cfg_") {
            let message = format!("`{}!` wraps items in a gate", window[2].text);
            report.add(&GATES, &source.path, window[2].line, message);
        }
    }
}
