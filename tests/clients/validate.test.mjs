// The server's verdict on a document is that of the specification of September 2025: it refuses
// what graphql-js refuses, and runs what graphql-js runs.
//
// VERDICTS_BY says how documents reach the server: `post` (the default), `hash` (automatic persisted
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
import { jsonOf, judgeBy } from './verdicts/judge.mjs';

const by = process.env.VERDICTS_BY ?? 'post';
const sdl = readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8');
const by16 = judgeBy(graphql16, sdl);
const by17 = judgeBy(graphql17, sdl);

const cases = corpus(graphql16.buildSchema(sdl)).map((each, index) => {
  const id = `${each.rule}: ${each.name}`;
  const [of16, of17] = [by16(each), by17(each)];
  const exception = exceptions[id];
  const expected = exception?.verdict ?? of16.verdict;
  // Whether the document is wrong, whatever operation and variables come with it.
  const wrong = [of16, of17].some(({ stage }) => stage === 'parse' || stage === 'validate');
  return { ...each, id, file: `case-${index}`, of16, of17, exception, expected, wrong };
});
const rules = new Map();
for (const each of cases) rules.set(each.rule, [...(rules.get(each.rule) ?? []), each]);

test('the corpus has at least 600 cases, and no name twice', () => {
  assert.ok(cases.length >= 600, `${cases.length} cases`);
  assert.equal(new Set(cases.map(({ id }) => id)).size, cases.length);
});

test('each rule has cases that run and cases that are refused', () => {
  for (const [rule, all] of rules) {
    for (const verdict of ['runs', 'refused']) {
      assert.ok(
        all.some(({ expected }) => expected === verdict),
        `${rule}: none that ${verdict}`,
      );
    }
  }
});

test('cases are what the corpus means them to be', () => {
  const meant = ({ valid }) => (valid ? 'runs' : 'refused');
  const others = cases.filter((each) => each.valid !== undefined && meant(each) !== each.expected);
  assert.deepEqual(
    others.map((each) => report(each, `meant: ${meant(each)}`)),
    [],
  );
});

test('graphql-js 16 and 17 agree, but for the exceptions', () => {
  const differ = cases.filter(
    ({ of16, of17, exception }) => !exception && of16.verdict !== of17.verdict,
  );
  assert.deepEqual(
    differ.map((each) => report(each)),
    [],
  );
});

test('each exception is a case on which graphql-js errs', () => {
  for (const [id, { verdict, paragraph, reason }] of Object.entries(exceptions)) {
    assert.ok(paragraph && reason, id);
    const found = cases.find((each) => each.id === id);
    assert.ok(found, `no case ${id}`);
    const errs = found.of16.verdict !== verdict || found.of17.verdict !== verdict;
    assert.ok(errs, `${id}: graphql-js 16 and 17 reach the verdict; remove the exception`);
  }
});

/** What a failure shows of a case. */
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

/** The verdict of a response: `runs`, `refused`, or why it is neither. */
async function verdictOf(response) {
  const { data, errors } = await response.json();
  const messages = (errors ?? []).map(({ message }) => message);
  const code = errors?.[0]?.extensions?.code;
  let verdict = `neither: status ${response.status}, code ${code}`;
  if (response.status === 200 && data !== undefined) verdict = 'runs';
  const codes = ['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT'];
  if (response.status === 400 && data === undefined && codes.includes(code)) verdict = 'refused';
  return { verdict, messages, code };
}

/** A request whose variables are sent as they are spelt. */
async function request(url, parameters, { variables, operationName }) {
  const rest = JSON.stringify({ ...parameters, operationName });
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: `{"variables": ${jsonOf(variables)}, ${rest.slice(1)}`,
  });
  return verdictOf(response);
}

/** How each case reaches a server. */
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
      if (first.verdict === 'runs' || second.code !== 'PERSISTED_QUERY_NOT_FOUND') return second;
      return first;
    };
  },

  persisted: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'verdicts-'));
    after(() => rm(folder, { recursive: true }));
    const database = join(folder, 'assembly-graph.sqlite');

    /** What the program reports of a folder that it does not serve; nothing where it serves it. */
    const refusal = async (documents) => {
      const child = spawn(
        program,
        ['serve', '--listen', '127.0.0.1:0', '--database', database, '--persisted-documents', documents],
        { cwd: folder, env: {}, stdio: ['ignore', 'ignore', 'pipe'] },
      );
      const ended = once(child, 'exit');
      let reported = '';
      child.stderr.setEncoding('utf8');
      for await (const piece of child.stderr) {
        reported += piece;
        if (/ at http:\S+\/graphql/.test(reported)) child.kill('SIGKILL');
      }
      const [code] = await ended;
      return code === null ? undefined : reported;
    };
    const write = async (name, documents) => {
      const path = join(folder, name);
      await mkdir(path, { recursive: true });
      await Promise.all(
        documents.map(({ file, query }) => writeFile(join(path, `${file}.graphql`), query)),
      );
      return path;
    };

    // The first start fills the database; documents that are wrong are then read one by one.
    const right = cases.filter(({ wrong, onlyByPost }) => !wrong && !onlyByPost);
    const refused = new Map();
    await refusal(await write('filled', right.slice(0, 1)));
    const served = await write('served', right);
    for (let reported = await refusal(served); reported; reported = await refusal(served)) {
      const [, file] = /(case-\d+)\.graphql/.exec(reported) ?? [];
      assert.ok(file && !refused.has(file), reported);
      refused.set(file, reported);
      await rm(join(served, `${file}.graphql`));
    }
    const server = await start('--persisted-documents', served);
    after(server.stop);

    return async (each) => {
      if (each.onlyByPost) return request(server.url, { query: each.query }, each);
      if (refused.has(each.file)) {
        return { verdict: 'refused', messages: [refused.get(each.file)] };
      }
      if (!each.wrong) return request(server.url, { documentId: each.file }, each);
      const reported = await refusal(await write(`alone-${each.file}`, [each]));
      if (reported === undefined) return { verdict: 'runs', messages: [] };
      const named = reported.includes(`${each.file}.graphql`);
      return { verdict: named ? 'refused' : 'neither: it is not named', messages: [reported] };
    };
  },
};

assert.ok(by in transports, `VERDICTS_BY must be one of ${Object.keys(transports).join(', ')}.`);
const send = await transports[by]();

for (const [rule, all] of rules) {
  test(`${rule}: the server reaches the verdict in ${all.length} cases`, async () => {
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
