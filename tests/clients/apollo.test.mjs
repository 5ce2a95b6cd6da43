// Requests of Apollo Client.

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

// The possible types of each interface and union, by introspection.
const { __schema } = await server.execute('{ __schema { types { name possibleTypes { name } } } }');
const possibleTypes = Object.fromEntries(
  __schema.types
    .filter((type) => type.possibleTypes)
    .map((type) => [type.name, type.possibleTypes.map(({ name }) => name)]),
);

function client(link) {
  return new ApolloClient({ link, cache: new InMemoryCache({ possibleTypes }) });
}

/** Returns a `fetch` that records requests. */
function recording() {
  const requests = [];
  const recordingFetch = async (url, options) => {
    const response = await fetch(url, options);
    requests.push({
      method: options.method,
      parameters: Object.fromEntries(new URL(url).searchParams),
      body: options.body && JSON.parse(options.body),
      status: response.status,
    });
    return response;
  };
  return { requests, fetch: recordingFetch };
}

/** Returns a `fetch` that caches responses with an ETag and revalidates them, as browsers do. */
function revalidating() {
  const cache = new Map();
  const statuses = [];
  const cachingFetch = async (url, options) => {
    const cached = cache.get(url);
    const headers = cached ? { ...options.headers, 'if-none-match': cached.etag } : options.headers;
    const response = await fetch(url, { ...options, headers });
    statuses.push(response.status);
    if (response.status === 304) return new Response(cached.body, { headers: cached.headers });
    const etag = response.headers.get('etag');
    if (etag) {
      const body = await response.clone().text();
      cache.set(url, { etag, body, headers: { 'content-type': response.headers.get('content-type') } });
    }
    return response;
  };
  return { statuses, fetch: cachingFetch };
}

const variables = {
  asOf: '2022-12-05',
  filter: { assembly: { slug: { eq: 'csto-pa' } }, totalSeats: { gt: 10 } },
  first: 2,
};

test('a query with variables is sent by POST', async () => {
  const { requests, fetch } = recording();
  const { data } = await client(new HttpLink({ uri: server.url, fetch })).query({
    query: Delegations,
    variables,
  });
  assert.deepEqual(
    requests.map(({ method, status }) => [method, status]),
    [['POST', 200]],
  );
  assert.deepEqual(requests[0].body.variables, variables);
  assert.equal(data.delegations.edges.length, 2);
  assert.ok(data.delegations.totalCount > 2);
  assert.ok(data.delegations.pageInfo.hasNextPage);
  assert.ok(data.delegations.edges.every(({ node }) => node.totalSeats > 10));
  // The cache matches the interface of the fragment by `possibleTypes`.
  assert.ok(data.delegations.edges[0].node.seats[0].chamber.house);
});

test('pages are fetched by cursor', async () => {
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

test('a persisted query is a GET request with only its hash', async () => {
  const { requests, fetch } = recording();
  const persisted = new PersistedQueryLink({
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
    useGETForHashedQueries: true,
  });
  const apollo = client(persisted.concat(new HttpLink({ uri: server.url, fetch })));
  const execute = () =>
    apollo.query({
      query: DecisionsByYear,
      variables: { assembly: 'csto-pa' },
      fetchPolicy: 'network-only',
    });

  const first = await execute();
  const registering = requests.splice(0);
  const second = await execute();

  // The hash is unknown, so the client sends the document; then the hash is sufficient.
  assert.equal(registering.length, 2);
  assert.equal(registering[0].method, 'GET');
  assert.equal(registering[0].parameters.query, undefined);
  assert.equal(registering.at(-1).status, 200);
  assert.ok(registering[1].body?.query ?? registering[1].parameters.query);

  assert.equal(requests.length, 1);
  const [{ method, parameters, body, status }] = requests;
  assert.deepEqual({ method, status, body }, { method: 'GET', status: 200, body: undefined });
  assert.equal(parameters.query, undefined);
  assert.match(JSON.parse(parameters.extensions).persistedQuery.sha256Hash, /^[0-9a-f]{64}$/);

  assert.ok(first.data.decisions.totalCount > 0);
  assert.deepEqual(second.data, first.data);
});

test('an unchanged response is not sent again', async () => {
  const { statuses, fetch } = revalidating();
  const apollo = client(new HttpLink({ uri: server.url, fetch, useGETForQueries: true }));
  const execute = () => apollo.query({ query: Delegations, variables, fetchPolicy: 'network-only' });

  const first = await execute();
  const second = await execute();
  assert.deepEqual(statuses, [200, 304]);
  assert.ok(first.data.delegations.totalCount > 0);
  assert.deepEqual(second.data, first.data);
});

/** Returns the errors of a query. */
async function errors(options) {
  const failure = await client(new HttpLink({ uri: server.url }))
    .query(options)
    .then(
      () => undefined,
      (error) => error,
    );
  assert.ok(CombinedGraphQLErrors.is(failure), `${failure}`);
  return failure.errors;
}

test('an unknown field is named', async () => {
  const [error] = await errors({ query: gql('{ assembly(slug: "csto-pa") { id nmae } }') });
  assert.equal(error.extensions.code, 'GRAPHQL_VALIDATION_FAILED');
  assert.match(error.message, /nmae/);
  assert.deepEqual(error.locations?.length, 1);
});

test('an argument out of range is rejected with its maximum', async () => {
  const [error] = await errors({ query: Delegations, variables: { ...variables, first: 1000 } });
  assert.equal(error.extensions.code, 'BAD_USER_INPUT');
  assert.match(error.message, /100/);
  assert.deepEqual(error.path, ['delegations']);
});

test('an object as of two dates is two cache entries', async () => {
  const apollo = client(new HttpLink({ uri: server.url }));
  const holders = async (asOf) => {
    const { data } = await apollo.query({
      query: OfficeHolders,
      variables: { assembly: 'csto-pa', asOf, roles: ['CHAIR'] },
    });
    return data.assembly;
  };
  const before = await holders('2015-11-25');
  const after = await holders('2015-11-26');

  assert.equal(after.slug, before.slug);
  assert.notEqual(after.id, before.id);
  assert.notEqual(after.memberships.nodes[0].member.name, before.memberships.nodes[0].member.name);
  const cached = apollo.cache.extract();
  for (const { id } of [before, after]) assert.equal(cached[`Assembly:${id}`].slug, 'csto-pa');
  // The later query does not change the cached result of the earlier one.
  assert.deepEqual(await holders('2015-11-25'), before);

  // `node` returns the object as of the same date.
  const { data } = await apollo.query({ query: ObjectById, variables: { id: before.id } });
  assert.equal(data.node.__typename, 'Assembly');
  assert.equal(data.node.id, before.id);
});
