#!/usr/bin/env bash
# async-graphql-parser and values that begin with null, true or false.
#
# Version: async-graphql-parser 8.0.0-rc.5.
# Expectation: the list `[nullable falsey]` has two enum values, and `directive @a on FIELD` is not
#   repeatable.
# Behaviour: no error. The list has four values, null, able, false and y; and every directive definition
#   is repeatable, since the grammar's rule for the keyword matches nothing as well.
# Output seen: 4 values: null able false y; repeatable: true
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cargo init --quiet --name parse --vcs none .
cargo add --quiet async-graphql-parser@=8.0.0-rc.5 async-graphql-value@=8.0.0-rc.5
cat >src/main.rs <<'RS'
use async_graphql_parser::{parse_query, parse_schema, types::{Selection, TypeSystemDefinition}};
use async_graphql_value::Value;

fn main() {
    let document = parse_query("{ a(b: [nullable falsey]) }").expect("a document");
    let (_, operation) = document.operations.iter().next().expect("an operation");
    let Selection::Field(field) = &operation.node.selection_set.node.items[0].node else { return };
    let Value::List(values) = &field.node.arguments[0].1.node else { return };
    let values: Vec<_> = values.iter().map(ToString::to_string).collect();
    let schema = parse_schema("directive @a on FIELD").expect("a schema");
    let TypeSystemDefinition::Directive(directive) = &schema.definitions[0] else { return };
    println!("{} values: {}; repeatable: {}", values.len(), values.join(" "), directive.node.is_repeatable);
}
RS
output=$(cargo run --quiet)
printf '%s\n' "$output"
[ "$output" = "4 values: null able false y; repeatable: true" ]
