//! What the compiler says, as cargo passes it on: which test file each error is about.

use serde_json::Value;

/// An error, or a program that was built.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Message {
    Error(CompileError),
    Program { package: String, target: String, path: String },
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CompileError {
    pub(crate) package: String,
    pub(crate) place: Option<Place>,
    /// One line.
    pub(crate) text: String,
    /// As the compiler would print it.
    pub(crate) rendered: String,
}

/// Where in the tests an error is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    File(String),
    /// In a file that several tests include.
    Support(String),
}

/// Reads one line of `--message-format=json`.
pub(crate) fn parse(line: &str) -> Option<Message> {
    let message: Value = serde_json::from_str(line).ok()?;
    let package = package_name(message["package_id"].as_str().unwrap_or_default());
    match message["reason"].as_str()? {
        "compiler-artifact" => Some(Message::Program {
            package,
            target: message["target"]["name"].as_str()?.to_owned(),
            path: message["executable"].as_str()?.to_owned(),
        }),
        "compiler-message" if message["message"]["level"] == "error" => {
            Some(Message::Error(error(package, &message["message"])))
        }
        _ => None,
    }
}

fn error(package: String, message: &Value) -> CompileError {
    let text = message["message"].as_str().unwrap_or_default();
    let code = message["code"]["code"].as_str().map_or(String::new(), |code| format!("{code}: "));
    let spans = message["spans"].as_array().map_or(&[][..], Vec::as_slice);
    let primary = spans.iter().filter(|span| span["is_primary"] == true);
    let place = primary.chain(spans).find_map(place);
    let label =
        spans.iter().filter(|span| span["is_primary"] == true).find_map(|span| span["label"].as_str());
    // The label of an unresolved import says which part of its path is missing.
    let label = label.filter(|label| code.contains("E0432") && !label.is_empty());
    CompileError {
        package,
        place,
        text: format!(
            "{code}{}{}",
            one_line(text),
            label.map_or(String::new(), |label| format!(" ({label})"))
        ),
        rendered: message["rendered"].as_str().unwrap_or(text).to_owned(),
    }
}

pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The place of a span, or of the macro call that it comes from.
fn place(span: &Value) -> Option<Place> {
    let mut span = span;
    loop {
        if let Some(place) = span["file_name"].as_str().and_then(place_of_path) {
            return Some(place);
        }
        span = span.get("expansion").filter(|expansion| !expansion.is_null())?.get("span")?;
    }
}

/// `.../tests/SUITE/FILE.rs`, or `.../tests/SUITE/support/FILE.rs`.
fn place_of_path(path: &str) -> Option<Place> {
    let (_, inner) = path.split_once("conformance/tests/")?;
    let (_, file) = inner.split_once('/')?;
    let file = file.strip_suffix(".rs")?;
    match file.strip_prefix("support/") {
        Some(name) => Some(Place::Support(name.to_owned())),
        None => Some(Place::File(file.to_owned())),
    }
}

/// The name in `path+file:///somewhere/name#0.1.0` and `path+file:///somewhere#name@0.1.0`.
fn package_name(id: &str) -> String {
    let (before, after) = id.split_once('#').unwrap_or((id, ""));
    let name = after.split_once('@').map(|(name, _)| name);
    name.unwrap_or_else(|| before.rsplit('/').next().unwrap_or(before)).to_owned()
}
