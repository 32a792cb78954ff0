//! Runs the rules over the workspace.

use std::error::Error;
use std::path::Path;

use super::report::Report;
use super::tree::Tree;
use super::{files, gates, layers, links, modules, ordering, places, regressions, sizes};

/// Checks the workspace at `root` and prints what it finds. With `--shrink`, the records of what is
/// still too large are first lowered to today's sizes.
pub(crate) fn run(root: &Path, args: &[String]) -> Result<(), Box<dyn Error>> {
    let shrink = match args {
        [] => false,
        [flag] if flag == "--shrink" => true,
        _ => return Err("usage: cargo xtask tidy [--shrink]".into()),
    };
    if shrink {
        sizes::shrink(root, &Tree::read(root)?)?;
    }
    let tree = Tree::read(root)?;
    let report = check(&tree);
    for violation in &report.violations {
        println!("{violation}");
    }
    match report.violations.len() {
        0 => {
            println!(
                "tidy: {} Rust files, {} files in all, no violation",
                tree.sources.len(),
                tree.texts.len()
            );
            Ok(())
        }
        1 => Err("1 violation".into()),
        more => Err(format!("{more} violations").into()),
    }
}

/// All rules over one tree.
pub(crate) fn check(tree: &Tree) -> Report {
    let mut report = Report::default();
    layers::check(tree, &mut report);
    places::check(tree, &mut report);
    ordering::check(tree, &mut report);
    modules::check(tree, &mut report);
    gates::check(tree, &mut report);
    sizes::check(tree, &mut report);
    links::check(tree, &mut report);
    regressions::check(tree, &mut report);
    files::check(tree, &mut report);
    report.violations.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    report
}
