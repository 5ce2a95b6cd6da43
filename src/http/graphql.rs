//! Implements the GraphQL over HTTP specification.

use std::{
    collections::BTreeMap,
    panic::resume_unwind,
    sync::Arc,
    time::{Duration, Instant},
};

use async_graphql::ServerError;
use async_graphql_axum::GraphQLResponse;
use async_graphql_value::ConstValue;
use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use chrono::{DateTime, NaiveDate, Utc};
use entity::Id;
use http_body_util::BodyExt;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::{sync::OwnedSemaphorePermit, task::JoinHandle};
use tracing::{Instrument, Span};

use super::{
    App,
    documents::Document,
    media::{self, Media},
    metrics::CompletedRequest,
    parameters::{self, Body as RequestBody, Parameters},
    refusal::{Refusal, seconds},
    trace::Client,
};
use crate::{
    graph::error::{self, Code},
    import::digest,
    limits::{MAX_REQUEST_SIZE, MAX_RESPONSE_SIZE, MAX_TARGET_SIZE},
    schema::{self, ExecutionResult},
    store,
};

/// Maximum KiB of all unsent responses, which their clients have not read yet.
pub const MAX_UNSENT_KIB: usize = 256 << 10;
/// Responses up to this size do not count towards [`MAX_UNSENT_KIB`].
const MAX_UNCOUNTED_SIZE: u64 = 64 << 10;

/// `Retry-After` if no estimate is available.
pub const DEFAULT_RETRY_AFTER: Duration = Duration::from_secs(1);

/// The diagnostic `extensions` of a response, which operators and clients can turn off.
const DIAGNOSTICS: [&str; 2] = ["cost", "statements"];

const METHODS: &str = "GET, HEAD, POST";

/// Rejects requests of clients that exceed their rate limit.
pub async fn limit_rate(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let client = request.extensions().get::<Client>().map(|client| client.0);
    if let Some(Err(exceeded)) = client.map(|client| app.rate_limits.check(client)) {
        let (limit, status) = (u64::from(exceeded.limit), StatusCode::TOO_MANY_REQUESTS);
        let refusal = Refusal::limit(status, exceeded.to_string(), limit, None);
        let media = Media::accepted(request.headers()).unwrap_or_default();
        return app.reject(refusal.retry_after(exceeded.retry_after), media);
    }
    next.run(request).await
}

/// Rejects a request whose target is too long.
pub async fn limit_target(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let length = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if length > MAX_TARGET_SIZE {
        let message = format!(
            "the path and query string of the URL must have at most {MAX_TARGET_SIZE} bytes, got \
             {length}; send the document by POST, or send only its hash"
        );
        let (status, limit) = (StatusCode::URI_TOO_LONG, MAX_TARGET_SIZE as u64);
        let refusal = Refusal::limit(status, message, limit, Some(length as u64));
        let media = Media::accepted(request.headers()).unwrap_or_default();
        return app.reject(refusal, media);
    }
    next.run(request).await
}

/// Handles requests to `/graphql`.
pub async fn endpoint(State(app): State<Arc<App>>, request: Request) -> Response {
    let headers = request.headers();
    let media = Media::accepted(headers);
    let has_query = !request.uri().query().unwrap_or_default().is_empty();
    let is_get = request.method() == Method::GET;
    if app.settings.explorer && is_get && !has_query && media::accepts_html(headers) {
        return Redirect::to("/").into_response();
    }
    let mut response = match media {
        None => {
            let message = "the response is application/graphql-response+json or application/json; \
                           the accept header allows neither";
            let status = StatusCode::NOT_ACCEPTABLE;
            app.reject(Refusal::new(status, Code::BadUserInput, message), Media::Json)
        }
        Some(media) => match handle(&app, request, media).await {
            Ok(response) => response,
            Err(refusal) => app.reject(refusal, media),
        },
    };
    // Also for responses without a body: caches need it.
    let vary = HeaderValue::from_static("accept, accept-encoding");
    response.headers_mut().append(header::VARY, vary);
    response
}

async fn handle(app: &Arc<App>, request: Request, media: Media) -> Result<Response, Refusal> {
    match *request.method() {
        Method::GET | Method::HEAD => handle_get(app, &request.into_parts().0, media).await,
        Method::POST => {
            let body = read_body(app, request).await?;
            // Parsing waits for a permit: parsed values take many times the memory of the body.
            let execution = Execution::begin(app).await?;
            match parameters::parse_body(&body, app.settings.max_batch_size)? {
                RequestBody::Single(parameters) => {
                    let document = find_document(app, &parameters)?;
                    let result = run(&execution, parameters, document).await;
                    respond(app, result, media).await
                }
                RequestBody::Batch(all) => run_batch(&execution, all, media).await,
            }
        }
        _ => Err(Refusal::method(format!("method not allowed; use {METHODS}"), METHODS)),
    }
}

/// The execution of a request: its permit and its deadline.
struct Execution<'a> {
    app: &'a Arc<App>,
    today: NaiveDate,
    deadline: Option<Instant>,
    _permit: super::queue::Permit,
}

impl<'a> Execution<'a> {
    #[expect(clippy::disallowed_methods, reason = "a request has one current date")]
    async fn begin(app: &'a Arc<App>) -> Result<Self, Refusal> {
        let permit = app.queue.acquire().await;
        let permit = permit.map_err(|full| Refusal::busy(full.to_string(), full.retry_after))?;
        let deadline = Instant::now().checked_add(app.settings.timeout);
        Ok(Self { app, today: Utc::now().date_naive(), deadline, _permit: permit })
    }

    /// The revision of the data, and when it was imported.
    async fn state(&self) -> Result<(Id, Option<DateTime<Utc>>), Refusal> {
        let remaining =
            self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let state = store::state(&self.app.database);
        match tokio::time::timeout(remaining.unwrap_or(Duration::MAX), state).await {
            Ok(state) => state.map_err(|error| database_error(&error)),
            Err(_) => {
                let message = error::failure(Code::Timeout).message;
                Err(Refusal::new(StatusCode::GATEWAY_TIMEOUT, Code::Timeout, message))
            }
        }
    }
}

/// Reads the body of a POST.
async fn read_body(app: &App, request: Request) -> Result<Bytes, Refusal> {
    let headers = request.headers();
    // Prevents cross-site request forgery: a page of another origin cannot send JSON without a CORS
    // preflight.
    if !media::is_json(headers) {
        let message = "the body must be JSON in UTF-8, sent with `content-type: application/json`";
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(Refusal::new(status, Code::BadUserInput, message));
    }
    if headers.get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        let message = "the body must not be compressed; send it without `content-encoding`";
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(Refusal::new(status, Code::BadUserInput, message));
    }
    let time = app.settings.body_timeout;
    tokio::time::timeout(time, collect(request.into_body())).await.unwrap_or_else(|_| {
        let message = "the body was not received in time";
        Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, Code::Timeout, message))
    })
}

/// Collects a body up to the maximum size.
async fn collect(mut body: Body) -> Result<Bytes, Refusal> {
    let too_large = |length: u64| {
        let message =
            format!("the body must have at most {MAX_REQUEST_SIZE} bytes, got at least {length}");
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        Refusal::limit(status, message, MAX_REQUEST_SIZE as u64, Some(length))
    };
    let declared = body.size_hint().lower();
    if declared > MAX_REQUEST_SIZE as u64 {
        return Err(too_large(declared));
    }
    // Allocates for received bytes only, not for the declared length.
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame
            .map_err(|_| Refusal::bad("the connection was closed before the end of the body"))?;
        if let Ok(data) = frame.into_data() {
            bytes.extend_from_slice(&data);
        }
        if bytes.len() > MAX_REQUEST_SIZE {
            return Err(too_large(bytes.len() as u64));
        }
    }
    Ok(bytes.into())
}

/// Handles a GET. The response has an `ETag`, so that clients can revalidate it.
async fn handle_get(app: &Arc<App>, head: &Parts, media: Media) -> Result<Response, Refusal> {
    let execution = Execution::begin(app).await?;
    let parameters = parameters::parse_query(head.uri.query().unwrap_or_default())?;
    let document = find_document(app, &parameters)?;
    // The tag is read before execution: if the data changes in between, the tag is older than the
    // response, which causes a needless request but never a stale response.
    let tag = etag(&execution, execution.state().await?, &parameters, &document, media);
    let with_tag = |mut response: Response| {
        let headers = response.headers_mut();
        headers.insert(header::ETAG, tag.clone());
        headers.insert(header::CACHE_CONTROL, app.cache_control.clone());
        response
    };
    if matches_etag(&head.headers, &tag) {
        app.metrics.not_modified();
        return Ok(with_tag(StatusCode::NOT_MODIFIED.into_response()));
    }
    let result = run(&execution, parameters, document).await;
    if result.writes {
        let message = "GET is not allowed for mutations and subscriptions, which this server does not support";
        return Err(Refusal::method(message, METHODS));
    }
    let succeeded = result.error.is_none();
    let response = respond(app, result, media).await?;
    Ok(if succeeded { with_tag(response) } else { response })
}

/// The `ETag` of a response: a hash of everything that the response depends on.
fn etag(
    execution: &Execution<'_>,
    (revision, imported): (Id, Option<DateTime<Utc>>),
    parameters: &Parameters,
    document: &Document,
    media: Media,
) -> HeaderValue {
    let diagnostics = has_diagnostics(execution.app, parameters);
    let request = (&document.text, &parameters.operation_name, &parameters.variables, diagnostics);
    let server =
        (execution.app.schema.digest(), execution.today, imported, env!("CARGO_PKG_VERSION"));
    let hash = digest::of(format!("{request:?} {media:?} {server:?}").as_bytes());
    let tag = format!("W/\"r{revision}-{}\"", &hash[..24]);
    HeaderValue::from_str(&tag).expect("letters and digits are a valid header value")
}

/// Whether `If-None-Match` contains an entity tag, by weak comparison.
pub fn matches_etag(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let opaque = |tag: &[u8]| tag.strip_prefix(b"W/").unwrap_or(tag).to_owned();
    let tag = opaque(tag.as_bytes());
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|other| other == "*" || opaque(other.as_bytes()) == tag)
}

/// Finds the document of a request.
fn find_document(app: &App, parameters: &Parameters) -> Result<Document, Refusal> {
    let document = app.documents.find(parameters);
    let by_hash = parameters.extensions.contains_key("persistedQuery");
    if parameters.query.is_none() && (by_hash || parameters.document_id.is_some()) {
        app.metrics.persisted_query(document.is_ok());
    }
    document
}

/// Whether the response to a request has the diagnostic `extensions`.
fn has_diagnostics(app: &App, parameters: &Parameters) -> bool {
    app.settings.response_extensions && parameters.response_extensions != Some(false)
}

/// Executes one operation.
async fn run(
    execution: &Execution<'_>,
    parameters: Parameters,
    document: Document,
) -> ExecutionResult {
    let (app, started) = (execution.app, Instant::now());
    let diagnostics = has_diagnostics(app, &parameters);
    let request = parameters.request(&document.text);
    let (shared, today, deadline) = (app.clone(), execution.today, execution.deadline);
    let work = async move {
        schema::execute_until(&shared.schema, &shared.database, today, request, deadline).await
    };
    let mut result = AbortOnDrop(app.workers.spawn(work.instrument(Span::current()))).join().await;
    if result.executed {
        app.documents.cache(document);
    }
    let extension = |name: &str| match result.response.extensions.get(name) {
        Some(ConstValue::Number(number)) => number.as_u64().unwrap_or(0),
        _ => 0,
    };
    app.metrics.completed(CompletedRequest {
        operation: result.operation.as_deref(),
        outcome: result.error.map_or("ok", Code::name),
        duration: started.elapsed(),
        statements: extension("statements"),
        cost: extension("cost"),
    });
    if !diagnostics {
        result.response.extensions.retain(|name, _| !DIAGNOSTICS.contains(&name.as_str()));
    }
    result
}

/// A task on another runtime that is aborted when this is dropped.
struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> AbortOnDrop<T> {
    async fn join(mut self) -> T {
        match (&mut self.0).await {
            Ok(output) => output,
            // Propagates a panic to the caller.
            Err(error) => match error.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                Err(error) => panic!("{error}"),
            },
        }
    }
}

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A response without `data`.
#[derive(Serialize)]
struct ErrorResponse<'a> {
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extensions: &'a BTreeMap<String, ConstValue>,
}

fn error_response(response: &async_graphql::Response) -> ErrorResponse<'_> {
    ErrorResponse { errors: &response.errors, extensions: &response.extensions }
}

/// Builds the HTTP response of an operation. If it was not executed, the status depends on the error.
async fn respond(app: &App, result: ExecutionResult, media: Media) -> Result<Response, Refusal> {
    let response = match result.error.filter(|_| !result.executed) {
        None => GraphQLResponse::from(result.response).into_response(),
        Some(code) => {
            let status = status(code, media);
            let body = json!(error_response(&result.response)).to_string();
            let mut response = (status, body).into_response();
            if status == StatusCode::SERVICE_UNAVAILABLE {
                response.headers_mut().insert(header::RETRY_AFTER, seconds(DEFAULT_RETRY_AFTER));
            }
            response
        }
    };
    limit_response(app, media.without_cache(response), media).await
}

/// Limits the size of a response, and the total size of all responses that their clients have not
/// read yet. Otherwise clients that request large responses and read them slowly would exhaust the
/// memory.
async fn limit_response(app: &App, response: Response, media: Media) -> Result<Response, Refusal> {
    let length = response.body().size_hint().lower();
    if length > MAX_RESPONSE_SIZE {
        let message = format!(
            "the response must have at most {MAX_RESPONSE_SIZE} bytes, got {length}; request smaller \
             pages or fewer fields"
        );
        let status = status(Code::LimitExceeded, media);
        return Err(Refusal::limit(status, message, MAX_RESPONSE_SIZE, Some(length)));
    }
    if length <= MAX_UNCOUNTED_SIZE {
        return Ok(response);
    }
    let size = u32::try_from(length / 1_024).unwrap_or(u32::MAX);
    let Ok(permit) = app.unsent.clone().try_acquire_many_owned(size) else {
        let message = "too much memory is used by responses that their clients have not read";
        return Err(Refusal::busy(message, DEFAULT_RETRY_AFTER));
    };
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.map_err(|_| Refusal::internal(&error::reference()))?;
    let counted = CountedBytes { bytes: bytes.to_bytes(), _permit: permit };
    Ok(Response::from_parts(parts, Body::from(Bytes::from_owner(counted))))
}

/// The bytes of a response. Dropping them releases their share of [`MAX_UNSENT_KIB`].
struct CountedBytes {
    bytes: Bytes,
    _permit: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for CountedBytes {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// The status of a response without `data`.
fn status(code: Code, media: Media) -> StatusCode {
    match code {
        Code::Timeout => StatusCode::GATEWAY_TIMEOUT,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        _ if media == Media::GraphQl => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    }
}

/// Executes a batch, one operation after the other, with one permit and one deadline.
async fn run_batch(
    execution: &Execution<'_>,
    all: Vec<Parameters>,
    media: Media,
) -> Result<Response, Refusal> {
    let mut results = Vec::with_capacity(all.len());
    for parameters in all {
        results.push(match find_document(execution.app, &parameters) {
            Ok(document) => match run(execution, parameters, document).await {
                ExecutionResult { response, executed: true, .. } => json!(response),
                ExecutionResult { response, .. } => json!(error_response(&response)),
            },
            Err(refusal) => refusal.body(),
        });
    }
    let response = Value::from(results).to_string().into_response();
    limit_response(execution.app, media.without_cache(response), media).await
}

/// The refusal for a database error outside of an operation.
pub fn database_error(error: &sea_orm::DbErr) -> Refusal {
    match error::failed(error) {
        Code::Timeout | Code::Unavailable => {
            tracing::error!(%error, "database unavailable");
            Refusal::busy(error::failure(Code::Unavailable).message, DEFAULT_RETRY_AFTER)
        }
        _ => {
            let reference = error::reference();
            tracing::error!(%error, reference, "internal error");
            Refusal::internal(&reference)
        }
    }
}

impl App {
    fn reject(&self, mut refusal: Refusal, media: Media) -> Response {
        // Clients that predate the specification expect status 200 for these errors.
        if media == Media::Json
            && matches!(
                refusal.code,
                Code::PersistedQueryNotFound | Code::PersistedQueryNotSupported
            )
        {
            refusal.status = StatusCode::OK;
        }
        self.metrics.rejected(refusal.code.name());
        refusal.response(media)
    }
}
