// The contract is a valid schema, and the one that is served.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, test } from 'node:test';

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

const contract = buildSchema(
  await readFile(new URL('../../schema.graphql', import.meta.url), 'utf8'),
);

test('the contract is valid', () => assert.deepEqual(validateSchema(contract), []));

test('what is served is the contract', async () => {
  const query = getIntrospectionQuery({
    specifiedByUrl: true,
    directiveIsRepeatable: true,
    schemaDescription: true,
    inputValueDeprecation: true,
    oneOf: true,
  });
  const introspection = await server.ask(query);

  // Two answers are wrong, and come from the library below: a schema that has no description tells
  // that of the type `__Schema`, and an interface tells no interfaces.
  const { __schema } = introspection;
  assert.match(__schema.description, /^A GraphQL Schema defines/);
  __schema.description = null;
  for (const type of __schema.types.filter(({ kind }) => kind === 'INTERFACE')) {
    assert.equal(type.interfaces, null);
    type.interfaces = contract
      .getType(type.name)
      .getInterfaces()
      .map(({ name }) => ({ kind: 'INTERFACE', name }));
  }

  // One text for each type, so that a failure shows those that differ, not all.
  const printed = (schema) => printSchema(lexicographicSortSchema(schema)).split(/\n\n(?=\S)/);
  const served = printed(buildClientSchema(introspection));
  const promised = printed(contract);
  assert.deepEqual(
    served.filter((type) => !promised.includes(type)),
    promised.filter((type) => !served.includes(type)),
  );
  assert.equal(served.length, promised.length);
});
