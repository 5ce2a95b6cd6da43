use async_graphql_parser::types::OperationType;
use query_guard::{Category, Guard, Options, Prepared, Rejection, Schema, Summary, Variables};
use serde_json::{Value, json};

use super::{
    cost::{COSTS, SDL},
    message,
};

fn guard(introspection: bool) -> Guard {
    let schema = Schema::new(SDL, &[]).unwrap();
    Guard::new(schema, Options { introspection, suggestions: true, costs: COSTS })
}

fn prepare(text: &str, name: Option<&str>, variables: Value) -> Result<Prepared, Rejection> {
    guard(true).prepare(text, name, Variables::from_json(variables))
}

fn summary(name: Option<&str>, ty: Option<OperationType>, cost: Option<u64>) -> Summary {
    Summary { name: name.map(str::to_owned), ty, cost }
}

const TWO: &str = "query a { man { id } } query b($n: Int = 3) { men(first: $n) { nodes { id } } }";

#[test]
fn an_operation_is_prepared() {
    let prepared = prepare(TWO, Some("b"), json!({ "unknown": 1 })).unwrap();
    assert_eq!(prepared.document.operations.iter().count(), 1);
    assert_eq!(prepared.variables, Variables::from_json(json!({ "n": 3 })));
    assert_eq!(prepared.summary, summary(Some("b"), Some(OperationType::Query), Some(2 + 3)));
    assert!(!prepared.introspects_only);
}

#[test]
fn an_operation_is_rejected_by_the_first_step_that_fails() {
    let query = Some(OperationType::Query);
    let expensive = "{ men(first: 100) { nodes { clubs(first: 100) { nodes {
rooms { a: id b: id c: id d: id e: id } } } } } }";
    let cases = [
        ("{", Some("x"), summary(Some("x"), None, None), Category::Syntax, "1:2 Syntax error"),
        ("{ dog }", None, summary(None, query, None), Category::Validation, "1:3 Field \"dog\""),
        (TWO, Some("x"), summary(Some("x"), None, None), Category::Validation, " Operation \"x\""),
        (
            "query q($ids: [ID!]!) { things(ids: $ids) { id } }",
            None,
            summary(Some("q"), query, None),
            Category::Variable,
            "1:9 Variable \"$ids\"",
        ),
        (
            expensive,
            None,
            summary(None, query, Some(260_202)),
            Category::Limit,
            "2:1 The query cost 260,202 exceeds",
        ),
    ];
    for (text, name, expected, category, start) in cases {
        let Rejection { mut errors, summary } = prepare(text, name, Value::Null).unwrap_err();
        let error = errors.remove(0);
        assert_eq!((summary, error.kind.category()), (expected, category), "{}", error.kind);
        let message = message(error);
        assert!(message.starts_with(start), "{message}");
    }
}

#[test]
fn introspection_can_be_disabled() {
    let schema = "{ ...s } fragment s on Query { ... { __schema { description } } }";
    for (text, pos) in
        [("{ man { __typename } a: __type(name: \"Man\") { name } }", "1:25"), (schema, "1:38")]
    {
        assert!(guard(true).check(text).is_ok());
        let errors = guard(false).check(text).unwrap_err();
        let messages: Vec<_> = errors.into_iter().map(message).collect();
        let message = "Introspection is disabled.";
        assert_eq!(messages, [format!("{pos} {message}")]);
    }
    let only = |text| prepare(text, None, Value::Null).unwrap().introspects_only;
    assert!(only("{ __schema { description } a: __type(name: \"Man\") { name } }"));
    assert!(!only("{ __schema { description } man { id } }"));
    assert!(!only(schema));
}

#[test]
fn every_operation_is_checked() {
    let check = |text: &str| {
        let errors = guard(true).check(text).err().unwrap_or_default();
        errors.into_iter().map(message).next()
    };
    assert_eq!(check(TWO), None);
    // The values of variables are unknown.
    assert_eq!(check("query ($ids: [ID!]!) { things(ids: $ids) { id } }"), None);
    let fields = "query a { man { id } } query b { ".to_owned() + &"man { id } ".repeat(201) + "}";
    let expected = "1:1 Too many root fields; the maximum is 200.";
    assert_eq!(check(&fields).as_deref(), Some(expected));
}
