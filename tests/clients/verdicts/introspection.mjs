// 4 Introspection.

import { collect } from './templates.mjs';

export function documents() {
  const { cases, valid, invalid } = collect('4 Introspection');
  valid('__typename of an object', '{ state(code: "KG") { __typename } }');
  valid('__typename of an interface', '{ node(id: "x") { __typename } }');
  valid(
    '__typename of a union',
    '{ delegation(slug: "x") { composition(first: 1) { nodes { added { __typename } } } } }',
  );
  valid('__typename of Query', '{ __typename }');
  valid('__typename of introspection', '{ __schema { __typename queryType { __typename } } }');
  valid('__schema', '{ __schema { queryType { name } description } }');
  valid('__schema under an alias', '{ s: __schema { queryType { name } } }');
  valid(
    '__schema in a fragment',
    '{ ...F } fragment F on Query { __schema { queryType { name } } }',
  );
  valid('__type', '{ __type(name: "State") { kind name description specifiedByURL isOneOf } }');
  valid('__type of a name that does not exist', '{ __type(name: "Nothing") { name } }');
  valid('__type by a variable', 'query($n: String!) { __type(name: $n) { name } }', {
    variables: { n: 'State' },
  });
  valid(
    'fields of a type',
    '{ __type(name: "PageInfo") { fields { name type { kind ofType { name } } args { name defaultValue } isDeprecated deprecationReason } } }',
  );
  valid(
    'fields with deprecated ones',
    '{ __type(name: "Limits") { fields(includeDeprecated: true) { name } } }',
  );
  valid(
    'arguments with deprecated ones',
    '{ __type(name: "Service") { fields { args(includeDeprecated: true) { name isDeprecated deprecationReason } } } }',
  );
  valid(
    'input fields with deprecated ones',
    '{ __type(name: "IntRange") { inputFields(includeDeprecated: true) { name isDeprecated } } }',
  );
  valid(
    'enum values',
    '{ __type(name: "House") { enumValues(includeDeprecated: false) { name isDeprecated deprecationReason } } }',
  );
  valid(
    'interfaces and possible types',
    '{ __type(name: "Organization") { interfaces { name } possibleTypes { name } } }',
  );
  valid('directives', '{ __schema { directives { name isRepeatable locations args { name } } } }');
  valid(
    'a fragment on __Type',
    '{ __type(name: "House") { ...F } } fragment F on __Type { name kind }',
  );
  valid('a fragment on __Directive', '{ __schema { directives { ... on __Directive { name } } } }');
  valid(
    'mutationType and subscriptionType',
    '{ __schema { mutationType { name } subscriptionType { name } } }',
  );
  invalid('__type without a name', '{ __type { name } }');
  invalid('__type with null', '{ __type(name: null) { name } }');
  invalid('__type with an integer', '{ __type(name: 1) { name } }');
  invalid('__type with an enum value', '{ __type(name: State) { name } }');
  invalid('__type with another argument', '{ __type(name: "State", kind: OBJECT) { name } }');
  invalid('__type without a sub-selection', '{ __type(name: "State") }');
  invalid('__schema without a sub-selection', '{ __schema }');
  invalid('__schema below the root', '{ state(code: "KG") { __schema { queryType { name } } } }');
  invalid('__type below the root', '{ state(code: "KG") { __type(name: "State") { name } } }');
  invalid('__schema on a connection', '{ states(first: 1) { __schema { queryType { name } } } }');
  invalid('__type on an interface', '{ node(id: "x") { __type(name: "State") { name } } }');
  invalid(
    '__schema on a union',
    '{ delegation(slug: "x") { composition(first: 1) { nodes { added { __schema { queryType { name } } } } } } }',
  );
  invalid('__type inside __schema', '{ __schema { __type(name: "State") { name } } }');
  invalid('an unknown field of __Schema', '{ __schema { nothing } }');
  invalid('an unknown field of __Type', '{ __type(name: "State") { nothing } }');
  invalid('an unknown field of __Field', '{ __type(name: "PageInfo") { fields { kind } } }');
  invalid(
    'an unknown field of __InputValue',
    '{ __type(name: "IntRange") { inputFields { args { name } } } }',
  );
  invalid(
    'an unknown field of __EnumValue',
    '{ __type(name: "House") { enumValues { type { name } } } }',
  );
  invalid('an unknown field of __Directive', '{ __schema { directives { fields { name } } } }');
  invalid('onField of __Directive', '{ __schema { directives { onField } } }');
  invalid(
    'includeDeprecated with a string',
    '{ __type(name: "Limits") { fields(includeDeprecated: "true") { name } } }',
  );
  invalid(
    'includeDeprecated with an integer',
    '{ __type(name: "Limits") { fields(includeDeprecated: 1) { name } } }',
  );
  invalid(
    'an unknown argument of fields',
    '{ __type(name: "Limits") { fields(first: 1) { name } } }',
  );
  invalid('a sub-selection of kind', '{ __type(name: "State") { kind { name } } }');
  invalid('types without a sub-selection', '{ __schema { types } }');
  invalid(
    'a fragment on a type of introspection at the root',
    '{ ... on __Schema { queryType { name } } }',
  );
  invalid(
    'a fragment on a record inside introspection',
    '{ __type(name: "State") { ... on State { code } } }',
  );
  invalid('a name of two underscores that does not exist', '{ __nothing }');
  invalid('__typename with a sub-selection', '{ __typename { name } }');
  invalid('__typename of a leaf', '{ state(code: "KG") { code { __typename } } }');
  invalid('__Typename', '{ __Typename }');
  invalid('_typename', '{ _typename }');
  return cases;
}
