// 5.6 Values.

import { isEnumType, isInputObjectType } from 'graphql';

import { collect, recordsOf } from './templates.mjs';

/** Documents with a hole for a literal, by the type of the place. */
const places = {
  Int: (value) => `{ states(first: ${value}) { totalCount } }`,
  'Int of an input object': (value) =>
    `{ memberships(first: 1, filter: {term: {eq: ${value}}}) { totalCount } }`,
  'String!': (value) => `{ state(code: ${value}) { code } }`,
  String: (value) => `{ state(code: "KG") { name(lang: ${value}) } }`,
  'ID!': (value) => `{ node(id: ${value}) { id } }`,
  'ID of an input object': (value) => `{ states(filter: {id: {eq: ${value}}}) { totalCount } }`,
  Boolean: (value) => `{ memberships(first: 1, history: ${value}) { totalCount } }`,
  'Boolean!': (value) => `{ __typename @include(if: ${value}) }`,
  Date: (value) => `{ state(code: "KG", asOf: ${value}) { code } }`,
  PartialDate: (value) =>
    `{ memberships(first: 1, filter: {since: {eq: ${value}}}) { totalCount } }`,
  enum: (value) => `{ memberships(first: 1, filter: {role: {eq: ${value}}}) { totalCount } }`,
  'enum with a default': (value) =>
    `{ states(first: 1, orderBy: [{field: CODE, direction: ${value}}]) { totalCount } }`,
  '[ID!]!': (value) => `{ nodes(ids: ${value}) { id } }`,
  '[String!]': (value) => `{ state(code: "KG") { claimsAbout(property: ${value}) { id } } }`,
  '[enum!]': (value) => `{ search(query: "bishkek", kinds: ${value}) { totalCount } }`,
  '[Int!]': (value) => `{ memberships(first: 1, filter: {term: {in: ${value}}}) { totalCount } }`,
  'an input object': (value) => `{ states(filter: ${value}) { totalCount } }`,
  'a list of input objects': (value) => `{ states(orderBy: ${value}) { totalCount } }`,
};

/** Which literals each place accepts; all others of the table are invalid. */
const literals = {
  one: '1',
  zero: '0',
  'minus one': '-1',
  'the largest Int': '2147483647',
  'one above the largest Int': '2147483648',
  'the smallest Int': '-2147483648',
  'one below the smallest Int': '-2147483649',
  'an integer of 20 digits': '12345678901234567890',
  'a float': '1.5',
  'a float without a fraction': '1.0',
  'an exponent': '1e1',
  'a string of digits': '"1"',
  'a string': '"x"',
  'an empty string': '""',
  'a block string': '"""x"""',
  'a day': '"2020-02-29"',
  'a year': '"2020"',
  true: 'true',
  null: 'null',
  'an enum value': 'CHAIR',
  'a record kind': 'STATE',
  'a string of an enum value': '"CHAIR"',
  'a name': 'nothing',
  'an empty list': '[]',
  'an empty object': '{}',
  'a list of an integer': '[1]',
  'a list of a string': '["x"]',
  'a list of null': '[null]',
  'a list in a list': '[["x"]]',
  'an object': '{nothing: 1}',
};
const ints = ['one', 'zero', 'minus one', 'the largest Int', 'the smallest Int', 'null'];
const texts = [
  'a string of digits',
  'a string',
  'an empty string',
  'a block string',
  'a day',
  'a year',
  'a string of an enum value',
];
const large = [
  'one above the largest Int',
  'one below the smallest Int',
  'an integer of 20 digits',
];
const ids = [...ints.slice(0, -1), ...large, ...texts];
const accepted = {
  Int: ints,
  'String!': texts,
  String: [...texts, 'null'],
  'ID!': ids,
  Boolean: ['true', 'null'],
  'Boolean!': ['true'],
  Date: ['a day', 'null'],
  PartialDate: ['a day', 'a year', 'null'],
  enum: ['an enum value', 'null'],
  '[ID!]!': [...ids, 'an empty list', 'a list of an integer', 'a list of a string'],
  '[enum!]': ['a record kind', 'null', 'an empty list'],
  'an input object': ['an empty object', 'null'],
};

function correctType(schema) {
  const { cases, valid, invalid } = collect('5.6.1 Values of Correct Type');
  for (const [place, names] of Object.entries(accepted)) {
    for (const [name, literal] of Object.entries(literals)) {
      (names.includes(name) ? valid : invalid)(`${name} for ${place}`, places[place](literal));
    }
  }

  const dates = {
    Date: {
      valid: ['2024-02-29', '0001-01-01', '9999-12-31', '1600-02-29'],
      invalid: [
        '2023-02-29',
        '1900-02-29',
        '2022-13-01',
        '2022-00-10',
        '2022-01-00',
        '2022-01-32',
        '2022-04-31',
        '2022',
        '2022-12',
        '0000-01-01',
        '22-01-01',
        '2022-1-5',
        '2022/12/05',
        '20221205',
        '2022-12-05T00:00:00Z',
        '2022-12-05 ',
        ' 2022-12-05',
        '+2022-12-05',
        '-2022-12-05',
        '12022-12-05',
        '２０２２-12-05',
        'today',
        '2022-W01-1',
        '2022-340',
        '2022-12-05Z',
      ],
    },
    PartialDate: {
      valid: ['2022', '2022-01', '2022-12', '2022-12-05', '0001', '9999', '2024-02-29', '9999-12'],
      invalid: [
        '',
        '22',
        '0000',
        '2022-13',
        '2022-00',
        '2022-02-30',
        '2022-1',
        '2022-1-5',
        '2022-12-5x',
        '05.12.2022',
        '2022/12',
        'unknown',
        '2022-12-05T00:00',
        '2022~',
        '2022?',
        '202X',
        '2022-21',
        '-2022',
        'Y20220',
        '2022/2023',
        '2022-',
        '2022-12-',
      ],
    },
  };
  for (const [type, { valid: good, invalid: bad }] of Object.entries(dates)) {
    for (const text of good) valid(`"${text}" for ${type}`, places[type](`"${text}"`));
    for (const text of bad) invalid(`"${text}" for ${type}`, places[type](`"${text}"`));
  }
  valid('a day in a block string for Date', places.Date('"""2020-01-01"""'));
  valid('a day in escapes for Date', places.Date('"2020\\u002d01-01"'));

  for (const value of ['ASC', 'null', 'asc', '"ASC"', '0', 'true', '[ASC]', 'FIRST']) {
    (['ASC', 'null'].includes(value) ? valid : invalid)(
      `${value} for an enum with a default`,
      places['enum with a default'](value),
    );
  }
  for (const [value, good] of [
    ['1', true],
    ['[1, 2]', true],
    ['[]', true],
    ['null', true],
    ['[1 2,3]', true],
    ['[1.0]', false],
    ['["1"]', false],
    ['[1, null]', false],
    ['[null]', false],
    ['[[1]]', false],
    ['[2147483648]', false],
    ['[1, TRUE]', false],
    ['[true, false]', false],
    ['{from: 1}', false],
    ['1.0', false],
  ]) {
    (good ? valid : invalid)(`${value} for [Int!]`, places['[Int!]'](value));
  }
  for (const [value, good] of [
    ['"a"', true],
    ['["a", "b"]', true],
    ['[]', true],
    ['[1]', false],
    ['["a", null]', false],
    ['[a]', false],
    ['[["a"]]', false],
  ]) {
    (good ? valid : invalid)(`${value} for [String!]`, places['[String!]'](value));
  }
  for (const [value, good] of [
    ['STATE', true],
    ['[STATE, MEMBER]', true],
    ['[STATE, "MEMBER"]', false],
    ['[state]', false],
    ['["STATE"]', false],
    ['[STATE, CHAIR]', false],
  ]) {
    (good ? valid : invalid)(`${value} for [RecordKind!]`, places['[enum!]'](value));
  }
  for (const [value, good] of [
    ['{field: CODE}', true],
    ['[{field: CODE}]', true],
    ['[{field: CODE, direction: DESC, nulls: FIRST}]', true],
    ['[{field: CODE, direction: null}]', true],
    ['[]', true],
    ['null', true],
    ['[null]', false],
    ['CODE', false],
    ['[CODE]', false],
    ['"CODE"', false],
    ['[{field: "CODE"}]', false],
    ['[{field: CODE}, null]', false],
    ['[[{field: CODE}]]', false],
    ['[{field: null}]', false],
  ]) {
    (good ? valid : invalid)(
      `${value} for a list of input objects`,
      places['a list of input objects'](value),
    );
  }
  for (const [value, good] of [
    ['{code: {eq: "KG"}}', true],
    ['{code: {in: "KG"}}', true],
    ['{not: {code: {eq: "KG"}}}', true],
    ['{and: {code: {eq: "KG"}}}', true],
    ['{and: [{code: {eq: "KG"}}]}', true],
    ['{or: [{code: {eq: "KG"}}, {not: {slug: {eq: "x"}}}]}', true],
    ['{code: null}', true],
    ['{code: {eq: null}}', true],
    [
      '{participations: {some: {status: {eq: MEMBER}, since: {before: "2020"}}, asOf: "2020-01-01"}}',
      true,
    ],
    ['[{code: {eq: "KG"}}]', false],
    ['{code: "KG"}', false],
    ['{code: {eq: KG}}', false],
    ['{code: {eq: 1}}', false],
    ['{code: []}', false],
    ['{and: [null]}', false],
    ['{or: "x"}', false],
    ['{not: []}', false],
    ['"{}"', false],
    ['{participations: {some: {status: {eq: "MEMBER"}}}}', false],
    ['{participations: {some: {status: {eq: MEMBER, in: [member]}}}}', false],
    ['{participations: {some: {since: {before: 2020}}}}', false],
    ['{participations: {asOf: "2020"}}', false],
    ['{participations: {some: {since: {between: {from: "2020", to: "x"}}}}}', false],
    ['{and: [{or: [{not: {code: {isNull: "true"}}}]}]}', false],
  ]) {
    (good ? valid : invalid)(`${value} for StateFilter`, places['an input object'](value));
  }

  // The same through every filter of a record that has a field of an enum or of a record.
  for (const record of recordsOf(schema)) {
    const root = Object.values(schema.getQueryType().getFields()).find(({ args }) =>
      args.some(({ type }) => String(type) === `${record.name}Filter`),
    );
    const filter = schema.getType(`${record.name}Filter`);
    if (!root || !filter) continue;
    const around = (text) => `{ ${root.name}(first: 1, filter: ${text}) { totalCount } }`;
    for (const field of Object.values(filter.getFields())) {
      const eq = isInputObjectType(field.type) && field.type.getFields().eq;
      if (!eq || !isEnumType(eq.type)) continue;
      const [value] = eq.type.getValues();
      valid(
        `${value.name} for ${filter.name}.${field.name}.eq`,
        around(`{${field.name}: {eq: ${value.name}}}`),
      );
      invalid(
        `a string for ${filter.name}.${field.name}.eq`,
        around(`{${field.name}: {eq: "${value.name}"}}`),
      );
    }
    invalid(`a list for ${filter.name}`, around('[]'));
    invalid(`a string for ${filter.name}.id`, around('{id: "x"}'));
  }

  // Literals with variables inside, and defaults of variables.
  valid('a variable in a list', 'query($a: ID!) { nodes(ids: ["x", $a]) { id } }', {
    variables: { a: 'y' },
  });
  valid(
    'a variable in an object',
    'query($a: String) { states(filter: {code: {eq: $a}}) { totalCount } }',
  );
  invalid('a variable beside a wrong value', 'query($a: ID!) { nodes(ids: [1.5, $a]) { id } }', {
    variables: { a: 'y' },
  });
  invalid(
    'a variable in an object beside a wrong value',
    'query($a: String) { states(filter: {code: {eq: $a, not: 1}}) { totalCount } }',
  );
  const byDefault = (type, value, place) =>
    `query($a: ${type} = ${value}) { ${place.replace('?', '$a')} }`;
  const int = 'states(first: ?) { totalCount }';
  const date = 'state(code: "KG", asOf: ?) { code }';
  const order = 'states(orderBy: ?) { totalCount }';
  const filter = 'states(filter: ?) { totalCount }';
  for (const [type, value, place, good] of [
    ['Int', '1', int, true],
    ['Int', 'null', int, true],
    ['Int', '1.0', int, false],
    ['Int', '"1"', int, false],
    ['Int', '2147483648', int, false],
    ['Int!', '1', int, true],
    ['Int!', 'null', int, false],
    ['Date', '"2020-01-01"', date, true],
    ['Date', '"2020"', date, false],
    ['Date', '2020', date, false],
    ['Date', 'null', date, true],
    ['[StateOrder!]', '{field: CODE}', order, true],
    ['[StateOrder!]', '[{field: CODE}]', order, true],
    ['[StateOrder!]', '[{}]', order, false],
    ['[StateOrder!]', '[{field: NOTHING}]', order, false],
    ['[StateOrder!]', '[null]', order, false],
    ['StateFilter', '{code: {eq: "KG"}}', filter, true],
    ['StateFilter', '{code: {eq: 1}}', filter, false],
    ['StateFilter', '{nothing: 1}', filter, false],
    ['StateFilter', '{code: {eq: "KG"}, code: null}', filter, false],
    ['StateFilter', '[]', filter, false],
  ]) {
    (good ? valid : invalid)(`the default ${value} of ${type}`, byDefault(type, value, place));
  }
  invalid(
    'a default that refers to a variable',
    'query($a: Int, $b: Int = $a) { states(first: $b) { totalCount } }',
  );
  invalid(
    'a default whose list refers to a variable',
    'query($a: ID!, $b: [ID!] = [$a]) { nodes(ids: $b) { id } }',
  );
  invalid(
    'a wrong literal in a field that is excluded',
    '{ state(code: 1) @skip(if: true) { code } }',
  );
  invalid(
    'a wrong literal in a fragment',
    '{ ...F } fragment F on Query { state(code: 1) { code } }',
  );
  invalid(
    'a wrong literal in an operation that is not chosen',
    'query A { __typename } query B { states(first: "1") { totalCount } }',
    { operationName: 'A' },
  );
  invalid('a float for ID of an input object', places['ID of an input object']('1.0'));
  valid('an integer for ID of an input object', places['ID of an input object']('4'));
  invalid('an enum value for ID of an input object', places['ID of an input object']('X'));
  invalid('a float for Int of an input object', places['Int of an input object']('3.0'));
  valid('an integer for Int of an input object', places['Int of an input object']('3'));
  return cases;
}

function fieldNames(schema) {
  const { cases, valid, invalid } = collect('5.6.2 Input Object Field Names');
  const inputs = Object.values(schema.getTypeMap()).filter(isInputObjectType);
  for (const root of Object.values(schema.getQueryType().getFields())) {
    const filter = root.args.find(({ name }) => name === 'filter');
    if (!filter || !inputs.includes(filter.type)) continue;
    invalid(
      `an unknown field of ${filter.type.name}`,
      `{ ${root.name}(first: 1, filter: {nothing: 1}) { totalCount } }`,
    );
  }
  const states = (filter) => `{ states(filter: ${filter}) { totalCount } }`;
  valid('fields of StateFilter', states('{code: {eq: "KG"}, name: {startsWith: "K"}}'));
  valid('fields of a nested filter', states('{parliaments: {some: {structure: {eq: BICAMERAL}}}}'));
  valid(
    'fields of IntFilter',
    '{ memberships(first: 1, filter: {term: {gt: 1, lt: 3}}) { totalCount } }',
  );
  valid(
    'fields of IntRange',
    '{ memberships(first: 1, filter: {term: {between: {from: 1, to: 3}}}) { totalCount } }',
  );
  invalid('a field in another case', states('{Code: {eq: "KG"}}'));
  invalid('a field of the operator', states('{eq: "KG"}'));
  invalid('an unknown field of a nested filter', states('{code: {startsWith: "K"}}'));
  invalid('an unknown field of a filter in a list', states('{and: [{nothing: null}]}'));
  invalid(
    'an unknown field of an order',
    '{ states(orderBy: [{field: CODE, nothing: 1}]) { totalCount } }',
  );
  invalid(
    'an unknown field of a range',
    '{ memberships(first: 1, filter: {term: {between: {since: 1}}}) { totalCount } }',
  );
  invalid(
    'a field whose value is a variable',
    'query($a: Int) { states(filter: {nothing: $a}) { totalCount } }',
  );
  invalid('a field that does not exist, null', states('{nothing: null}'));
  invalid('__typename in an input object', states('{__typename: "StateFilter"}'));
  return cases;
}

function fieldUniqueness() {
  const { cases, valid, invalid } = collect('5.6.3 Input Object Field Uniqueness');
  const states = (filter) => `{ states(filter: ${filter}) { totalCount } }`;
  valid('two fields', states('{code: {eq: "KG"}, slug: {eq: "kyrgyzstan"}}'));
  valid('one name on two levels', states('{not: {not: {code: {eq: "KG"}}}}'));
  valid(
    'one name in two objects of a list',
    states('{or: [{code: {eq: "KG"}}, {code: {eq: "KZ"}}]}'),
  );
  invalid('one field twice', states('{code: {eq: "KG"}, code: {eq: "KZ"}}'));
  invalid('one field twice with one value', states('{code: {eq: "KG"}, code: {eq: "KG"}}'));
  invalid('one field three times', states('{code: null, code: null, code: null}'));
  invalid('a nested field twice', states('{code: {eq: "KG", eq: "KZ"}}'));
  invalid(
    'a field of an object in a list twice',
    states('{or: [{code: {eq: "KG"}, code: {eq: "KZ"}}]}'),
  );
  invalid(
    'a field of an order twice',
    '{ states(orderBy: {field: CODE, field: NAME}) { totalCount } }',
  );
  invalid(
    'a field twice in a default',
    'query($f: StateFilter = {code: null, code: null}) { states(filter: $f) { totalCount } }',
  );
  invalid(
    'a field twice, by variables',
    'query($a: String, $b: String) { states(filter: {code: {eq: $a, eq: $b}}) { totalCount } }',
  );
  invalid('a field that does not exist twice', states('{nothing: 1, nothing: 1}'));
  return cases;
}

function requiredFields(schema) {
  const { cases, valid, invalid } = collect('5.6.4 Input Object Required Fields');
  let turn = 0;
  for (const root of Object.values(schema.getQueryType().getFields())) {
    const order = root.args.find(({ name }) => name === 'orderBy');
    if (!order) continue;
    const item = order.type.ofType.ofType;
    const [value] = item.getFields().field.type.ofType.getValues();
    const around = (text) => `{ ${root.name}(first: 1, orderBy: ${text}) { totalCount } }`;
    turn += 1;
    if (turn % 2 === 0) valid(`${item.name} with field`, around(`[{field: ${value.name}}]`));
    invalid(`${item.name} without field`, around(turn % 2 === 0 ? '[{}]' : '{direction: DESC}'));
  }
  invalid('a required field null', '{ states(orderBy: {field: null}) { totalCount } }');
  invalid(
    'a required field missing in one object of two',
    '{ states(orderBy: [{field: CODE}, {direction: ASC}]) { totalCount } }',
  );
  invalid(
    'a required field missing in a default',
    'query($o: [StateOrder!] = [{}]) { states(orderBy: $o) { totalCount } }',
  );
  valid(
    'a required field by a variable',
    'query($f: StateOrderField!) { states(orderBy: {field: $f}) { totalCount } }',
    { variables: { f: 'CODE' } },
  );
  invalid(
    'a required field by a variable that may be null',
    'query($f: StateOrderField) { states(orderBy: {field: $f}) { totalCount } }',
  );
  valid('no optional field', '{ states(filter: {}) { totalCount } }');
  return cases;
}

export const documents = (schema) => [
  ...correctType(schema),
  ...fieldNames(schema),
  ...fieldUniqueness(),
  ...requiredFields(schema),
];
