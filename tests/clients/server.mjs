// Starts and stops the built program.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const program = resolve(
  process.env.ASSEMBLY_GRAPH ??
    fileURLToPath(new URL('../../target/debug/assembly-graph', import.meta.url)),
);

/**
 * Starts a server on a free port, with its own database and the built-in data set.
 *
 * @param {...string} options additional command line options
 */
export async function start(...options) {
  if (!existsSync(program)) throw new Error(`${program} does not exist; run cargo build`);
  const folder = await mkdtemp(join(tmpdir(), 'assembly-graph-'));
  const database = join(folder, 'assembly-graph.sqlite');
  const child = spawn(
    program,
    ['serve', '--listen', '127.0.0.1:0', '--database', database, ...options],
    // Do not pass the environment of the tests to the program.
    { cwd: folder, env: {}, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = once(child, 'exit');
  // Clean up if a test file fails.
  process.once('exit', () => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };

  const output = [];
  const url = await new Promise((found) => {
    const lines = createInterface({ input: child.stderr });
    lines.on('line', (line) => {
      output.push(line);
      const address = /^serving .* at (http:\S+\/graphql)$/.exec(line);
      if (address) found(address[1]);
    });
    lines.on('close', () => found(undefined));
  });
  if (!url) {
    await stop();
    throw new Error(`${program} did not start:\n${output.join('\n')}`);
  }

  /** Sends a document by POST and returns the data of the response. */
  const execute = async (query, variables) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = await response.json();
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  };
  return { url, execute, stop };
}
