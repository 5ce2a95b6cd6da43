#!/usr/bin/env bash
# graphql-js and the shape of __typename.
#
# Versions: graphql 16.15.0 and 17.1.0.
# Expectation: two fields of one response name whose types differ cannot be merged, whatever the types of
#   their parents (specification, September 2025, 5.3.2, SameResponseShape), so `validate` reports
#   `x: __typename` (String!) beside `x: a` (Int) as it reports `x: b` (String) beside `x: a`.
# Behaviour: it reports the latter alone. The rule looks for __typename among the fields that the type
#   defines, finds none, and compares nothing; code generators then type `x` as one of the two.
# Output seen: one error without __typename, none with it, in both versions.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >npm.log
npm install --no-audit --no-fund --loglevel error --save-exact graphql-16@npm:graphql@16.15.0 graphql-17@npm:graphql@17.1.0 >>npm.log
cat >validate.mjs <<'JS'
import * as graphql16 from 'graphql-16';
import * as graphql17 from 'graphql-17';

for (const { buildSchema, parse, validate, version } of [graphql16, graphql17]) {
  const schema = buildSchema(`
    type A { a: Int }
    type B { b: String }
    union Either = A | B
    type Query { either: Either }
  `);
  const errors = (field) =>
    validate(schema, parse(`{ either { ... on A { x: a } ... on B { x: ${field} } } }`)).length;
  console.log(version, errors('b'), errors('__typename'));
}
JS
output=$(node validate.mjs)
printf '%s\n' "$output"
[ "$output" = "16.15.0 1 0
17.1.0 1 0" ]
