// 5.3.2 Field Selection Merging.

import { getNamedType, isLeafType } from 'graphql';

import { collect, recordsOf, selectionOf } from './templates.mjs';

const rule = '5.3.2 Field Selection Merging';
const at = '(slug: "x")';

/**
 * Ways for two selections, both on interface `Organization`, to come together in one response
 * object of a type that implements it.
 */
const ways = {
  'in one selection set': (on, a, b) => [`${on.field}${at} { ${a} ${b} }`],
  'below a field that is selected twice': (on, a, b) => [
    `${on.field}${at} { ${a} } ${on.field}${at} { ${b} }`,
  ],
  'below two equal fields of two levels': (on, a, b) => [
    `${on.list}(first: 1) { nodes { ${a} } } ${on.list}(first: 1) { nodes { ${b} } }`,
  ],
  'below one alias': (on, a, b) => [`o: ${on.field}${at} { ${a} } o: ${on.field}${at} { ${b} }`],
  'in an inline fragment without a type': (on, a, b) => [`${on.field}${at} { ${a} ... { ${b} } }`],
  'in an inline fragment on the type': (on, a, b) => [
    `${on.field}${at} { ${a} ... on ${on.type} { ${b} } }`,
  ],
  'in an inline fragment on an interface': (on, a, b) => [
    `${on.field}${at} { ${a} ... on Organization { ${b} } }`,
  ],
  'in fragments on the type': (on, a, b) => [
    `${on.field}${at} { ...A ...B }`,
    `fragment A on ${on.type} { ${a} } fragment B on ${on.type} { ${b} }`,
  ],
  'in fragments on an object and an interface': (on, a, b) => [
    `node(id: "x") { ...A ...B }`,
    `fragment A on ${on.type} { ${a} } fragment B on Organization { ${b} }`,
  ],
  'in inline fragments on an object and an interface': (on, a, b) => [
    `node(id: "x") { ... on ${on.type} { ${a} } ... on Organization { ${b} } }`,
  ],
  'in two fragments on one interface': (on, a, b) => [
    `node(id: "x") { ... on Organization { ${a} } ... on Record { ... on Organization { ${b} } } }`,
  ],
  'in a fragment of a fragment': (on, a, b) => [
    `${on.field}${at} { ${a} ...A }`,
    `fragment A on ${on.type} { id ...B } fragment B on Organization { ${b} }`,
  ],
  'in two fragments on Query': (on, a, b) => [
    `...A ...B`,
    `fragment A on Query { ${on.field}${at} { ${a} } } fragment B on Query { ${on.field}${at} { ${b} } }`,
  ],
  'below an interface': (on, a, b) => [
    `attendances(first: 1) { nodes { attendee { ... on ${on.type} { ${a} } ... on Organization { ${b} } } } }`,
  ],
  'with @include on one side': (on, a, b) => [
    `${on.field}${at} { ${a} ... @include(if: false) { ${b} } }`,
  ],
  'with @skip against @include': (on, a, b) => [
    `${on.field}${at} { ... @skip(if: true) { ${a} } ... on Record @include(if: true) { ... on ${on.type} { ${b} } } }`,
  ],
};

/** Two selections that conflict, and the valid twin of the second. */
const kinds = {
  'two fields under one alias': ['x: slug', 'x: website', 'x: slug'],
  'differing arguments': ['name(lang: "ru")', 'name(lang: "en")', 'name(lang: "ru")'],
  'an argument on one side': ['name', 'name(lang: "ru")', 'name'],
  'differing lists': [
    'claimsAbout(property: ["a"]) { id }',
    'claimsAbout(property: ["b"]) { property }',
    'claimsAbout(property: ["a"]) { property }',
  ],
  'differing pages': [
    'memberships(first: 1) { totalCount }',
    'memberships(first: 2) { totalCount }',
    'memberships(first: 1) { nodes { id } }',
  ],
  'sub-selections of equal fields': [
    'memberships(first: 1) { nodes { x: role } }',
    'memberships(first: 1) { nodes { x: area } }',
    'memberships(first: 1) { nodes { x: role } }',
  ],
  'two variables': [
    'name(lang: $a)',
    'name(lang: $b)',
    'name(lang: $a)',
    '$a: String',
    '$b: String',
  ],
  'a variable and a literal': [
    'name(lang: $a)',
    'name(lang: "ru")',
    'name(lang: $a)',
    '$a: String',
  ],
  '__typename under an alias': ['x: __typename', 'x: slug', 'x: __typename'],
  'a leaf and an object': ['x: slug', 'x: names { value }', 'x: slug'],
};

function* waysAndKinds() {
  const hosts = [
    { type: 'Assembly', field: 'assembly', list: 'assemblies' },
    { type: 'Parliament', field: 'parliament', list: 'parliaments' },
    { type: 'Chamber', field: 'chamber', list: 'chambers' },
    { type: 'Delegation', field: 'delegation', list: 'delegations' },
    { type: 'Commission', field: 'commission', list: 'commissions' },
    { type: 'PoliticalGroup', field: 'politicalGroup', list: 'politicalGroups' },
  ];
  let turn = 0;
  for (const [way, compose] of Object.entries(ways)) {
    for (const [kind, [a, b, twin, first, second]] of Object.entries(kinds)) {
      turn += 1;
      const host = hosts[turn % hosts.length];
      const text = (other, variables) => {
        const [selection, fragments = ''] = compose(host, a, other);
        const declared = variables.filter(Boolean).join(', ');
        return `query${declared && `(${declared})`} { ${selection} } ${fragments}`;
      };
      yield [`${kind}, ${way}`, text(b, [first, second]), text(twin, [first])];
    }
  }
}

/** Fields of two records that have one name. */
function* equalNames(schema) {
  const records = recordsOf(schema);
  for (const [index, a] of records.entries()) {
    for (const b of records.slice(index + 1)) {
      for (const field of Object.values(a.getFields())) {
        const other = b.getFields()[field.name];
        if (other) yield { a, b, field, other };
      }
    }
  }
}

export function documents(schema) {
  const { cases, valid, invalid, either } = collect(rule);

  for (const [name, conflict, twin] of waysAndKinds()) {
    invalid(`${name}: conflict`, conflict);
    valid(`${name}: no conflict`, twin);
  }

  // Response shapes: fields of one name on different record types. Of each name, the pairs whose
  // types differ, at most four, and one pair whose types are equal.
  const seen = new Map();
  for (const { a, b, field, other } of equalNames(schema)) {
    const equal = String(field.type) === String(other.type);
    const key = `${field.name} ${equal}`;
    const count = seen.get(key) ?? 0;
    if (count >= (equal ? 1 : 4)) continue;
    seen.set(key, count + 1);
    either(
      `the field ${field.name} of ${a.name} (${field.type}) and of ${b.name} (${other.type})`,
      `{ node(id: "x") { ... on ${a.name} { ${selectionOf(field)} } ... on ${b.name} { ${selectionOf(other)} } } }`,
    );
  }

  // Response shapes: one alias over leaves of every two types, on different record types.
  const leaves = new Map();
  for (const record of recordsOf(schema)) {
    for (const field of Object.values(record.getFields())) {
      if (!isLeafType(getNamedType(field.type)) || field.args.length > 0) continue;
      const of = leaves.get(String(field.type)) ?? new Map();
      if (!of.has(record.name)) of.set(record.name, field.name);
      leaves.set(String(field.type), of);
    }
  }
  const kept = ['String!', 'String', 'ID!', 'Int', 'Int!', 'Boolean!', 'PartialDate', 'DateTime!'];
  const types = [...leaves.keys()].filter(
    (type, index, all) =>
      kept.includes(type) || all.filter((other) => !kept.includes(other)).indexOf(type) < 3,
  );
  for (const [index, a] of types.entries()) {
    for (const b of types.slice(index)) {
      const [[one, field]] = leaves.get(a);
      const found = [...leaves.get(b)].find(([record]) => record !== one);
      if (!found) continue;
      const [two, other] = found;
      (a === b ? valid : invalid)(
        `one alias over ${a} of ${one} and ${b} of ${two}`,
        `{ node(id: "x") { ... on ${one} { v: ${field} } ... on ${two} { v: ${other} } } }`,
      );
    }
  }

  // Different object types: arguments and fields may differ, shapes may not.
  const never = (a, b) => `{ node(id: "x") { ... on Member { ${a} } ... on Assembly { ${b} } } }`;
  valid(
    'differing arguments on different object types',
    never('name(lang: "ru")', 'name(lang: "en")'),
  );
  valid('an argument on one of two different object types', never('name', 'name(lang: "en")'));
  valid('differing fields of one shape on different object types', never('x: slug', 'x: name'));
  valid(
    'differing pages on different object types',
    never('memberships(first: 1) { totalCount }', 'memberships(first: 2) { totalCount }'),
  );
  valid(
    'differing fields of one shape below different object types',
    never(
      'x: memberships(first: 1) { nodes { y: slug } }',
      'x: sessions(first: 1) { nodes { y: name } }',
    ),
  );
  invalid(
    'fields of differing shape below different object types',
    never(
      'x: memberships(first: 1) { nodes { y: role } }',
      'x: memberships(first: 2) { nodes { y: area } }',
    ),
  );
  invalid(
    'a list and a connection below different object types',
    never('x: names { value }', 'x: memberships(first: 1) { totalCount }'),
  );
  invalid(
    'a leaf and an object on different object types',
    never('x: name', 'x: names { value }'),
  );
  invalid(
    'nullable and non-null leaves on different object types',
    never('x: name', 'x: website'),
  );
  valid(
    'enums of one type on different object types',
    '{ node(id: "x") { ... on Membership { x: certainty } ... on Participation { x: certainty } } }',
  );
  invalid(
    'enums of differing types on different object types',
    '{ node(id: "x") { ... on Commission { kind } ... on Session { kind } } }',
  );
  invalid(
    'an enum and a string on different object types',
    '{ node(id: "x") { ... on Membership { x: role } ... on State { x: code } } }',
  );
  invalid(
    '__typename and a nullable string on different object types',
    never('x: __typename', 'x: website'),
  );
  invalid(
    '__typename and an enum on different object types',
    '{ node(id: "x") { ... on Member { x: __typename } ... on Membership { x: role } } }',
  );
  invalid(
    '__typename and an object on different object types',
    never('x: __typename', 'x: names { value }'),
  );
  invalid(
    '__typename and a nullable string below different object types',
    never(
      'x: memberships(first: 1) { nodes { y: __typename } }',
      'x: memberships(first: 1) { nodes { y: area } }',
    ),
  );
  valid('__typename on different object types', never('x: __typename', 'x: __typename'));
  valid(
    '__typename and a non-null string on different object types',
    never('x: __typename', 'x: slug'),
  );
  valid(
    'objects of differing types with leaves of one shape',
    '{ node(id: "x") { ... on Membership { x: member { slug } } ... on Stage { x: decision { slug } } } }',
  );
  invalid(
    'objects of differing types with leaves of differing shape',
    '{ node(id: "x") { ... on Membership { x: member { v: born } } ... on Stage { x: decision { v: titleGiven } } } }',
  );
  invalid(
    'lists of differing nullability on different object types',
    '{ a: node(id: "x") { ... on Member { x: names { kind } } ... on Stage { x: basis { kind } } } }',
  );
  const meeting = (a, b, more = '') =>
    `{ lookup(scheme: "a", value: "b") { ... on ${a} } ... on Query { lookup(scheme: "a", value: "b") { ... on ${b} } } } ${more}`;
  invalid(
    'an interface and an object that implements it',
    meeting('Record { slug }', 'State { slug: code }'),
  );
  invalid(
    'two interfaces of which one implements the other',
    meeting('Record { slug }', 'Organization { slug: name }'),
  );
  invalid(
    'two interfaces with differing arguments',
    meeting('Organization { name(lang: "ru") }', 'Organization { name }'),
  );
  valid('two interfaces with one field', meeting('Record { slug }', 'Organization { slug }'));
  valid(
    'two different object types, below one field',
    meeting('State { x: code }', 'Member { x: name }'),
  );
  invalid(
    'an interface of one object and another object that does not implement it',
    meeting('Organization { x: name }', 'Member { x: slug }'),
  );
  invalid(
    'an interface and an object that implements it, below a list',
    '{ attendances(first: 1) { nodes { attendee { ... on Actor { ... on State { x: code } } ... on State { x: name } } } } }',
  );
  invalid(
    'a fragment on the parent against a fragment on an interface in another widget',
    'query { ...A ...B } fragment A on Query { state(code: "KG") { ...R } } fragment R on Record { x: slug } fragment B on Query { state(code: "KG") { x: code } }',
  );

  // Whether two sets of arguments are equal.
  const two = (a, b, header = '', on = 'memberships', select = '{ totalCount }') =>
    `query${header} { ${on}${a} ${select} ${on}${b} ${select} }`;
  valid(
    'the order of arguments does not count',
    two('(first: 1, history: true)', '(history: true, first: 1)'),
  );
  valid(
    'the order of the keys of an object does not count',
    two(
      '(filter: {ongoing: true, role: {eq: CHAIR}})',
      '(filter: {role: {eq: CHAIR}, ongoing: true})',
    ),
  );
  valid(
    'the order of the keys of a nested object does not count',
    two('(filter: {term: {gt: 1, lt: 5}})', '(filter: {term: {lt: 5, gt: 1}})'),
  );
  valid(
    'the order of the keys of objects in a list does not count',
    two('(orderBy: [{field: SINCE, nulls: LAST}])', '(orderBy: [{nulls: LAST, field: SINCE}])'),
  );
  invalid(
    'the order of a list counts',
    two('(filter: {role: {in: [CHAIR, HEAD]}})', '(filter: {role: {in: [HEAD, CHAIR]}})'),
  );
  invalid(
    'a list and its only item differ',
    two('(orderBy: [{field: SINCE}])', '(orderBy: {field: SINCE})'),
  );
  invalid('null and an omitted argument differ', two('(after: null)', ''));
  invalid('a default and an omitted argument differ', two('(history: false)', ''));
  invalid('integers differ', two('(first: 1)', '(first: 2)'));
  invalid('booleans differ', two('(history: true)', '(history: false)'));
  invalid('enum values differ', two('(orderBy: {field: SINCE})', '(orderBy: {field: UNTIL})'));
  invalid('an empty object and null differ', two('(filter: {})', '(filter: null)'));
  invalid('an empty list and an omitted argument differ', two('(orderBy: [])', ''));
  valid('empty lists are equal', two('(orderBy: [])', '(orderBy: [])'));
  valid(
    'white space and commas do not count',
    two('(first:1,history:true)', '( first : 1   history : true , )'),
  );
  valid(
    'different literals of one string are equal',
    '{ assembly(slug: "A") { id } assembly(slug: "\\u0041") { id } }',
  );
  invalid(
    'strings that differ in case differ',
    '{ assembly(slug: "a") { id } assembly(slug: "A") { id } }',
  );
  invalid(
    'a block string and a string of one value differ',
    '{ assembly(slug: "a") { id } assembly(slug: """a""") { id } }',
  );
  invalid(
    'an ID as an integer and as a string differ',
    '{ node(id: 1) { id } node(id: "1") { id } }',
  );
  valid('IDs as equal integers', '{ node(id: 1) { id } node(id: 1) { id } }');
  invalid('variables of one type differ', two('(first: $a)', '(first: $b)', '($a: Int, $b: Int)'));
  valid('one variable on both sides', two('(first: $a)', '(first: $a)', '($a: Int)'));
  invalid('a variable and its default differ', two('(first: $a)', '(first: 1)', '($a: Int = 1)'));
  invalid(
    'variables inside objects differ',
    two('(filter: {term: {eq: $a}})', '(filter: {term: {eq: $b}})', '($a: Int, $b: Int)'),
  );
  valid(
    'one variable inside objects',
    two('(filter: {term: {eq: $a}})', '(filter: {term: {eq: $a}})', '($a: Int)'),
  );
  invalid(
    'variables inside lists differ',
    two(
      '(filter: {term: {in: [$a]}})',
      '(filter: {term: {in: [$b]}})',
      '($a: Int!, $b: Int!)',
      'memberships',
    ),
    { variables: { a: 1, b: 2 } },
  );
  valid(
    'differing values of one variable in an alias',
    '{ a: state(code: "KG") { code } b: state(code: "KZ") { code } }',
  );
  invalid(
    'two aliases of one name',
    '{ a: state(code: "KG") { code } a: state(code: "KZ") { code } }',
  );
  invalid(
    'an alias that is the name of another field',
    '{ state(code: "KG") { code: name code } }',
  );
  valid('an alias that is its own name', '{ state(code: "KG") { code: code code } }');
  valid(
    'directives do not count',
    '{ state(code: "KG") { code @include(if: true) code @skip(if: false) } }',
  );
  valid(
    'directives with differing variables do not count',
    'query($a: Boolean!, $b: Boolean!) { state(code: "KG") { code @include(if: $a) code @include(if: $b) } }',
    { variables: { a: true, b: false } },
  );
  invalid(
    'fields that exclude each other by directives conflict',
    'query($a: Boolean!) { state(code: "KG") { x: code @include(if: $a) x: name @skip(if: $a) } }',
    { variables: { a: true } },
  );
  invalid(
    'parents that exclude each other by directives conflict',
    'query($a: Boolean!) { state(code: "KG") @include(if: $a) { x: code } state(code: "KG") @skip(if: $a) { x: name } }',
    { variables: { a: true } },
  );
  invalid(
    'a conflict in an operation that is not chosen',
    'query A { state(code: "KG") { code } } query B { state(code: "KG") { x: code x: name } }',
    { operationName: 'A' },
  );
  valid(
    'fields of two operations do not meet',
    'query A { x: state(code: "KG") { code } } query B { x: assembly(slug: "x") { slug } }',
    { operationName: 'A' },
  );
  invalid(
    'a conflict in a fragment alone',
    '{ ...F } fragment F on Query { state(code: "KG") { x: code x: name } }',
  );
  invalid(
    'a conflict between fragments of one fragment',
    '{ ...F } fragment F on Query { ...G ...H } fragment G on Query { x: state(code: "KG") { code } } fragment H on Query { x: state(code: "KZ") { code } }',
  );
  valid(
    'a fragment that is spread twice',
    '{ state(code: "KG") { ...F ...F } } fragment F on State { x: code name(lang: "ru") }',
  );
  valid(
    'a fragment below two aliases',
    '{ a: state(code: "KG") { ...F } b: state(code: "KZ") { ...F } } fragment F on State { x: code }',
  );
  invalid(
    'a conflict of three levels',
    '{ assembly(slug: "x") { delegations(first: 1) { nodes { parliament { x: slug } } } } assembly(slug: "x") { delegations(first: 1) { nodes { parliament { x: name } } } } }',
  );
  valid(
    'no conflict of three levels',
    '{ assembly(slug: "x") { delegations(first: 1) { nodes { parliament { x: slug } } } } assembly(slug: "x") { delegations(first: 1) { nodes { parliament { y: name } } } } }',
  );
  invalid(
    'edges and nodes under one alias',
    '{ states(first: 1) { x: edges { cursor } x: nodes { code } } }',
  );
  invalid('a conflict inside introspection', '{ __type(name: "Query") { x: name x: kind } }');
  invalid(
    'a conflict of arguments inside introspection',
    '{ __type(name: "Query") { fields(includeDeprecated: true) { name } fields { name } } }',
  );
  valid('__schema twice', '{ __schema { queryType { name } } __schema { queryType { kind } } }');
  invalid(
    '__type of two names',
    '{ __type(name: "Query") { name } __type(name: "State") { name } }',
  );

  return cases;
}
