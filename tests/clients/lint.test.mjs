// Lints the schema and the operations with the recommended rules of graphql-eslint.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { ESLint } from 'eslint';

const eslint = new ESLint({
  cwd: fileURLToPath(new URL('../..', import.meta.url)),
  overrideConfigFile: fileURLToPath(new URL('eslint.config.mjs', import.meta.url)),
});

async function lint(files) {
  const results = await eslint.lintFiles(files);
  return results.flatMap(({ messages, source }) =>
    messages.map(({ line, ruleId, message }) => {
      const text = source?.split('\n')[line - 1].trim();
      return `${ruleId ?? ''}: line ${line}: ${text}: ${message}`;
    }),
  );
}

test('the schema follows the rules', async () => {
  // Two exceptions that the options of the rules cannot express.
  const exceptions = [
    // `memberships` of a `Member` does not repeat the type name.
    /^@graphql-eslint\/no-typename-prefix: .* memberships\(: /,
    // The nodes are computed and have no id.
    /^@graphql-eslint\/relay-edge-types: .* type CompositionPeriodEdge {: /,
  ];
  const found = await lint('schema.graphql');
  assert.deepEqual(
    found.filter((finding) => !exceptions.some((pattern) => pattern.test(finding))),
    [],
  );
  assert.equal(found.length, exceptions.length);
});

test('the operations follow the rules', async () => {
  assert.deepEqual(await lint('tests/clients/operations/*.graphql'), []);
});
