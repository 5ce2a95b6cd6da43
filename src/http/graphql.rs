//! GraphQL over HTTP, as its specification has it.

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
    metrics::Answered,
    parameters::{self, Asked, Parameters},
    refusal::{Refusal, seconds},
    trace::Client,
};
use crate::{
    graph::error::{self, Code},
    import::digest,
    limits::{MAX_REQUEST_SIZE, MAX_RESPONSE_SIZE, MAX_TARGET_SIZE},
    schema::{self, Answer},
    store,
};

/// The most KiB of all answers that their clients have not taken yet.
pub const MAX_UNSENT: usize = 256 << 10;
/// Smaller answers are not counted: they are sent at once, or cost too little to keep anybody out.
const SMALL_ANSWER: u64 = 64 << 10;

/// When to ask again where nothing tells how long it takes.
pub const SOON: Duration = Duration::from_secs(1);

/// The `extensions` of a response that are for diagnosis alone: operators and clients turn them off.
const DIAGNOSTICS: [&str; 2] = ["cost", "statements"];

const METHODS: &str = "GET, HEAD, POST";

/// Holds each client to its rate.
pub async fn rated(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let client = request.extensions().get::<Client>().map(|client| client.0);
    if let Some(Err(exceeded)) = client.map(|client| app.rate.check(client)) {
        let (limit, status) = (u64::from(exceeded.limit), StatusCode::TOO_MANY_REQUESTS);
        let refusal = Refusal::limit(status, exceeded.to_string(), limit, None);
        let media = Media::accepted(request.headers()).unwrap_or_default();
        return app.turned_away(refusal.retry_after(exceeded.retry_after), media);
    }
    next.run(request).await
}

/// Rejects a request whose target is too long.
pub async fn limit_target(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let length = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if length > MAX_TARGET_SIZE {
        let message = format!(
            "the path and query string of the URL must have at most {MAX_TARGET_SIZE} bytes, got \
             {length}: send the document by POST, or only its hash"
        );
        let (status, limit) = (StatusCode::URI_TOO_LONG, MAX_TARGET_SIZE as u64);
        let refusal = Refusal::limit(status, message, limit, Some(length as u64));
        let media = Media::accepted(request.headers()).unwrap_or_default();
        return app.turned_away(refusal, media);
    }
    next.run(request).await
}

/// Answers whatever comes to the endpoint.
pub async fn endpoint(State(app): State<Arc<App>>, request: Request) -> Response {
    let headers = request.headers();
    let media = Media::accepted(headers);
    let empty = request.uri().query().unwrap_or_default().is_empty();
    let get = request.method() == Method::GET;
    if app.settings.explorer && get && empty && media::wants_page(headers) {
        return Redirect::to("/").into_response();
    }
    let mut response = match media {
        None => {
            let message = "an answer is application/graphql-response+json or application/json: \
                           accept one of them";
            let status = StatusCode::NOT_ACCEPTABLE;
            app.turned_away(Refusal::new(status, Code::BadUserInput, message), Media::Json)
        }
        Some(media) => match answer(&app, request, media).await {
            Ok(response) => response,
            Err(refusal) => app.turned_away(refusal, media),
        },
    };
    // Of answers without a body too: their caches must know.
    let vary = HeaderValue::from_static("accept, accept-encoding");
    response.headers_mut().append(header::VARY, vary);
    response
}

async fn answer(app: &Arc<App>, request: Request, media: Media) -> Result<Response, Refusal> {
    match *request.method() {
        Method::GET | Method::HEAD => read(app, &request.into_parts().0, media).await,
        Method::POST => {
            let body = body(app, request).await?;
            // What is read of it takes many times its room: only then.
            let turn = Turn::begin(app).await?;
            match parameters::of_body(&body, app.settings.max_batch_size)? {
                Asked::One(parameters) => {
                    let document = find(app, &parameters)?;
                    let answer = run(&turn, parameters, document).await;
                    written(app, answer, media).await
                }
                Asked::Batch(all) => batch(&turn, all, media).await,
            }
        }
        _ => Err(Refusal::method(format!("the methods here are {METHODS}"), METHODS)),
    }
}

/// A request's turn: its place among those that are answered, and when that ends.
struct Turn<'a> {
    app: &'a Arc<App>,
    today: NaiveDate,
    until: Option<Instant>,
    _place: super::queue::Place,
}

impl<'a> Turn<'a> {
    #[expect(clippy::disallowed_methods, reason = "today, once for all of a request")]
    async fn begin(app: &'a Arc<App>) -> Result<Self, Refusal> {
        let place = app.queue.enter().await;
        let place = place.map_err(|full| Refusal::busy(full.to_string(), full.retry_after))?;
        let until = Instant::now().checked_add(app.settings.timeout);
        Ok(Self { app, today: Utc::now().date_naive(), until, _place: place })
    }

    /// The state of the data.
    async fn state(&self) -> Result<(Id, Option<DateTime<Utc>>), Refusal> {
        let left = self.until.map(|until| until.saturating_duration_since(Instant::now()));
        let state = store::state(&self.app.database);
        match tokio::time::timeout(left.unwrap_or(Duration::MAX), state).await {
            Ok(state) => state.map_err(|error| ours(&error)),
            Err(_) => {
                let message = error::failure(Code::Timeout).message;
                Err(Refusal::new(StatusCode::GATEWAY_TIMEOUT, Code::Timeout, message))
            }
        }
    }
}

/// The bytes of a POST.
async fn body(app: &App, request: Request) -> Result<Bytes, Refusal> {
    let headers = request.headers();
    // Pages of other sites can send no other types than these without the browser asking first: it
    // is what keeps them from asking in a visitor's name.
    if !media::is_json(headers) {
        let message = "the body must be JSON in UTF-8: say so by `content-type: application/json`";
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(Refusal::new(status, Code::BadUserInput, message));
    }
    if headers.get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        let message = "the body must not be compressed: leave out `content-encoding`";
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(Refusal::new(status, Code::BadUserInput, message));
    }
    let time = app.settings.body_timeout;
    tokio::time::timeout(time, collect(request.into_body())).await.unwrap_or_else(|_| {
        let message = "the body came too slowly";
        Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, Code::Timeout, message))
    })
}

/// The bytes of a body, as long as they are not too many.
async fn collect(mut body: Body) -> Result<Bytes, Refusal> {
    let too_large = |length: u64| {
        let message =
            format!("the body has {length} bytes or more; {MAX_REQUEST_SIZE} are the most");
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        Refusal::limit(status, message, MAX_REQUEST_SIZE as u64, Some(length))
    };
    let told = body.size_hint().lower();
    if told > MAX_REQUEST_SIZE as u64 {
        return Err(too_large(told));
    }
    // As it comes: what is only told takes no room.
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Refusal::bad("the body ended before it was whole"))?;
        if let Ok(data) = frame.into_data() {
            bytes.extend_from_slice(&data);
        }
        if bytes.len() > MAX_REQUEST_SIZE {
            return Err(too_large(bytes.len() as u64));
        }
    }
    Ok(bytes.into())
}

/// Answers a GET: the answer has a tag, by which a client asks again whether it still holds.
async fn read(app: &Arc<App>, head: &Parts, media: Media) -> Result<Response, Refusal> {
    let turn = Turn::begin(app).await?;
    let parameters = parameters::of_query(head.uri.query().unwrap_or_default())?;
    let document = find(app, &parameters)?;
    // Read before the answer is: where the data changes meanwhile, the tag is of the former state,
    // and the client asks once more than it must.
    let tag = tag(&turn, turn.state().await?, &parameters, &document, media);
    let marked = |mut response: Response| {
        let headers = response.headers_mut();
        headers.insert(header::ETAG, tag.clone());
        headers.insert(header::CACHE_CONTROL, app.fresh.clone());
        response
    };
    if is_known(&head.headers, &tag) {
        app.metrics.not_modified();
        return Ok(marked(StatusCode::NOT_MODIFIED.into_response()));
    }
    let answer = run(&turn, parameters, document).await;
    if answer.writes {
        let message = "a GET only reads, and this server only answers queries";
        return Err(Refusal::method(message, METHODS));
    }
    let whole = answer.error.is_none();
    let response = written(app, answer, media).await?;
    Ok(if whole { marked(response) } else { response })
}

/// The tag of an answer: all that it depends on.
fn tag(
    turn: &Turn<'_>,
    (revision, made): (Id, Option<DateTime<Utc>>),
    parameters: &Parameters,
    document: &Document,
    media: Media,
) -> HeaderValue {
    let diagnosed = has_diagnostics(turn.app, parameters);
    let asked = (&document.text, &parameters.operation_name, &parameters.variables, diagnosed);
    let server = (turn.app.schema.digest(), turn.today, made, env!("CARGO_PKG_VERSION"));
    let hash = digest::of(format!("{asked:?} {media:?} {server:?}").as_bytes());
    let tag = format!("W/\"r{revision}-{}\"", &hash[..24]);
    HeaderValue::from_str(&tag).expect("digits and letters are a value")
}

/// Whether a client has what a tag stands for.
pub fn is_known(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let bare = |tag: &[u8]| tag.strip_prefix(b"W/").unwrap_or(tag).to_owned();
    let tag = bare(tag.as_bytes());
    let known = headers.get_all(header::IF_NONE_MATCH).iter();
    let known = known.filter_map(|value| value.to_str().ok());
    let mut known = known.flat_map(|value| value.split(',')).map(str::trim);
    known.any(|known| known == "*" || bare(known.as_bytes()) == tag)
}

/// The document that a request is for.
fn find(app: &App, parameters: &Parameters) -> Result<Document, Refusal> {
    let document = app.documents.find(parameters);
    let by_hash = parameters.extensions.contains_key("persistedQuery");
    if parameters.query.is_none() && (by_hash || parameters.document_id.is_some()) {
        app.metrics.persisted(document.is_ok());
    }
    document
}

/// Whether the response to a request has `extensions` for diagnosis.
fn has_diagnostics(app: &App, parameters: &Parameters) -> bool {
    app.settings.response_extensions && parameters.response_extensions != Some(false)
}

/// Runs one operation.
async fn run(turn: &Turn<'_>, parameters: Parameters, document: Document) -> Answer {
    let (app, begun) = (turn.app, Instant::now());
    let diagnosed = has_diagnostics(app, &parameters);
    let request = parameters.request(&document.text);
    let (own, today, until) = (app.clone(), turn.today, turn.until);
    let work =
        async move { schema::answer(&own.schema, &own.database, today, request, until).await };
    let mut answer = Task(app.work.spawn(work.instrument(Span::current()))).end().await;
    if answer.ran {
        app.documents.keep(document);
    }
    let number = |name: &str| match answer.response.extensions.get(name) {
        Some(ConstValue::Number(number)) => number.as_u64().unwrap_or(0),
        _ => 0,
    };
    app.metrics.answered(Answered {
        operation: answer.operation.as_deref(),
        outcome: answer.error.map_or("ok", Code::name),
        duration: begun.elapsed(),
        statements: number("statements"),
        cost: number("cost"),
    });
    if !diagnosed {
        answer.response.extensions.retain(|name, _| !DIAGNOSTICS.contains(&name.as_str()));
    }
    answer
}

/// Work elsewhere, which ends with whoever waits for it.
struct Task<T>(JoinHandle<T>);

impl<T> Task<T> {
    async fn end(mut self) -> T {
        match (&mut self.0).await {
            Ok(done) => done,
            // As if it had happened here.
            Err(error) => match error.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                Err(error) => panic!("{error}"),
            },
        }
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// An answer without data, as it is written.
#[derive(Serialize)]
struct Failed<'a> {
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extensions: &'a BTreeMap<String, ConstValue>,
}

fn failed(response: &async_graphql::Response) -> Failed<'_> {
    Failed { errors: &response.errors, extensions: &response.extensions }
}

/// An answer as it is sent; where nothing ran, the status tells why.
async fn written(app: &App, answer: Answer, media: Media) -> Result<Response, Refusal> {
    let response = match answer.error.filter(|_| !answer.ran) {
        None => GraphQLResponse::from(answer.response).into_response(),
        Some(code) => {
            let status = status(code, media);
            let body = json!(failed(&answer.response)).to_string();
            let mut response = (status, body).into_response();
            if status == StatusCode::SERVICE_UNAVAILABLE {
                response.headers_mut().insert(header::RETRY_AFTER, seconds(SOON));
            }
            response
        }
    };
    held(app, media.unkept(response), media).await
}

/// Bounds an answer, and what all of them hold together that their clients have not taken yet:
/// whoever asks for much and takes it slowly would fill the memory.
async fn held(app: &App, answer: Response, media: Media) -> Result<Response, Refusal> {
    let length = answer.body().size_hint().lower();
    if length > MAX_RESPONSE_SIZE {
        let message = format!(
            "the answer has {length} bytes; {MAX_RESPONSE_SIZE} are the most: ask for smaller pages \
             or fewer fields"
        );
        let status = status(Code::LimitExceeded, media);
        return Err(Refusal::limit(status, message, MAX_RESPONSE_SIZE, Some(length)));
    }
    if length <= SMALL_ANSWER {
        return Ok(answer);
    }
    let size = u32::try_from(length / 1_024).unwrap_or(u32::MAX);
    let Ok(permit) = app.unsent.clone().try_acquire_many_owned(size) else {
        let message = "answers that their clients do not take fill the memory of the server";
        return Err(Refusal::busy(message, SOON));
    };
    let (parts, body) = answer.into_parts();
    let bytes = body.collect().await.map_err(|_| Refusal::internal(&error::reference()))?;
    let held = Held { bytes: bytes.to_bytes(), _permit: permit };
    Ok(Response::from_parts(parts, Body::from(Bytes::from_owner(held))))
}

/// The bytes of an answer; when they are gone, there is room for others.
struct Held {
    bytes: Bytes,
    _permit: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// The status of an answer without data.
fn status(code: Code, media: Media) -> StatusCode {
    match code {
        Code::Timeout => StatusCode::GATEWAY_TIMEOUT,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        _ if media == Media::GraphQl => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    }
}

/// Answers a batch, one operation after the other, all of them within one turn.
async fn batch(turn: &Turn<'_>, all: Vec<Parameters>, media: Media) -> Result<Response, Refusal> {
    let mut answers = Vec::with_capacity(all.len());
    for parameters in all {
        answers.push(match find(turn.app, &parameters) {
            Ok(document) => match run(turn, parameters, document).await {
                Answer { response, ran: true, .. } => json!(response),
                Answer { response, .. } => json!(failed(&response)),
            },
            Err(refusal) => refusal.body(),
        });
    }
    let response = Value::from(answers).to_string().into_response();
    held(turn.app, media.unkept(response), media).await
}

/// A failure of the store outside of any operation.
pub fn ours(error: &sea_orm::DbErr) -> Refusal {
    match error::failed(error) {
        Code::Timeout | Code::Unavailable => {
            tracing::error!(%error, "the data cannot be reached");
            Refusal::busy(error::failure(Code::Unavailable).message, SOON)
        }
        _ => {
            let reference = error::reference();
            tracing::error!(%error, reference, "a request failed");
            Refusal::internal(&reference)
        }
    }
}

impl App {
    fn turned_away(&self, mut refusal: Refusal, media: Media) -> Response {
        // Clients from before the specification take any other status for a failure of the way.
        if media == Media::Json
            && matches!(
                refusal.code,
                Code::PersistedQueryNotFound | Code::PersistedQueryNotSupported
            )
        {
            refusal.status = StatusCode::OK;
        }
        self.metrics.turned_away(refusal.code.name());
        refusal.response(media)
    }
}
