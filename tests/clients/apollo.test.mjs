// The server asked by Apollo Client.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after, test } from 'node:test';

import { ApolloClient, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';

import { start } from './server.mjs';

const server = await start();
after(server.stop);

async function operation(...names) {
  const texts = names.map((name) =>
    readFile(new URL(`operations/${name}.graphql`, import.meta.url), 'utf8'),
  );
  return gql((await Promise.all(texts)).join('\n'));
}

const Delegations = await operation('Delegations', 'OrganizationName');
const OfficeHolders = await operation('OfficeHolders', 'OrganizationName');
const DecisionsByYear = await operation('DecisionsByYear');
const ObjectById = await operation('ObjectById', 'OrganizationName');

// Which types each interface and union may be, as the server tells it.
const { __schema } = await server.ask('{ __schema { types { name possibleTypes { name } } } }');
const possibleTypes = Object.fromEntries(
  __schema.types
    .filter((type) => type.possibleTypes)
    .map((type) => [type.name, type.possibleTypes.map(({ name }) => name)]),
);

function client(link) {
  return new ApolloClient({ link, cache: new InMemoryCache({ possibleTypes }) });
}

/** What goes over the wire is written down on its way. */
function watched() {
  const wire = [];
  const watching = async (url, options) => {
    const response = await fetch(url, options);
    wire.push({
      method: options.method,
      parameters: Object.fromEntries(new URL(url).searchParams),
      body: options.body && JSON.parse(options.body),
      status: response.status,
    });
    return response;
  };
  return { wire, fetch: watching };
}

/** As browsers do: what came with an ETag is kept, and asked for only if it has changed. */
function revalidating() {
  const kept = new Map();
  const statuses = [];
  const asking = async (url, options) => {
    const known = kept.get(url);
    const headers = known ? { ...options.headers, 'if-none-match': known.etag } : options.headers;
    const response = await fetch(url, { ...options, headers });
    statuses.push(response.status);
    if (response.status === 304) return new Response(known.body, { headers: known.headers });
    const etag = response.headers.get('etag');
    if (etag) {
      const body = await response.clone().text();
      kept.set(url, { etag, body, headers: { 'content-type': response.headers.get('content-type') } });
    }
    return response;
  };
  return { statuses, fetch: asking };
}

const variables = {
  asOf: '2022-12-05',
  filter: { assembly: { slug: { eq: 'csto-pa' } }, totalSeats: { gt: 10 } },
  first: 2,
};

test('a question with variables is posted', async () => {
  const { wire, fetch } = watched();
  const { data } = await client(new HttpLink({ uri: server.url, fetch })).query({
    query: Delegations,
    variables,
  });
  assert.deepEqual(
    wire.map(({ method, status }) => [method, status]),
    [['POST', 200]],
  );
  assert.deepEqual(wire[0].body.variables, variables);
  assert.equal(data.delegations.edges.length, 2);
  assert.ok(data.delegations.totalCount > 2);
  assert.ok(data.delegations.pageInfo.hasNextPage);
  assert.ok(data.delegations.edges.every(({ node }) => node.totalSeats > 10));
  // Known by `possibleTypes` to be of the fragment's interface.
  assert.ok(data.delegations.edges[0].node.seats[0].chamber.house);
});

test('a page follows the last', async () => {
  const apollo = client(new HttpLink({ uri: server.url }));
  const names = [];
  for (let after = null, more = true; more; ) {
    const { data } = await apollo.query({ query: Delegations, variables: { ...variables, after } });
    names.push(...data.delegations.edges.map(({ node }) => node.name));
    ({ hasNextPage: more, endCursor: after } = data.delegations.pageInfo);
  }
  assert.ok(names.length > 2);
  assert.deepEqual(names, [...new Set(names)].sort());
});

test('a persisted question is a link with its hash alone', async () => {
  const { wire, fetch } = watched();
  const persisted = new PersistedQueryLink({
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
    useGETForHashedQueries: true,
  });
  const apollo = client(persisted.concat(new HttpLink({ uri: server.url, fetch })));
  const ask = () =>
    apollo.query({
      query: DecisionsByYear,
      variables: { assembly: 'csto-pa' },
      fetchPolicy: 'network-only',
    });

  const first = await ask();
  const registering = wire.splice(0);
  const second = await ask();

  // It is asked by its hash; nobody knows it; it is told in full; from then on the hash is enough.
  assert.equal(registering.length, 2);
  assert.equal(registering[0].method, 'GET');
  assert.equal(registering[0].parameters.query, undefined);
  assert.equal(registering.at(-1).status, 200);
  assert.ok(registering[1].body?.query ?? registering[1].parameters.query);

  assert.equal(wire.length, 1);
  const [{ method, parameters, body, status }] = wire;
  assert.deepEqual({ method, status, body }, { method: 'GET', status: 200, body: undefined });
  assert.equal(parameters.query, undefined);
  assert.match(JSON.parse(parameters.extensions).persistedQuery.sha256Hash, /^[0-9a-f]{64}$/);

  assert.ok(first.data.decisions.totalCount > 0);
  assert.deepEqual(second.data, first.data);
});

test('an answer that still holds is not sent again', async () => {
  const { statuses, fetch } = revalidating();
  const apollo = client(new HttpLink({ uri: server.url, fetch, useGETForQueries: true }));
  const ask = () => apollo.query({ query: Delegations, variables, fetchPolicy: 'network-only' });

  const first = await ask();
  const second = await ask();
  assert.deepEqual(statuses, [200, 304]);
  assert.ok(first.data.delegations.totalCount > 0);
  assert.deepEqual(second.data, first.data);
});

/** The errors of a question that goes wrong. */
async function errors(question) {
  const failure = await client(new HttpLink({ uri: server.url }))
    .query(question)
    .then(
      () => undefined,
      (error) => error,
    );
  assert.ok(CombinedGraphQLErrors.is(failure), `${failure}`);
  return failure.errors;
}

test('a misspelt field is named', async () => {
  const [error] = await errors({ query: gql('{ assembly(slug: "csto-pa") { id nmae } }') });
  assert.equal(error.extensions.code, 'GRAPHQL_VALIDATION_FAILED');
  assert.match(error.message, /nmae/);
  assert.deepEqual(error.locations?.length, 1);
});

test('a value that cannot be is told with its bounds', async () => {
  const [error] = await errors({ query: Delegations, variables: { ...variables, first: 1000 } });
  assert.equal(error.extensions.code, 'BAD_USER_INPUT');
  assert.match(error.message, /100/);
  assert.deepEqual(error.path, ['delegations']);
});

test('an object as of two dates is two objects to a cache', async () => {
  const apollo = client(new HttpLink({ uri: server.url }));
  const holders = async (asOf) => {
    const { data } = await apollo.query({
      query: OfficeHolders,
      variables: { assembly: 'csto-pa', asOf, roles: ['CHAIR'] },
    });
    return data.assembly;
  };
  const before = await holders('2015-11-25');
  const then = await holders('2015-11-26');

  assert.equal(then.slug, before.slug);
  assert.notEqual(then.id, before.id);
  assert.notEqual(then.memberships.nodes[0].member.name, before.memberships.nodes[0].member.name);
  const cached = apollo.cache.extract();
  for (const { id } of [before, then]) assert.equal(cached[`Assembly:${id}`].slug, 'csto-pa');
  // The later question has not altered what the earlier one found.
  assert.deepEqual(await holders('2015-11-25'), before);

  // And each leads back to itself.
  const { data } = await apollo.query({ query: ObjectById, variables: { id: before.id } });
  assert.equal(data.node.__typename, 'Assembly');
  assert.equal(data.node.id, before.id);
});
