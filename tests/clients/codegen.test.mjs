// Generates types from the schema and the operations, and type-checks a program that uses them.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { preset } from '@graphql-codegen/client-preset';
import { codegen } from '@graphql-codegen/core';
import * as typescript from '@graphql-codegen/typescript';
import { buildSchema, parse, printSchema } from 'graphql';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const generated = here('generated/types/');

const schemaAst = buildSchema(await readFile(here('../../schema.graphql'), 'utf8'));
const schema = parse(printSchema(schemaAst));
const config = {
  // Custom scalars are strings in JSON. An unlisted scalar is an error instead of `any`.
  scalars: { Date: 'string', DateTime: 'string', PartialDate: 'string' },
  strictScalars: true,
};

async function write(outputs) {
  for (const output of outputs) await writeFile(output.filename, await codegen(output));
}

test('a program type-checks against the generated types', async () => {
  await rm(generated, { recursive: true, force: true });
  await mkdir(generated, { recursive: true });

  const operations = (await readdir(here('operations'))).map((name) => here(`operations/${name}`));
  const documents = await Promise.all(
    operations.map(async (location) => {
      const rawSDL = await readFile(location, 'utf8');
      return { location, rawSDL, document: parse(rawSDL) };
    }),
  );
  await write([
    ...(await preset.buildGeneratesSection({
      baseOutputDir: generated,
      schema,
      schemaAst,
      documents,
      config,
      presetConfig: { fragmentMasking: false },
      plugins: [],
      pluginMap: {},
    })),
    // All types of the schema.
    {
      filename: `${generated}schema.ts`,
      schema,
      schemaAst,
      documents: [],
      config,
      plugins: [{ typescript: {} }],
      pluginMap: { typescript },
    },
  ]);

  const tsc = here('node_modules/typescript/bin/tsc');
  const checked = await promisify(execFile)(process.execPath, [tsc, '--project', here('.')]).catch(
    (failure) => failure,
  );
  assert.equal(checked.stdout, '');
});
