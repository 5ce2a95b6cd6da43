use query_guard::{Variables, lower, parse};
use serde_json::{Value, json};

use super::{first_field, prepare};

/// Returns the lowered arguments of the first field of the operation.
fn arguments(text: &str, variables: Value) -> Vec<String> {
    let (lowered, _) = prepare(text, variables);
    let arguments = first_field(&lowered).arguments.iter();
    arguments.map(|(name, value)| format!("{}: {}", name.node, value.node)).collect()
}

#[test]
fn arguments_whose_variable_has_no_value_are_omitted() {
    let text = "query ($a: Int, $b: ID! = 1) { humans(old: $a, ids: [$b]) { id } }";
    assert_eq!(arguments(text, json!({})), ["ids: [$b]"]);
    assert_eq!(arguments(text, json!({ "a": null })), ["old: $a", "ids: [$b]"]);
    let text = "query ($a: Int = 2) { humans(old: $a) { id } }";
    assert_eq!(arguments(text, json!({})), ["old: $a"]);
}

#[test]
fn values_are_preserved() {
    let text =
        "{ anything(of: { a: [-0, 1.50, true, null, E, \"\"\"b\"\"\"], c: 9007199254740993 }) }";
    let expected = "of: {a: [0, 1.5, true, null, E, \"b\"], c: 9007199254740993}";
    assert_eq!(arguments(text, json!({})), [expected]);
}

#[test]
fn other_operations_are_omitted() {
    let document = parse("query a { dog { id } } query b { cat { id } }").unwrap();
    let chosen = document.operation(Some("b")).unwrap();
    let lowered = lower(&document, chosen, &Variables::default());
    assert_eq!(lowered.operations.iter().count(), 1);
    for (name, expected) in [
        (
            None,
            "The document defines several operations; set operationName to one of \"a\", \"b\".",
        ),
        (Some("c"), "Operation \"c\" does not exist; the document defines \"a\", \"b\"."),
    ] {
        assert_eq!(document.operation(name).unwrap_err().to_string(), expected);
    }
    let document = parse("{ dog { id } }").unwrap();
    assert!(document.operation(None).is_ok());
    let error = document.operation(Some("a")).unwrap_err().to_string();
    assert_eq!(error, "Operation \"a\" does not exist; the document defines no named operation.");
}
