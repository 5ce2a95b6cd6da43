use async_graphql_parser::types::Selection;
use query_guard::{Variables, coerce, lower, parse, validate};
use serde_json::{Value, json};

fn introspect(text: &str, variables: Value) -> Value {
    let schema = super::schema();
    let (document, _) = parse(text).unwrap();
    validate(&schema, &document, true).unwrap();
    let operation = &document.operations[0];
    let variables = coerce(&schema, operation, Variables::from_json(variables), true).unwrap();
    let lowered = lower(&document, operation, &variables);
    let (_, operation) = lowered.operations.iter().next().unwrap();
    let Selection::Field(field) = &operation.node.selection_set.node.items[0].node else {
        panic!()
    };
    let value = schema.introspect(&field.node, &lowered.fragments, &variables).unwrap();
    serde_json::to_value(value).unwrap()
}

#[test]
fn it_says_what_the_sdl_says() {
    let root = "{ __schema { description queryType { name } mutationType { name } subscriptionType { name } } }";
    assert_eq!(
        introspect(root, Value::Null),
        json!({ "description": "Pets and their people.", "queryType": { "name": "Query" }, "mutationType": null, "subscriptionType": { "name": "Subscription" } })
    );
    for (name, selection, expected) in [
        (
            "Even",
            "kind description specifiedByURL fields { name }",
            json!({ "kind": "SCALAR", "description": "A text of even length.", "specifiedByURL": "https://example.org/even", "fields": null }),
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
fn deprecated_arguments_are_there_on_request() {
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
