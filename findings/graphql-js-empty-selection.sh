#!/usr/bin/env bash
# graphql-js 17 and empty selection sets.
#
# Versions: graphql 16.15.0 and 17.1.0.
# Expectation: `{ }` is a syntax error: a selection set has at least one selection (specification,
#   September 2025, 2.5), and 16 says so.
# Behaviour: 17 parses it unless `allowEmptySelectionSets: false` is given, and validation reports nothing
#   for `{ hello { } }` on an object; so a linter on 17 passes documents that servers refuse.
# Output seen: 16.15.0 throws; 17.1.0 parses, and throws with the option.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >npm.log
npm install --no-audit --no-fund --loglevel error --save-exact graphql-16@npm:graphql@16.15.0 graphql-17@npm:graphql@17.1.0 >>npm.log
cat >parse.mjs <<'JS'
import * as graphql16 from 'graphql-16';
import * as graphql17 from 'graphql-17';

for (const { buildSchema, parse, validate, version } of [graphql16, graphql17]) {
  const schema = buildSchema('type Hello { to: String } type Query { hello: Hello }');
  const judge = (options) => {
    try {
      return `${validate(schema, parse('{ hello { } }', options)).length} errors`;
    } catch {
      return 'throws';
    }
  };
  console.log(`${version}: ${judge()}, ${judge({ allowEmptySelectionSets: false })}`);
}
JS
output=$(node parse.mjs)
printf '%s\n' "$output"
[ "$output" = "16.15.0: throws, throws
17.1.0: 0 errors, throws" ]
