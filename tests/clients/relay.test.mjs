// Compiles fragments with Relay: objects are refetched by id, lists are paginated.

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

async function compile() {
  const folder = here('generated/relay/');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  // The compiler only adds to an existing file.
  const persisted = `${folder}persisted.json`;
  await writeFile(persisted, '{}');
  const compiler = here('node_modules/relay-compiler/cli.js');
  await promisify(execFile)(process.execPath, [compiler, 'relay.config.json'], { cwd: here('.') });
  return Object.values(JSON.parse(await readFile(persisted, 'utf8')));
}

test('the queries that Relay generates are executed', async () => {
  const queries = await compile();
  const execute = (name, variables) =>
    server.execute(
      queries.find((text) => text.includes(`query ${name}(`)),
      variables,
    );

  const variables = { slug: 'csto-pa', asOf: '2022-12-05' };
  const { assembly } = await execute('DelegationsOfAssemblyQuery', variables);
  const { edges, pageInfo } = assembly.delegations;
  assert.equal(edges.length, 2);
  assert.ok(pageInfo.hasNextPage);

  // The next page is fetched from the object by its id, which includes the date.
  const page = { id: assembly.id, count: 2, cursor: pageInfo.endCursor };
  const { node } = await execute('DelegationsPageQuery', page);
  assert.equal(node.id, assembly.id);
  const slugs = [...edges, ...node.delegations.edges].map((edge) => edge.node.slug);
  assert.equal(new Set(slugs).size, 4);

  const again = await execute('DelegationsOrganizationQuery', { id: edges[0].node.id });
  assert.equal(again.node.slug, edges[0].node.slug);
});
