//! The one way to execute a request: parse, validate, coerce, price, run.
//!
//! Nothing of a request runs before all of it is judged, whichever way it came in.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Instant};

use async_graphql::{Pos, Request, Response, ServerError, Value, parser::types::OperationType};
use chrono::NaiveDate;
use futures_util::{FutureExt, future::BoxFuture};
use query_guard::{
    Cost, ErrorKind,
    ast::{Document, Field, Operation, Selection, SelectionSet},
    coerce, defaults, lower, parse, validate,
};
use sea_orm::DatabaseConnection;

use super::{COSTS, Schema, kept::Key};
use crate::graph::{
    BadInput, Error, Graph,
    error::{self, Code},
    snapshot::{Plan, Snapshot},
};

/// What came of a request.
pub struct Answer {
    pub response: Response,
    /// The name of the operation, where it has one.
    pub operation: Option<String>,
    /// Whether it asked for more than to read, which nobody can here.
    pub writes: bool,
    /// The code of the first error.
    pub error: Option<Code>,
    /// Whether there is anything to show: else the errors are of the request as a whole.
    pub ran: bool,
}

/// Executes a request on one state of the data; `extensions.cost` is its cost by the rule of
/// [`COSTS`], `extensions.statements` the number of its SQL statements. What is
/// current is so on the day `today`.
///
/// Boxed, so that the resolvers are compiled here and not in each crate that calls it.
pub fn execute<'a>(
    schema: &'a Schema,
    database: &DatabaseConnection,
    today: NaiveDate,
    request: Request,
) -> BoxFuture<'a, Response> {
    answer(schema, database, today, request, None).map(|answer| answer.response).boxed()
}

/// The same until a deadline, with what there is to know of the request.
pub fn answer<'a>(
    schema: &'a Schema,
    database: &DatabaseConnection,
    today: NaiveDate,
    request: Request,
    until: Option<Instant>,
) -> BoxFuture<'a, Answer> {
    let snapshot = Snapshot::new(database.clone()).until(until);
    schema.run(Arc::new(Graph::new(snapshot, today)), request, until)
}

/// The response, and how the store executes each statement.
pub async fn explain(
    schema: &Schema,
    database: &DatabaseConnection,
    today: NaiveDate,
    request: Request,
) -> (Response, Vec<Plan>) {
    let graph = Arc::new(Graph::new(Snapshot::explained(database.clone()), today));
    let answer = schema.run(graph.clone(), request, None).await;
    (answer.response, graph.plans())
}

/// What is known of a request whether it may run or not.
#[derive(Default)]
struct Known {
    operation: Option<String>,
    writes: bool,
    cost: Option<u64>,
}

/// A request that may run.
enum Prepared {
    Request(Request),
    /// It selects nothing but the schema: its result is kept by the key, with its cost.
    Introspection(Request, Key, u64),
    /// It selects nothing but the schema, and its result is known.
    Kept(Value),
}

/// Why a request may not run.
type Refused = Vec<ServerError>;

impl Schema {
    /// What its responses depend on besides the data.
    pub fn digest(&self) -> u64 {
        self.digest
    }

    fn run(
        &self,
        graph: Arc<Graph>,
        request: Request,
        until: Option<Instant>,
    ) -> BoxFuture<'_, Answer> {
        async move {
            let mut known = Known::default();
            let mut response = match self.prepare(request, &mut known) {
                Err(errors) => Response::from_errors(errors),
                Ok(Prepared::Request(request)) => self.bounded(&graph, request, until).await,
                Ok(Prepared::Introspection(request, key, cost)) => {
                    let response = self.bounded(&graph, request, until).await;
                    if response.is_ok() {
                        self.introspected.put(key, response.data.clone(), cost);
                    }
                    response
                }
                Ok(Prepared::Kept(data)) => Response::new(data),
            };
            let Known { operation, writes, cost } = known;
            let error = error::mask(&mut response, operation.as_deref());
            let of_field = |error: &ServerError| !error.path.is_empty();
            let ran = error.is_none() || response.errors.iter().any(of_field);
            if let Some(cost) = cost {
                response = response.extension("cost", cost.into());
            }
            let response = response.extension("statements", graph.statements().into());
            Answer { response, operation, writes, error, ran }
        }
        .boxed()
    }

    /// Runs a request within its time. A panic of a resolver is the end of the request, and of
    /// nothing else.
    async fn bounded(
        &self,
        graph: &Arc<Graph>,
        request: Request,
        until: Option<Instant>,
    ) -> Response {
        let request = request.data(graph.clone()).data(self.definitions.clone());
        let work = graph.drive(self.graphql.execute(request));
        let work = AssertUnwindSafe(work).catch_unwind();
        let done = match until {
            Some(until) => tokio::time::timeout_at(until.into(), work).await.ok(),
            None => Some(work.await),
        };
        let ended = match done {
            Some(Ok(response)) => return response,
            // The panic has reported itself.
            Some(Err(_)) => Error::Broken("a resolver panicked".to_owned()),
            None => Error::TooSlow,
        };
        Response::from_errors(vec![ended.of_request(None)])
    }

    /// Reads and judges a request; what may run has its document parsed and its variables coerced.
    fn prepare(&self, mut request: Request, known: &mut Known) -> Result<Prepared, Refused> {
        // Some clients always send it.
        let name = request.operation_name.take().filter(|name| !name.is_empty());
        known.operation.clone_from(&name);
        let text = std::mem::take(&mut request.query);
        let document = parse(&text).map_err(|error| vec![refused(error)])?;
        let operation = document.operation(name.as_deref());
        if let Ok(operation) = &operation {
            known.operation = operation.name.map(|name| name.text.to_owned());
            known.writes = operation.ty != OperationType::Query;
        }
        self.check(&document)?;
        let operation = operation
            .map_err(|kind| vec![Error::from(BadInput::from(Box::new(kind))).of_request(None)])?;
        let suggestions = self.options.suggestions;
        let variables = std::mem::take(&mut request.variables);
        let variables = coerce(&self.definitions, operation, variables, suggestions);
        request.variables =
            variables.map_err(|errors| errors.into_iter().map(refused).collect::<Vec<_>>())?;
        let key = introspects_only(operation)
            .then(|| Key::new(text.clone(), known.operation.clone(), &request.variables));
        if let Some(kept) = key.as_ref().and_then(|key| self.introspected.get(key)) {
            known.cost = Some(kept.cost);
            return Ok(Prepared::Kept(kept.data.clone()));
        }
        let variables = &request.variables;
        let Cost { total: cost, excess } =
            COSTS.of(&self.definitions, &document, operation, variables);
        known.cost = Some(cost);
        if let Some(error) = excess {
            return Err(vec![refused(error)]);
        }
        let lowered = lower(&document, operation, &request.variables);
        request.set_parsed_query(lowered);
        Ok(match key {
            Some(key) => Prepared::Introspection(request, key, cost),
            None => Prepared::Request(request),
        })
    }

    /// Checks a document against the schema.
    fn check(&self, document: &Document) -> Result<(), Refused> {
        validate(&self.definitions, document, self.options.suggestions)
            .map_err(|errors| errors.into_iter().map(refused).collect::<Vec<_>>())?;
        match introspection(document).filter(|_| !self.options.introspection) {
            Some(at) => Err(vec![refused(ErrorKind::IntrospectionDisabled.at(at))]),
            None => Ok(()),
        }
    }

    /// Checks that every operation of a document could run; else says why not. Nothing of it runs.
    pub fn validate(&self, text: &str) -> Result<(), String> {
        let show = |errors: Refused| {
            let error = errors.into_iter().next().unwrap_or_else(|| ServerError::new("", None));
            match error.locations.first() {
                Some(Pos { line, column }) => {
                    format!("line {line}, column {column}: {}", error.message)
                }
                None => error.message,
            }
        };
        let document = parse(text).map_err(|error| show(vec![refused(error)]))?;
        self.check(&document).map_err(show)?;
        for operation in &document.operations {
            self.check_cost(&document, operation).map_err(show)?;
        }
        Ok(())
    }

    /// Checks the cost of an operation whose variables are not known yet.
    fn check_cost(&self, document: &Document, operation: &Operation) -> Result<(), Refused> {
        let variables = defaults(operation);
        match COSTS.of(&self.definitions, document, operation, &variables).excess {
            Some(error) => Err(vec![refused(error)]),
            None => Ok(()),
        }
    }
}

/// An error of a document, as a response has it.
fn refused(error: query_guard::Error) -> ServerError {
    let mut refused = Error::from(BadInput::from(error.kind)).of_request(None);
    refused.locations = error.locations;
    refused
}

/// Whether a field is one of introspection that the query root has.
fn introspects(field: &Field) -> bool {
    ["__schema", "__type"].contains(&field.name.text)
}

/// Whether an operation selects the schema and nothing else.
fn introspects_only(operation: &Operation) -> bool {
    operation.selection_set.items.iter().all(|item| match item {
        Selection::Field(field) => introspects(field),
        _ => false,
    })
}

/// Where a document selects its schema, which it can at its root alone.
fn introspection(document: &Document) -> Option<Pos> {
    fn within(set: &SelectionSet) -> Option<Pos> {
        set.items.iter().find_map(|item| match item {
            Selection::Field(field) => introspects(field).then_some(field.name.pos),
            Selection::Inline(inline) => within(&inline.selection_set),
            Selection::Spread(_) => None,
        })
    }
    let operations = document.operations.iter().map(|operation| &operation.selection_set);
    let fragments = document.fragments.iter().map(|fragment| &fragment.selection_set);
    operations.chain(fragments).find_map(within)
}
