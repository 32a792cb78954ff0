//! The features of the facades lead to those of the same name in our crates.
//!
//! A facade has all of upstream's features, and most of ours are among them. One that is forgotten leaves an item out of the
//! facade that is there in our crate, which nothing else would notice.

use std::error::Error;
use std::fs;
use std::path::Path;

/// Each facade, and the crate that it shows.
const FACADES: [(&str, &str); 4] = [
    ("tokio", "rt-core"),
    ("tokio-stream", "rt-stream"),
    ("tokio-util", "rt-util"),
    ("tokio-test", "rt-test"),
];

/// `full` is spelled out in the facades, as upstream does; `default` is a matter of each crate.
const OF_EACH: [&str; 2] = ["default", "full"];

/// Whether a feature is compared. One whose name begins with an underscore is its crate's own affair.
fn counts(name: &str) -> bool {
    !OF_EACH.contains(&name) && !name.starts_with('_')
}

/// A feature, and what it switches on.
type Feature = (String, Vec<String>);

/// Compares all facades with our crates.
pub(crate) fn check(root: &Path) -> Result<(), Box<dyn Error>> {
    let read = |path: &str| fs::read_to_string(root.join(path).join("Cargo.toml"));
    let mut wrong = Vec::new();
    for (facade, ours) in FACADES {
        wrong.extend(compare(facade, &read(&format!("compat/{facade}"))?, ours, &read(ours)?));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// What is wrong with the features of a facade.
fn compare(facade: &str, its_manifest: &str, ours: &str, our_manifest: &str) -> Vec<String> {
    let (its_features, our_features) = (features(its_manifest), features(our_manifest));
    let is_ours = |name: &str| our_features.iter().any(|(ours, _)| ours == name);
    let mut wrong = Vec::new();
    for (name, parts) in its_features.iter().filter(|(name, _)| counts(name)) {
        let targets: Vec<&str> =
            parts.iter().filter_map(|part| part.strip_prefix(&format!("{ours}/"))).collect();
        if is_ours(name) && !targets.contains(&name.as_str()) {
            wrong.push(format!("compat/{facade}: the feature `{name}` doesn't switch on `{ours}/{name}`"));
        }
        for target in targets.into_iter().filter(|target| !is_ours(target)) {
            wrong.push(format!("compat/{facade}: `{name}` switches on `{ours}/{target}`, which isn't there"));
        }
    }
    for (name, _) in &our_features {
        if counts(name) && its_features.iter().all(|(its, _)| its != name) {
            wrong.push(format!("{ours}: compat/{facade} has no feature `{name}` to switch on this one"));
        }
    }
    wrong
}

/// The features that a manifest lists, one a line.
fn features(manifest: &str) -> Vec<Feature> {
    let section = manifest.lines().skip_while(|line| line.trim() != "[features]").skip(1);
    section
        .take_while(|line| !line.starts_with('['))
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(name, parts)| {
            // Between quotation marks: each second piece.
            let parts = parts.split('"').skip(1).step_by(2).map(str::to_owned).collect();
            (name.trim().to_owned(), parts)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{check, compare};

    const OURS: &str = "[features]\ndefault = []\nfull = [\"net\", \"time\"]\n# Sockets.\nnet = [\"dep:mio\"]\ntime = []\n_loom = []\n\n\
                        [dependencies]\nmio = \"1\"\n";

    fn wrong(facade: &str) -> Vec<String> {
        compare("tokio", &format!("[features]\n{facade}\n[dependencies]\n"), "rt-core", OURS)
    }

    #[test]
    fn the_facades_are_right() {
        check(&crate::root()).unwrap();
    }

    #[test]
    fn features_that_lead_to_their_namesakes_are_right() {
        let facade =
            "full = [\"net\"]\nnet = [\"rt-core/net\", \"libc\"]\ntime = [\"rt-core/time\"]\nlibc = []";
        assert_eq!(wrong(facade), [""; 0]);
    }

    #[test]
    fn what_is_forgotten_on_either_side_is_told() {
        assert_eq!(
            wrong("net = []\ntime = [\"rt-core/time\"]"),
            ["compat/tokio: the feature `net` doesn't switch on `rt-core/net`"]
        );
        assert_eq!(
            wrong("net = [\"rt-core/net\"]"),
            ["rt-core: compat/tokio has no feature `time` to switch on this one"]
        );
        assert_eq!(
            wrong("net = [\"rt-core/net\", \"rt-core/nets\"]\ntime = [\"rt-core/time\"]"),
            ["compat/tokio: `net` switches on `rt-core/nets`, which isn't there"]
        );
    }
}
