// Cases in which graphql-js deviates from the specification of September 2025.

const operationType = {
  verdict: 'rejected',
  paragraph: '5.2.1.1 Operation Type Existence',
  reason:
    'The root type of every operation of a document must exist. Version 16 only reports this when it executes the selected operation.',
};

const typename = {
  verdict: 'rejected',
  paragraph: '5.3.2 Field Selection Merging, SameResponseShape()',
  reason:
    'Fields with the same response name must have the same shape, and the type of __typename is String!. graphql-js looks for __typename among the fields that the type defines, does not find it, and skips the comparison.',
};

const floatForId = {
  verdict: 'rejected',
  paragraph: '3.5.5 ID, Input Coercion',
  reason:
    'A float such as 4.0 must raise a request error. JavaScript reads it from JSON as the integer 4.',
};

/** The correct verdict, the section of the specification and the reason, by rule and name of the case. */
export const exceptions = {
  '5.2.1.1 Operation Type Existence: a mutation beside the selected query': operationType,
  '5.2.1.1 Operation Type Existence: a subscription beside the selected query': operationType,
  '5.3.2 Field Selection Merging: __typename and a nullable string on different object types':
    typename,
  '5.3.2 Field Selection Merging: __typename and an enum on different object types': typename,
  '5.3.2 Field Selection Merging: __typename and an object on different object types': typename,
  '5.3.2 Field Selection Merging: __typename and a nullable string below different object types':
    typename,
  '6.1.2 Coercing Variable Values: 4.0 for ID!': floatForId,
  '6.1.2 Coercing Variable Values: 1e2 for ID!': floatForId,
};
