// The contract and the operations, by the rules that are common for GraphQL.

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
      const words = source?.split('\n')[line - 1].trim();
      return `${ruleId ?? ''}: line ${line}: ${words}: ${message}`;
    }),
  );
}

test('the contract keeps the rules', async () => {
  // Three things are meant as they are, and no option of their rules lets one alone pass.
  const meant = [
    // Of a sort, how many it has; of a person, what the person is where: no repeated type names.
    /^@graphql-eslint\/no-typename-prefix: .* count: Int!: /,
    /^@graphql-eslint\/no-typename-prefix: .* memberships\(: /,
    // A stretch of days is reckoned from what holds in it; no id leads to it.
    /^@graphql-eslint\/relay-edge-types: .* type StretchEdge {: /,
  ];
  const found = await lint('schema.graphql');
  assert.deepEqual(
    found.filter((finding) => !meant.some((words) => words.test(finding))),
    [],
  );
  assert.equal(found.length, meant.length);
});

test('the operations keep the rules', async () => {
  assert.deepEqual(await lint('tests/clients/operations/*.graphql'), []);
});
