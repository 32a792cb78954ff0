//! Which folder of rt-core may import which: the table in `xtask/layers.txt`.

use std::collections::{BTreeMap, BTreeSet};

use super::report::{Report, Rule};
use super::source::Source;
use super::tree::Tree;

/// Where the table stands.
pub(crate) const TABLE: &str = "xtask/layers.txt";

static LAYERS: Rule = Rule {
    name: "layers",
    why: "arrows point down: a folder can be understood, tested and replaced with only the ones below it. The \
          table is policy; it isn't edited to make a build pass",
};

static CIRCLE: Rule = Rule {
    name: "circle",
    why: "in a circle nothing is the ground: each of its folders can only be understood with all the others",
};

/// What each folder may import, and the line that says so.
type Table = BTreeMap<String, (usize, BTreeSet<String>)>;

/// Checks every import between folders of rt-core, and the table itself.
pub(crate) fn check(tree: &Tree, report: &mut Report) {
    let table = read_table(tree.text(TABLE).unwrap_or_default(), report);
    let allowed = table.iter().map(|(from, (_, to))| (from.clone(), to.clone())).collect();
    if let Some(circle) = circle(&allowed) {
        report.add(&CIRCLE, TABLE, table[&circle[0]].0, format!("the table allows {}", circle.join(" -> ")));
    }
    let mut used: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for source in tree.sources.iter().filter(|source| source.package == "rt-core" && !source.is_test) {
        let Some(from) = source.folder() else { continue };
        if !table.contains_key(from) {
            report.add(&LAYERS, &source.path, 1, format!("the table in {TABLE} doesn't know `{from}`"));
            continue;
        }
        check_source(source, from, &table, &mut used, report);
    }
    if let Some(circle) = circle(&used) {
        let message = format!("the folders import each other: {}", circle.join(" -> "));
        report.add(&CIRCLE, &format!("rt-core/src/{}/mod.rs", circle[0]), 1, message);
    }
}

fn check_source(
    source: &Source,
    from: &str,
    table: &Table,
    used: &mut BTreeMap<String, BTreeSet<String>>,
    report: &mut Report,
) {
    for path in source.paths.iter().filter(|path| !path.in_test) {
        let Some(target) = path.in_crate(&source.module) else { continue };
        let Some(to) = target.first().filter(|to| *to != from) else { continue };
        let message = if !table.contains_key(to) {
            format!(
                "`{}` goes through the crate's root: import it from the folder it lives in",
                path.display()
            )
        } else if !table[from].1.contains(to) {
            let allowed: Vec<&str> = table[from].1.iter().map(String::as_str).collect();
            format!("`{from}` may not import `{to}` (`{}`), only: {}", path.display(), allowed.join(", "))
        } else {
            used.entry(from.to_owned()).or_default().insert(to.clone());
            continue;
        };
        report.add(&LAYERS, &source.path, path.line, message);
    }
}

fn read_table(text: &str, report: &mut Report) -> Table {
    let mut table = Table::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        let Some((folder, imports)) = line.split_once(':') else { continue };
        let imports = imports.split_whitespace().map(str::to_owned).collect();
        table.insert(folder.trim().to_owned(), (index + 1, imports));
    }
    for (folder, (line, imports)) in &table {
        for unknown in imports.iter().filter(|import| !table.contains_key(*import)) {
            report.add(
                &LAYERS,
                TABLE,
                *line,
                format!("`{folder}` may import `{unknown}`, which has no line of its own"),
            );
        }
    }
    table
}

/// A path that returns to its start, if there is one.
fn circle(graph: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    let mut done = BTreeSet::new();
    graph.keys().find_map(|start| descend(graph, start, &mut Vec::new(), &mut done))
}

fn descend(
    graph: &BTreeMap<String, BTreeSet<String>>,
    at: &str,
    trail: &mut Vec<String>,
    done: &mut BTreeSet<String>,
) -> Option<Vec<String>> {
    if let Some(start) = trail.iter().position(|folder| folder == at) {
        let mut circle = trail[start..].to_vec();
        circle.push(at.to_owned());
        return Some(circle);
    }
    if !done.insert(at.to_owned()) {
        return None;
    }
    trail.push(at.to_owned());
    let found = graph.get(at).into_iter().flatten().find_map(|next| descend(graph, next, trail, done));
    trail.pop();
    found
}
