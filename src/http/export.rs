//! Exports on the wire: streamed, with the revision in the file's name.

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
    graphql::{is_known, ours},
    refusal::Refusal,
};
use crate::{
    export::{Export, ExportError, Format, Options, Output, ReaderTimeout},
    graph::error::Code,
    import::keys::Table,
    store,
};

/// Exports at one time. Each holds one connection to the database, and questions need some too.
pub const AT_ONCE: usize = 2;
/// How long a client may take: a minute for one piece, and for all of them no longer than a line
/// of half a megabit a second would. What is read is held meanwhile.
const READER_TIMEOUT: ReaderTimeout =
    ReaderTimeout { piece: Duration::from_mins(1), min_rate: 64 << 10 };

/// When to ask again while others are under way.
const LATER: Duration = Duration::from_secs(10);

/// The places of exports that can be under way.
pub struct Places(Arc<Semaphore>);

impl Places {
    pub fn new() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
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

/// Why there is no export.
fn refused(wrong: ExportError) -> Refusal {
    match wrong {
        ExportError::Database(error) => ours(&error),
        wrong => Refusal::bad(format!("assembly: {wrong}")),
    }
}

fn no_table(file: &str) -> Refusal {
    let names: Vec<_> = Table::all().map(Table::name).collect();
    let names = names.join(".csv, ");
    let message = format!("there is no table `{file}`; there are {names}.csv");
    Refusal::new(StatusCode::NOT_FOUND, Code::BadUserInput, message)
}

/// What can be exported.
async fn index(State(app): State<Arc<App>>) -> Result<Response, Refusal> {
    let revision = app.look().await?;
    let tables = Table::all().map(|table| format!("/export/csv/{}.csv", table.name()));
    let index = json!({
        "revision": revision,
        "popolo": "/export/popolo.json",
        "records": "/export/records.jsonl",
        "tables": tables.collect::<Vec<_>>(),
        "parameters": {
            "asOf": "only what holds on this date, such as 2022-12-05",
            "assembly": "only what belongs to the assembly of this slug, and all that it names",
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
        None => Err(no_table(&file)),
    }
}

fn options(parameters: Parameters) -> Result<Options, Refusal> {
    let Query(parameters) = parameters.map_err(|error| Refusal::bad(error.body_text()))?;
    let mut options = Options::default();
    for (name, value) in parameters {
        match name.as_str() {
            "asOf" => {
                let wrong = format!("`asOf` must be a day such as \"2022-12-05\", not \"{value}\"");
                let date = Some(&value).filter(|value| value.len() == "2022-12-05".len());
                let date = date.and_then(|value| value.parse().ok());
                // Databases know no days of any year.
                let date = date.filter(|date: &NaiveDate| (1..=9999).contains(&date.year()));
                options.as_of = Some(date.ok_or_else(|| Refusal::bad(wrong))?);
            }
            "assembly" => options.assembly = Some(value),
            _ => {
                let message = format!("there is no parameter `{name}`; there are asOf, assembly");
                return Err(Refusal::bad(message));
            }
        }
    }
    Ok(options)
}

/// The tag of an answer: the state of the data, and the program that wrote it down.
fn tag((revision, made): (Id, Option<DateTime<Utc>>)) -> HeaderValue {
    let made = made.map_or(0, |made| made.timestamp_micros());
    let tag = format!("W/\"r{revision}-{made:x}-{}\"", env!("CARGO_PKG_VERSION"));
    HeaderValue::from_str(&tag).expect("digits are a value")
}

async fn send(
    app: Arc<App>,
    headers: HeaderMap,
    parameters: Parameters,
    format: Format,
) -> Result<Response, Refusal> {
    let options = options(parameters)?;
    let place = app.exports.0.clone().try_acquire_owned();
    let place = place.map_err(|_| Refusal::busy("other exports are under way", LATER))?;
    // Before the data is read: where it changes meanwhile, the client asks once more than it must.
    let tag = tag(store::state(&app.database).await.map_err(|error| ours(&error))?);
    if is_known(&headers, &tag) {
        let fresh = (header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        let vary = (header::VARY, HeaderValue::from_static("accept-encoding"));
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag), fresh, vary]).into_response());
    }
    let export = Export::begin(&app.database, options).await.map_err(refused)?;
    let kind = match format {
        Format::Popolo => "application/json",
        Format::Jsonl => "application/x-ndjson",
        Format::Csv(_) => "text/csv; charset=utf-8; header=present",
    };
    let name = format!("attachment; filename=\"{}\"", export.file_name(format));
    let name = HeaderValue::try_from(name).expect("slugs and digits are a value");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, name),
        (header::ETAG, tag),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    let (out, pieces) = Output::new();
    let mut out = out.with_timeout(READER_TIMEOUT);
    // When the client goes away, the next piece finds nobody, and the export ends.
    let task = tokio::spawn(async move {
        let done = export.write(format, &mut out).await;
        drop((export, place));
        done
    });
    let body = stream::unfold(Some((pieces, task)), |state| async {
        let (mut pieces, task) = state?;
        if let Some(piece) = pieces.recv().await {
            return Some((Ok(piece), Some((pieces, task))));
        }
        match task.await {
            Ok(Ok(())) => None,
            failed => {
                let error = match failed {
                    Ok(failed) => failed.err().map(|error| error.to_string()),
                    Err(error) => Some(error.to_string()),
                };
                tracing::error!(error, "an export was cut short");
                // The client must not take it for the whole.
                Some((Err(io::Error::other("the export was cut short")), None))
            }
        }
    });
    Ok((headers, Body::from_stream(body)).into_response())
}
