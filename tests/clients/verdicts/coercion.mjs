// 6.1.2 Coercing Variable Values: values that are sent with a valid document.

import { collect } from './templates.mjs';

/** Documents with one variable, by its type. Variables are JSON, to keep the source text of numbers. */
const places = {
  Int: 'query($v: Int) { states(first: $v) { totalCount } }',
  'Int!': 'query($v: Int!) { states(first: $v) { totalCount } }',
  'Int = 1': 'query($v: Int = 1) { states(first: $v) { totalCount } }',
  'Int! = 1': 'query($v: Int! = 1) { states(first: $v) { totalCount } }',
  String: 'query($v: String) { state(code: "KG") { name(lang: $v) } }',
  'String!': 'query($v: String!) { state(code: $v) { code } }',
  'ID!': 'query($v: ID!) { node(id: $v) { id } }',
  Boolean: 'query($v: Boolean) { memberships(first: 1, history: $v) { totalCount } }',
  'Boolean!': 'query($v: Boolean!) { service @include(if: $v) { version } }',
  Date: 'query($v: Date) { state(code: "KG", asOf: $v) { code } }',
  PartialDate:
    'query($v: PartialDate) { memberships(first: 1, filter: {since: {before: $v}}) { totalCount } }',
  Role: 'query($v: Role) { memberships(first: 1, filter: {role: {eq: $v}}) { totalCount } }',
  '[Role!]':
    'query($v: [Role!]) { memberships(first: 1, filter: {role: {in: $v}}) { totalCount } }',
  '[ID!]!': 'query($v: [ID!]!) { nodes(ids: $v) { id } }',
  '[String!]': 'query($v: [String!]) { state(code: "KG") { claimsAbout(property: $v) { id } } }',
  '[Int!]': 'query($v: [Int!]) { memberships(first: 1, filter: {term: {in: $v}}) { totalCount } }',
  StateFilter: 'query($v: StateFilter) { states(filter: $v) { totalCount } }',
  '[StateOrder!]': 'query($v: [StateOrder!]) { states(orderBy: $v) { totalCount } }',
  IntFilter: 'query($v: IntFilter) { memberships(first: 1, filter: {term: $v}) { totalCount } }',
  '[StateFilter!]': 'query($v: [StateFilter!]) { states(filter: {and: $v}) { totalCount } }',
  MembershipFilter:
    'query($v: MembershipFilter) { memberships(first: 1, filter: $v) { totalCount } }',
};

/** For each type, JSON values that it accepts and that it does not. */
const values = {
  Int: [
    [
      '1',
      '0',
      '-0',
      '-1',
      '3.0',
      '3e0',
      '30e-1',
      '0.3e1',
      '-0.0',
      '2147483647',
      '-2147483648',
      '2147483647.0',
      'null',
    ],
    [
      '3.5',
      '3.0000001',
      '"3"',
      '""',
      'true',
      'false',
      '2147483648',
      '-2147483649',
      '2147483648.0',
      '1e10',
      '1e400',
      '12345678901234567890123456789012345678901',
      '[]',
      '[1, 2]',
      '[1]',
      '{}',
      '{"a": 1}',
    ],
  ],
  'Int!': [
    ['1', '3.0'],
    ['null', '"1"', '1.5', '[1]'],
  ],
  'Int = 1': [
    ['1', 'null'],
    ['"1"', '1.5'],
  ],
  'Int! = 1': [['2'], ['null', '"1"']],
  String: [
    ['"ru"', '""', '"\\u0000"', '"🏛"', 'null'],
    ['1', '1.5', 'true', '["ru"]', '{}'],
  ],
  'String!': [['"KG"'], ['null', '1', 'false', '["KG"]']],
  'ID!': [
    ['"x"', '""', '1', '0', '-0', '-4', '2147483648', '9007199254740991', '12345678901234567890'],
    ['null', '1.5', '4.0', '1e2', 'true', '["x"]', '{}'],
  ],
  Boolean: [
    ['true', 'false', 'null'],
    ['0', '1', '"true"', '"false"', '""', '[true]', '{}'],
  ],
  'Boolean!': [['true'], ['null', '1', '"true"', '0']],
  Date: [
    ['"2020-02-29"', '"0001-01-01"', '"9999-12-31"', 'null'],
    [
      '"2021-02-29"',
      '"2020"',
      '"2020-02"',
      '"0000-01-01"',
      '"2020-13-01"',
      '"2020-1-1"',
      '"today"',
      '""',
      '"2020-01-01T00:00:00Z"',
      '" 2020-01-01"',
      '2020',
      '20200101',
      'true',
      '["2020-01-01"]',
      '{}',
      '1e400',
    ],
  ],
  PartialDate: [
    ['"2020"', '"2020-02"', '"2020-02-29"', '"9999"', 'null'],
    [
      '"0000"',
      '"2021-02-29"',
      '"2020-00"',
      '"20"',
      '"2020-"',
      '"unknown"',
      '""',
      '2020',
      '2020.0',
      'false',
      '["2020"]',
      '{}',
    ],
  ],
  Role: [
    ['"CHAIR"', 'null'],
    ['"chair"', '"NOTHING"', '""', '"CHAIR "', '0', 'true', '["CHAIR"]', '{}'],
  ],
  '[Role!]': [
    ['["CHAIR", "HEAD"]', '"CHAIR"', '[]', 'null'],
    ['[null]', '["chair"]', '"chair"', '[["CHAIR"]]', '["CHAIR", 1]', '{}', '1'],
  ],
  '[ID!]!': [
    ['["x"]', '"x"', '1', '[1, "x"]', '[]'],
    ['null', '[null]', '[1.5]', '[true]', '[["x"]]', '{}'],
  ],
  '[String!]': [
    ['["a"]', '"a"', '[]', 'null'],
    ['[1]', '1', '[null]', '["a", null]', '[["a"]]'],
  ],
  '[Int!]': [
    ['[1, 2]', '1', '3.0', '[3.0, -0]', '[]', 'null'],
    ['["1"]', '[1.5]', '[null]', '[[1]]', '[2147483648]', '"1"'],
  ],
  StateFilter: [
    [
      '{}',
      'null',
      '{"code": {"eq": "KG"}}',
      '{"code": null}',
      '{"code": {"in": "KG"}}',
      '{"and": {"code": {"eq": "KG"}}}',
      '{"and": [{"code": {"eq": "KG"}}]}',
      '{"participations": {"some": {"status": {"eq": "MEMBER"}}, "asOf": "2020-01-01"}}',
      '{"id": {"eq": 1}}',
    ],
    [
      '[]',
      '"KG"',
      '1',
      'true',
      '{"nothing": 1}',
      '{"nothing": null}',
      '{"code": "KG"}',
      '{"code": {"eq": 1}}',
      '{"code": {"startsWith": "K"}}',
      '{"code": []}',
      '{"and": [null]}',
      '{"and": [{"nothing": 1}]}',
      '{"participations": {"some": {"status": {"eq": "member"}}}}',
      '{"participations": {"asOf": "2020"}}',
      '{"participations": {"some": {"since": {"before": 2020}}}}',
      '{"__typename": "StateFilter"}',
    ],
  ],
  '[StateOrder!]': [
    [
      '[{"field": "CODE"}]',
      '{"field": "CODE"}',
      '[]',
      'null',
      '[{"field": "CODE", "direction": "DESC"}]',
      '[{"field": "CODE", "direction": null}]',
    ],
    [
      '[{}]',
      '{}',
      '[{"field": null}]',
      '[{"field": "code"}]',
      '[{"field": 1}]',
      '["CODE"]',
      '"CODE"',
      '[null]',
      '[{"field": "CODE", "nothing": 1}]',
      '[{"direction": "ASC"}]',
      '[{"field": "CODE", "direction": "asc"}]',
      '[[{"field": "CODE"}]]',
    ],
  ],
  IntFilter: [
    [
      '{"gt": 10.0}',
      '{"gt": 1e1}',
      '{"between": {"from": 1.0, "to": 3e0}}',
      '{"in": 3.0}',
      '{"eq": -0}',
      '{"isNull": false}',
      '{"between": {}}',
    ],
    [
      '{"gt": 10.5}',
      '{"gt": "10"}',
      '{"between": {"from": 1.5}}',
      '{"between": 1}',
      '{"in": [1, "2"]}',
      '{"isNull": "false"}',
      '{"isNull": 0}',
      '{"eq": 1e400}',
      '{"eq": [1]}',
    ],
  ],
  '[StateFilter!]': [
    ['[{}]', '{"code": {"eq": "KG"}}', '[{"code": {"eq": "KG"}}, {"name": {"startsWith": "K"}}]'],
    ['[null]', '[1]', '[[]]', '[{"nothing": 1}]', '"x"'],
  ],
  MembershipFilter: [
    [
      '{"role": {"eq": "CHAIR"}, "ongoing": true}',
      '{"since": {"between": {"from": "2020", "to": "2021-02-28"}}}',
      '{"certainty": "DEFINITE"}',
      '{"term": {"gte": 2.0}}',
    ],
    [
      '{"role": "CHAIR"}',
      '{"ongoing": "true"}',
      '{"ongoing": 1}',
      '{"since": {"between": {"from": "2020", "to": "2021-02-29"}}}',
      '{"since": {"eq": 2020}}',
      '{"certainty": "definite"}',
      '{"member": {"name": {"eq": 1}}}',
    ],
  ],
};

export function documents() {
  const { cases, valid, invalid } = collect('6.1.2 Coercing Variable Values');
  for (const [type, [good, bad]] of Object.entries(values)) {
    for (const json of good)
      valid(`${json} for ${type}`, places[type], { variables: `{"v": ${json}}` });
    for (const json of bad)
      invalid(`${json} for ${type}`, places[type], { variables: `{"v": ${json}}` });
    const omitted = !type.endsWith('!');
    (omitted ? valid : invalid)(`no value for ${type}`, places[type], { variables: '{}' });
  }
  for (const json of ['null', undefined]) {
    valid(`${json} as variables of an optional one`, places.Int, { variables: json });
    invalid(`${json} as variables of a required one`, places['Int!'], { variables: json });
    valid(`${json} as variables of none`, '{ __typename }', { variables: json });
  }
  valid('a value that no variable has', '{ __typename }', { variables: '{"nothing": 1}' });
  valid('a value of another type that no variable has', places.Int, {
    variables: '{"v": 1, "w": {"x": [null]}}',
  });
  invalid('a value under a name in another case', places['Int!'], { variables: '{"V": 1}' });
  invalid('a value under a name with a dollar sign', places['Int!'], { variables: '{"$v": 1}' });
  invalid(
    'a wrong value of a variable beside a right one',
    'query($v: Int, $w: Int) { a: states(first: $v) { totalCount } b: states(first: $w) { totalCount } }',
    { variables: '{"v": 1, "w": "1"}' },
  );
  invalid(
    'a wrong value of a variable that an excluded field uses',
    'query($v: Int) { states(first: $v) @skip(if: true) { totalCount } }',
    { variables: '{"v": "1"}' },
  );
  invalid(
    'a wrong value of a variable with a default',
    'query($v: StateFilter = {}) { states(filter: $v) { totalCount } }',
    { variables: '{"v": []}' },
  );
  valid(
    'a variable of an operation that is not chosen',
    'query A { __typename } query B($v: Int!) { states(first: $v) { totalCount } }',
    { operationName: 'A', variables: '{"v": "1"}' },
  );
  valid(
    'a variable inside a list, right',
    'query($v: Role!) { memberships(first: 1, filter: {role: {in: [CHAIR, $v]}}) { totalCount } }',
    { variables: '{"v": "HEAD"}' },
  );
  invalid(
    'a variable inside a list, wrong',
    'query($v: Role!) { memberships(first: 1, filter: {role: {in: [CHAIR, $v]}}) { totalCount } }',
    { variables: '{"v": "head"}' },
  );
  valid(
    'a variable inside an object, right',
    'query($v: Int) { memberships(first: 1, filter: {term: {between: {from: 1, to: $v}}}) { totalCount } }',
    { variables: '{"v": 4e0}' },
  );
  invalid(
    'a variable inside an object, wrong',
    'query($v: Int) { memberships(first: 1, filter: {term: {between: {from: 1, to: $v}}}) { totalCount } }',
    { variables: '{"v": 4.5}' },
  );
  valid(
    'first of counts',
    'query($v: Int) { memberships(first: 1) { groups(by: ROLE, first: $v) { key } } }',
    { variables: '{"v": 3.0}' },
  );
  return cases;
}
