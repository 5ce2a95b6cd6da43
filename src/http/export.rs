//! Exports over HTTP: streamed, with the revision in the file name.

use std::{io, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Body,
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use entity::Id;
use futures_util::stream;
use serde_json::json;
use tokio::sync::Semaphore;

use super::{
    App,
    graphql::{database_error, matches_etag},
    refusal::Refusal,
};
use crate::{
    export::{Export, ExportError, Format, Options, Output, ReaderTimeout},
    graph::error::Code,
    import::keys::Table,
    store,
};

/// Maximum number of concurrent exports. Each uses one database connection.
pub const MAX_CONCURRENT_EXPORTS: usize = 2;
/// Timeout for slow clients: a minute per chunk, and 64 KiB/s on average. The database transaction of
/// the export is open until the client has read it.
const READER_TIMEOUT: ReaderTimeout =
    ReaderTimeout { max_wait: Duration::from_mins(1), min_rate: 64 << 10 };

/// `Retry-After` if the maximum number of exports is running.
const RETRY_AFTER: Duration = Duration::from_secs(10);

/// Permits for concurrent exports.
pub struct Permits(Arc<Semaphore>);

impl Permits {
    pub fn new() -> Self {
        Self(Arc::new(Semaphore::new(MAX_CONCURRENT_EXPORTS)))
    }
}

pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/export", get(index))
        .route("/export/popolo.json", get(popolo))
        .route("/export/records.jsonl", get(records))
        .route("/export/csv/{file}", get(table))
}

type Parameters = Result<Query<Vec<(String, String)>>, QueryRejection>;

/// The refusal of an export that cannot begin.
fn refusal(error: ExportError) -> Refusal {
    match error {
        ExportError::Database(error) => database_error(&error),
        other => Refusal::bad(other.to_string()),
    }
}

fn unknown_table(file: &str) -> Refusal {
    let names: Vec<_> = Table::all().map(Table::name).collect();
    let names = names.join(".csv, ");
    let message = format!("unknown table `{file}`; use one of {names}.csv");
    Refusal::new(StatusCode::NOT_FOUND, Code::BadUserInput, message)
}

/// The index of all exports.
async fn index(State(app): State<Arc<App>>) -> Result<Response, Refusal> {
    let revision = app.revision().await?;
    let tables = Table::all().map(|table| format!("/export/csv/{}.csv", table.name()));
    let index = json!({
        "revision": revision,
        "popolo": "/export/popolo.json",
        "records": "/export/records.jsonl",
        "tables": tables.collect::<Vec<_>>(),
        "parameters": {
            "asOf": "only records that are valid on this date, such as 2022-12-05",
            "assembly": "only records of the assembly with this slug, and the records that they reference",
        },
    });
    Ok(Json(index).into_response())
}

async fn popolo(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, Refusal> {
    send(app, headers, parameters, Format::Popolo).await
}

async fn records(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, Refusal> {
    send(app, headers, parameters, Format::Jsonl).await
}

async fn table(
    State(app): State<Arc<App>>,
    file: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, Refusal> {
    let Path(file) = file.map_err(|error| Refusal::bad(error.body_text()))?;
    match file.strip_suffix(".csv").and_then(Table::find) {
        Some(table) => send(app, headers, parameters, Format::Csv(table)).await,
        None => Err(unknown_table(&file)),
    }
}

fn options(parameters: Parameters) -> Result<Options, Refusal> {
    let Query(parameters) = parameters.map_err(|error| Refusal::bad(error.body_text()))?;
    let mut options = Options::default();
    for (name, value) in parameters {
        match name.as_str() {
            "asOf" => {
                let message =
                    format!("`asOf` must be a date such as \"2022-12-05\", got \"{value}\"");
                let date = Some(&value).filter(|value| value.len() == "2022-12-05".len());
                let date = date.and_then(|value| value.parse().ok());
                // PostgreSQL and SQLite do not support all years of `NaiveDate`.
                let date = date.filter(|date: &NaiveDate| (1..=9999).contains(&date.year()));
                options.as_of = Some(date.ok_or_else(|| Refusal::bad(message))?);
            }
            "assembly" => options.assembly = Some(value),
            _ => {
                let message = format!("unknown parameter `{name}`; use asOf or assembly");
                return Err(Refusal::bad(message));
            }
        }
    }
    Ok(options)
}

/// The `ETag` of an export: the revision of the data, and the version of the server.
fn etag((revision, imported): (Id, Option<DateTime<Utc>>)) -> HeaderValue {
    let imported = imported.map_or(0, |time| time.timestamp_micros());
    let tag = format!("W/\"r{revision}-{imported:x}-{}\"", env!("CARGO_PKG_VERSION"));
    HeaderValue::from_str(&tag).expect("digits are a valid header value")
}

async fn send(
    app: Arc<App>,
    headers: HeaderMap,
    parameters: Parameters,
    format: Format,
) -> Result<Response, Refusal> {
    let options = options(parameters)?;
    let permit = app.exports.0.clone().try_acquire_owned();
    let permit = permit.map_err(|_| Refusal::busy("too many concurrent exports", RETRY_AFTER))?;
    // Read before the data: if the data changes in between, the client makes one needless request.
    let tag = etag(store::state(&app.database).await.map_err(|error| database_error(&error))?);
    if matches_etag(&headers, &tag) {
        let cache_control = (header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        let vary = (header::VARY, HeaderValue::from_static("accept-encoding"));
        return Ok(
            (StatusCode::NOT_MODIFIED, [(header::ETAG, tag), cache_control, vary]).into_response()
        );
    }
    let export = Export::begin(&app.database, options).await.map_err(refusal)?;
    let kind = match format {
        Format::Popolo => "application/json",
        Format::Jsonl => "application/x-ndjson",
        Format::Csv(_) => "text/csv; charset=utf-8; header=present",
    };
    let name = format!("attachment; filename=\"{}\"", export.file_name(format));
    let name = HeaderValue::try_from(name).expect("slugs and digits are a valid header value");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, name),
        (header::ETAG, tag),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    let (out, chunks) = Output::new();
    let mut out = out.with_timeout(READER_TIMEOUT);
    // When the client disconnects, sending the next chunk fails, and the export ends.
    let task = tokio::spawn(async move {
        let result = export.write(format, &mut out).await;
        drop((export, permit));
        result
    });
    let body = stream::unfold(Some((chunks, task)), |state| async {
        let (mut chunks, task) = state?;
        if let Some(chunk) = chunks.recv().await {
            return Some((Ok(chunk), Some((chunks, task))));
        }
        match task.await {
            Ok(Ok(())) => None,
            failed => {
                let error = match failed {
                    Ok(result) => result.err().map(|error| error.to_string()),
                    Err(error) => Some(error.to_string()),
                };
                tracing::error!(error, "export failed");
                // The error aborts the response, so that the client can detect that it is incomplete.
                Some((Err(io::Error::other("the export failed")), None))
            }
        }
    });
    Ok((headers, Body::from_stream(body)).into_response())
}
