// 5.7 Directives.

import { collect } from './templates.mjs';

/** Documents with a hole for directives, by the place of the hole. */
const places = {
  'a field': (d) => `{ service ${d} { version } }`,
  'a leaf': (d) => `{ service { version ${d} dataLicense } }`,
  __typename: (d) => `{ service { __typename ${d} version } }`,
  '__typename of Query': (d) => `{ __typename ${d} }`,
  '__typename under an alias': (d) => `{ service { t: __typename ${d} version } }`,
  __schema: (d) => `{ __schema ${d} { queryType { name } } }`,
  'a field of introspection': (d) => `{ __type(name: "Query") { name ${d} kind } }`,
  'an inline fragment': (d) => `{ ... ${d} { __typename } }`,
  'a typed inline fragment': (d) => `{ ... on Query ${d} { __typename } }`,
  'a fragment spread': (d) => `{ ...F ${d} } fragment F on Query { __typename }`,
  'a query': (d) => `query ${d} { __typename }`,
  'a named query': (d) => `query Q ${d} { __typename }`,
  'a fragment': (d) => `{ ...F } fragment F on Query ${d} { __typename }`,
  'a variable definition': (d) => `query($n: Int ${d}) { states(first: $n) { totalCount } }`,
  'a variable definition with a default': (d) =>
    `query($n: Int = 1 ${d}) { states(first: $n) { totalCount } }`,
};
const selections = Object.keys(places).slice(0, 10);

function defined() {
  const { cases, valid, invalid } = collect('5.7.1 Directives Are Defined');
  for (const [name, place] of Object.entries(places)) {
    invalid(`@nothing on ${name}`, place('@nothing'));
    if (selections.includes(name)) valid(`@include on ${name}`, place('@include(if: true)'));
  }
  invalid('@Include on a field', places['a field']('@Include(if: true)'));
  invalid('@defer on an inline fragment', places['an inline fragment']('@defer'));
  invalid('@stream on a list', '{ states(first: 1) { nodes @stream { code } } }');
  invalid('@client on a field', places['a leaf']('@client'));
  invalid('@connection on a field', places['a field']('@connection(key: "x")'));
  invalid(
    'a directive that does not exist beside @include',
    places['a field']('@include(if: true) @nothing'),
  );
  invalid(
    'a directive that does not exist in a fragment',
    '{ ...F } fragment F on Query { __typename @nothing }',
  );
  invalid(
    'a directive that does not exist, with arguments',
    places.__typename('@nothing(if: true)'),
  );
  return cases;
}

function locations() {
  const { cases, valid, invalid } = collect('5.7.2 Directives Are in Valid Locations');
  for (const [name, place] of Object.entries(places)) {
    if (selections.includes(name)) {
      valid(`@skip on ${name}`, place('@skip(if: false)'));
    } else {
      invalid(`@skip on ${name}`, place('@skip(if: false)'));
      invalid(`@include on ${name}`, place('@include(if: true)'));
    }
    invalid(`@deprecated on ${name}`, place('@deprecated'));
    invalid(`@specifiedBy on ${name}`, place('@specifiedBy(url: "https://example.com")'));
    invalid(`@oneOf on ${name}`, place('@oneOf'));
  }
  invalid(
    '@deprecated with a reason on a variable definition',
    places['a variable definition']('@deprecated(reason: "x")'),
  );
  invalid('@deprecated with a reason on __typename', places.__typename('@deprecated(reason: "x")'));
  return cases;
}

function uniqueness() {
  const { cases, valid, invalid } = collect('5.7.3 Directives Are Unique per Location');
  for (const name of selections) {
    const place = places[name];
    valid(`@skip and @include on ${name}`, place('@skip(if: false) @include(if: true)'));
    invalid(`@skip twice on ${name}`, place('@skip(if: false) @skip(if: true)'));
    invalid(`@include twice on ${name}`, place('@include(if: true) @include(if: true)'));
  }
  invalid(
    '@skip around @include on a leaf',
    places['a leaf']('@skip(if: false) @include(if: true) @skip(if: false)'),
  );
  invalid(
    '@deprecated twice on a variable definition',
    places['a variable definition']('@deprecated @deprecated'),
  );
  invalid('@nothing twice on a query', places['a query']('@nothing @nothing'));
  valid(
    'one directive on a fragment and on its field',
    '{ ... @include(if: true) { __typename @include(if: true) } }',
  );
  valid(
    'one directive on two selections of a field',
    '{ service @include(if: true) { version } service @include(if: true) { version } }',
  );
  return cases;
}

function conditions() {
  const { cases, valid, invalid } = collect('5.7 Directives: the argument if');
  for (const name of selections) {
    const place = places[name];
    invalid(`a string on ${name}`, place('@include(if: "true")'));
    invalid(`an integer on ${name}`, place('@skip(if: 1)'));
    invalid(`an undeclared variable on ${name}`, place('@include(if: $nothing)'));
    const declared = (type, d) => place(d).replace(/^\{/, `query($c: ${type}) {`);
    valid(`a variable on ${name}`, declared('Boolean!', '@include(if: $c)'), {
      variables: { c: true },
    });
    valid(`a variable with a default on ${name}`, declared('Boolean = true', '@include(if: $c)'));
    invalid(`a variable that may be null on ${name}`, declared('Boolean', '@skip(if: $c)'), {
      variables: { c: false },
    });
    invalid(`a variable of another type on ${name}`, declared('String!', '@skip(if: $c)'), {
      variables: { c: 'true' },
    });
    invalid(`a variable without a value on ${name}`, declared('Boolean!', '@skip(if: $c)'));
  }
  invalid('an enum value', places['a leaf']('@include(if: TRUE)'));
  invalid('a list', places['a leaf']('@include(if: [true])'));
  invalid('an object', places['a leaf']('@include(if: {})'));
  return cases;
}

export const documents = () => [...defined(), ...locations(), ...uniqueness(), ...conditions()];
