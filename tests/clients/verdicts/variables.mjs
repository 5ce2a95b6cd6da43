// 5.8 Variables.

import { isCompositeType, parseType, typeFromAST } from 'graphql';

import { collect, valueOf } from './templates.mjs';

function uniqueness() {
  const { cases, valid, invalid } = collect('5.8.1 Variable Uniqueness');
  valid(
    'two names',
    'query($a: Int, $b: Int) { a: states(first: $a) { totalCount } b: states(first: $b) { totalCount } }',
  );
  valid(
    'names that differ in case',
    'query($a: Int, $A: Int) { a: states(first: $a) { totalCount } b: states(first: $A) { totalCount } }',
  );
  valid(
    'one name in two operations',
    'query A($a: Int) { states(first: $a) { totalCount } } query B($a: String!) { state(code: $a) { code } }',
    { operationName: 'A' },
  );
  invalid('one name twice', 'query($a: Int, $a: Int) { states(first: $a) { totalCount } }');
  invalid(
    'one name of two types',
    'query($a: Int, $a: String) { states(first: $a) { totalCount } }',
  );
  invalid(
    'one name three times',
    'query($a: Int, $a: Int, $a: Int) { states(first: $a) { totalCount } }',
  );
  invalid(
    'one name twice with defaults',
    'query($a: Int = 1, $a: Int = 2) { states(first: $a) { totalCount } }',
  );
  invalid(
    'one name twice in an operation that is not chosen',
    'query A { __typename } query B($a: Int, $a: Int) { states(first: $a) { totalCount } }',
    { operationName: 'A' },
  );
  return cases;
}

function inputTypes(schema) {
  const { cases, valid, invalid } = collect('5.8.2 Variables Are Input Types');
  const use = {
    Int: 'states(first: $a) { totalCount }',
    StateFilter: 'states(filter: $a) { totalCount }',
    '[StateOrder!]': 'states(orderBy: $a) { totalCount }',
    Date: 'state(code: "KG", asOf: $a) { code }',
    RecordKind: 'search(query: "bishkek", kinds: [$a]) { totalCount }',
  };
  valid('a scalar', `query($a: Int) { ${use.Int} }`);
  valid('an input object', `query($a: StateFilter) { ${use.StateFilter} }`);
  valid('a list of input objects', `query($a: [StateOrder!]) { ${use['[StateOrder!]']} }`);
  valid('a custom scalar', `query($a: Date) { ${use.Date} }`);
  valid('an enum', `query($a: RecordKind!) { ${use.RecordKind} }`, { variables: { a: 'STATE' } });
  const composite = Object.values(schema.getTypeMap()).filter(isCompositeType);
  for (const type of composite.filter((each, index) => index % 10 === 0)) {
    invalid(`${type.name}`, `query($a: ${type.name}) { states(filter: $a) { totalCount } }`);
  }
  for (const type of [
    'State',
    'State!',
    '[State]',
    '[[State!]!]!',
    'Record',
    'Actor',
    'Query',
    '__Type',
  ]) {
    invalid(`${type} for Int`, `query($a: ${type}) { ${use.Int} }`);
  }
  for (const type of ['Nothing', 'Nothing!', '[Nothing]', 'int', 'string', 'Float64', 'Mutation']) {
    invalid(`${type}, which does not exist`, `query($a: ${type}) { ${use.Int} }`);
  }
  invalid(
    'a composite type with a default',
    'query($a: State = {code: "KG"}) { states(filter: $a) { totalCount } }',
  );
  invalid(
    'an enum of introspection for Int',
    'query($a: __TypeKind) { states(first: $a) { totalCount } }',
  );
  return cases;
}

function defined() {
  const { cases, valid, invalid } = collect('5.8.3 All Variable Uses Defined');
  const fragment = 'fragment F on Query { states(first: $a) { totalCount } }';
  valid('in an argument', 'query($a: Int) { states(first: $a) { totalCount } }');
  valid('in a fragment', `query($a: Int) { ...F } ${fragment}`);
  valid(
    'in a fragment of two operations',
    `query A($a: Int) { ...F } query B($a: Int) { ...F } ${fragment}`,
    { operationName: 'A' },
  );
  valid(
    'in a fragment of a fragment',
    `query($a: Int) { ...G } fragment G on Query { ...F } ${fragment}`,
  );
  valid(
    'in a directive of a spread',
    `query($a: Int, $c: Boolean!) { ...F @include(if: $c) } ${fragment}`,
    { variables: { c: true } },
  );
  for (const [name, text] of [
    ['in an argument', '{ states(first: $a) { totalCount } }'],
    ['in an argument of a named query', 'query Q { states(first: $a) { totalCount } }'],
    ['in a list', '{ nodes(ids: [$a]) { id } }'],
    ['in an object', '{ states(filter: {code: {eq: $a}}) { totalCount } }'],
    ['in an object of a list', '{ states(orderBy: [{field: $a}]) { totalCount } }'],
    ['in a nested field', '{ state(code: "KG") { name(lang: $a) } }'],
    ['in a directive of a field', '{ service @include(if: $a) { version } }'],
    ['in a directive of __typename', '{ __typename @include(if: $a) }'],
    ['in a directive of an inline fragment', '{ ... @skip(if: $a) { __typename } }'],
    ['in a directive of a spread', '{ ...F @skip(if: $a) } fragment F on Query { __typename }'],
    [
      'in a directive of a field of introspection',
      '{ __schema { queryType { name @skip(if: $a) } } }',
    ],
    ['in an argument of introspection', '{ __type(name: $a) { name } }'],
    ['in a fragment', `{ ...F } ${fragment}`],
    ['in a fragment of a fragment', `{ ...G } fragment G on Query { ...F } ${fragment}`],
    ['in a fragment of an inline fragment', `{ ... on Query { ...F } } ${fragment}`],
    ['in one of two operations', `query A($a: Int) { ...F } query B { ...F } ${fragment}`, 'A'],
    [
      'in another case',
      'query($A: Int) { states(first: $a) { totalCount } x: states(first: $A) { totalCount } }',
    ],
    [
      'defined by another operation alone',
      'query A($a: Int) { states(first: $a) { totalCount } } query B { states(first: $a) { totalCount } }',
      'A',
    ],
    [
      'beside a defined one',
      'query($b: Int) { a: states(first: $a) { totalCount } b: states(first: $b) { totalCount } }',
    ],
    ['in an argument of a field that does not exist', '{ nothing(first: $a) }'],
  ]) {
    const [query, operationName] = [text].flat();
    invalid(`not, ${name}`, query, operationName ? { operationName } : undefined);
  }
  invalid(
    'in the operation that is not chosen',
    `query A($a: Int) { ...F } query B { ...F } ${fragment}`,
    { operationName: 'A' },
  );
  return cases;
}

function used() {
  const { cases, valid, invalid } = collect('5.8.4 All Variables Used');
  for (const [name, text, type = 'Boolean!'] of [
    ['an argument', '{ memberships(first: 1, history: $c) { totalCount } }'],
    ['a list', '{ nodes(ids: [$c]) { id } }', 'ID!'],
    ['an object', '{ memberships(first: 1, filter: {ongoing: $c}) { totalCount } }'],
    ['a directive of a field', '{ service @include(if: $c) { version } }'],
    ['a directive of a leaf', '{ service { version @include(if: $c) dataLicense } }'],
    ['a directive of __typename', '{ service { version __typename @include(if: $c) } }'],
    ['a directive of __typename of Query', '{ __typename @include(if: $c) }'],
    [
      'a directive of __typename in a fragment',
      '{ ...F } fragment F on Query { __typename @skip(if: $c) }',
    ],
    ['a directive of __schema', '{ __schema @include(if: $c) { queryType { name } } }'],
    ['a directive of an inline fragment', '{ ... @include(if: $c) { __typename } }'],
    ['a directive of a spread', '{ ...F @include(if: $c) } fragment F on Query { __typename }'],
    [
      'a fragment of a fragment',
      '{ ...F } fragment F on Query { ...G } fragment G on Query { service @skip(if: $c) { version } }',
    ],
    ['an argument of introspection', '{ __type(name: $c) { name } }', 'String!'],
  ]) {
    const value = type === 'Boolean!' ? true : 'x';
    valid(`in ${name}`, `query($c: ${type}) ${text}`, { variables: { c: value } });
    invalid(`not in ${name}, where another is`, `query($c: ${type}, $d: Int) ${text}`, {
      variables: { c: value },
    });
  }
  invalid('never', 'query($a: Int) { __typename }');
  invalid('never, with a default', 'query($a: Int = 1) { __typename }');
  invalid(
    'in another operation alone',
    'query A($a: Int) { __typename } query B($a: Int) { states(first: $a) { totalCount } }',
    { operationName: 'B' },
  );
  invalid(
    'in a fragment that another operation spreads',
    'query A($a: Int) { __typename } query B($a: Int) { ...F } fragment F on Query { states(first: $a) { totalCount } }',
    { operationName: 'B' },
  );
  invalid('in another case alone', 'query($a: Int, $A: Int) { states(first: $a) { totalCount } }');
  invalid('in a string alone', 'query($a: String) { state(code: "$a") { code } }');
  invalid('in a comment alone', 'query($a: String) { __typename # $a\n}');
  return cases;
}

/** Locations where a variable can be used, by input type. */
const places = {
  Int: 'states(first: $v) { totalCount }',
  String: 'state(code: "KG") { name(lang: $v) }',
  'String!': 'state(code: $v) { code }',
  'ID!': 'node(id: $v) { id }',
  'Boolean!': 'service @include(if: $v) { version }',
  'Boolean = false': 'memberships(first: 1, history: $v) { totalCount }',
  Date: 'state(code: "KG", asOf: $v) { code }',
  'Date!': 'memberships(first: 1) { series(from: $v, to: "2020-01-01") { count } }',
  PartialDate: 'memberships(first: 1, filter: {since: {before: $v}}) { totalCount }',
  Role: 'memberships(first: 1, filter: {role: {eq: $v}}) { totalCount }',
  'MembershipGroupKey!': 'memberships(first: 1) { groups(by: $v) { key } }',
  'Interval = YEAR':
    'memberships(first: 1) { series(from: "2020-01-01", to: "2020-02-01", every: $v) { count } }',
  'OrderDirection = ASC': 'states(orderBy: {field: CODE, direction: $v}) { totalCount }',
  'StateOrderField!': 'states(orderBy: {field: $v}) { totalCount }',
  StateFilter: 'states(filter: $v) { totalCount }',
  '[StateOrder!]': 'states(orderBy: $v) { totalCount }',
  'StateOrder!, an item': 'states(orderBy: [$v]) { totalCount }',
  '[ID!]!': 'nodes(ids: $v) { id }',
  'ID!, an item': 'nodes(ids: ["x", $v]) { id }',
  '[String!]': 'state(code: "KG") { claimsAbout(property: $v) { id } }',
  '[RecordKind!]': 'search(query: "bishkek", kinds: $v) { totalCount }',
  '[StateFilter!]': 'states(filter: {and: $v}) { totalCount }',
  '[Int!]': 'memberships(first: 1, filter: {term: {in: $v}}) { totalCount }',
};

/** Types that are wrong for a place of a type, besides those with other wrappers. */
const others = {
  Int: ['Float', 'String', 'ID', 'Boolean', 'IntFilter'],
  String: ['ID', 'Int', 'Date', 'Role', 'TextFilter'],
  ID: ['String', 'Int', 'Date'],
  Boolean: ['String', 'Int', 'Role'],
  Date: ['PartialDate', 'DateTime', 'String'],
  PartialDate: ['Date', 'String', 'DateFilter', 'DateRange'],
  Role: ['SessionKind', 'String', 'RoleFilter'],
  MembershipGroupKey: ['MemberGroupKey', 'String'],
  Interval: ['OrderDirection', 'String'],
  OrderDirection: ['Nulls', 'Interval'],
  StateOrderField: ['MemberOrderField', 'String'],
  StateFilter: ['MemberFilter', 'StateListFilter', 'StateOrder', 'String'],
  StateOrder: ['MemberOrder', 'StateFilter', 'StateOrderField'],
  RecordKind: ['SessionKind', 'String', 'RecordKindFilter'],
};

function allowed(schema) {
  const { cases, valid, invalid, either } = collect('5.8.5 All Variable Usages Are Allowed');
  for (const [place, text] of Object.entries(places)) {
    const [, named] = /(\w+)/.exec(place);
    const isList = place.startsWith('[');
    const types = [
      `${named}`,
      `${named}!`,
      `[${named}]`,
      `[${named}!]`,
      `[${named}]!`,
      `[${named}!]!`,
      `[[${named}!]!]!`,
      ...others[named]
        .filter((name) => schema.getType(name))
        .map((name) => (isList ? `[${name}!]!` : `${name}!`)),
    ];
    for (const type of types) {
      const of = typeFromAST(schema, parseType(type));
      const variables = { v: valueOf(of) };
      either(`$v: ${type} for ${place}`, `query($v: ${type}) { ${text} }`, { variables });
    }
  }

  // A default makes a nullable variable fit a non-null place; a default of null does not.
  const defaults = [
    ['String = "KG"', 'String!', true],
    ['String = null', 'String!', false],
    ['String! = "KG"', 'String!', true],
    ['Boolean = true', 'Boolean!', true],
    ['Boolean = null', 'Boolean!', false],
    ['ID = "x"', 'ID!', true],
    ['ID = 1', 'ID!', true],
    ['ID = null', 'ID!', false],
    ['[ID!] = ["x"]', '[ID!]!', true],
    ['[ID!] = []', '[ID!]!', true],
    ['[ID] = ["x"]', '[ID!]!', false],
    ['[ID!] = null', '[ID!]!', false],
    ['[ID!] = "x"', '[ID!]!', true],
    ['ID = "x"', '[ID!]!', false],
    ['ID = "x"', 'ID!, an item', true],
    ['ID = null', 'ID!, an item', false],
    ['StateOrderField = CODE', 'StateOrderField!', true],
    ['StateOrderField = null', 'StateOrderField!', false],
    ['MembershipGroupKey = ROLE', 'MembershipGroupKey!', true],
    ['Date = "2019-01-01"', 'Date!', true],
    ['Date = null', 'Date!', false],
    ['StateOrder = {field: CODE}', 'StateOrder!, an item', true],
    ['StateOrder = {field: CODE}', '[StateOrder!]', false],
    ['Int = 1', 'Int', true],
    ['Int = null', 'Int', true],
    ['Float = 1', 'Int', false],
    ['String = "1"', 'Int', false],
    ['Interval = null', 'Interval = YEAR', true],
    ['[Int] = [1]', '[Int!]', false],
    ['[Int!] = 1', '[Int!]', true],
  ];
  for (const [type, place, good] of defaults) {
    (good ? valid : invalid)(`$v: ${type} for ${place}`, `query($v: ${type}) { ${places[place]} }`);
  }
  valid(
    'a variable without a value for a place with a default',
    `query($v: Interval) { ${places['Interval = YEAR']} }`,
  );

  const twice = (type, ...more) => `query($v: ${type}) { ${more.join(' ')} }`;
  valid(
    'one variable in two places',
    twice('String!', 'a: state(code: $v) { code }', 'b: assembly(slug: $v) { slug }'),
    { variables: { v: 'x' } },
  );
  invalid(
    'one variable in two places, of which one is wrong',
    twice('String!', 'state(code: $v) { code }', 'node(id: $v) { id }'),
    { variables: { v: 'x' } },
  );
  invalid(
    'one variable in a nullable and a non-null place',
    twice('String', 'a: state(code: "KG") { name(lang: $v) }', 'b: state(code: $v) { code }'),
    { variables: { v: 'x' } },
  );
  const inFragment = (type) =>
    `query($v: ${type}) { ...F } fragment F on Query { ...G } fragment G on Query { state(code: $v) { code } }`;
  valid('the right type in a fragment of a fragment', inFragment('String!'), {
    variables: { v: 'x' },
  });
  invalid('a nullable type in a fragment of a fragment', inFragment('String'), {
    variables: { v: 'x' },
  });
  invalid('another type in a fragment of a fragment', inFragment('ID!'), { variables: { v: 'x' } });
  invalid(
    'the right type in one operation, and another type in the other',
    'query A($v: String!) { ...F } query B($v: ID!) { ...F } fragment F on Query { state(code: $v) { code } }',
    { operationName: 'A', variables: { v: 'x' } },
  );
  invalid(
    'a wrong type where the field is excluded',
    'query($v: ID!) { state(code: $v) @skip(if: true) { code } }',
    { variables: { v: 'x' } },
  );
  invalid(
    'a wrong type in an input object of a list',
    'query($v: SessionKind) { states(filter: {or: [{participations: {some: {status: {eq: $v}}}}]}) { totalCount } }',
  );
  valid(
    'the right type in an input object of a list',
    'query($v: ParticipationStatus) { states(filter: {or: [{participations: {some: {status: {eq: $v}}}}, {code: {eq: "KG"}}]}) { totalCount } }',
    { variables: { v: 'MEMBER' } },
  );
  invalid(
    'a nullable type for an item of a non-null list',
    'query($v: Role) { memberships(first: 1, filter: {role: {in: [$v]}}) { totalCount } }',
    { variables: { v: 'CHAIR' } },
  );
  valid(
    'a non-null type for an item of a non-null list',
    'query($v: Role!) { memberships(first: 1, filter: {role: {in: [$v]}}) { totalCount } }',
    { variables: { v: 'CHAIR' } },
  );
  valid(
    'a single variable for a list, as a non-null item',
    'query($v: [Role!]) { memberships(first: 1, filter: {role: {in: $v}}) { totalCount } }',
    { variables: { v: 'CHAIR' } },
  );
  invalid(
    'a variable of an item type for a list',
    'query($v: Role!) { memberships(first: 1, filter: {role: {in: $v}}) { totalCount } }',
    { variables: { v: 'CHAIR' } },
  );
  invalid(
    'CommissionKind by SessionKind',
    'query($v: SessionKind!) { commissions(first: 1, filter: {kind: {eq: $v}}) { totalCount } }',
    { variables: { v: 'COUNCIL' } },
  );
  invalid(
    'StateFilter by MemberFilter',
    'query($v: MemberFilter) { states(first: 1, filter: $v) { totalCount } }',
    { variables: { v: { name: { startsWith: 'K' } } } },
  );
  invalid(
    'Float for Int with an integer',
    'query($v: Float) { states(first: $v) { totalCount } }',
    { variables: { v: 3 } },
  );
  valid('String! for __type', 'query($v: String!) { __type(name: $v) { name } }', {
    variables: { v: 'State' },
  });
  invalid('String for __type', 'query($v: String) { __type(name: $v) { name } }', {
    variables: { v: 'State' },
  });
  invalid(
    'String for includeDeprecated',
    'query($v: String) { __type(name: "State") { fields(includeDeprecated: $v) { name } } }',
    { variables: { v: 'true' } },
  );
  valid(
    'Boolean for includeDeprecated',
    'query($v: Boolean) { __type(name: "Limits") { fields(includeDeprecated: $v) { name } } }',
    { variables: { v: true } },
  );
  return cases;
}

export const documents = (schema) => [
  ...uniqueness(),
  ...inputTypes(schema),
  ...defined(),
  ...used(),
  ...allowed(schema),
];
