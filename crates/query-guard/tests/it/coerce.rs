use query_guard::{Variables, coerce, limits::MAX_VALUES, parse};
use serde_json::{Value, json};

fn coerced(definitions: &str, variables: Value) -> Result<Value, Vec<String>> {
    let text = format!("query({definitions}) {{ dog {{ id }} }}");
    let document = parse(&text).unwrap();
    let variables = Variables::from_json(variables);
    coerce(&super::schema(), &document.operations[0], variables, true)
        .map(|variables| serde_json::to_value(variables).unwrap())
        .map_err(|errors| errors.into_iter().map(|error| error.kind.to_string()).collect())
}

#[test]
fn values_are_coerced_to_their_types() {
    for (definitions, variables, expected) in [
        ("$a: Int", json!({ "a": 2147483647 }), json!({ "a": 2147483647 })),
        ("$a: Int", json!({ "a": null }), json!({ "a": null })),
        ("$a: Int", json!({}), json!({})),
        // A float without a fractional part is an integer.
        (
            "$a: [Int]",
            json!({ "a": [3.0, 3e0, -0.0, -2147483648.0] }),
            json!({ "a": [3, 3, 0, -2147483648i64] }),
        ),
        ("$a: Int, $b: [Int!]", json!({ "b": 3, "unknown": { "x": 1 } }), json!({ "b": [3] })),
        (
            "$a: [[Int]]",
            json!({ "a": [[1, null], null, 3] }),
            json!({ "a": [[1, null], null, [3]] }),
        ),
        ("$a: [[Int]]", json!({ "a": 3 }), json!({ "a": [[3]] })),
        ("$a: Int! = 3", json!({}), json!({ "a": 3 })),
        ("$a: Int = 3", json!({ "a": null }), json!({ "a": null })),
        ("$a: Float", json!({ "a": 1 }), json!({ "a": 1 })),
        (
            "$a: ID, $b: ID, $c: ID",
            json!({ "a": 1, "b": "1", "c": 12345678901234567890u64 }),
            json!({ "a": "1", "b": "1", "c": "12345678901234567890" }),
        ),
        ("$a: ID", json!({ "a": -0.0 }), json!({ "a": "0" })),
        ("$a: Even", json!({ "a": "ab" }), json!({ "a": "ab" })),
        ("$a: Anything", json!({ "a": { "b": [1.5] } }), json!({ "a": { "b": [1.5] } })),
        (
            "$a: Style, $b: Style = LONG",
            json!({ "a": "SHORT" }),
            json!({ "a": "SHORT", "b": "LONG" }),
        ),
        (
            "$a: PetFilter",
            json!({ "a": { "sizes": 1.0, "not": { "sizes": [1, 2], "style": "LONG" }, "of": { "id": 1 } } }),
            json!({ "a": { "sizes": [1], "not": { "sizes": [1, 2], "style": "LONG" }, "of": { "id": "1" } } }),
        ),
    ] {
        assert_eq!(coerced(definitions, variables), Ok(expected), "{definitions}");
    }
}

#[test]
fn values_of_other_types_are_rejected_with_their_path() {
    let int = "(a 32-bit integer)";
    for (definitions, variables, expected) in [
        ("$a: Int!", json!({}), "Variable \"$a\" of type \"Int!\" is required.".to_owned()),
        ("$a: Int!", json!({ "a": null }), "Variable \"$a\" must be of type \"Int!\", got null.".to_owned()),
        ("$a: Int", json!({ "a": "1" }), format!("Variable \"$a\" must be of type \"Int\" {int}, got \"1\".")),
        ("$a: Int", json!({ "a": 2147483648u64 }), format!("Variable \"$a\" must be of type \"Int\" {int}, got 2147483648.")),
        ("$a: Int", json!({ "a": 3.5 }), format!("Variable \"$a\" must be of type \"Int\" {int}, got 3.5.")),
        ("$a: Int", json!({ "a": 1e300 }), format!("Variable \"$a\" must be of type \"Int\" {int}, got 1e+300.")),
        ("$a: Int", json!({ "a": true }), format!("Variable \"$a\" must be of type \"Int\" {int}, got true.")),
        ("$a: [Int!]", json!({ "a": [1, null] }), "Variable \"$a[1]\" must be of type \"Int!\", got null.".to_owned()),
        ("$a: String", json!({ "a": 1 }), "Variable \"$a\" must be of type \"String\", got 1.".to_owned()),
        ("$a: String", json!({ "a": ["x"] }), "Variable \"$a\" must be of type \"String\", got a list.".to_owned()),
        ("$a: Boolean", json!({ "a": "true" }), "Variable \"$a\" must be of type \"Boolean\", got \"true\".".to_owned()),
        ("$a: ID", json!({ "a": 4.0 }), "Variable \"$a\" must be of type \"ID\" (a string or an integer), got 4.0.".to_owned()),
        ("$a: Even", json!({ "a": "abc" }), "Variable \"$a\" must be of type \"Even\" (a string of even length), got \"abc\".".to_owned()),
        ("$a: Even", json!({ "a": 12 }), "Variable \"$a\" must be of type \"Even\" (a string), got 12.".to_owned()),
        ("$a: Style", json!({ "a": "SHRT" }), "Variable \"$a\" must be of type \"Style\", got \"SHRT\"; did you mean \"SHORT\"?".to_owned()),
        ("$a: PetFilter", json!({ "a": 1 }), "Variable \"$a\" must be of type \"PetFilter\" (an input object), got 1.".to_owned()),
        (
            "$a: PetFilter",
            json!({ "a": { "not": { "size": 1 } } }),
            "Variable \"$a.not\": Field \"size\" does not exist on input type \"PetFilter\"; did you mean \"sizes\"?".to_owned(),
        ),
        ("$a: Must", json!({ "a": {} }), "Variable \"$a\": Field \"have\" of type \"Int!\" is required in input type \"Must\".".to_owned()),
        ("$a: [PetFilter]", json!({ "a": [{ "must": { "have": "x" } }] }), format!("Variable \"$a[0].must.have\" must be of type \"Int!\" {int}, got \"x\".")),
        ("$a: Key", json!({ "a": { "id": 1, "name": "b" } }), "Variable \"$a\": OneOf input type \"Key\" requires exactly one field, with a value other than null.".to_owned()),
        ("$a: Key", json!({ "a": { "id": null } }), "Variable \"$a\": OneOf input type \"Key\" requires exactly one field, with a value other than null.".to_owned()),
    ] {
        assert_eq!(coerced(definitions, variables), Err(vec![expected]), "{definitions}");
    }
    assert_eq!(coerced("$a: Int!, $b: Int!", json!({})).unwrap_err().len(), 2);
}

#[test]
fn the_number_of_values_is_limited() {
    let many = usize::try_from(MAX_VALUES).unwrap();
    assert!(coerced("$a: [Int]", json!({ "a": vec![1; many - 1] })).is_ok());
    assert!(coerced("$a: [Int]", json!({ "a": vec![1; many] })).is_err());
    assert!(coerced("$a: [Int]", json!({ "b": vec![1; many] })).is_err());
}
