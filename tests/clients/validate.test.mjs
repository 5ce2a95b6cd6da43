// The server accepts and rejects the same requests as graphql-js and the specification of September 2025.
//
// VERDICTS_BY selects how documents reach the server: `post` (the default), `hash` (automatic persisted
// queries) or `persisted` (files of a folder, which the server reads when it starts).

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import * as graphql16 from 'graphql';
import * as graphql17 from 'graphql-17';

import { program, start } from './server.mjs';
import { exceptions } from './verdicts/exceptions.mjs';
import { corpus } from './verdicts/index.mjs';
import { jsonOf, verdictBy } from './verdicts/reference.mjs';

const by = process.env.VERDICTS_BY ?? 'post';
const sdl = readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8');
const by16 = verdictBy(graphql16, sdl);
const by17 = verdictBy(graphql17, sdl);

const cases = corpus(graphql16.buildSchema(sdl)).map((each, index) => {
  const id = `${each.rule}: ${each.name}`;
  const [of16, of17] = [by16(each), by17(each)];
  const exception = exceptions[id];
  const expected = exception?.verdict ?? of16.verdict;
  // Whether the document is invalid, regardless of the operation and the variables.
  const isInvalid = [of16, of17].some(({ stage }) => stage === 'parse' || stage === 'validate');
  return { ...each, id, file: `case-${index}`, of16, of17, exception, expected, isInvalid };
});
const rules = new Map();
for (const each of cases) rules.set(each.rule, [...(rules.get(each.rule) ?? []), each]);

test('the corpus has at least 600 cases with unique names', () => {
  assert.ok(cases.length >= 600, `${cases.length} cases`);
  assert.equal(new Set(cases.map(({ id }) => id)).size, cases.length);
});

test('each rule has accepted and rejected cases', () => {
  for (const [rule, all] of rules) {
    for (const verdict of ['accepted', 'rejected']) {
      assert.ok(
        all.some(({ expected }) => expected === verdict),
        `${rule}: no case is ${verdict}`,
      );
    }
  }
});

test('the verdicts are those that the corpus expects', () => {
  const intended = ({ valid }) => (valid ? 'accepted' : 'rejected');
  const others = cases.filter((each) => each.valid !== undefined && intended(each) !== each.expected);
  assert.deepEqual(
    others.map((each) => report(each, `intended: ${intended(each)}`)),
    [],
  );
});

test('graphql-js 16 and 17 agree, except for the exceptions', () => {
  const differ = cases.filter(
    ({ of16, of17, exception }) => !exception && of16.verdict !== of17.verdict,
  );
  assert.deepEqual(
    differ.map((each) => report(each)),
    [],
  );
});

test('graphql-js deviates from the specification in each exception', () => {
  for (const [id, { verdict, paragraph, reason }] of Object.entries(exceptions)) {
    assert.ok(paragraph && reason, id);
    const found = cases.find((each) => each.id === id);
    assert.ok(found, `no case ${id}`);
    const deviates = found.of16.verdict !== verdict || found.of17.verdict !== verdict;
    assert.ok(deviates, `${id}: graphql-js 16 and 17 reach the verdict; remove the exception`);
  }
});

/** Formats a case for a failure message. */
function report({ id, query, variables, operationName, of16, of17 }, server) {
  const lines = [
    id,
    `query: ${query}`,
    variables !== undefined && `variables: ${jsonOf(variables)}`,
    operationName !== undefined && `operation: ${operationName}`,
    `graphql-js 16: ${of16.verdict} ${of16.messages.join(' | ')}`,
    `graphql-js 17: ${of17.verdict} ${of17.messages.join(' | ')}`,
    server && `server: ${server}`,
  ];
  return lines.filter(Boolean).join('\n    ');
}

/** Returns the verdict of a response: `accepted`, `rejected`, or why it is neither. */
async function verdictOf(response) {
  const { data, errors } = await response.json();
  const messages = (errors ?? []).map(({ message }) => message);
  const code = errors?.[0]?.extensions?.code;
  let verdict = `neither: status ${response.status}, code ${code}`;
  if (response.status === 200 && data !== undefined) verdict = 'accepted';
  const codes = ['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT'];
  if (response.status === 400 && data === undefined && codes.includes(code)) verdict = 'rejected';
  return { verdict, messages, code };
}

/** Sends a request. Variables that are JSON text are sent unchanged. */
async function request(url, parameters, { variables, operationName }) {
  const rest = JSON.stringify({ ...parameters, operationName });
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: `{"variables": ${jsonOf(variables)}, ${rest.slice(1)}`,
  });
  return verdictOf(response);
}

/** Functions that start a server and return a function that sends a case. */
const transports = {
  post: async () => {
    const server = await start();
    after(server.stop);
    return (each) => request(server.url, { query: each.query }, each);
  },

  hash: async () => {
    const server = await start('--apq-cache-size', String(64 * 1024 * 1024));
    after(server.stop);
    return async (each) => {
      if (each.onlyByPost) return request(server.url, { query: each.query }, each);
      const sha256Hash = createHash('sha256').update(each.query).digest('hex');
      const extensions = { persistedQuery: { version: 1, sha256Hash } };
      const first = await request(server.url, { query: each.query, extensions }, each);
      const second = await request(server.url, { extensions }, each);
      if (first.verdict === 'accepted' || second.code !== 'PERSISTED_QUERY_NOT_FOUND') return second;
      return first;
    };
  },

  persisted: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'verdicts-'));
    after(() => rm(folder, { recursive: true }));
    const database = join(folder, 'assembly-graph.sqlite');

    /** Starts the server with a folder of documents. Returns the error output, or nothing if it starts. */
    const startError = async (documents) => {
      const child = spawn(
        program,
        ['serve', '--listen', '127.0.0.1:0', '--database', database, '--persisted-documents', documents],
        { cwd: folder, env: {}, stdio: ['ignore', 'ignore', 'pipe'] },
      );
      const ended = once(child, 'exit');
      let output = '';
      child.stderr.setEncoding('utf8');
      for await (const piece of child.stderr) {
        output += piece;
        if (/ at http:\S+\/graphql/.test(output)) child.kill('SIGKILL');
      }
      const [code] = await ended;
      return code === null ? undefined : output;
    };
    const write = async (name, documents) => {
      const path = join(folder, name);
      await mkdir(path, { recursive: true });
      await Promise.all(
        documents.map(({ file, query }) => writeFile(join(path, `${file}.graphql`), query)),
      );
      return path;
    };

    // The first start imports the data set. Then find the invalid documents one by one.
    const valid = cases.filter(({ isInvalid, onlyByPost }) => !isInvalid && !onlyByPost);
    const rejected = new Map();
    await startError(await write('filled', valid.slice(0, 1)));
    const served = await write('served', valid);
    for (let output = await startError(served); output; output = await startError(served)) {
      const [, file] = /(case-\d+)\.graphql/.exec(output) ?? [];
      assert.ok(file && !rejected.has(file), output);
      rejected.set(file, output);
      await rm(join(served, `${file}.graphql`));
    }
    const server = await start('--persisted-documents', served);
    after(server.stop);

    return async (each) => {
      if (each.onlyByPost) return request(server.url, { query: each.query }, each);
      if (rejected.has(each.file)) {
        return { verdict: 'rejected', messages: [rejected.get(each.file)] };
      }
      if (!each.isInvalid) return request(server.url, { documentId: each.file }, each);
      const output = await startError(await write(`alone-${each.file}`, [each]));
      if (output === undefined) return { verdict: 'accepted', messages: [] };
      const named = output.includes(`${each.file}.graphql`);
      return { verdict: named ? 'rejected' : 'neither: the error does not name the file', messages: [output] };
    };
  },
};

assert.ok(by in transports, `VERDICTS_BY must be one of ${Object.keys(transports).join(', ')}.`);
const send = await transports[by]();

for (const [rule, all] of rules) {
  test(`${rule}: the server agrees in ${all.length} cases`, async () => {
    const failures = [];
    const left = [...all];
    const work = async () => {
      for (let each = left.shift(); each; each = left.shift()) {
        const { verdict, messages } = await send(each);
        if (verdict !== each.expected) {
          failures.push(report(each, `${verdict} ${messages.join(' | ')}`));
        }
      }
    };
    await Promise.all(Array.from({ length: 2 * availableParallelism() }, work));
    assert.ok(
      failures.length === 0,
      `${failures.length} of ${all.length} cases differ:\n\n${failures.join('\n\n')}`,
    );
  });
}
