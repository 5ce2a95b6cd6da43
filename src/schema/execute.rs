//! The one way to execute a request: parse, validate, coerce, price, run.
//!
//! Nothing of a request runs before all of it is judged, whichever way it came in.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Instant};

use async_graphql::{Pos, Request, Response, ServerError, Value, parser::types::OperationType};
use chrono::NaiveDate;
use futures_util::{FutureExt, future::BoxFuture};
use query_guard::{Prepared, Rejection, Summary};
use sea_orm::DatabaseConnection;

use super::{Schema, kept::Key};
use crate::graph::{
    BadInput, Error, Graph,
    error::{self, Code},
    snapshot::{Plan, Snapshot},
};

/// What came of a request.
pub struct ExecutionResult {
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

/// Executes a request on one state of the data; `extensions.cost` is its cost by
/// [`COSTS`](super::COSTS), `extensions.statements` the number of its SQL statements. What is
/// current is so on the day `today`.
///
/// Boxed, so that the resolvers are compiled here and not in each crate that calls it.
pub fn execute<'a>(
    schema: &'a Schema,
    database: &DatabaseConnection,
    today: NaiveDate,
    request: Request,
) -> BoxFuture<'a, Response> {
    execute_until(schema, database, today, request, None).map(|result| result.response).boxed()
}

/// The same until a deadline, with what there is to know of the request.
pub fn execute_until<'a>(
    schema: &'a Schema,
    database: &DatabaseConnection,
    today: NaiveDate,
    request: Request,
    until: Option<Instant>,
) -> BoxFuture<'a, ExecutionResult> {
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
    let result = schema.run(graph.clone(), request, None).await;
    (result.response, graph.plans())
}

impl Schema {
    /// What its responses depend on besides the data.
    pub fn digest(&self) -> u64 {
        self.digest
    }

    fn run(
        &self,
        graph: Arc<Graph>,
        mut request: Request,
        until: Option<Instant>,
    ) -> BoxFuture<'_, ExecutionResult> {
        async move {
            let text = std::mem::take(&mut request.query);
            // Some clients always send it.
            let name = request.operation_name.take().filter(|name| !name.is_empty());
            let variables = std::mem::take(&mut request.variables);
            let (summary, mut response) =
                match self.guard.prepare(&text, name.as_deref(), variables) {
                    Ok(prepared) => self.respond(&graph, request, text, prepared, until).await,
                    Err(Rejection { errors, summary }) => {
                        let errors = errors.into_iter().map(server_error).collect();
                        (summary, Response::from_errors(errors))
                    }
                };
            let Summary { name: operation, ty, cost } = summary;
            let error = error::mask(&mut response, operation.as_deref());
            let of_field = |error: &ServerError| !error.path.is_empty();
            let ran = error.is_none() || response.errors.iter().any(of_field);
            if let Some(cost) = cost {
                response = response.extension("cost", cost.into());
            }
            let response = response.extension("statements", graph.statements().into());
            let writes = ty.is_some_and(|ty| ty != OperationType::Query);
            ExecutionResult { response, operation, writes, error, ran }
        }
        .boxed()
    }

    /// Runs what may run; of what selects nothing but the schema, the result is kept.
    async fn respond(
        &self,
        graph: &Arc<Graph>,
        mut request: Request,
        text: String,
        prepared: Prepared,
        until: Option<Instant>,
    ) -> (Summary, Response) {
        let Prepared { document, variables, summary, introspects_only } = prepared;
        let key = introspects_only.then(|| Key::new(text, summary.name.clone(), &variables));
        if let Some(data) = key.as_ref().and_then(|key| self.introspected.get(key)) {
            return (summary, Response::new(Value::clone(&data)));
        }
        request.set_parsed_query(document);
        request.variables = variables;
        let response = self.bounded(graph, request, until).await;
        if let Some(key) = key.filter(|_| response.is_ok()) {
            self.introspected.put(key, response.data.clone());
        }
        (summary, response)
    }

    /// Runs a request within its time. A panic of a resolver is the end of the request, and of
    /// nothing else.
    async fn bounded(
        &self,
        graph: &Arc<Graph>,
        request: Request,
        until: Option<Instant>,
    ) -> Response {
        let request = request.data(graph.clone()).data(self.guard.clone());
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

    /// Checks that every operation of a document could run; else says why not. Nothing of it runs.
    pub fn validate(&self, text: &str) -> Result<(), String> {
        self.guard.check(text).map_err(|errors| {
            let error = errors.into_iter().map(server_error).next();
            let error = error.unwrap_or_else(|| ServerError::new("", None));
            match error.locations.first() {
                Some(Pos { line, column }) => {
                    format!("line {line}, column {column}: {}", error.message)
                }
                None => error.message,
            }
        })
    }
}

/// An error of a document, as a response has it.
fn server_error(error: query_guard::Error) -> ServerError {
    let locations = error.locations;
    let error = Error::from(BadInput::from(error.kind)).of_request(None);
    ServerError { locations, ..error }
}
