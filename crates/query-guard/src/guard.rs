//! All steps from the text of a request to an operation that can be executed.

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

/// Prepares operations on a schema for execution.
pub struct Guard {
    schema: Schema,
    options: Options,
}

/// Options of a server.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Whether introspection is enabled.
    pub introspection: bool,
    /// Whether errors about unknown names suggest known ones.
    pub suggestions: bool,
    pub costs: Costs,
}

/// An operation that can be executed.
#[derive(Debug)]
pub struct Prepared {
    /// The operation and the fragments. Arguments whose variable has no value are omitted.
    pub document: ExecutableDocument,
    /// The coerced variables.
    pub variables: Variables,
    pub summary: Summary,
    /// Whether all root fields are introspection fields.
    pub introspects_only: bool,
}

/// The errors of a request that cannot be executed.
#[derive(Debug)]
pub struct Rejection {
    /// At least one.
    pub errors: Vec<Error>,
    pub summary: Summary,
}

/// Describes the operation of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// The name of the operation. If the document has no such operation, `operationName` of the request.
    pub name: Option<String>,
    pub ty: Option<OperationType>,
    /// The query cost, if it was computed.
    pub cost: Option<u64>,
}

impl Guard {
    pub fn new(schema: Schema, options: Options) -> Self {
        Self { schema, options }
    }

    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Parses and validates a document, selects the operation, coerces the variables, computes the cost,
    /// and lowers the operation.
    ///
    /// # Errors
    /// Returns the errors of the first step that fails.
    pub fn prepare(
        &self,
        text: &str,
        operation_name: Option<&str>,
        variables: Variables,
    ) -> Result<Prepared, Rejection> {
        let name = operation_name.map(str::to_owned);
        let mut summary = Summary { name, ..Summary::default() };
        match self.run_steps(text, operation_name, variables, &mut summary) {
            Ok((document, variables, introspects_only)) => {
                Ok(Prepared { document, variables, summary, introspects_only })
            }
            Err(errors) => Err(Rejection { errors, summary }),
        }
    }

    fn run_steps(
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
        let operation = operation.map_err(|kind| vec![kind.without_location()])?;
        let variables = coerce(&self.schema, operation, variables, self.options.suggestions)?;
        let cost = self.cost(&document, operation, &variables);
        summary.cost = Some(cost.total);
        if let Some(error) = cost.error {
            return Err(vec![error]);
        }
        let lowered = lower(&document, operation, &variables);
        Ok((lowered, variables, operation.introspects_only()))
    }

    /// Checks every operation of a document, with the default values of its variables.
    ///
    /// # Errors
    /// Returns the errors of the first step that fails.
    pub fn check(&self, text: &str) -> Result<(), Vec<Error>> {
        let document = parse(text).map_err(|error| vec![error])?;
        self.validate(&document)?;
        for operation in &document.operations {
            if let Some(error) = self.cost(&document, operation, &defaults(operation)).error {
                return Err(vec![error]);
            }
        }
        Ok(())
    }

    /// Computes the cost of an operation of a valid document.
    pub fn cost(&self, document: &Document, operation: &Operation, variables: &Variables) -> Cost {
        self.options.costs.compute(&self.schema, document, operation, variables)
    }

    fn validate(&self, document: &Document) -> Result<(), Vec<Error>> {
        validate(&self.schema, document, self.options.suggestions)?;
        match document.introspection().filter(|_| !self.options.introspection) {
            Some(pos) => Err(vec![ErrorKind::IntrospectionDisabled.at(pos)]),
            None => Ok(()),
        }
    }
}
