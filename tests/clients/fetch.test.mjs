// Requests with `fetch`, without a GraphQL client library.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { get } from 'node:http';
import { after, test } from 'node:test';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

import { start } from './server.mjs';

const server = await start();
after(server.stop);

function address(parameters) {
  return `${server.url}?${new URLSearchParams(parameters)}`;
}

const query = '{ assemblies(orderBy: [{ field: NAME }]) { nodes { slug name } } }';

test('a query can be sent by GET', async () => {
  const response = await fetch(address({ query }));
  assert.equal(response.status, 200);
  const { data } = await response.json();
  assert.ok(data.assemblies.nodes.some(({ slug }) => slug === 'csto-pa'));
});

for (const [encoding, decompress] of [
  ['gzip', gunzipSync],
  ['br', brotliDecompressSync],
]) {
  test(`a response is compressed with ${encoding}`, async () => {
    const long = '{ members(first: 100) { nodes { slug name names { value } } } }';
    const url = address({ query: long });
    // `fetch` decompresses the body, so read the compressed bytes with `get`.
    const response = await new Promise((resolve, reject) => {
      get(url, { headers: { 'accept-encoding': encoding } }, resolve).on('error', reject);
    });
    const compressed = await buffer(response);
    assert.equal(response.headers['content-encoding'], encoding);
    assert.match(response.headers.vary, /accept-encoding/i);

    const fetched = await fetch(url, { headers: { 'accept-encoding': encoding } });
    const text = await fetched.text();
    assert.equal(decompress(compressed).toString(), text);
    assert.ok(compressed.length < text.length);
    assert.ok(JSON.parse(text).data.members.nodes.length > 0);
  });
}

test('a query can be sent by hash after it is registered', async () => {
  const document = `# Not registered yet.\n${query}`;
  const sha256Hash = createHash('sha256').update(document).digest('hex');
  const extensions = JSON.stringify({ persistedQuery: { version: 1, sha256Hash } });

  const unknown = await (await fetch(address({ extensions }))).json();
  assert.equal(unknown.errors[0].message, 'PersistedQueryNotFound');
  assert.equal(unknown.errors[0].extensions.code, 'PERSISTED_QUERY_NOT_FOUND');

  const registered = await (await fetch(address({ query: document, extensions }))).json();
  const again = await (await fetch(address({ extensions }))).json();
  assert.ok(registered.data);
  assert.deepEqual(again.data, registered.data);
});

test('a hash of another document is rejected', async () => {
  const sha256Hash = createHash('sha256').update('{ another }').digest('hex');
  const extensions = JSON.stringify({ persistedQuery: { version: 1, sha256Hash } });
  const { data, errors } = await (await fetch(address({ query, extensions }))).json();
  assert.equal(data, undefined);
  assert.equal(errors.length, 1);
});
