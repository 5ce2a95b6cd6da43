// Verdicts of graphql-js on requests.

/** Returns whether a string is a date of the form `YYYY-MM-DD`, from year 1. */
function isDate(text) {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  return Number(year) > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === Number(day);
}

/** The strings that each custom scalar accepts. */
const scalars = {
  Date: isDate,
  PartialDate: (text) =>
    isDate(text) || (/^\d{4}(-(0[1-9]|1[0-2]))?$/.test(text) && !text.startsWith('0000')),
  DateTime: (text) => {
    const form =
      /^(\d{4}-\d{2}-\d{2})[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
    const [, day] = form.exec(text) ?? [];
    return day !== undefined && isDate(day);
  },
};

function setScalarRules(graphql, schema) {
  for (const [name, accepts] of Object.entries(scalars)) {
    const scalar = schema.getType(name);
    if (!scalar) continue;
    const ofValue = (value) => {
      if (typeof value === 'string' && accepts(value)) return value;
      throw new graphql.GraphQLError(`${name} cannot represent ${JSON.stringify(value)}.`);
    };
    const ofLiteral = (node) => {
      if (node.kind === graphql.Kind.STRING) return ofValue(node.value);
      throw new graphql.GraphQLError(`${name} cannot represent ${graphql.print(node)}.`);
    };
    Object.assign(scalar, {
      parseValue: ofValue,
      parseLiteral: ofLiteral,
      coerceInputValue: ofValue,
      coerceInputLiteral: ofLiteral,
    });
  }
}

/**
 * Returns a function from a case to the verdict of a version of graphql-js.
 *
 * `stage` is the step that rejected the request: `parse`, `validate`, `operation` or `variables`.
 * The first two steps do not depend on the operation and the variables.
 *
 * @param graphql the module
 * @param {string} sdl
 */
export function verdictBy(graphql, sdl) {
  const schema = graphql.buildSchema(sdl);
  setScalarRules(graphql, schema);
  // A limit of graphql-js, not a rule of the specification.
  const rules = graphql.specifiedRules.filter(({ name }) => name !== 'MaxIntrospectionDepthRule');

  const rejected = (stage, errors) => ({
    verdict: 'rejected',
    stage,
    messages: errors.map(({ message }) => message),
  });
  const accepted = { verdict: 'accepted', messages: [] };

  return ({ query, variables, operationName }) => {
    let document;
    try {
      // Version 17 accepts `{ }` by default.
      document = graphql.parse(query, { allowEmptySelectionSets: false });
    } catch (error) {
      return rejected('parse', [error]);
    }
    const errors = graphql.validate(schema, document, rules);
    if (errors.length > 0) return rejected('validate', errors);

    const operation = graphql.getOperationAST(document, operationName);
    if (!operation || !schema.getRootType(operation.operation)) {
      return rejected('operation', [{ message: 'The operation does not exist.' }]);
    }
    const values = graphql.getVariableValues(
      schema,
      operation.variableDefinitions ?? [],
      JSON.parse(jsonOf(variables)) ?? {},
    );
    return values.errors ? rejected('variables', values.errors) : accepted;
  };
}

/** Returns variables as JSON. A string is JSON already, so that `3.0` does not become `3`. */
export function jsonOf(variables) {
  return typeof variables === 'string' ? variables : JSON.stringify(variables ?? null);
}
