// 5.1 Documents, 5.2 Operations, and the choice of an operation in 6.1.

import { collect } from './templates.mjs';

function executable() {
  const { cases, valid, invalid } = collect('5.1.1 Executable Definitions');
  valid('an operation alone', '{ __typename }');
  valid('an operation and a fragment', '{ ...F } fragment F on Query { __typename }');
  valid('a fragment before the operation', 'fragment F on Query { __typename } { ...F }');
  for (const [name, definition] of [
    ['a type', 'type Cow { name: String }'],
    ['an extension of a type', 'extend type State { dog: String }'],
    ['an extension of a type that does not exist', 'extend type Dog { color: String }'],
    ['an interface', 'interface Animal { name: String }'],
    ['a union', 'union Place = State | Parliament'],
    ['an enum', 'enum Colour { RED }'],
    ['an input object', 'input Point2 { x: Int }'],
    ['a scalar', 'scalar Colour'],
    ['a directive', 'directive @cached on FIELD'],
    ['a schema', 'schema { query: Query }'],
    ['an extension of the schema', 'extend schema { mutation: Query }'],
  ]) {
    invalid(`${name} after an operation`, `{ __typename } ${definition}`);
  }
  invalid('a type before an operation', 'type Cow { name: String } { __typename }');
  invalid('a type without an operation', 'type Cow { name: String }');
  invalid(
    'a type with a description',
    '{ __typename } """A cow.""" type Cow { "Its name." name: String }',
  );
  return cases;
}

function operationType() {
  const { cases, valid, invalid } = collect('5.2.1.1 Operation Type Existence');
  valid('a query by keyword', 'query { __typename }');
  valid('a query in short', '{ __typename }');
  valid('a named query', 'query mutation { __typename }');
  invalid('a mutation', 'mutation { __typename }');
  invalid('a named mutation', 'mutation M { __typename }');
  invalid('a mutation of a field', 'mutation { createState(code: "XX") { code } }');
  invalid('a mutation with a variable', 'mutation M($a: String!) { state(code: $a) { code } }', {
    variables: { a: 'KG' },
  });
  invalid('a subscription', 'subscription { __typename }');
  invalid('a subscription of a field', 'subscription S { state(code: "KG") { code } }');
  invalid(
    'a subscription of two fields',
    'subscription { a: states { totalCount } b: __typename }',
  );
  invalid(
    'a mutation beside the selected query',
    'query Q { __typename } mutation M { __typename }',
    {
      operationName: 'Q',
    },
  );
  invalid(
    'a subscription beside the selected query',
    'query Q { __typename } subscription S { __typename }',
    { operationName: 'Q' },
  );
  invalid('a chosen mutation', 'query Q { __typename } mutation M { __typename }', {
    operationName: 'M',
  });
  return cases;
}

function names() {
  const { cases, valid, invalid } = collect('5.2.2.1 Operation Name Uniqueness');
  valid('two names', 'query A { __typename } query B { __typename }', { operationName: 'A' });
  valid('names that differ in case', 'query A { __typename } query a { __typename }', {
    operationName: 'a',
  });
  valid(
    'an operation and a fragment of one name',
    'query A { ...A } fragment A on Query { __typename }',
  );
  invalid('one name twice', 'query A { __typename } query A { __typename }', {
    operationName: 'A',
  });
  invalid(
    'one name three times',
    'query A { __typename } query A { __typename } query A { __typename }',
  );
  invalid(
    'one name twice beside the chosen one',
    'query A { __typename } query B { __typename } query B { __typename }',
    {
      operationName: 'A',
    },
  );
  invalid(
    'a query and a mutation of one name',
    'query A { __typename } mutation A { __typename }',
    {
      operationName: 'A',
    },
  );
  invalid(
    'equal operations of one name without a chosen one',
    'query A { a: __typename } query A { a: __typename }',
  );
  return cases;
}

function anonymous() {
  const { cases, valid, invalid } = collect('5.2.3.1 Lone Anonymous Operation');
  valid('one anonymous operation', 'query { __typename }');
  valid('one with a variable', 'query($n: Int) { states(first: $n) { totalCount } }');
  valid('one with a directive-less fragment', 'query { ...F } fragment F on Query { __typename }');
  invalid('two in short', '{ __typename } { __typename }');
  invalid('two by keyword', 'query { __typename } query { __typename }');
  invalid('one beside a named one', '{ __typename } query A { __typename }');
  invalid('one beside the chosen one', '{ __typename } query A { __typename }', {
    operationName: 'A',
  });
  invalid('one after a named one', 'query A { __typename } { __typename }', { operationName: 'A' });
  invalid('one beside a mutation', '{ __typename } mutation M { __typename }');
  return cases;
}

function choice() {
  const { cases, valid, invalid } = collect('6.1 Executing Requests: GetOperation');
  const two = 'query A { __typename } query B { states(first: 1) { totalCount } }';
  valid('the first of two', two, { operationName: 'A' });
  valid('the second of two', two, { operationName: 'B' });
  valid('the only one, by name', 'query A { __typename }', { operationName: 'A' });
  valid('the only one, without a name', 'query A { __typename }');
  valid('the name null', 'query A { __typename }', { operationName: null });
  invalid('none of two', two);
  invalid('a name that none has', two, { operationName: 'C' });
  invalid('a name in another case', two, { operationName: 'a' });
  invalid('a name for an anonymous operation', '{ __typename }', { operationName: 'A' });
  invalid('the name of a fragment', 'query A { ...F } fragment F on Query { __typename }', {
    operationName: 'F',
  });
  invalid('fragments alone', 'fragment F on Query { __typename }');
  valid(
    'variables of the chosen operation alone',
    'query A($a: Int!) { states(first: $a) { totalCount } } query B { __typename }',
    { operationName: 'B' },
  );
  invalid(
    'variables that the selected operation does not define',
    'query A($a: Int!) { states(first: $a) { totalCount } } query B { __typename }',
    { operationName: 'A' },
  );
  return cases;
}

export const documents = () => [
  ...executable(),
  ...operationType(),
  ...names(),
  ...anonymous(),
  ...choice(),
];
