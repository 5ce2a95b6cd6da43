//! The server on the wire: routes, the explorer page, health, shutdown.

use async_graphql::http::GraphiQLSource;
use async_graphql_axum::{GraphQLRequest, GraphQLResponse};
use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{Html, IntoResponse},
    routing::get,
};
use chrono::Utc;
use sea_orm::DatabaseConnection;
use tokio::net::TcpListener;
use tower_http::{cors::CorsLayer, limit::RequestBodyLimitLayer, trace::TraceLayer};

use crate::schema::{self, Schema};

pub mod connections;
mod export;
#[cfg_attr(not(test), expect(dead_code, reason = "not yet used by the routes"))]
mod metrics;
#[cfg_attr(not(test), expect(dead_code, reason = "not yet used by the routes"))]
mod queue;
#[cfg_attr(not(test), expect(dead_code, reason = "not yet used by the routes"))]
mod rate;
#[cfg_attr(not(test), expect(dead_code, reason = "not yet used by the routes"))]
mod trace;

/// The most bytes of a request: its document and its variables.
const LARGEST_REQUEST: usize = 1024 * 1024;

#[derive(Clone)]
struct App {
    schema: Schema,
    database: DatabaseConnection,
    exports: export::Places,
}

pub fn router(database: DatabaseConnection) -> Router {
    Router::new()
        .route("/", get(explorer))
        .route("/graphql", get(answer).post(answer))
        .route("/health", get(health))
        .merge(export::routes())
        .layer(RequestBodyLimitLayer::new(LARGEST_REQUEST))
        .layer(CorsLayer::permissive())
        .layer(TraceLayer::new_for_http())
        .with_state(App { schema: schema::schema(), database, exports: export::Places::new() })
}

/// Serves until `end` comes; requests under way are answered first.
pub async fn serve(
    listener: TcpListener,
    database: DatabaseConnection,
    end: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    axum::serve(listener, router(database)).with_graceful_shutdown(end).await
}

async fn answer(State(app): State<App>, request: GraphQLRequest) -> GraphQLResponse {
    let today = Utc::now().date_naive();
    schema::execute(&app.schema, &app.database, today, request.into_inner()).await.into()
}

async fn explorer() -> Html<String> {
    let page = GraphiQLSource::build().endpoint("/graphql").title("Assembly Graph");
    Html(page.finish())
}

/// Whether the server can reach its data.
async fn health(State(app): State<App>) -> impl IntoResponse {
    match app.database.ping().await {
        Ok(()) => (StatusCode::OK, "ok\n"),
        Err(error) => {
            tracing::error!(%error, "the database cannot be reached");
            (StatusCode::SERVICE_UNAVAILABLE, "the database cannot be reached\n")
        }
    }
}
