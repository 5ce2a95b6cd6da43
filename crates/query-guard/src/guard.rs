//! From the text of a request to what may run.

use async_graphql_parser::types::{ExecutableDocument, OperationType};
use async_graphql_value::Variables;

use crate::{
    ast::{Document, Operation},
    coerce,
    cost::{Cost, Costs},
    defaults,
    error::{Error, ErrorKind},
    lower, parse,
    schema::Schema,
    validate,
};

/// Decides which operations on a schema may run.
pub struct Guard {
    schema: Schema,
    options: Options,
}

/// What a server may choose.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Whether the schema can be introspected.
    pub introspection: bool,
    /// Whether errors suggest names.
    pub suggestions: bool,
    pub costs: Costs,
}

/// An operation that may run.
#[derive(Debug)]
pub struct Prepared {
    /// The operation and the fragments, without arguments whose variable has no value.
    pub document: ExecutableDocument,
    /// The coerced variables.
    pub variables: Variables,
    pub summary: Summary,
    /// Whether it selects the schema and nothing else.
    pub introspects_only: bool,
}

/// Why an operation may not run.
#[derive(Debug)]
pub struct Rejection {
    /// At least one.
    pub errors: Vec<Error>,
    pub summary: Summary,
}

/// What is known of the operation of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Its name; if the document has no such operation, the one that the request gives.
    pub name: Option<String>,
    pub ty: Option<OperationType>,
    /// What it costs, if that was computed.
    pub cost: Option<u64>,
}

impl Guard {
    pub fn new(schema: Schema, options: Options) -> Self {
        Self { schema, options }
    }

    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Parses and validates a document, chooses its operation, coerces the variables, computes the
    /// cost, and lowers the operation.
    ///
    /// # Errors
    /// The errors of the first of these steps that fails.
    pub fn prepare(
        &self,
        text: &str,
        operation_name: Option<&str>,
        variables: Variables,
    ) -> Result<Prepared, Rejection> {
        let name = operation_name.map(str::to_owned);
        let mut summary = Summary { name, ..Summary::default() };
        match self.steps(text, operation_name, variables, &mut summary) {
            Ok((document, variables, introspects_only)) => {
                Ok(Prepared { document, variables, summary, introspects_only })
            }
            Err(errors) => Err(Rejection { errors, summary }),
        }
    }

    fn steps(
        &self,
        text: &str,
        operation_name: Option<&str>,
        variables: Variables,
        summary: &mut Summary,
    ) -> Result<(ExecutableDocument, Variables, bool), Vec<Error>> {
        let document = parse(text).map_err(|error| vec![error])?;
        let operation = document.operation(operation_name);
        if let Ok(operation) = operation {
            summary.name = operation.name.map(|name| name.text.to_owned());
            summary.ty = Some(operation.ty);
        }
        self.validate(&document)?;
        let operation = operation.map_err(|kind| vec![kind.nowhere()])?;
        let variables = coerce(&self.schema, operation, variables, self.options.suggestions)?;
        let Cost { total, excess } = self.cost(&document, operation, &variables);
        summary.cost = Some(total);
        if let Some(error) = excess {
            return Err(vec![error]);
        }
        let lowered = lower(&document, operation, &variables);
        Ok((lowered, variables, operation.introspects_only()))
    }

    /// Checks that every operation of a document may run, as far as its variables do not matter.
    ///
    /// # Errors
    /// The errors of the first step that fails.
    pub fn check(&self, text: &str) -> Result<(), Vec<Error>> {
        let document = parse(text).map_err(|error| vec![error])?;
        self.validate(&document)?;
        for operation in &document.operations {
            if let Some(error) = self.cost(&document, operation, &defaults(operation)).excess {
                return Err(vec![error]);
            }
        }
        Ok(())
    }

    /// Computes the cost of an operation of a valid document.
    pub fn cost(&self, document: &Document, operation: &Operation, variables: &Variables) -> Cost {
        self.options.costs.of(&self.schema, document, operation, variables)
    }

    fn validate(&self, document: &Document) -> Result<(), Vec<Error>> {
        validate(&self.schema, document, self.options.suggestions)?;
        match document.introspection().filter(|_| !self.options.introspection) {
            Some(pos) => Err(vec![ErrorKind::IntrospectionDisabled.at(pos)]),
            None => Ok(()),
        }
    }
}
