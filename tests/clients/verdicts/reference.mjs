// The verdict of graphql-js on a request, by one of its versions.

/** A day of the calendar, `YYYY-MM-DD`, from year 1 on. */
function isDay(text) {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  return Number(year) > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === Number(day);
}

/** What each custom scalar accepts: strings alone, of these forms. */
const scalars = {
  Date: isDay,
  PartialDate: (text) =>
    isDay(text) || (/^\d{4}(-(0[1-9]|1[0-2]))?$/.test(text) && !text.startsWith('0000')),
  DateTime: (text) => {
    const form =
      /^(\d{4}-\d{2}-\d{2})[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
    const [, day] = form.exec(text) ?? [];
    return day !== undefined && isDay(day);
  },
};

function giveScalarsTheirRules(graphql, schema) {
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
 * A function from a case to the verdict of one version of graphql-js.
 *
 * `stage` is the step that refused the request: `parse`, `validate`, `operation` or `variables`.
 * Documents refused by the first two are wrong whatever is requested with them.
 *
 * @param graphql the module
 * @param {string} sdl
 */
export function judgeBy(graphql, sdl) {
  const schema = graphql.buildSchema(sdl);
  giveScalarsTheirRules(graphql, schema);
  // A limit of graphql-js, not a rule of the specification.
  const rules = graphql.specifiedRules.filter(({ name }) => name !== 'MaxIntrospectionDepthRule');

  const refused = (stage, errors) => ({
    verdict: 'refused',
    stage,
    messages: errors.map(({ message }) => message),
  });
  const runs = { verdict: 'runs', messages: [] };

  return ({ query, variables, operationName }) => {
    let document;
    try {
      // Version 17 reads `{ }` unless it is told not to.
      document = graphql.parse(query, { allowEmptySelectionSets: false });
    } catch (error) {
      return refused('parse', [error]);
    }
    const errors = graphql.validate(schema, document, rules);
    if (errors.length > 0) return refused('validate', errors);

    const operation = graphql.getOperationAST(document, operationName);
    if (!operation || !schema.getRootType(operation.operation)) {
      return refused('operation', [{ message: 'There is no such operation.' }]);
    }
    const values = graphql.getVariableValues(
      schema,
      operation.variableDefinitions ?? [],
      JSON.parse(jsonOf(variables)) ?? {},
    );
    return values.errors ? refused('variables', values.errors) : runs;
  };
}

/** Variables as JSON: a text is JSON already, which keeps `3.0` from becoming `3`. */
export function jsonOf(variables) {
  return typeof variables === 'string' ? variables : JSON.stringify(variables ?? null);
}
