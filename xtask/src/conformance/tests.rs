use std::collections::BTreeMap;

use super::compare::{Results, Score};
use super::execute::{Outcome, reason};
use super::messages::{CompileError, Message, Place, parse};
use super::ratchet::{Ratchet, parse as parse_list};
use super::sources::TestFile;
use super::suite::Options;

fn results(outcomes: &[(&str, Outcome)], broken: &[(&str, &str)]) -> Results {
    let expected = ["io::read", "io::write", "fs::open", "fs::close"];
    Results {
        unit: "tokio".to_owned(),
        expected: expected.iter().map(|&name| name.to_owned()).collect(),
        outcomes: outcomes.iter().map(|(name, outcome)| ((*name).to_owned(), outcome.clone())).collect(),
        broken: broken.iter().map(|(file, why)| ((*file).to_owned(), (*why).to_owned())).collect(),
    }
}

fn failed(why: &str) -> Outcome {
    Outcome::Failed(why.to_owned())
}

fn ratchet(entries: &[&str]) -> Ratchet {
    Ratchet { entries: list(entries), ..Ratchet::default() }
}

fn list(names: &[&str]) -> BTreeMap<String, String> {
    names.iter().map(|name| ((*name).to_owned(), "why".to_owned())).collect()
}

#[test]
fn a_failure_that_the_ratchet_does_not_excuse_is_a_regression() {
    let results =
        results(&[("io::read", Outcome::Passed), ("io::write", failed("boom"))], &[("fs", "E0432")]);
    let verdict = results.judge(&ratchet(&["tokio/fs"]));
    assert_eq!(verdict.regressions, [("tokio/io::write".to_owned(), "boom".to_owned())]);
    assert_eq!(verdict.loose, [""; 0]);
    assert_eq!(results.by_file()["io"], Score { passed: 1, expected: 2 });
    assert_eq!(results.by_file()["fs"], Score { passed: 0, expected: 2 });
}

#[test]
fn what_passes_loosens_its_entry() {
    let passing =
        [("io::read", Outcome::Passed), ("io::write", Outcome::Passed), ("fs::open", Outcome::Passed)];
    let results = results(&passing, &[]);
    let verdict =
        results.judge(&ratchet(&["tokio/io::read", "tokio/fs", "tokio/fs::open", "tokio/time::gone"]));
    assert_eq!(verdict.regressions, []);
    // `fs` compiles, so that its one failure wants an entry of its own; nothing was run of `time`.
    assert_eq!(verdict.loose, ["tokio/fs", "tokio/fs::open", "tokio/io::read"]);
}

#[test]
fn a_test_that_passes_when_run_again_passes_and_is_named() {
    let results = results(&[("io::read", Outcome::Flaky("late".to_owned()))], &[]);
    let verdict = results.judge(&ratchet(&["tokio/io::write", "tokio/fs"]));
    assert_eq!(verdict.regressions, []);
    assert_eq!(verdict.flaky, [("tokio/io::read".to_owned(), "late".to_owned())]);
}

#[test]
fn what_fails_on_purpose_is_counted_and_its_passing_reported() {
    let outcomes = [("io::read", Outcome::Passed), ("io::write", failed("boom"))];
    let on_purpose = list(&["tokio/io::read", "tokio/io::write"]);
    let ratchet = Ratchet { on_purpose, ..ratchet(&["tokio/fs"]) };
    let verdict = results(&outcomes, &[("fs", "E0432")]).judge(&ratchet);
    assert_eq!(verdict.regressions, []);
    assert_eq!(verdict.on_purpose, 1);
    assert_eq!(verdict.loose, ["tokio/io::read"]);
}

#[test]
fn blessing_keeps_what_was_not_run_and_leaves_out_what_fails_on_purpose() {
    let on_purpose = list(&["tokio/io::write"]);
    let mut ratchet = Ratchet { on_purpose, ..ratchet(&["tokio/io::read", "tokio/time::gone"]) };
    let results =
        results(&[("io::read", Outcome::Passed), ("io::write", failed("boom"))], &[("fs", "E0432")]);
    results.bless(&mut ratchet);
    let lines: Vec<String> =
        ratchet.text().lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect();
    assert_eq!(lines, ["tokio/fs: E0432", "tokio/time::gone: why"]);
    assert_eq!(parse_list(&ratchet.text()), ratchet.entries);
}

#[test]
fn an_error_is_blamed_on_the_test_that_called_the_macro() {
    let line = r#"{"reason":"compiler-message","package_id":"path+file:///x/facades/tokio#conformance-tokio@0.0.0",
        "message":{"level":"error","message":"no method","code":{"code":"E0599"},"rendered":"error: no method",
        "spans":[{"is_primary":true,"file_name":"rt-core/src/macros/select.rs","label":null,
        "expansion":{"span":{"file_name":"/x/target/conformance/tests/tokio/udp.rs","expansion":null}}}]}}"#;
    let expected = CompileError {
        package: "conformance-tokio".to_owned(),
        place: Some(Place::File("udp".to_owned())),
        text: "E0599: no method".to_owned(),
        rendered: "error: no method".to_owned(),
    };
    assert_eq!(parse(line), Some(Message::Error(expected)));
    let support = line.replace("tokio/udp.rs", "tokio/support/panic.rs");
    let Some(Message::Error(error)) = parse(&support) else { panic!("no error") };
    assert_eq!(error.place, Some(Place::Support("panic".to_owned())));
    assert_eq!(parse(r#"{"reason":"build-finished","success":false}"#), None);
}

#[test]
fn a_file_says_how_it_wants_to_be_built() {
    let file =
        TestFile::of("mod support {\n    pub mod panic;\n    pub(crate) mod signal;\n}\nuse support::panic;");
    assert_eq!(file.support, ["panic", "signal"]);
    assert!(!file.alone && !file.unstable);
    assert!(TestFile::of("use crate::support::x;").alone);
    assert!(!TestFile::of("macro_rules! m { () => { $crate::x!() } }\nuse futures_crate::y;").alone);
    assert!(TestFile::of("#![cfg(tokio_unstable)]").unstable);
}

#[test]
fn the_reason_is_the_first_panic_with_its_message() {
    let output = "running 1 test\n\nthread 'io::read' panicked at /x/tests/tokio/io.rs:5:9:\nassertion failed\n  left: 1\n \
                  right: 2\nnote: run with\n";
    assert_eq!(reason(output).as_deref(), Some("io.rs:5:9: assertion failed left: 1 right: 2"));
    assert_eq!(reason("test io::read ... ok\n"), None);
}

#[test]
fn options_are_read() {
    let parse =
        |words: &[&str]| Options::parse(&words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>());
    let options = parse(&["tokio-util", "--file", "codecs.rs", "--unstable"]).unwrap();
    assert!(options.wants("codecs") && !options.wants("framed"));
    let names: Vec<String> = options.units().iter().map(|unit| unit.name()).collect();
    assert_eq!(names, ["tokio-util", "tokio-util-unstable"]);
    assert!(parse(&["tokoi"]).is_err() && parse(&["--file"]).is_err());
}
