#!/usr/bin/env bash
# graphql-inspector and @specifiedBy.
#
# Versions: @graphql-inspector/core 8.0.0, graphql 16.15.0.
# Expectation: a schema and the result of introspecting that same schema differ in nothing, since
#   introspection has `specifiedByURL`.
# Behaviour: the diff reports the directive @specifiedBy as removed from each custom scalar (DANGEROUS),
#   because it compares the directives in the syntax trees, and a schema built from introspection has
#   none. So a check of a published SDL file against a running server is never empty.
# Output seen: DIRECTIVE_USAGE_SCALAR_REMOVED Date.@specifiedBy
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >npm.log
npm install --no-audit --no-fund --loglevel error --save-exact @graphql-inspector/core@8.0.0 graphql@16.15.0 >>npm.log
cat >compare.mjs <<'JS'
import { diff } from '@graphql-inspector/core';
import { buildClientSchema, buildSchema, introspectionFromSchema } from 'graphql';

const published = buildSchema(`
  scalar Date @specifiedBy(url: "https://scalars.graphql.org/andimarek/local-date")
  type Query { day: Date }
`);
const introspected = buildClientSchema(introspectionFromSchema(published));
console.log(introspected.getType('Date').specifiedByURL === published.getType('Date').specifiedByURL);
for (const change of await diff(published, introspected)) console.log(change.type, change.path);
JS
output=$(node compare.mjs)
printf '%s\n' "$output"
[ "$output" = "true
DIRECTIVE_USAGE_SCALAR_REMOVED Date.@specifiedBy" ]
