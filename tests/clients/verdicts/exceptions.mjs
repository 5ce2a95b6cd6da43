// Cases in which graphql-js does not reach the verdict of the specification of September 2025.

const operationType = {
  verdict: 'refused',
  paragraph: '5.2.1.1 Operation Type Existence',
  reason:
    'The root type of every operation of a document must exist. Version 16 does not validate this; it fails when it runs the operation that is chosen.',
};

const typename = {
  verdict: 'refused',
  paragraph: '5.3.2 Field Selection Merging, SameResponseShape()',
  reason:
    'Every two fields of one response name must have one shape, and the type of __typename is String!. graphql-js looks for __typename among the fields that the type defines, finds none, and compares nothing.',
};

const floatForId = {
  verdict: 'refused',
  paragraph: '3.5.5 ID, Input Coercion',
  reason:
    'A float such as 4.0 must raise a request error. JavaScript reads it from JSON as the integer 4.',
};

/** By rule and name of the case: the verdict, the paragraph that decides, and the reason. */
export const exceptions = {
  '5.2.1.1 Operation Type Existence: a mutation beside the chosen query': operationType,
  '5.2.1.1 Operation Type Existence: a subscription beside the chosen query': operationType,
  '5.3.2 Field Selection Merging: __typename and a nullable string on objects that never meet':
    typename,
  '5.3.2 Field Selection Merging: __typename and an enum on objects that never meet': typename,
  '5.3.2 Field Selection Merging: __typename and an object on objects that never meet': typename,
  '5.3.2 Field Selection Merging: __typename and a nullable string below objects that never meet':
    typename,
  '6.1.2 Coercing Variable Values: 4.0 for ID!': floatForId,
  '6.1.2 Coercing Variable Values: 1e2 for ID!': floatForId,
};
