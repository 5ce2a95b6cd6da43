// Requests of urql with its normalized cache.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { Client, fetchExchange, gql } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { getIntrospectionQuery } from 'graphql';

import { start } from './server.mjs';

const server = await start();
after(server.stop);

const schema = await server.execute(getIntrospectionQuery());

const client = () =>
  new Client({
    url: server.url,
    preferGetMethod: false,
    exchanges: [cacheExchange({ schema }), fetchExchange],
  });

test('an error of one field does not affect the other field', async () => {
  const { data, error } = await client()
    .query(
      gql`
        {
          failing: states(first: 3, after: "no cursor") {
            totalCount
          }
          complete: states(first: 2) {
            nodes {
              id
              code
            }
          }
        }
      `,
      {},
    )
    .toPromise();
  assert.equal(data.failing, null);
  assert.equal(data.complete.nodes.length, 2);
  assert.deepEqual(
    error.graphQLErrors.map(({ path, extensions }) => [path, extensions.code]),
    [[['failing'], 'BAD_USER_INPUT']],
  );
});

test('an object as of two dates is two cache entries', async () => {
  const urql = client();
  const Chamber = gql`
    query ($asOf: Date!) {
      assembly(slug: "csto-pa", asOf: $asOf) {
        id
        memberships(first: 1, filter: { role: { eq: CHAIR } }) {
          nodes {
            id
            member {
              id
              name
            }
          }
        }
      }
    }
  `;
  const chairs = [];
  for (const asOf of ['2015-11-25', '2020-06-01', '2015-11-25']) {
    const { data, error } = await urql.query(Chamber, { asOf }).toPromise();
    assert.equal(error, undefined);
    chairs.push(data.assembly.memberships.nodes[0].member.name);
  }
  assert.notEqual(chairs[0], chairs[1]);
  assert.equal(chairs[0], chairs[2]);
});

test('a document with conflicting fields is rejected', async () => {
  const { data, error } = await client()
    .query('{ state(code: "KG") { x: name } ... { state(code: "KG") { x: code } } }', {})
    .toPromise();
  assert.equal(data, undefined);
  assert.deepEqual(
    error.graphQLErrors.map(({ extensions }) => extensions.code),
    ['GRAPHQL_VALIDATION_FAILED'],
  );
});
