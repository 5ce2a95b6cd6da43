use serde_json::{Value, json};

use super::{first_field, prepare, schema};

fn introspect(text: &str, variables: Value) -> Value {
    let (lowered, variables) = prepare(text, variables);
    let field = first_field(&lowered);
    let value = schema().introspect(field, &lowered.fragments, &variables).unwrap();
    serde_json::to_value(value).unwrap()
}

#[test]
fn the_result_equals_the_sdl() {
    let root = "{ __schema { description queryType { name } mutationType { name } subscriptionType { name } } }";
    assert_eq!(
        introspect(root, Value::Null),
        json!({ "description": "Pets and their people.", "queryType": { "name": "Query" }, "mutationType": null, "subscriptionType": { "name": "Subscription" } })
    );
    for (name, selection, expected) in [
        (
            "Even",
            "kind description specifiedByURL fields { name }",
            json!({ "kind": "SCALAR", "description": "A string of even length.", "specifiedByURL": "https://example.org/even", "fields": null }),
        ),
        (
            "Being",
            "kind interfaces { name } possibleTypes { name }",
            json!({ "kind": "INTERFACE", "interfaces": [{ "name": "Node" }], "possibleTypes": [{ "name": "Dog" }, { "name": "Cat" }, { "name": "Human" }] }),
        ),
        (
            "Pet",
            "kind interfaces { name } possibleTypes { name }",
            json!({ "kind": "UNION", "interfaces": null, "possibleTypes": [{ "name": "Dog" }, { "name": "Cat" }] }),
        ),
        (
            "Dog",
            "a: name ...t isOneOf",
            json!({ "a": "Dog", "interfaces": [{ "name": "Being" }, { "name": "Node" }], "isOneOf": null }),
        ),
        (
            "Style",
            "enumValues { name }",
            json!({ "enumValues": [{ "name": "SHORT" }, { "name": "LONG" }] }),
        ),
        (
            "Style",
            "enumValues(includeDeprecated: $d) { name isDeprecated deprecationReason }",
            json!({ "enumValues": [
            { "name": "SHORT", "isDeprecated": false, "deprecationReason": null },
            { "name": "LONG", "isDeprecated": false, "deprecationReason": null },
            { "name": "nullable", "isDeprecated": true, "deprecationReason": "Say LONG." },
        ] }),
        ),
        (
            "Key",
            "isOneOf inputFields { name type { name } }",
            json!({ "isOneOf": true, "inputFields": [{ "name": "id", "type": { "name": "ID" } }, { "name": "name", "type": { "name": "String" } }] }),
        ),
        (
            "Must",
            "inputFields { name defaultValue type { kind name ofType { kind name ofType { name } } } }",
            json!({ "inputFields": [
            { "name": "have", "defaultValue": null, "type": { "kind": "NON_NULL", "name": null, "ofType": { "kind": "SCALAR", "name": "Int", "ofType": null } } },
            { "name": "even", "defaultValue": null, "type": { "kind": "SCALAR", "name": "Even", "ofType": null } },
        ] }),
        ),
        ("Nothing", "name", Value::Null),
    ] {
        let fragment = if selection.contains("...t") {
            "fragment t on __Type { interfaces { name } }"
        } else {
            ""
        };
        let variable = if selection.contains("$d") { "($d: Boolean!)" } else { "" };
        let text =
            format!("query {variable} {{ __type(name: \"{name}\") {{ {selection} }} }} {fragment}");
        assert_eq!(introspect(&text, json!({ "d": true })), expected, "{text}");
    }
    let fields = "{ __type(name: \"Dog\") { fields { name type { kind ofType { kind ofType { kind name } } } args { name defaultValue } } } }";
    let fields = introspect(fields, Value::Null);
    let toys = fields["fields"].as_array().unwrap().iter().find(|field| field["name"] == "toys");
    assert_eq!(
        toys,
        Some(
            &json!({ "name": "toys", "type": { "kind": "LIST", "ofType": { "kind": "NON_NULL", "ofType": { "kind": "SCALAR", "name": "String" } } }, "args": [{ "name": "first", "defaultValue": "3" }] })
        )
    );
}

#[test]
fn deprecated_arguments_are_included_on_request() {
    let names = |text: &str| {
        let fields = introspect(text, Value::Null)["fields"].take();
        let humans =
            fields.as_array().unwrap().iter().find(|field| field["name"] == "humans").unwrap();
        humans["args"].as_array().unwrap().len()
    };
    assert_eq!(names("{ __type(name: \"Query\") { fields { name args { name } } } }"), 2);
    assert_eq!(
        names(
            "{ __type(name: \"Query\") { fields { name args(includeDeprecated: true) { name isDeprecated } } } }"
        ),
        3
    );
}

#[test]
fn built_in_types_and_directives_are_listed() {
    let schema = introspect(
        "{ __schema { types { name } directives { name isRepeatable locations args { name defaultValue } } } }",
        Value::Null,
    );
    let names: Vec<_> =
        schema["types"].as_array().unwrap().iter().map(|ty| ty["name"].as_str().unwrap()).collect();
    for name in
        ["String", "Boolean", "Int", "Float", "ID", "__Schema", "__DirectiveLocation", "Dog"]
    {
        assert!(names.contains(&name), "{name}");
    }
    assert!(!names.contains(&"__Introspection"));
    let directives = schema["directives"].as_array().unwrap();
    assert_eq!(
        directives.iter().find(|one| one["name"] == "often"),
        Some(
            &json!({ "name": "often", "isRepeatable": true, "locations": ["FIELD", "VARIABLE_DEFINITION"], "args": [{ "name": "times", "defaultValue": null }] })
        )
    );
    for name in ["skip", "include", "deprecated", "specifiedBy", "oneOf"] {
        assert!(directives.iter().any(|one| one["name"] == name), "{name}");
    }
}

#[test]
fn skip_and_include_apply() {
    let text = "query ($a: Boolean = true) { __type(name: \"Dog\") { name @include(if: $a) kind @skip(if: $a) } }";
    assert_eq!(introspect(text, json!({})), json!({ "name": "Dog" }));
    assert_eq!(introspect(text, json!({ "a": false })), json!({ "kind": "OBJECT" }));
    // Null is not true.
    assert_eq!(introspect(text, json!({ "a": null })), json!({ "kind": "OBJECT" }));
}

#[test]
fn the_size_equals_the_fields_of_the_result() {
    fn fields(value: &Value) -> u64 {
        match value {
            Value::Array(items) => items.iter().map(fields).sum(),
            Value::Object(object) => object.values().map(|value| 1 + fields(value)).sum(),
            _ => 0,
        }
    }
    for text in [
        "{ __schema { types { name fields { name args { name } type { ...t } } } } } fragment t on __Type { kind name ofType { name } }",
        "{ __type(name: \"Dog\") { name name ...t ...t } } fragment t on __Type { fields { name } fields { type { name } } }",
        "{ __type(name: \"Nothing\") { name } }",
    ] {
        let (lowered, variables) = prepare(text, Value::Null);
        let size = |max| {
            schema().introspection_size(first_field(&lowered), &lowered.fragments, &variables, max)
        };
        let expected = fields(&introspect(text, Value::Null));
        assert_eq!(size(u64::MAX), expected, "{text}");
        assert_eq!(size(expected / 2), expected / 2, "{text}");
    }
}
