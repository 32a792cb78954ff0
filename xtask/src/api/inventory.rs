//! Walks what rustdoc says of a crate, along the paths that a user can write.

use std::collections::BTreeSet;

use serde_json::Value;

use super::render::{bounds, function, generics, list, path, ty, variant};

/// Traits that the compiler derives by itself, and that callers rely on.
const AUTO: [&str; 5] = ["Send", "Sync", "Unpin", "UnwindSafe", "RefUnwindSafe"];

/// One line for each public item.
pub(super) fn lines(crate_json: &Value) -> BTreeSet<String> {
    let mut walk = Walk { index: &crate_json["index"], lines: BTreeSet::new(), inside: Vec::new() };
    let root = crate_json["root"].to_string();
    let root = root.trim_matches('"');
    let name = walk.index[root]["name"].as_str().unwrap_or_default().to_owned();
    walk.module(root, &name);
    walk.lines
}

struct Walk<'a> {
    index: &'a Value,
    lines: BTreeSet<String>,
    /// The modules that are being walked, as one may re-export another around it.
    inside: Vec<String>,
}

fn id(value: &Value) -> String {
    value.to_string().trim_matches('"').to_owned()
}

impl<'a> Walk<'a> {
    fn item(&self, id: &str) -> Option<&'a Value> {
        let item = &self.index[id];
        (!item.is_null() && !is_hidden(item)).then_some(item)
    }

    fn module(&mut self, module: &str, path: &str) {
        let Some(item) = self.item(module) else { return };
        if self.inside.iter().any(|outer| outer == module) {
            return;
        }
        self.inside.push(module.to_owned());
        self.lines.insert(format!("{path}: mod"));
        for child in list(&item["inner"]["module"]["items"]) {
            self.child(&id(child), path);
        }
        self.inside.pop();
    }

    fn child(&mut self, child: &str, parent: &str) {
        let Some(item) = self.item(child).filter(|item| item["visibility"] == "public") else { return };
        let (kind, data) = variant(&item["inner"]);
        if kind != "use" {
            let name = item["name"].as_str().unwrap_or_default();
            return self.named(child, &format!("{parent}::{name}"));
        }
        let target = id(&data["id"]);
        let name = data["name"].as_str().unwrap_or_default();
        match self.item(&target) {
            // Only what is hidden, and external, isn't there.
            None if self.index[&target].is_null() => {
                let source = data["source"].as_str().unwrap_or_default();
                self.lines.insert(format!("{parent}::{name}: use {source}"));
            }
            None => {}
            Some(module) if data["is_glob"] == true => {
                for child in list(&module["inner"]["module"]["items"]) {
                    self.child(&id(child), parent);
                }
            }
            Some(_) => self.named(&target, &format!("{parent}::{name}")),
        }
    }

    fn named(&mut self, item_id: &str, path: &str) {
        let Some(item) = self.item(item_id) else { return };
        let (kind, data) = variant(&item["inner"]);
        let (parameters, predicates) = generics(&data["generics"]);
        let line = match kind {
            "module" => return self.module(item_id, path),
            "function" => function(data),
            "macro" | "proc_macro" => "macro".to_owned(),
            "constant" | "static" => format!("{kind} {}", ty(&data["type"])),
            "type_alias" => format!("type{parameters} = {}", ty(&data["type"])),
            "trait" => format!("trait{parameters}: {}{predicates}", bounds(&data["bounds"])),
            "struct" | "enum" | "union" => format!("{kind}{parameters}{predicates}"),
            _ => return,
        };
        self.lines.insert(format!("{path}: {line}"));
        for key in ["variants", "items"] {
            for member in list(&data[key]) {
                self.member(&id(member), path, true);
            }
        }
        let fields = &data["kind"]["plain"]["fields"];
        for field in list(fields).iter().chain(list(&data["kind"]["tuple"])) {
            self.member(&id(field), path, false);
        }
        for implementation in list(&data["impls"]) {
            self.implementation(&id(implementation), path);
        }
    }

    /// A field, a variant, or what belongs to a trait or an impl.
    fn member(&mut self, member: &str, path: &str, always: bool) {
        let Some(item) = self.item(member) else { return };
        if !always && item["visibility"] != "public" {
            return;
        }
        let (kind, data) = variant(&item["inner"]);
        let line = match kind {
            "function" => function(data),
            "struct_field" => ty(data),
            "variant" => match variant(&data["kind"]) {
                ("tuple", fields) => format!("variant({})", list(fields).len()),
                (shape, _) => format!("variant {shape}"),
            },
            "assoc_type" => format!("type: {}", bounds(&data["bounds"])),
            "assoc_const" => format!("const {}", ty(&data["type"])),
            _ => return,
        };
        let name = item["name"].as_str().unwrap_or_default();
        self.lines.insert(format!("{path}::{name}: {line}"));
    }

    fn implementation(&mut self, implementation: &str, of: &str) {
        let Some(item) = self.item(implementation) else { return };
        let data = &item["inner"]["impl"];
        if data["trait"].is_null() {
            for member in list(&data["items"]) {
                self.member(&id(member), of, false);
            }
            return;
        }
        let name = path(&data["trait"]);
        let is_derived = data["is_synthetic"] == true;
        if !data["blanket_impl"].is_null() || (is_derived && !AUTO.contains(&name.as_str())) {
            return;
        }
        let sign = if data["is_negative"] == true { "!" } else { "" };
        let (_, predicates) = generics(&data["generics"]);
        // Which generic parameters the compiler asks an auto trait of, is in the order of its mood.
        let predicates = if is_derived { String::new() } else { predicates };
        if !name.starts_with("Structural") {
            self.lines.insert(format!("{of}: impl {sign}{name} for {}{predicates}", ty(&data["for"])));
        }
    }
}

fn is_hidden(item: &Value) -> bool {
    let is_hidden = |attribute: &Value| {
        let text = attribute.to_string();
        text.contains("doc(hidden)") || text.contains("doc(hidden,")
    };
    list(&item["attrs"]).iter().any(is_hidden)
}
