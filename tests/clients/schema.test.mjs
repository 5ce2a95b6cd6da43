// schema.graphql is valid and equals the introspection result.

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

test('the introspection result equals the published schema', async () => {
  const query = getIntrospectionQuery({
    specifiedByUrl: true,
    directiveIsRepeatable: true,
    schemaDescription: true,
    inputValueDeprecation: true,
    oneOf: true,
  });
  // Print and parse again, since graphql-inspector compares the directives in SDL.
  const introspected = buildSchema(printSchema(buildClientSchema(await server.execute(query))));

  assert.deepEqual(await diff(published, introspected), []);
  assert.equal(introspected.description, published.description);

  // Compare each type separately, so that a failure only shows the types that differ.
  const printed = (schema) => printSchema(lexicographicSortSchema(schema)).split(/\n\n(?=\S)/);
  const [actual, expected] = [printed(introspected), printed(published)];
  assert.deepEqual(
    actual.filter((type) => !expected.includes(type)),
    expected.filter((type) => !actual.includes(type)),
  );
  assert.equal(actual.length, expected.length);
});
