// The server asked by hand, as a script or a page without a library asks it.

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

test('a question is a link', async () => {
  const response = await fetch(address({ query }));
  assert.equal(response.status, 200);
  const { data } = await response.json();
  assert.ok(data.assemblies.nodes.some(({ slug }) => slug === 'csto-pa'));
});

for (const [encoding, unpack] of [
  ['gzip', gunzipSync],
  ['br', brotliDecompressSync],
]) {
  test(`an answer comes packed by ${encoding}`, async () => {
    const long = '{ members(first: 100) { nodes { slug name names { value } } } }';
    const link = address({ query: long });
    // What `fetch` gives is unpacked, so the bytes are looked at beside it.
    const response = await new Promise((resolve, reject) => {
      get(link, { headers: { 'accept-encoding': encoding } }, resolve).on('error', reject);
    });
    const packed = await buffer(response);
    assert.equal(response.headers['content-encoding'], encoding);
    assert.match(response.headers.vary, /accept-encoding/i);

    const fetched = await fetch(link, { headers: { 'accept-encoding': encoding } });
    const text = await fetched.text();
    assert.equal(unpack(packed).toString(), text);
    assert.ok(packed.length < text.length);
    assert.ok(JSON.parse(text).data.members.nodes.length > 0);
  });
}

test('a question is asked by its hash once the server has it', async () => {
  const asked = `# Known to nobody yet.\n${query}`;
  const sha256Hash = createHash('sha256').update(asked).digest('hex');
  const extensions = JSON.stringify({ persistedQuery: { version: 1, sha256Hash } });

  const unknown = await (await fetch(address({ extensions }))).json();
  assert.equal(unknown.errors[0].message, 'PersistedQueryNotFound');
  assert.equal(unknown.errors[0].extensions.code, 'PERSISTED_QUERY_NOT_FOUND');

  const given = await (await fetch(address({ query: asked, extensions }))).json();
  const again = await (await fetch(address({ extensions }))).json();
  assert.ok(given.data);
  assert.deepEqual(again.data, given.data);
});

test('a hash of another text is refused', async () => {
  const sha256Hash = createHash('sha256').update('{ another }').digest('hex');
  const extensions = JSON.stringify({ persistedQuery: { version: 1, sha256Hash } });
  const { data, errors } = await (await fetch(address({ query, extensions }))).json();
  assert.equal(data, undefined);
  assert.equal(errors.length, 1);
});
