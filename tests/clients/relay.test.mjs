// Relay compiles against the contract: objects can be asked for again by id, lists page by page.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { start } from './server.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const server = await start();
after(server.stop);

async function compiled() {
  const folder = here('generated/relay/');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  // The compiler adds to this file, and makes none.
  const texts = `${folder}persisted.json`;
  await writeFile(texts, '{}');
  const compiler = here('node_modules/relay-compiler/cli.js');
  await promisify(execFile)(process.execPath, [compiler, 'relay.config.json'], { cwd: here('.') });
  return Object.values(JSON.parse(await readFile(texts, 'utf8')));
}

test('what Relay makes of fragments is answered', async () => {
  const queries = await compiled();
  const ask = (name, variables) =>
    server.ask(
      queries.find((text) => text.includes(`query ${name}(`)),
      variables,
    );

  const asked = { slug: 'csto-pa', asOf: '2022-12-05' };
  const { assembly } = await ask('DelegationsOfAssemblyQuery', asked);
  const { edges, pageInfo } = assembly.delegations;
  assert.equal(edges.length, 2);
  assert.ok(pageInfo.hasNextPage);

  // The next page is asked of the object by its id, which holds the date too.
  const page = { id: assembly.id, count: 2, cursor: pageInfo.endCursor };
  const { node } = await ask('DelegationsPageQuery', page);
  assert.equal(node.id, assembly.id);
  const slugs = [...edges, ...node.delegations.edges].map((edge) => edge.node.slug);
  assert.equal(new Set(slugs).size, 4);

  const again = await ask('DelegationsOrganizationQuery', { id: edges[0].node.id });
  assert.equal(again.node.slug, edges[0].node.slug);
});
