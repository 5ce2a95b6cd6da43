// The corpus: test cases for each rule of the specification, generated from a schema.

import { documents as coercion } from './coercion.mjs';
import { documents as directives } from './directives.mjs';
import { documents as fields } from './fields.mjs';
import { documents as fragments } from './fragments.mjs';
import { documents as introspection } from './introspection.mjs';
import { documents as language } from './language.mjs';
import { documents as merging } from './merging.mjs';
import { documents as operations } from './operations.mjs';
import { documents as values } from './values.mjs';
import { documents as variables } from './variables.mjs';

/**
 * Every case, each of the form `{rule, name, query, variables?, operationName?, valid?}`.
 *
 * `valid` is the expected verdict; the verdict of graphql-js is compared with it.
 */
export const corpus = (schema) =>
  [
    language,
    introspection,
    operations,
    fields,
    merging,
    fragments,
    values,
    directives,
    variables,
    coercion,
  ].flatMap((documents) => documents(schema));
