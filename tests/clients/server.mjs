// Starts the built program by itself, as anybody would, and ends it again.

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
 * A server on a free port, with a database of its own that holds the shipped data set.
 *
 * @param {...string} settings more arguments of the program
 */
export async function start(...settings) {
  if (!existsSync(program)) throw new Error(`${program} is not there; build it first: cargo build`);
  const folder = await mkdtemp(join(tmpdir(), 'assembly-graph-'));
  const database = join(folder, 'assembly-graph.sqlite');
  const child = spawn(
    program,
    ['serve', '--listen', '127.0.0.1:0', '--database', database, ...settings],
    // What is set around the tests is not meant for it.
    { cwd: folder, env: {}, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const ended = once(child, 'exit');
  // Also where a test file fails before its end.
  process.once('exit', () => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };

  const told = [];
  const url = await new Promise((found) => {
    const lines = createInterface({ input: child.stderr });
    lines.on('line', (line) => {
      told.push(line);
      const address = /^serving .* at (http:\S+\/graphql)$/.exec(line);
      if (address) found(address[1]);
    });
    lines.on('close', () => found(undefined));
  });
  if (!url) {
    await stop();
    throw new Error(`${program} did not serve:\n${told.join('\n')}`);
  }

  /** One question, posted. */
  const ask = async (query, variables) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = await response.json();
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  };
  return { url, ask, stop };
}
