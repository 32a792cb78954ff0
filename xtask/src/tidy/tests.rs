//! Each rule against snippets that keep it and snippets that break it.

use super::lexer::{Kind, lex};
use super::run::check;
use super::sizes::lowered;
use super::source::Source;
use super::tree::Tree;

const LAYERS: &str =
    "shim:\nsys: shim\nbase: shim\nsync: shim base\ndriver: shim base sys\ntime: driver base\n";

/// The rules' findings in these files, as `path:line rule`.
fn findings(files: &[(&str, &str)]) -> Vec<String> {
    let mut files = files.to_vec();
    if !files.iter().any(|(path, _)| *path == "xtask/layers.txt") {
        files.push(("xtask/layers.txt", LAYERS));
    }
    let report = check(&Tree::of(&files));
    let found = report.violations.iter();
    found.map(|violation| format!("{}:{} {}", violation.path, violation.line, violation.rule.name)).collect()
}

/// The findings in one file of rt-core's `src`, as `line rule`. The folder `base` has a model.
fn in_core(path: &str, text: &str) -> Vec<String> {
    let path = format!("rt-core/src/{path}");
    let found = findings(&[(&path, text), ("rt-core/src/base/tests_loom.rs", "")]);
    found.iter().map(|finding| finding.replace(&format!("{path}:"), "")).collect()
}

fn nothing() -> Vec<String> {
    Vec::new()
}

#[test]
fn the_lexer_tells_code_from_comments_and_strings() {
    let text = r##"
        fn f<'a>(x: &'a str) -> char { '"' } // "not a string
        /* block /* nested */ still */ let s = "// not a comment";
        let r = r#"a " quote"#; let c = '\''; let n = 1.5e3..2; let b = b"\"";
    "##;
    let lexed = lex(text);
    assert_eq!(lexed.comments.len(), 2);
    let literals: Vec<&str> =
        lexed.tokens.iter().filter(|t| t.kind == Kind::Literal).map(|t| t.text.as_str()).collect();
    let expected = ["'\"'", "\"// not a comment\"", "r#\"a \" quote\"#", "'\\''", "1.5e3", "2", "b\"\\\"\""];
    assert_eq!(literals, expected);
    assert_eq!(lexed.tokens.iter().filter(|token| token.kind == Kind::Lifetime).count(), 2);
}

#[test]
fn strings_over_several_lines_keep_the_count() {
    let lexed = lex("let a = \"one\ntwo\"; // here\nlet b;");
    assert_eq!(lexed.comments[0].line, 2);
    assert_eq!(lexed.tokens.iter().find(|token| token.is_ident("b")).map(|token| token.line), Some(3));
}

#[test]
fn use_trees_are_expanded_and_aliases_followed() {
    let text =
        "use std::{sync::{self, atomic as at}, time::Instant as Now};\nfn f() { at::fence(); Now::now(); }";
    let source = Source::new("rt-core/src/base/x.rs", text);
    let paths: Vec<String> = source.paths.iter().map(|path| path.display()).collect();
    let expected = [
        "std::sync",
        "std::sync::atomic",
        "std::time::Instant",
        "std::sync::atomic::fence",
        "std::time::Instant::now",
    ];
    assert_eq!(paths, expected);
}

#[test]
fn imports_follow_the_table() {
    assert_eq!(in_core("sync/x.rs", "use crate::base::List;\nuse crate::shim::sync::Arc;\n"), nothing());
    assert_eq!(in_core("sync/x.rs", "use crate::{base::List, driver::Wheel};\n"), ["1 layers"]);
    assert_eq!(in_core("sync/x.rs", "fn f() {\n    crate::driver::turn();\n}\n"), ["2 layers"]);
    assert_eq!(in_core("sync/mpsc/x.rs", "use super::super::driver::Wheel;\n"), nothing(), "sync::driver");
    assert_eq!(in_core("sync/mpsc/x.rs", "use super::super::super::driver::Wheel;\n"), ["1 layers"]);
    assert_eq!(
        in_core("sync/x.rs", "mod inner {\n    use super::super::super::driver::W;\n}\n"),
        ["2 layers"]
    );
    assert_eq!(in_core("nowhere/x.rs", ""), ["1 layers"]);
}

#[test]
fn imports_name_the_folder_not_the_root() {
    assert_eq!(in_core("sync/x.rs", "use crate::spawn;\n"), ["1 layers"]);
    assert_eq!(in_core("sync/x.rs", "macro_rules! m { () => { $crate::driver::f() } }\n"), nothing());
}

#[test]
fn tests_may_import_anything() {
    let inline = "#[cfg(test)]\nmod tests {\n    use crate::driver::Wheel;\n    use std::sync::Mutex;\n}\n";
    assert_eq!(in_core("sync/x.rs", inline), nothing());
    assert_eq!(in_core("sync/x/tests.rs", "use crate::driver::Wheel;\nuse std::thread;\n"), nothing());
    assert_eq!(in_core("sync/x/tests_loom.rs", "use loom::thread::spawn;\n"), nothing());
    let after = "#[cfg(test)]\nmod tests;\nuse crate::driver::Wheel;\n";
    assert_eq!(in_core("sync/x.rs", after), ["3 layers"]);
    let either = "#[cfg(any(test, feature = \"test-util\"))]\nuse crate::driver::Wheel;\n";
    assert_eq!(in_core("sync/x.rs", either), ["2 layers"]);
}

#[test]
fn a_circle_in_the_table_or_the_code_is_found() {
    let table = ("xtask/layers.txt", "a: b\nb: c\nc: a\n");
    let found = findings(&[table, ("rt-core/src/a/x.rs", "use crate::b::B;\n"), ("rt-core/src/b/x.rs", "")]);
    assert_eq!(found, ["xtask/layers.txt:1 circle"]);
    let code = [
        table,
        ("rt-core/src/a/x.rs", "use crate::b::B;\n"),
        ("rt-core/src/b/x.rs", "use crate::c::C;\n"),
        ("rt-core/src/c/x.rs", "use crate::a::A;\n"),
    ];
    assert_eq!(findings(&code), ["rt-core/src/a/mod.rs:1 circle", "xtask/layers.txt:1 circle"]);
}

#[test]
fn the_os_stays_in_sys() {
    let gated = "#[cfg(target_os = \"linux\")]\nfn f() {}\n";
    assert_eq!(in_core("driver/x.rs", gated), ["1 os"]);
    assert_eq!(in_core("sys/x.rs", gated), nothing());
    assert_eq!(in_core("driver/x.rs", "fn f() -> bool {\n    cfg!(windows)\n}\n"), ["2 os"]);
    assert_eq!(in_core("driver/x.rs", "#[cfg(all(feature = \"net\", not(unix)))]\nfn f() {}\n"), ["1 os"]);
    assert_eq!(in_core("driver/x.rs", "#[cfg(target_arch = \"x86_64\")]\nfn f() {}\n"), nothing());
    assert_eq!(in_core("driver/x.rs", "fn f() -> i32 {\n    libc::EINTR\n}\n"), ["2 os"]);
    assert_eq!(findings(&[("rt-util/src/x.rs", gated)]), ["rt-util/src/x.rs:1 os"]);
    assert_eq!(findings(&[("benches/src/x.rs", gated)]), nothing());
}

#[test]
fn std_threads_and_atomics_stay_in_the_shim() {
    for name in ["std::sync::atomic::AtomicBool", "core::cell::UnsafeCell", "std::thread", "std::sync::Arc"] {
        let text = format!("use {name};\n");
        assert_eq!(in_core("base/x.rs", &text), ["1 shim"], "{name}");
        assert_eq!(in_core("shim/x.rs", &text), nothing(), "{name}");
    }
    assert_eq!(in_core("base/x.rs", "fn f() {\n    std::thread::yield_now();\n}\n"), ["2 shim"]);
    assert_eq!(in_core("base/x.rs", "use std::sync;\nfn f(_: sync::Mutex<()>) {}\n"), ["2 shim"]);
    assert_eq!(in_core("base/x.rs", "use loom::model;\n"), ["1 shim"]);
    assert_eq!(in_core("base/x.rs", "std::thread_local! { static X: u8 = 0 }\n"), ["1 shim"]);
    let once = "use std::sync::Arc;\nfn f() {\n    Arc::new(());\n}\n";
    assert_eq!(in_core("base/x.rs", once), ["1 shim"], "what's imported is judged where it's imported");
    assert_eq!(in_core("base/x.rs", "use std::cell::Cell;\nuse std::sync::PoisonError;\n"), nothing());
    assert_eq!(in_core("base/x.rs", "type R = std::thread::Result<()>;\n"), nothing());
    assert_eq!(in_core("base/x.rs", "use std::sync::Arc; // std: in a public signature\n"), nothing());
}

#[test]
fn the_clock_is_read_in_one_place() {
    let text = "use std::time::Instant;\nfn f() {\n    Instant::now();\n}\n";
    assert_eq!(in_core("time/x.rs", text), ["3 clock"]);
    assert_eq!(in_core("driver/clock.rs", text), nothing());
    let ours = "use crate::driver::Instant;\nfn f() {\n    Instant::now();\n}\n";
    assert_eq!(in_core("time/x.rs", ours), nothing());
}

#[test]
fn barriers_name_their_edges() {
    let tagged = "//! E1: `push` -> `pop`\nfn f() {\n    a.store(1, Ordering::Release); // E1\n}\n";
    assert_eq!(in_core("base/x.rs", tagged), nothing());
    assert_eq!(in_core("base/x.rs", "fn f() {\n    a.store(1, Ordering::Release);\n}\n"), ["2 ordering"]);
    let undeclared = "fn f() {\n    a.store(1, Ordering::Release); // E1\n}\n";
    assert_eq!(in_core("base/x.rs", undeclared), ["2 ordering"]);
    let unused = "//! E1: a -> b\n//! E2: c -> d\nfn f() {\n    a.load(Ordering::Acquire); // E1\n}\n";
    assert_eq!(in_core("base/x.rs", unused), ["2 ordering"]);
    let lonely = "//! E1: publishes\nfn f() {\n    a.load(Ordering::Acquire); // E1\n}\n";
    assert_eq!(in_core("base/x.rs", lonely), ["1 ordering"]);
    let bare = "use crate::shim::atomic::Ordering::{Acquire, Release};\nfn f() {\n    a.load(Acquire);\n}\n";
    assert_eq!(in_core("base/x.rs", bare), ["3 ordering"]);
    assert_eq!(in_core("base/x.rs", "enum Kind {\n    Release,\n}\n"), nothing());
}

#[test]
fn an_edge_may_be_declared_around_the_file() {
    let site = "//! Not modelled: a test.\nfn f() {\n    a.store(1, Ordering::Release); // E1\n}\n";
    let around = ("rt-core/src/base/mod.rs", "//! E1: push -> pop\n");
    assert_eq!(
        findings(&[("rt-core/src/base/x.rs", site), around]),
        ["rt-core/src/base/mod.rs:1 forbid-unsafe"]
    );
    let readme = ("rt-core/src/base/README.md", "- E1: push -> pop\n");
    assert_eq!(findings(&[("rt-core/src/base/x.rs", site), readme]), nothing());
    let named =
        "//! Not modelled: a test.\nfn f() {\n    a.store(1, Ordering::Release); // E1 of state.rs\n}\n";
    let state = ("rt-core/src/base/state.rs", "//! E1: push -> pop\n");
    // What only declares the edge needs no model.
    assert_eq!(findings(&[("rt-core/src/base/x.rs", named), state]), nothing());
}

#[test]
fn barriers_have_models() {
    let text = "//! E1: push -> pop\nfn f() {\n    a.load(Ordering::Acquire); // E1\n}\n";
    let own = ("rt-core/src/sync/x/tests_loom.rs", "");
    assert_eq!(in_core("sync/x.rs", text), ["3 models"]);
    assert_eq!(findings(&[("rt-core/src/sync/x.rs", text), own]), nothing());
    let named = format!("//! Modelled in y/tests_loom.rs.\n{text}");
    assert_eq!(in_core("sync/x.rs", &named), nothing());
    let excused = format!("//! Not modelled: why.\n{text}");
    assert_eq!(in_core("sync/x.rs", &excused), nothing());
    assert_eq!(in_core("sync/x.rs", "fn f() {\n    a.load(Ordering::Relaxed); // why\n}\n"), nothing());
}

#[test]
fn relaxed_wants_a_reason() {
    assert_eq!(in_core("base/x.rs", "fn f() {\n    a.load(Ordering::Relaxed);\n}\n"), ["2 relaxed"]);
    let beside = "fn f() {\n    a.load(Ordering::Relaxed); // only the owner writes it\n}\n";
    assert_eq!(in_core("base/x.rs", beside), nothing());
    let above = "fn f() {\n    // Only the owner writes it.\n    a.load(Ordering::Relaxed);\n}\n";
    assert_eq!(in_core("base/x.rs", above), nothing());
    let function = "/// A statistic.\n#[inline]\nfn f() {\n    g();\n    a.load(Ordering::Relaxed);\n}\n";
    assert_eq!(in_core("base/x.rs", function), nothing());
    let header =
        "//! Relaxed throughout: the lock orders all.\nfn f() {\n    a.load(Ordering::Relaxed);\n}\n";
    assert_eq!(in_core("base/x.rs", header), nothing());
}

#[test]
fn a_neighbour_s_tag_covers_only_its_own_line() {
    let text = "//! E1: a -> b\nfn f() {\n    a.load(Ordering::Acquire); // E1\n    g();\n    b.load(Ordering::Acquire);\n}\n";
    assert_eq!(in_core("base/x.rs", text), ["5 ordering"]);
}

#[test]
fn mod_rs_holds_no_logic() {
    let good = "//! Docs.\n#![forbid(unsafe_code)]\n#[cfg(unix)]\nmod a;\npub(crate) use a::{b, c};\npub mod d {\n    pub use super::a::E;\n}\n";
    assert_eq!(in_core("sys/mod.rs", good), nothing());
    assert_eq!(in_core("base/mod.rs", "#![forbid(unsafe_code)]\nmod a;\nfn f() {}\n"), ["3 contents"]);
    let nested = "#![forbid(unsafe_code)]\npub mod a {\n    pub struct S;\n}\n";
    assert_eq!(in_core("base/mod.rs", nested), ["3 contents"]);
}

#[test]
fn unsafe_is_forbidden_where_there_is_none() {
    assert_eq!(in_core("base/mod.rs", "mod a;\n"), ["1 forbid-unsafe"]);
    let files = [("rt-core/src/base/mod.rs", "mod a;\n"), ("rt-core/src/base/a.rs", "unsafe fn f() {}\n")];
    assert_eq!(findings(&files), nothing());
    assert_eq!(findings(&[("rt-util/src/lib.rs", "pub mod a;\n")]), ["rt-util/src/lib.rs:1 forbid-unsafe"]);
}

#[test]
fn features_gate_items_only() {
    assert_eq!(in_core("base/x.rs", "#[cfg(feature = \"net\")]\nfn f() {}\n"), nothing());
    assert_eq!(in_core("base/x.rs", "fn f() {\n    #[cfg(feature = \"net\")]\n    g();\n}\n"), ["2 gates"]);
    assert_eq!(in_core("base/x.rs", "fn f() -> bool {\n    cfg!(feature = \"net\")\n}\n"), ["2 gates"]);
    assert_eq!(in_core("base/x.rs", "macro_rules! cfg_net {\n    () => {};\n}\n"), ["1 gates"]);
}

#[test]
fn sizes_are_capped() {
    let long = format!("fn long() {{\n{}}}\n", "    g();\n".repeat(69));
    assert_eq!(in_core("base/x.rs", &long), ["1 sizes"]);
    let commented = format!("fn short() {{\n{}}}\n", "    // why\n    g();\n".repeat(68));
    assert_eq!(in_core("base/x.rs", &commented), nothing());
    assert_eq!(in_core("base/x.rs", &"use a::b;\n".repeat(601)), ["1 sizes"]);
}

#[test]
fn records_of_sizes_only_shrink() {
    let path = "rt-core/src/base/x.rs";
    let text = format!("fn long() {{\n{}}}\n", "    g();\n".repeat(78));
    let at = |size: usize| format!("# why\n{path} long {size}\n");
    let with = |record: &str| findings(&[(path, &text), ("xtask/sizes.txt", record)]);
    assert_eq!(with(&at(80)), nothing());
    assert_eq!(with(&at(79)), ["rt-core/src/base/x.rs:1 sizes"]);
    assert_eq!(with(&at(90)), ["xtask/sizes.txt:2 sizes"]);
    let tree = Tree::of(&[(path, text.as_str())]);
    assert_eq!(lowered(&at(90), &tree), at(80));
    assert_eq!(lowered(&at(75), &tree), at(75));
    assert_eq!(lowered("gone.rs 700\n", &tree), "");
}

#[test]
fn links_lead_somewhere() {
    let there = ("docs/b.md", "# A Title: here\n\n## again\n## again\n");
    let good = "[a](docs/b.md) [b](docs/b.md#a-title-here) [c](#top) [d](https://x.y/z) [e](docs/b.md#again-1)\n# Top\n";
    assert_eq!(findings(&[("A.md", good), there]), nothing());
    assert_eq!(findings(&[("A.md", "[a](docs/c.md)\n"), there]), ["A.md:1 links"]);
    assert_eq!(findings(&[("A.md", "\n[a](docs/b.md#nope)\n"), there]), ["A.md:2 links"]);
    assert_eq!(findings(&[("docs/A.md", "[a](b.md) [r][x]\n\n[x]: ../docs/b.md\n"), there]), nothing());
    assert_eq!(findings(&[("A.md", "```\n[a](nope.md)\n```\n`[a](nope.md)`\n"), there]), nothing());
    assert_eq!(findings(&[("A.md", "`docs/b.md` `docs/c.md` `other/c`\n"), there]), ["A.md:1 links"]);
}

#[test]
fn machine_paths_are_named_nowhere() {
    let home = format!("see /{}/someone/rt\n", "home");
    assert_eq!(findings(&[("A.md", &home)]), ["A.md:1 machine-paths"]);
    assert_eq!(findings(&[("A.md", "src/home/x and https://a.b/home/\n")]), nothing());
}

#[test]
fn each_defect_of_upstream_has_its_test() {
    let test = ("rt-core/tests/a.rs", "// tokio #12: it hung.\n#[test]\nfn it_ends() {}\n");
    let table = |row: &str| findings(&[("docs/upstream-regressions.md", row), test]);
    assert_eq!(table("| #12 | `f` hung | `rt-core/tests/a.rs` `it_ends` |\n"), nothing());
    let broken = ["docs/upstream-regressions.md:1 regressions"];
    assert_eq!(table("| #13 | it hung | `rt-core/tests/a.rs` `it_ends` |\n"), broken);
    assert_eq!(table("| #12 | it hung | `rt-core/tests/a.rs` `it_never_ends` |\n"), broken);
    assert_eq!(table("| #12 | it hung | nothing |\n"), broken);
}
