// Cases in which graphql-js does not reach the verdict of the specification, or its versions differ.

const operationType = {
  verdict: 'refused',
  paragraph: '5.2.1.1 Operation Type Existence',
  reason:
    'The root operation type of every operation in a document must exist. Version 16 looks only at the operation that is chosen, and only when it runs.',
};

const typename = {
  verdict: 'refused',
  paragraph: '5.3.2 Field Selection Merging, SameResponseShape()',
  reason:
    'The type of __typename is String!, and the shape of every field counts. graphql-js looks for __typename among the fields of the type, finds no type, and compares nothing.',
};

/** By rule and name of the case: the verdict, the paragraph that decides, and the reason. */
export const exceptions = {
  '5.2.1.1 Operation Type Existence: a mutation beside the chosen query': operationType,
  '5.2.1.1 Operation Type Existence: a subscription beside the chosen query': operationType,
  '5.3.2 Field Selection Merging: __typename and a nullable string on objects that never meet':
    typename,
};
