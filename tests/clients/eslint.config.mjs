import { fileURLToPath } from 'node:url';

import graphql from '@graphql-eslint/eslint-plugin';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const languageOptions = {
  parser: graphql.parser,
  parserOptions: {
    graphQLConfig: {
      schema: here('../../schema.graphql'),
      documents: here('operations/*.graphql'),
    },
  },
};
const plugins = { '@graphql-eslint': graphql };

export default [
  {
    files: ['schema.graphql'],
    languageOptions,
    plugins,
    rules: {
      ...graphql.configs['flat/schema-recommended'].rules,
      ...graphql.configs['flat/schema-relay'].rules,
      '@graphql-eslint/strict-id-in-types': [
        'error',
        {
          exceptions: {
            suffixes: ['Connection', 'Edge'],
            // Parts of objects with an id, and computed results.
            types: [
              'CompositionPeriod',
              'Coverage',
              'Group',
              'Highlight',
              'Identifier',
              'KindCount',
              'Limits',
              'Name',
              'PageInfo',
              'Point',
              'Service',
              'Sightings',
              'TextMatch',
            ],
          },
        },
      ],
      // Short lists are not connections, and connections also have `nodes`.
      '@graphql-eslint/relay-edge-types': ['error', { listTypeCanWrapOnlyEdgeType: false }],
    },
  },
  {
    files: ['tests/clients/operations/*.graphql'],
    languageOptions,
    plugins,
    rules: graphql.configs['flat/operations-recommended'].rules,
  },
];
