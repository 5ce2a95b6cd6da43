// 5.5 Fragments.

import { isAbstractType, isCompositeType } from 'graphql';

import { collect, reachOf } from './templates.mjs';

function uniqueness() {
  const { cases, valid, invalid } = collect('5.5.1.1 Fragment Name Uniqueness');
  valid(
    'two names',
    '{ ...A ...B } fragment A on Query { __typename } fragment B on Query { __typename }',
  );
  valid(
    'names that differ in case',
    '{ ...A ...a } fragment A on Query { __typename } fragment a on Query { __typename }',
  );
  valid(
    'inline fragments have no name',
    '{ ... on Query { __typename } ... on Query { __typename } }',
  );
  invalid(
    'one name twice',
    '{ ...A } fragment A on Query { __typename } fragment A on Query { __typename }',
  );
  invalid(
    'one name on two types',
    '{ ...A state(code: "KG") { ...A } } fragment A on Query { __typename } fragment A on State { code }',
  );
  invalid(
    'one name three times',
    '{ ...A } fragment A on Query { __typename } fragment A on Query { __typename } fragment A on Query { __typename }',
  );
  invalid(
    'one name twice, never spread',
    '{ __typename } fragment A on Query { __typename } fragment A on Query { __typename }',
  );
  return cases;
}

function typeExistence() {
  const { cases, valid, invalid } = collect('5.5.1.2 Fragment Spread Type Existence');
  valid('a type', '{ state(code: "KG") { ...F } } fragment F on State { code }');
  valid('a type, inline', '{ state(code: "KG") { ... on State { code } } }');
  valid(
    'a type of introspection',
    '{ __schema { queryType { ...F } } } fragment F on __Type { name }',
  );
  valid('no type', '{ state(code: "KG") { ... { code } } }');
  invalid(
    'a type that does not exist',
    '{ state(code: "KG") { ...F } } fragment F on Nothing { code }',
  );
  invalid(
    'a type that does not exist, inline',
    '{ state(code: "KG") { ... on Nothing { code } } }',
  );
  invalid('a type in another case', '{ state(code: "KG") { ... on state { code } } }');
  invalid(
    'a type that does not exist, never spread',
    '{ __typename } fragment F on Nothing { code }',
  );
  invalid(
    'a type that does not exist, below a fragment',
    '{ ...F } fragment F on Query { state(code: "KG") { ... on Nothing { code } } }',
  );
  invalid(
    'a type that does not exist, excluded',
    '{ state(code: "KG") { ... on Nothing @skip(if: true) { code } } }',
  );
  invalid('Mutation', '{ ... on Mutation { __typename } }');
  return cases;
}

function composite(schema) {
  const { cases, valid, invalid } = collect(
    '5.5.1.3 Fragments on Object, Interface or Union Types',
  );
  valid('an object', '{ node(id: "x") { ...F } } fragment F on State { code }');
  valid('an interface', '{ node(id: "x") { ...F } } fragment F on Record { slug }');
  valid('a union', '{ node(id: "x") { ...F } } fragment F on CompositionPart { __typename }');
  const builtIn = ['Int', 'Boolean', 'ID', '__TypeKind'];
  const leaves = Object.values(schema.getTypeMap()).filter(
    (type) => !isCompositeType(type) && !type.name.startsWith('__') && !builtIn.includes(type.name),
  );
  for (const type of leaves.filter((each, index) => index % 9 === 0)) {
    invalid(`${type.name}, inline`, `{ node(id: "x") { ... on ${type.name} { x } } }`);
    invalid(`${type.name}`, `{ node(id: "x") { ...F } } fragment F on ${type.name} { x }`);
  }
  for (const name of builtIn) {
    invalid(`${name}, inline`, `{ node(id: "x") { ... on ${name} { x } } }`);
  }
  invalid('a list', '{ node(id: "x") { ... on [State] { code } } }');
  invalid('a non-null type', '{ node(id: "x") { ... on State! { code } } }');
  return cases;
}

function used() {
  const { cases, valid, invalid } = collect('5.5.1.4 Fragments Must Be Used');
  valid('used once', '{ ...F } fragment F on Query { __typename }');
  valid(
    'used by a fragment',
    '{ ...F } fragment F on Query { ...G } fragment G on Query { __typename }',
  );
  valid(
    'used by an operation that is not chosen',
    'query A { __typename } query B { ...F } fragment F on Query { __typename }',
    { operationName: 'A' },
  );
  valid(
    'used where it is excluded',
    '{ __typename ...F @skip(if: true) } fragment F on Query { __typename }',
  );
  invalid('never used', '{ __typename } fragment F on Query { __typename }');
  invalid(
    'one of two never used',
    '{ ...F } fragment F on Query { __typename } fragment G on Query { __typename }',
  );
  invalid(
    'used by a fragment that is never used',
    '{ __typename } fragment F on Query { ...G } fragment G on Query { __typename }',
  );
  invalid(
    'used by each other alone',
    '{ __typename } fragment F on Query { ...G } fragment G on Query { ...F }',
  );
  invalid('a fragment never used, on another type', '{ __typename } fragment F on State { code }');
  return cases;
}

function target() {
  const { cases, valid, invalid } = collect('5.5.2.1 Fragment Spread Target Defined');
  valid('defined', '{ state(code: "KG") { ...F } } fragment F on State { code }');
  valid('defined before', 'fragment F on State { code } { state(code: "KG") { ...F } }');
  invalid('not defined', '{ state(code: "KG") { ...F } }');
  invalid('not defined, at the root', '{ ...F }');
  invalid('not defined, in a fragment', '{ ...F } fragment F on Query { ...G }');
  invalid('not defined, in an inline fragment', '{ ... on Query { ...F } }');
  invalid('defined in another case', '{ ...f } fragment F on Query { __typename }');
  invalid('the name of a type', '{ state(code: "KG") { ...State } }');
  invalid('not defined and excluded', '{ __typename ...F @skip(if: true) }');
  invalid(
    'not defined, in an operation that is not chosen',
    'query A { __typename } query B { ...F }',
    { operationName: 'A' },
  );
  return cases;
}

function cycles() {
  const { cases, valid, invalid } = collect('5.5.2.2 Fragment Spreads Must Not Form Cycles');
  valid(
    'one fragment spread twice',
    '{ ...A ...B } fragment A on Query { ...C } fragment B on Query { ...C } fragment C on Query { __typename }',
  );
  valid(
    'a chain',
    '{ ...A } fragment A on Query { ...B } fragment B on Query { ...C } fragment C on Query { __typename }',
  );
  valid(
    'one type within itself, without a cycle',
    '{ ...A } fragment A on Query { commissions(first: 1) { nodes { ...B } } } fragment B on Commission { under { ...C } } fragment C on Commission { slug }',
  );
  invalid('itself', '{ ...A } fragment A on Query { ...A }');
  invalid('itself beside a field', '{ ...A } fragment A on Query { __typename ...A }');
  invalid(
    'itself below a field',
    '{ commissions(first: 1) { nodes { ...A } } } fragment A on Commission { under { ...A } }',
  );
  invalid('itself in an inline fragment', '{ ...A } fragment A on Query { ... on Query { ...A } }');
  invalid('each other', '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }');
  invalid(
    'each other below fields',
    '{ states(first: 1) { nodes { ...A } } } fragment A on State { parliaments { ...B } } fragment B on Parliament { state { ...A } }',
  );
  invalid(
    'three',
    '{ ...A } fragment A on Query { ...B } fragment B on Query { ...C } fragment C on Query { ...A }',
  );
  invalid(
    'a cycle that the operation enters from beside',
    '{ ...A } fragment A on Query { ...B } fragment B on Query { ...C } fragment C on Query { ...B }',
  );
  invalid(
    'a cycle that is excluded',
    '{ ...A } fragment A on Query { __typename ...A @skip(if: true) }',
  );
  invalid('two cycles', '{ ...A ...B } fragment A on Query { ...A } fragment B on Query { ...B }');
  invalid('a cycle that is never spread', '{ __typename } fragment A on Query { ...A }');
  return cases;
}

function possible(schema) {
  const rules = {
    'object object': '5.5.2.3.1 Object Spreads in Object Scope',
    'object abstract': '5.5.2.3.2 Abstract Spreads in Object Scope',
    'abstract object': '5.5.2.3.3 Object Spreads in Abstract Scope',
    'abstract abstract': '5.5.2.3.4 Abstract Spreads in Abstract Scope',
  };
  const groups = Object.fromEntries(
    Object.entries(rules).map(([key, rule]) => [key, collect(rule)]),
  );
  const reach = reachOf(schema);
  const sort = (type) => (isAbstractType(type) ? 'abstract' : 'object');
  const names = {
    object: ['Query', 'State', 'Assembly', 'Member', 'Claim', 'PageInfo', 'SeatAllocation'],
    abstract: Object.values(schema.getTypeMap())
      .filter(isAbstractType)
      .map(({ name }) => name),
  };
  let named = false;
  for (const scope of [...names.object, ...names.abstract]) {
    for (const spread of [...names.object, ...names.abstract]) {
      const [outer, inner] = [schema.getType(scope), schema.getType(spread)];
      if (!inner || !reach.has(scope)) continue;
      const of = (type) => (isAbstractType(type) ? schema.getPossibleTypes(type) : [type]);
      const meets = of(outer).some((type) => of(inner).includes(type));
      const group = groups[`${sort(outer)} ${sort(inner)}`];
      named = !named;
      (meets ? group.valid : group.invalid)(
        `${spread} in ${scope}`,
        named
          ? `{ ${reach.get(scope)('...F')} } fragment F on ${spread} { __typename }`
          : `{ ${reach.get(scope)(`... on ${spread} { __typename }`)} }`,
      );
    }
  }
  const nested = groups['abstract abstract'];
  nested.valid(
    'three abstract types that share a type',
    '{ node(id: "x") { ... on Record { ... on Actor { ... on Organization { name } } } } }',
  );
  nested.valid(
    'abstract types with an object at the end',
    '{ node(id: "x") { ... on Actor { ... on Record { ... on Member { name } } } } }',
  );
  groups['object abstract'].invalid(
    'an object inside an interface that it does not implement',
    '{ node(id: "x") { ... on Organization { ... on Member { name } } } }',
    { rule: rules['abstract object'] },
  );
  return Object.values(groups).flatMap(({ cases }) => cases);
}

export const documents = (schema) => [
  ...uniqueness(),
  ...typeExistence(),
  ...composite(schema),
  ...used(),
  ...target(),
  ...cycles(),
  ...possible(schema),
];
