//! Health checks and metrics. They bypass the request queue.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{Router, extract::State, http::header, response::IntoResponse, routing::get};
use entity::Id;
use tokio::sync::Mutex;

use super::{App, graphql, metrics, refusal::Refusal};
use crate::store;

/// Timeout of the health check of the database.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);
/// How long the result of a check is reused.
const CHECK_MAX_AGE: Duration = Duration::from_millis(250);

pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/health", get(ready))
        .route("/health/live", get(async || "ok\n"))
        .route("/health/ready", get(ready))
        .route("/metrics", get(metrics))
}

/// The revision of the data, or why it cannot be read. Cached for a short time and read by one task at
/// a time, so that any number of requests uses one database connection.
#[derive(Default)]
pub struct CachedRevision(Mutex<Option<(Instant, Result<Id, Refusal>)>>);

impl App {
    /// The revision of the data, at most [`CHECK_MAX_AGE`] old.
    pub async fn revision(&self) -> Result<Id, Refusal> {
        let mut cached = self.revision.0.lock().await;
        if let Some((at, result)) = &*cached
            && at.elapsed() < CHECK_MAX_AGE
        {
            return result.clone();
        }
        let result = match tokio::time::timeout(CHECK_TIMEOUT, store::revision(&self.database))
            .await
        {
            Ok(revision) => revision.map_err(|error| graphql::database_error(&error)),
            Err(_) => {
                tracing::error!("the database does not respond");
                Err(Refusal::busy("the database does not respond", graphql::DEFAULT_RETRY_AFTER))
            }
        };
        *cached = Some((Instant::now(), result.clone()));
        result
    }
}

/// Whether the server can reach its database.
async fn ready(State(app): State<Arc<App>>) -> Result<&'static str, Refusal> {
    app.revision().await.map(|_| "ok\n")
}

/// The metrics in the Prometheus text format.
async fn metrics(State(app): State<Arc<App>>) -> impl IntoResponse {
    let revision = app.revision().await.ok();
    let (pool, pool_idle) = store::pool_size(&app.database);
    let gauges = metrics::Gauges {
        in_flight: app.queue.in_flight(),
        queued: app.queue.queued(),
        connections: app.connections.get(),
        pool,
        pool_idle,
        revision,
    };
    ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], app.metrics.text(gauges))
}
