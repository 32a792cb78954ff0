use serde_json::json;

use super::inventory::lines;

/// A crate `k` with a private module whose function is public by a re-export, and a hidden one.
#[test]
fn items_are_listed_by_the_paths_that_a_user_can_write() {
    let function = json!({"function": {
        "header": {"is_async": true, "is_const": false, "is_unsafe": false},
        "generics": {"params": [{"name": "T", "kind": {"type": {"is_synthetic": false, "bounds": [
            {"trait_bound": {"modifier": "none", "trait": {"path": "core::marker::Send", "args": null}}},
        ]}}}], "where_predicates": []},
        "sig": {"inputs": [["value", {"borrowed_ref": {"is_mutable": true, "lifetime": null, "type": {"generic": "T"}}}]],
                "output": {"primitive": "u8"}},
    }});
    let item = |name: &str, visibility: &str, attrs: serde_json::Value, inner: serde_json::Value| json!({"name": name, "visibility": visibility, "attrs": attrs, "inner": inner});
    let with_items = |items: serde_json::Value| json!({"module": {"items": items}});
    let reexport = json!({"use": {"id": 3, "name": "go", "is_glob": false, "source": "inner::go"}});
    let index = json!({
        "0": item("k", "public", json!([]), with_items(json!([1, 2, 4]))),
        "1": item("inner", "default", json!([]), with_items(json!([3]))),
        "2": item("", "public", json!([]), reexport),
        "3": item("go", "public", json!([]), function),
        "4": item("secret", "public", json!(["#[doc(hidden)]"]), with_items(json!([3]))),
    });
    let lines: Vec<String> = lines(&json!({"root": 0, "index": index})).into_iter().collect();
    assert_eq!(lines, ["k: mod", "k::go: async fn<T: Send>(&mut T) -> u8"]);
}
