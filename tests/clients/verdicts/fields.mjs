// 5.3.1 Field Selections, 5.3.3 Leaf Field Selections, 5.4 Arguments.

import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isLeafType,
  isRequiredArgument,
  isUnionType,
} from 'graphql';

import { argumentsOf, collect, literalOf, reachOf, recordsOf, selectionOf } from './templates.mjs';

/** The types that documents are made for: records, abstract types, and some of the rest. */
function hosts(schema) {
  const records = recordsOf(schema);
  const all = Object.values(schema.getTypeMap()).filter(
    (type) => isCompositeType(type) && !type.name.startsWith('__'),
  );
  const rest = all.filter((type) => !records.includes(type) && !isAbstractType(type));
  return [
    ...records,
    ...all.filter(isAbstractType),
    ...rest.filter((type, index) => index % 6 === 0 || type.name === 'PageInfo'),
  ];
}

/** A document that selects something on a type. */
function on(schema) {
  const reach = reachOf(schema);
  return (type, selection) => {
    const around = reach.get(type.name);
    return around && `{ ${around(selection)} }`;
  };
}

function selections(schema) {
  const { cases, valid, invalid } = collect('5.3.1 Field Selections');
  const document = on(schema);
  for (const type of hosts(schema)) {
    if (!document(type, 'x')) continue;
    invalid(`an unknown field of ${type.name}`, document(type, 'nothing'));
    if (isUnionType(type)) {
      valid(`__typename of the union ${type.name}`, document(type, '__typename'));
      const [member] = type.getTypes();
      const [field] = Object.keys(member.getFields());
      invalid(`the field ${field} of members of the union ${type.name}`, document(type, field));
      continue;
    }
    const fields = Object.values(type.getFields());
    const plain = fields.filter(
      (field) => isLeafType(getNamedType(field.type)) && !field.args.some(isRequiredArgument),
    );
    if (plain.length > 0) {
      valid(
        `leaves of ${type.name}`,
        document(type, ['__typename', ...plain.map(({ name }) => name)].slice(0, 40).join(' ')),
      );
      const name = plain[0].name;
      invalid(
        `the field ${name} of ${type.name} in another case`,
        document(type, name[0].toUpperCase() + name.slice(1)),
      );
    }
    const composite = fields.find((field) => isCompositeType(getNamedType(field.type)));
    if (composite) {
      valid(`an object of ${type.name}`, document(type, selectionOf(composite)));
    }
    if (isAbstractType(type)) {
      const [member] = schema
        .getPossibleTypes(type)
        .flatMap((possible) => Object.values(possible.getFields()))
        .filter(({ name }) => !type.getFields()[name]);
      invalid(
        `the field ${member.name} of an implementation of ${type.name}`,
        document(type, selectionOf(member)),
      );
    }
  }
  invalid('a field of a field that does not exist', '{ nothing { name } }');
  invalid(
    'a field that does not exist, under an alias that does',
    '{ state(code: "KG") { name: nothing } }',
  );
  invalid(
    'a field that does not exist, in a fragment',
    '{ state(code: "KG") { ...F } } fragment F on State { nothing }',
  );
  invalid(
    'a field that does not exist, excluded by @skip',
    '{ state(code: "KG") { nothing @skip(if: true) } }',
  );
  invalid(
    'a field that does not exist, in an operation that is not chosen',
    'query A { __typename } query B { nothing }',
    { operationName: 'A' },
  );
  invalid('a field of the type around', '{ state(code: "KG") { ... on Record { code } } }');
  valid(
    'a field of an interface on the object',
    '{ state(code: "KG") { ... on Record { slug } } }',
  );
  valid('a field of the object inside an interface', '{ node(id: "x") { ... on State { code } } }');
  invalid('an enum value as a field', '{ CHAIR }');
  invalid('a type as a field', '{ State }');
  return cases;
}

function leaves(schema) {
  const { cases, valid, invalid } = collect('5.3.3 Leaf Field Selections');
  const document = on(schema);
  for (const type of hosts(schema)) {
    if (!document(type, 'x') || isUnionType(type)) continue;
    const fields = Object.values(type.getFields());
    const leaf = fields.find((field) => isLeafType(getNamedType(field.type)));
    if (leaf) {
      invalid(
        `a sub-selection of the leaf ${leaf.name} of ${type.name}`,
        document(type, `${selectionOf(leaf)} { __typename }`),
      );
    }
    const composite = fields.find((field) => isCompositeType(getNamedType(field.type)));
    if (composite) {
      invalid(
        `no sub-selection of ${composite.name} of ${type.name}`,
        document(type, `${composite.name}${argumentsOf(composite)}`),
      );
    }
  }
  valid('a leaf without a sub-selection', '{ state(code: "KG") { code } }');
  valid('an enum without a sub-selection', '{ memberships(first: 1) { nodes { role } } }');
  invalid('a sub-selection of an enum', '{ memberships(first: 1) { nodes { role { name } } } }');
  invalid('a sub-selection of a custom scalar', '{ state(code: "KG") { updatedAt { year } } }');
  invalid('a sub-selection of __typename', '{ __typename { name } }');
  invalid('a list of objects without a sub-selection', '{ state(code: "KG") { names } }');
  invalid(
    'a union without a sub-selection',
    '{ delegation(slug: "x") { composition(first: 1) { nodes { added } } } }',
  );
  invalid('an interface without a sub-selection', '{ node(id: "x") }');
  invalid('an empty sub-selection', '{ state(code: "KG") { } }');
  invalid('no sub-selection under an alias', '{ a: state(code: "KG") }');
  invalid('no sub-selection with a directive', '{ state(code: "KG") @include(if: false) }');
  invalid('__schema without a sub-selection', '{ __schema }');
  return cases;
}

function argumentNames(schema) {
  const { cases, valid, invalid } = collect('5.4.1 Argument Names');
  const document = on(schema);
  const roots = Object.values(schema.getQueryType().getFields());
  for (const field of roots.filter((each, index) => index % 3 === 0)) {
    valid(`the arguments that ${field.name} requires`, `{ ${selectionOf(field)} }`);
    const given = `${field.name}(${[...field.args.filter(isRequiredArgument).map(({ name, type }) => `${name}: ${literalOf(type)}`), 'nothing: 1'].join(', ')})`;
    invalid(`an unknown argument of ${field.name}`, `{ ${given} { __typename } }`);
  }
  const state = schema.getType('State');
  for (const name of ['code', 'slug', 'id', 'updatedAt']) {
    invalid(`an argument of the field ${name}`, document(state, `${name}(lang: "ru")`));
  }
  valid('an argument of a leaf', document(state, 'name(lang: "ru")'));
  invalid('an argument of __typename', '{ __typename(lang: "ru") }');
  invalid('an argument in another case', '{ state(Code: "KG", code: "KG") { code } }');
  invalid('an argument of another field', '{ states(lang: "ru") { totalCount } }');
  invalid(
    'an argument of an interface field',
    '{ lookup(scheme: "a", value: "b") { slug(lang: "ru") } }',
  );
  invalid(
    'an argument that the same field of other types has',
    '{ state(code: "KG") { contradictions(assembly: "csto-pa") { id } } }',
  );
  invalid(
    'an argument that does not exist, in a fragment',
    '{ ...F } fragment F on Query { states(nothing: 1) { totalCount } }',
  );
  invalid(
    'an argument that does not exist, with a null',
    '{ states(nothing: null) { totalCount } }',
  );
  invalid(
    'an argument that does not exist, with a variable',
    'query($a: Int) { states(nothing: $a) { totalCount } }',
  );
  invalid('an argument of __schema', '{ __schema(name: "Query") { queryType { name } } }');
  invalid(
    'an unknown argument of a directive',
    '{ __typename @include(if: true, unless: false) }',
  );
  invalid(
    'an unknown argument of @skip',
    '{ service { version @skip(unless: false, if: false) } }',
  );
  return cases;
}

function argumentUniqueness() {
  const { cases, valid, invalid } = collect('5.4.2 Argument Uniqueness');
  valid('two arguments', '{ states(first: 1, after: null) { totalCount } }');
  valid(
    'one argument of two fields',
    '{ a: states(first: 1) { totalCount } b: states(first: 1) { totalCount } }',
  );
  valid(
    'one name on a field and its directive',
    '{ state(code: "KG") @include(if: true) { name(lang: "ru") @skip(if: false) } }',
  );
  invalid('one argument twice', '{ states(first: 1, first: 2) { totalCount } }');
  invalid('one argument twice with one value', '{ states(first: 1, first: 1) { totalCount } }');
  invalid('one argument three times', '{ states(first: 1, first: 1, first: 1) { totalCount } }');
  invalid('a required argument twice', '{ state(code: "KG", code: "KG") { code } }');
  invalid(
    'an argument of a nested field twice',
    '{ state(code: "KG") { name(lang: "ru", lang: "en") } }',
  );
  invalid(
    'an argument that does not exist twice',
    '{ states(nothing: 1, nothing: 1) { totalCount } }',
  );
  invalid(
    'an argument of a directive twice',
    '{ states @include(if: true, if: true) { totalCount } }',
  );
  invalid(
    'an argument of a directive of __typename twice',
    '{ __typename @include(if: true, if: true) }',
  );
  invalid('an argument of @skip twice', '{ service { version @skip(if: true, if: false) } }');
  invalid(
    'an argument of a directive of a fragment twice',
    '{ ... @skip(if: false, if: false) { __typename } }',
  );
  invalid('an argument of __type twice', '{ __type(name: "Query", name: "Query") { name } }');
  return cases;
}

function requiredArguments(schema) {
  const { cases, valid, invalid } = collect('5.4.3 Required Arguments');
  const document = on(schema);
  const roots = Object.values(schema.getQueryType().getFields());
  const required = roots.filter(({ args }) => args.some(isRequiredArgument));
  for (const field of required) {
    invalid(`${field.name} without arguments`, `{ ${field.name} { __typename } }`);
  }
  for (const field of required.slice(0, 8)) {
    const [argument] = field.args.filter(isRequiredArgument);
    valid(`${field.name} with what it requires`, `{ ${selectionOf(field)} }`);
    invalid(
      `${field.name} with null`,
      `{ ${selectionOf(field, { given: { [argument.name]: 'null' } })} }`,
    );
  }
  const connection = schema.getType('MembershipConnection');
  valid(
    'arguments of series',
    document(connection, 'series(from: "2020-01-01", to: "2021-01-01") { count }'),
  );
  invalid('series without from', document(connection, 'series(to: "2021-01-01") { count }'));
  invalid('series without to', document(connection, 'series(from: "2020-01-01") { count }'));
  invalid(
    'series with from null',
    document(connection, 'series(from: null, to: "2021-01-01") { count }'),
  );
  invalid('groups without by', document(connection, 'groups(first: 1) { key }'));
  valid('groups with by', document(connection, 'groups(by: ROLE) { key }'));
  invalid('one of two required arguments', '{ lookup(scheme: "x") { id } }');
  valid(
    'an enum argument with a default, omitted',
    document(connection, 'series(from: "2020-01-01", to: "2021-01-01") { count }'),
  );
  valid(
    'an enum argument with a default, null',
    document(connection, 'series(from: "2020-01-01", to: "2021-01-01", every: null) { count }'),
  );
  valid('a nullable argument, null', '{ states(first: null) { totalCount } }');
  valid(
    'a nullable argument with a default, null',
    '{ memberships(first: 1, history: null) { totalCount } }',
  );
  invalid('a required argument in a fragment', '{ ...F } fragment F on Query { state { code } }');
  invalid('a required argument of a field that is excluded', '{ state @skip(if: true) { code } }');
  for (const [where, text] of [
    ['a field', (d) => `{ service ${d} { version } }`],
    ['__typename', (d) => `{ service { __typename ${d} version } }`],
    ['__typename of Query', (d) => `{ __typename ${d} }`],
    ['an inline fragment', (d) => `{ ... ${d} { __typename } }`],
    ['a typed inline fragment', (d) => `{ ... on Query ${d} { __typename } }`],
    ['a spread', (d) => `{ ...F ${d} } fragment F on Query { __typename }`],
  ]) {
    for (const directive of ['include', 'skip']) {
      invalid(`@${directive} of ${where} without if`, text(`@${directive}`));
      invalid(`@${directive} of ${where} with if: null`, text(`@${directive}(if: null)`));
    }
    valid(`@include of ${where} with if`, text('@include(if: true)'));
  }
  return cases;
}

export const documents = (schema) => [
  ...selections(schema),
  ...leaves(schema),
  ...argumentNames(schema),
  ...argumentUniqueness(),
  ...requiredArguments(schema),
];
