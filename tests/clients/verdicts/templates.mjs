// Documents that are generated from the types of a schema.

import {
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';

const literals = {
  Int: '1',
  Float: '1.5',
  String: '"x"',
  ID: '"x"',
  Boolean: 'true',
  Date: '"2020-01-01"',
  PartialDate: '"2020"',
  DateTime: '"2020-01-01T00:00:00Z"',
};

/** The smallest valid literal of an input type. */
export function literalOf(type) {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return `[${literalOf(nullable.ofType)}]`;
  if (isEnumType(nullable)) return nullable.getValues()[0].name;
  if (isInputObjectType(nullable)) {
    const fields = Object.values(nullable.getFields()).filter(isRequiredInputField);
    return `{${fields.map(({ name, type: of }) => `${name}: ${literalOf(of)}`).join(', ')}}`;
  }
  return literals[nullable.name];
}

/** The smallest valid JSON value of an input type. */
export function valueOf(type) {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return [valueOf(nullable.ofType)];
  if (isEnumType(nullable)) return nullable.getValues()[0].name;
  if (isInputObjectType(nullable)) {
    const fields = Object.values(nullable.getFields()).filter(isRequiredInputField);
    return Object.fromEntries(fields.map(({ name, type: of }) => [name, valueOf(of)]));
  }
  return JSON.parse(literals[nullable.name]);
}

/** Returns the arguments of a field: the given ones, the required ones, and a page size of one. */
export function argumentsOf(field, given = {}) {
  const parts = field.args.flatMap((argument) => {
    if (argument.name in given) return [`${argument.name}: ${given[argument.name]}`];
    if (isRequiredArgument(argument)) return [`${argument.name}: ${literalOf(argument.type)}`];
    return argument.name === 'first' ? ['first: 1'] : [];
  });
  return parts.length > 0 ? `(${parts.join(', ')})` : '';
}

/** Returns a selection of a field, with a selection set if its type requires one. */
export function selectionOf(field, { alias, given, select } = {}) {
  const of = isCompositeType(getNamedType(field.type)) ? ` { ${select ?? '__typename'} }` : '';
  return `${alias ? `${alias}: ` : ''}${field.name}${argumentsOf(field, given)}${of}`;
}

/** For each object and interface type, a function from a selection on it to one on `Query`. */
export function reachOf(schema) {
  const query = schema.getQueryType();
  const reach = new Map([[query.name, (selection) => selection]]);
  const queue = [query];
  for (const type of queue) {
    const around = reach.get(type.name);
    const add = (next, wrap) => {
      if (reach.has(next.name)) return;
      reach.set(next.name, (selection) => around(wrap(selection)));
      queue.push(next);
    };
    if ('getFields' in type) {
      for (const field of Object.values(type.getFields())) {
        const next = getNamedType(field.type);
        if (isCompositeType(next)) {
          add(next, (selection) => selectionOf(field, { select: selection }));
        }
      }
    }
    if (isAbstractType(type)) {
      for (const next of schema.getPossibleTypes(type)) {
        add(next, (selection) => `... on ${next.name} { ${selection} }`);
      }
    }
  }
  return reach;
}

/** The object types that are records, by name. */
export function recordsOf(schema) {
  return schema.getPossibleTypes(schema.getType('Record')).filter(isObjectType);
}

/** Collects the cases of a rule. */
export function collect(rule) {
  const cases = [];
  const add = (valid) => (name, query, more) => cases.push({ rule, name, query, valid, ...more });
  return {
    cases,
    /** Adds a document that is expected to be valid. */
    valid: add(true),
    /** Adds a request that is expected to be rejected. */
    invalid: add(false),
    /** Adds a document without an expected verdict. */
    either: add(undefined),
  };
}
