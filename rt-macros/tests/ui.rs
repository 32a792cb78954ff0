//! What the compiler says when the macros are misused: each file in `ui/` has its expected output beside it.
//!
//! The words of rustc differ from version to version. So the files are compared with one version, and with
//! others the test only says that it does nothing. After a change for the better, write the new output with
//! `TRYBUILD=overwrite cargo test -p rt-macros --test ui` and review the difference.

use std::env;
use std::process::Command;

/// The version that the expected output comes from.
const RUSTC: &str = "rustc 1.95.";

#[test]
fn misuse() {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output().expect("rustc tells its version");
    let version = String::from_utf8(output.stdout).expect("a version is text");
    if !version.starts_with(RUSTC) {
        println!("skipped: the expected output is that of {RUSTC}x, this is {version}");
        return;
    }
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
