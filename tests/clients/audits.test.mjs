// The server audits of GraphQL over HTTP.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { serverAudits } from 'graphql-http';

import { start } from './server.mjs';

const server = await start();
after(server.stop);

const audits = serverAudits({ url: server.url });

test('the number of audits', () => assert.equal(audits.length, 61));

for (const { id, name, fn } of audits) {
  test(`${id} ${name}`, async () => {
    const { status, reason } = await fn();
    assert.equal(status, 'ok', reason);
  });
}
