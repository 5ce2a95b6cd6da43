//! What those ask who operate the server: whether it is well, and what was measured. None of it takes
//! the place of a question.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{Router, extract::State, http::header, response::IntoResponse, routing::get};
use entity::Id;
use tokio::sync::Mutex;

use super::{App, graphql, metrics, refusal::Refusal};
use crate::store;

/// How long the database may take to say that it is there.
const PING: Duration = Duration::from_secs(2);
/// How long it is then taken to be there.
const MOMENT: Duration = Duration::from_millis(250);
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/health", get(ready))
        .route("/health/live", get(async || "ok\n"))
        .route("/health/ready", get(ready))
        .route("/metrics", get(measured))
}

/// Looks at the state of the data that are no questions: one at a time, whose outcome is everybody's
/// for a moment, so that any number of them takes one connection.
#[derive(Default)]
pub struct Look(Mutex<Option<(Instant, Result<Id, Refusal>)>>);

impl App {
    /// The revision, as it was a moment ago.
    pub async fn look(&self) -> Result<Id, Refusal> {
        let mut last = self.look.0.lock().await;
        if let Some((at, seen)) = &*last
            && at.elapsed() < MOMENT
        {
            return seen.clone();
        }
        let seen = match tokio::time::timeout(PING, store::revision(&self.database)).await {
            Ok(revision) => revision.map_err(|error| graphql::ours(&error)),
            Err(_) => {
                tracing::error!("the database does not answer");
                Err(Refusal::busy("the database does not answer", graphql::SOON))
            }
        };
        *last = Some((Instant::now(), seen.clone()));
        seen
    }
}

/// Whether the server can reach its data.
async fn ready(State(app): State<Arc<App>>) -> Result<&'static str, Refusal> {
    app.look().await.map(|_| "ok\n")
}

/// What was measured since the start, for Prometheus.
async fn measured(State(app): State<Arc<App>>) -> impl IntoResponse {
    let revision = app.look().await.ok();
    let (pool, pool_idle) = store::pool_size(&app.database);
    let now = metrics::Now {
        in_flight: app.queue.in_flight(),
        waiting: app.queue.waiting(),
        connections: app.open.count(),
        pool,
        pool_idle,
        revision,
    };
    ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], app.metrics.text(now))
}
