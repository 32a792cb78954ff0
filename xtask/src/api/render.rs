//! Types, bounds and signatures as text. Paths are shortened to their last name, and lifetimes left out but for
//! `'static`: neither is what a caller looks at.

use serde_json::Value;

/// The elements of an array, or nothing.
pub(super) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The only key of an object, with its value: how rustdoc writes an enum.
pub(super) fn variant(value: &Value) -> (&str, &Value) {
    match value {
        Value::String(name) => (name, &Value::Null),
        Value::Object(fields) => fields.iter().next().map_or(("", &Value::Null), |(key, value)| (key, value)),
        _ => ("", &Value::Null),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn joined(values: &[Value], separator: &str, render: impl Fn(&Value) -> String) -> String {
    values.iter().map(render).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(separator)
}

pub(super) fn ty(value: &Value) -> String {
    let (kind, data) = variant(value);
    match kind {
        "resolved_path" => path(data),
        "generic" | "primitive" => text(data).to_owned(),
        "borrowed_ref" => {
            let lifetime = if data["lifetime"] == "'static" { "'static " } else { "" };
            let mutable = if data["is_mutable"] == true { "mut " } else { "" };
            format!("&{lifetime}{mutable}{}", ty(&data["type"]))
        }
        "raw_pointer" => {
            format!("*{} {}", if data["is_mutable"] == true { "mut" } else { "const" }, ty(&data["type"]))
        }
        "tuple" => format!("({})", joined(list(data), ", ", ty)),
        "slice" => format!("[{}]", ty(data)),
        "array" => format!("[{}; {}]", ty(&data["type"]), text(&data["len"])),
        "qualified_path" => format!("{}::{}", ty(&data["self_type"]), text(&data["name"])),
        "impl_trait" => format!("impl {}", joined(list(data), " + ", bound)),
        "dyn_trait" => {
            let traits = joined(list(&data["traits"]), " + ", |of| path(&of["trait"]));
            format!("dyn {traits}{}", if data["lifetime"] == "'static" { " + 'static" } else { "" })
        }
        "function_pointer" => format!("fn{}", call(&data["sig"])),
        _ => "_".to_owned(),
    }
}

pub(super) fn path(data: &Value) -> String {
    let name = text(&data["path"]);
    let name = if name.is_empty() { text(&data["name"]) } else { name };
    format!("{}{}", name.rsplit("::").next().unwrap_or(name), arguments(&data["args"]))
}

fn arguments(args: &Value) -> String {
    let (kind, data) = variant(args);
    match kind {
        "angle_bracketed" => {
            let types = list(&data["args"]).iter().map(argument);
            let constraints = list(&data["constraints"]).iter().map(constraint);
            let all: Vec<String> = types.chain(constraints).filter(|text| !text.is_empty()).collect();
            if all.is_empty() { String::new() } else { format!("<{}>", all.join(", ")) }
        }
        "parenthesized" => {
            let inputs = joined(list(&data["inputs"]), ", ", ty);
            format!("({inputs}){}", output(&data["output"]))
        }
        _ => String::new(),
    }
}

fn argument(value: &Value) -> String {
    match variant(value) {
        ("type", of) => ty(of),
        ("const", of) => text(&of["expr"]).to_owned(),
        ("lifetime", of) if of == "'static" => "'static".to_owned(),
        _ => String::new(),
    }
}

fn constraint(value: &Value) -> String {
    let name = text(&value["name"]);
    match variant(&value["binding"]) {
        ("equality", term) => format!("{name} = {}", ty(&term["type"])),
        (_, bounds) => format!("{name}: {}", joined(list(bounds), " + ", bound)),
    }
}

pub(super) fn bound(value: &Value) -> String {
    match variant(value) {
        ("trait_bound", data) => {
            let mark = if data["modifier"] == "maybe" { "?" } else { "" };
            format!("{mark}{}", path(&data["trait"]))
        }
        ("outlives", lifetime) if lifetime == "'static" => "'static".to_owned(),
        _ => String::new(),
    }
}

pub(super) fn bounds(value: &Value) -> String {
    joined(list(value), " + ", bound)
}

fn output(value: &Value) -> String {
    if value.is_null() { String::new() } else { format!(" -> {}", ty(value)) }
}

/// Parameters and result.
fn call(sig: &Value) -> String {
    let inputs = joined(list(&sig["inputs"]), ", ", |input| {
        let of = ty(&input[1]);
        match (input[0] == "self", of.as_str()) {
            (true, "Self") => "self".to_owned(),
            (true, "&Self") => "&self".to_owned(),
            (true, "&mut Self") => "&mut self".to_owned(),
            (true, other) => format!("self: {other}"),
            (false, _) => of,
        }
    });
    format!("({inputs}){}", output(&sig["output"]))
}

/// `<T: Bound>` and ` where ...`.
pub(super) fn generics(value: &Value) -> (String, String) {
    let parameters = joined(list(&value["params"]), ", ", |parameter| {
        let name = text(&parameter["name"]);
        match variant(&parameter["kind"]) {
            ("type", data) if data["is_synthetic"] == true => String::new(),
            ("type", data) => match bounds(&data["bounds"]).as_str() {
                "" => name.to_owned(),
                bounds => format!("{name}: {bounds}"),
            },
            ("const", data) => format!("const {name}: {}", ty(&data["type"])),
            _ => String::new(),
        }
    });
    let predicates = joined(list(&value["where_predicates"]), ", ", |predicate| match variant(predicate) {
        ("bound_predicate", data) => match bounds(&data["bounds"]).as_str() {
            "" => String::new(),
            bounds => format!("{}: {bounds}", ty(&data["type"])),
        },
        _ => String::new(),
    });
    let parameters = if parameters.is_empty() { parameters } else { format!("<{parameters}>") };
    let predicates = if predicates.is_empty() { predicates } else { format!(" where {predicates}") };
    (parameters, predicates)
}

/// A function's signature, without its name.
pub(super) fn function(data: &Value) -> String {
    let header = &data["header"];
    let words = [("is_const", "const "), ("is_async", "async "), ("is_unsafe", "unsafe ")];
    let words: String = words.iter().filter(|(key, _)| header[*key] == true).map(|(_, word)| *word).collect();
    let (parameters, predicates) = generics(&data["generics"]);
    format!("{words}fn{parameters}{}{predicates}", call(&data["sig"]))
}
