//! Executes requests: parses, validates, coerces variables, computes the cost, and runs the operation.
//!
//! Every request passes through here, and no resolver runs before all checks have succeeded.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Instant};

use async_graphql::{Pos, Request, Response, ServerError, Value, parser::types::OperationType};
use chrono::NaiveDate;
use futures_util::{FutureExt, future::BoxFuture};
use query_guard::{Prepared, Rejection, Summary};
use sea_orm::DatabaseConnection;

use super::{Schema, introspection_cache::CacheKey};
use crate::graph::{
    BadInput, Error, Graph,
    error::{self, Code},
    snapshot::{Plan, Snapshot},
};

/// The response to a request, and properties of the request for logs and metrics.
pub struct ExecutionResult {
    pub response: Response,
    /// The name of the operation, if it has one.
    pub operation: Option<String>,
    /// Whether the operation is a mutation or a subscription, which the schema does not have.
    pub writes: bool,
    /// The code of the first error.
    pub error: Option<Code>,
    /// Whether the operation was executed. If false, the response contains request errors only.
    pub executed: bool,
}

/// Executes a request on one snapshot of the data, as of `today` unless it sets `asOf`.
/// `extensions.cost` is its cost by [`COSTS`](super::COSTS), `extensions.statements` the number of
/// its SQL statements.
///
/// The future is boxed so that the resolvers are compiled here and not in each calling crate.
pub fn execute<'a>(
    schema: &'a Schema,
    database: &DatabaseConnection,
    today: NaiveDate,
    request: Request,
) -> BoxFuture<'a, Response> {
    execute_until(schema, database, today, request, None).map(|result| result.response).boxed()
}

/// Executes a request until the deadline and returns the properties of the request too.
pub fn execute_until<'a>(
    schema: &'a Schema,
    database: &DatabaseConnection,
    today: NaiveDate,
    request: Request,
    deadline: Option<Instant>,
) -> BoxFuture<'a, ExecutionResult> {
    let snapshot = Snapshot::new(database.clone()).until(deadline);
    schema.run(Arc::new(Graph::new(snapshot, today)), request, deadline)
}

/// Executes a request and returns the query plan of each statement too.
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
    /// Returns a digest of everything but the data that responses depend on.
    pub fn digest(&self) -> u64 {
        self.digest
    }

    fn run(
        &self,
        graph: Arc<Graph>,
        mut request: Request,
        deadline: Option<Instant>,
    ) -> BoxFuture<'_, ExecutionResult> {
        async move {
            let text = std::mem::take(&mut request.query);
            // Some clients send an empty `operationName`.
            let name = request.operation_name.take().filter(|name| !name.is_empty());
            let variables = std::mem::take(&mut request.variables);
            let (summary, mut response) =
                match self.guard.prepare(&text, name.as_deref(), variables) {
                    Ok(prepared) => self.respond(&graph, request, text, prepared, deadline).await,
                    Err(Rejection { errors, summary }) => {
                        let errors = errors.into_iter().map(server_error).collect();
                        (summary, Response::from_errors(errors))
                    }
                };
            let Summary { name: operation, ty, cost } = summary;
            let error = error::mask(&mut response, operation.as_deref());
            let is_field_error = |error: &ServerError| !error.path.is_empty();
            let executed = error.is_none() || response.errors.iter().any(is_field_error);
            if let Some(cost) = cost {
                response = response.extension("cost", cost.into());
            }
            let response = response.extension("statements", graph.statements().into());
            let writes = ty.is_some_and(|ty| ty != OperationType::Query);
            ExecutionResult { response, operation, writes, error, executed }
        }
        .boxed()
    }

    /// Executes a prepared request. Results of requests that only introspect are cached.
    async fn respond(
        &self,
        graph: &Arc<Graph>,
        mut request: Request,
        text: String,
        prepared: Prepared,
        deadline: Option<Instant>,
    ) -> (Summary, Response) {
        let Prepared { document, variables, summary, introspects_only } = prepared;
        let key = introspects_only.then(|| CacheKey::new(text, summary.name.clone(), &variables));
        if let Some(data) = key.as_ref().and_then(|key| self.introspection_cache.get(key)) {
            return (summary, Response::new(Value::clone(&data)));
        }
        request.set_parsed_query(document);
        request.variables = variables;
        let response = self.execute_until(graph, request, deadline).await;
        if let Some(key) = key.filter(|_| response.is_ok()) {
            self.introspection_cache.insert(key, response.data.clone());
        }
        (summary, response)
    }

    /// Executes a request until the deadline. If a resolver panics, the response is an error.
    async fn execute_until(
        &self,
        graph: &Arc<Graph>,
        request: Request,
        deadline: Option<Instant>,
    ) -> Response {
        let request = request.data(graph.clone()).data(self.guard.clone());
        let execution = AssertUnwindSafe(graph.drive(self.graphql.execute(request))).catch_unwind();
        let result = match deadline {
            Some(deadline) => tokio::time::timeout_at(deadline.into(), execution).await.ok(),
            None => Some(execution.await),
        };
        let error = match result {
            Some(Ok(response)) => return response,
            // The panic message is already in the log.
            Some(Err(_)) => Error::Broken("a resolver panicked".to_owned()),
            None => Error::TooSlow,
        };
        Response::from_errors(vec![error.of_request(None)])
    }

    /// Validates every operation of a document without executing it. Returns the first error.
    pub fn validate(&self, text: &str) -> Result<(), String> {
        self.guard.check(text).map_err(|errors| {
            let error = errors
                .into_iter()
                .map(server_error)
                .next()
                .unwrap_or_else(|| ServerError::new("", None));
            match error.locations.first() {
                Some(Pos { line, column }) => {
                    format!("line {line}, column {column}: {}", error.message)
                }
                None => error.message,
            }
        })
    }
}

/// Converts a validation error to an error of the response.
fn server_error(error: query_guard::Error) -> ServerError {
    let locations = error.locations;
    let error = Error::from(BadInput::from(error.kind)).of_request(None);
    ServerError { locations, ..error }
}
