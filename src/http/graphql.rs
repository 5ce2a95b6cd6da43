//! GraphQL over HTTP, as its specification has it.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use async_graphql::ServerError;
use async_graphql_axum::GraphQLResponse;
use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use chrono::{NaiveDate, Utc};
use entity::Id;
use http_body_util::BodyExt;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    App,
    media::{self, Media},
    metrics::Answered,
    parameters::{self, Asked, Parameters},
    refusal::{Refusal, seconds},
    trace::Client,
};
use crate::{
    graph::error::{self, Code},
    schema::{self, Answer},
    store,
};

/// The most bytes of a request: its document and its variables.
pub const LARGEST_REQUEST: usize = 1 << 20;

/// When to ask again where nothing tells how long it takes.
pub const SOON: Duration = Duration::from_secs(1);

const METHODS: &str = "GET, HEAD, POST";

/// Answers whatever comes to the endpoint.
pub async fn endpoint(State(app): State<Arc<App>>, request: Request) -> Response {
    let begun = Instant::now();
    let headers = request.headers();
    let media = Media::accepted(headers);
    let empty = request.uri().query().unwrap_or_default().is_empty();
    if app.settings.explorer
        && request.method() == Method::GET
        && empty
        && media::wants_page(headers)
    {
        return Redirect::to("/").into_response();
    }
    let mut response = match media {
        None => {
            let message = "an answer is application/graphql-response+json or application/json: \
                           accept one of them";
            let status = StatusCode::NOT_ACCEPTABLE;
            app.turned_away(&Refusal::new(status, Code::BadUserInput, message), Media::Json)
        }
        Some(media) => answer(&app, request, media, begun)
            .await
            .unwrap_or_else(|refusal| app.turned_away(&refusal, media)),
    };
    response.headers_mut().append(header::VARY, HeaderValue::from_static("accept"));
    response
}

async fn answer(
    app: &App,
    request: Request,
    media: Media,
    begun: Instant,
) -> Result<Response, Refusal> {
    let client = request.extensions().get::<Client>().map(|client| client.0);
    if let Some(Err(exceeded)) = client.map(|client| app.rate.check(client)) {
        let (limit, status) = (u64::from(exceeded.limit), StatusCode::TOO_MANY_REQUESTS);
        let refusal = Refusal::limit(status, exceeded.to_string(), limit, limit + 1);
        return Err(refusal.retry_after(exceeded.retry_after));
    }
    match *request.method() {
        Method::GET | Method::HEAD => {
            let parameters = parameters::of_query(request.uri().query().unwrap_or_default())?;
            read(app, parameters, request.headers(), media, begun).await
        }
        Method::POST => match body(app, request).await? {
            Asked::One(parameters) => {
                let _place = enter(app).await?;
                let answer = run(app, parameters, begun, today()).await?;
                Ok(written(answer.response, media))
            }
            Asked::Batch(all) => batch(app, all, media, begun).await,
        },
        _ => Err(Refusal::method(format!("the methods here are {METHODS}"), METHODS)),
    }
}

/// A place among the requests that are answered.
async fn enter(app: &App) -> Result<super::queue::Place, Refusal> {
    app.queue.enter().await.map_err(|full| Refusal::busy(full.to_string(), full.retry_after))
}

fn today() -> NaiveDate {
    Utc::now().date_naive()
}

/// What a POST asks.
async fn body(app: &App, request: Request) -> Result<Asked, Refusal> {
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
    let bytes = match tokio::time::timeout(time, collect(request.into_body())).await {
        Ok(bytes) => bytes?,
        Err(_) => {
            let message = "the body came too slowly";
            return Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, Code::Timeout, message));
        }
    };
    parameters::of_body(&bytes, app.settings.batch)
}

/// The bytes of a body, as long as they are not too many.
async fn collect(mut body: Body) -> Result<Bytes, Refusal> {
    let too_large = |length: u64| {
        let message =
            format!("the body has {length} bytes or more; {LARGEST_REQUEST} are the most");
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        Refusal::limit(status, message, LARGEST_REQUEST as u64, length)
    };
    let told = body.size_hint().lower();
    if told > LARGEST_REQUEST as u64 {
        return Err(too_large(told));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(told).unwrap_or(0));
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Refusal::bad("the body ended before it was whole"))?;
        if let Ok(data) = frame.into_data() {
            bytes.extend_from_slice(&data);
        }
        if bytes.len() > LARGEST_REQUEST {
            return Err(too_large(bytes.len() as u64));
        }
    }
    Ok(bytes.into())
}

/// Answers a GET: the answer has a tag, by which a client asks again whether it still holds.
async fn read(
    app: &App,
    parameters: Parameters,
    headers: &HeaderMap,
    media: Media,
    begun: Instant,
) -> Result<Response, Refusal> {
    let _place = enter(app).await?;
    let today = today();
    // Read before the answer is: where the data changes meanwhile, the tag is of the former state,
    // and the client asks once more than it must.
    let revision = tokio::time::timeout(app.settings.timeout, store::revision(&app.database)).await;
    let revision = revision.map_err(|_| late())?.map_err(|error| ours(&error))?;
    let tag = tag(&parameters, media, revision, today);
    if is_known(headers, &tag) {
        app.metrics.not_modified();
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        let to = response.headers_mut();
        to.insert(header::ETAG, tag);
        to.insert(header::CACHE_CONTROL, app.fresh.clone());
        return Ok(response);
    }
    let answer = run(app, parameters, begun, today).await?;
    if answer.writes {
        return Err(Refusal::method(
            "a GET only reads: this server has no mutations at all",
            METHODS,
        ));
    }
    let whole = answer.response.errors.is_empty();
    let mut response = written(answer.response, media);
    if whole {
        let to = response.headers_mut();
        to.insert(header::ETAG, tag);
        to.insert(header::CACHE_CONTROL, app.fresh.clone());
    }
    Ok(response)
}

/// The tag of an answer: all that it depends on.
fn tag(parameters: &Parameters, media: Media, revision: Id, today: NaiveDate) -> HeaderValue {
    let Parameters { query, operation_name, variables, extensions, document_id } = parameters;
    let parts = (query, operation_name, variables, extensions.get("persistedQuery"), document_id);
    let text = format!("{parts:?} {media:?} {today} {}", env!("CARGO_PKG_VERSION"));
    let hash = Sha256::digest(text);
    let hash: String = hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("W/\"r{revision}-{hash}\"");
    HeaderValue::from_str(&tag).expect("digits and letters are a value")
}

/// Whether a client has what a tag stands for.
pub fn is_known(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let tag = tag.as_bytes();
    let known = headers.get_all(header::IF_NONE_MATCH).iter();
    known.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).any(|known| {
        let bare = |tag: &[u8]| tag.strip_prefix(b"W/").unwrap_or(tag).to_owned();
        bare(known.trim().as_bytes()) == bare(tag)
    })
}

/// Runs one operation.
async fn run(
    app: &App,
    parameters: Parameters,
    begun: Instant,
    today: NaiveDate,
) -> Result<Answer, Refusal> {
    let by_name = parameters.query.is_none();
    let document = app.documents.find(&parameters);
    if by_name {
        app.metrics.persisted(document.is_ok());
    }
    let document = document?;
    let request = parameters.request(&document.text);
    let answer = schema::answer(&app.schema, &app.database, today, request).await;
    if !is_of_request(&answer.response.errors) {
        app.documents.keep(document);
    }
    let number = |name: &str| match answer.response.extensions.get(name) {
        Some(async_graphql::Value::Number(number)) => number.as_u64().unwrap_or(0),
        _ => 0,
    };
    app.metrics.answered(Answered {
        operation: answer.operation.as_deref(),
        outcome: answer.response.errors.first().map_or("ok", |error| code(error)),
        duration: begun.elapsed(),
        statements: number("statements"),
        cost: number("cost"),
    });
    Ok(answer)
}

/// Whether errors are of the request as a whole: nothing of it was run, or nothing was left of it.
fn is_of_request(errors: &[ServerError]) -> bool {
    !errors.is_empty() && errors.iter().all(|error| error.path.is_empty())
}

fn code(error: &ServerError) -> &str {
    match error.extensions.as_ref().and_then(|extensions| extensions.get("code")) {
        Some(async_graphql::Value::String(code)) => code,
        _ => Code::Internal.name(),
    }
}

/// An answer without data, as it is written.
#[derive(Serialize)]
struct Failed<'a> {
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "Option::is_none")]
    extensions: Option<&'a BTreeMap<String, async_graphql::Value>>,
}

/// An answer as it is sent; where nothing ran, the status tells why.
fn written(response: async_graphql::Response, media: Media) -> Response {
    let mut answer = if is_of_request(&response.errors) {
        let status = status(code(&response.errors[0]), media);
        let mut answer = (status, json!(failed(&response)).to_string()).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            answer.headers_mut().insert(header::RETRY_AFTER, seconds(SOON));
        }
        answer
    } else {
        GraphQLResponse::from(response).into_response()
    };
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, media.content_type());
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

fn failed(response: &async_graphql::Response) -> Failed<'_> {
    let extensions = Some(&response.extensions).filter(|extensions| !extensions.is_empty());
    Failed { errors: &response.errors, extensions }
}

/// The status of an answer without data.
fn status(code: &str, media: Media) -> StatusCode {
    let is = |one: Code| one.name() == code;
    if is(Code::Timeout) {
        StatusCode::GATEWAY_TIMEOUT
    } else if is(Code::Unavailable) {
        StatusCode::SERVICE_UNAVAILABLE
    } else if is(Code::Internal) {
        StatusCode::INTERNAL_SERVER_ERROR
    } else if media == Media::GraphQl {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    }
}

/// Answers a batch, one operation after the other, in one place of the queue.
async fn batch(
    app: &App,
    all: Vec<Parameters>,
    media: Media,
    begun: Instant,
) -> Result<Response, Refusal> {
    let _place = enter(app).await?;
    let today = today();
    let mut answers = Vec::with_capacity(all.len());
    for parameters in all {
        answers.push(match run(app, parameters, begun, today).await {
            Ok(Answer { response, .. }) if is_of_request(&response.errors) => {
                json!(failed(&response))
            }
            Ok(Answer { response, .. }) => json!(response),
            Err(refusal) => refusal.body(),
        });
    }
    let mut response = Value::from(answers).to_string().into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, media.content_type());
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn late() -> Refusal {
    let message = error::failure(Code::Timeout).message;
    Refusal::new(StatusCode::GATEWAY_TIMEOUT, Code::Timeout, message)
}

/// A failure of the store outside of any operation.
pub fn ours(error: &sea_orm::DbErr) -> Refusal {
    match error::failed(error) {
        code @ (Code::Timeout | Code::Unavailable) => {
            tracing::error!(%error, "the data cannot be reached");
            let status = StatusCode::SERVICE_UNAVAILABLE;
            let refusal = Refusal::new(status, code, error::failure(Code::Unavailable).message);
            refusal.retry_after(SOON)
        }
        code => {
            let reference = error::reference();
            tracing::error!(%error, reference, "a request failed");
            let message = format!("internal error ({reference})");
            Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, code, message)
        }
    }
}

impl App {
    fn turned_away(&self, refusal: &Refusal, media: Media) -> Response {
        let mut refusal = refusal.clone();
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
