// schema.graphql is a valid schema, and the one that is served.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, test } from 'node:test';

import { diff } from '@graphql-inspector/core';
import {
  buildClientSchema,
  buildSchema,
  getIntrospectionQuery,
  lexicographicSortSchema,
  printSchema,
  validateSchema,
} from 'graphql';

import { start } from './server.mjs';

const server = await start();
after(server.stop);

const published = buildSchema(
  await readFile(new URL('../../schema.graphql', import.meta.url), 'utf8'),
);

test('the published schema is valid', () => assert.deepEqual(validateSchema(published), []));

test('the served schema is the published one', async () => {
  const query = getIntrospectionQuery({
    specifiedByUrl: true,
    directiveIsRepeatable: true,
    schemaDescription: true,
    inputValueDeprecation: true,
    oneOf: true,
  });
  // Printed and read again, since graphql-inspector compares directives as SDL applies them.
  const introspected = buildSchema(printSchema(buildClientSchema(await server.ask(query))));

  assert.deepEqual(await diff(published, introspected), []);
  assert.equal(introspected.description, published.description);

  // One text for each type, so that a failure shows those that differ, not all.
  const printed = (schema) => printSchema(lexicographicSortSchema(schema)).split(/\n\n(?=\S)/);
  const [served, expected] = [printed(introspected), printed(published)];
  assert.deepEqual(
    served.filter((type) => !expected.includes(type)),
    expected.filter((type) => !served.includes(type)),
  );
  assert.equal(served.length, expected.length);
});
