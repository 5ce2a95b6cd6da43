//! The HTTP server: routes, shared state, and middleware.

use std::{io, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::Request,
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::any,
};
use sea_orm::DatabaseConnection;
use tokio::{net::TcpListener, runtime::Handle, sync::Semaphore};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer, Predicate,
        predicate::{DefaultPredicate, SizeAbove},
    },
    cors::{AllowOrigin, Any, CorsLayer},
};

use crate::{
    config,
    graph::error::{self, Code},
    schema::{self, Schema},
    store,
};

pub mod connections;
mod documents;
mod explorer;
mod export;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod graphql;
mod media;
mod metrics;
mod operations;
mod parameters;
pub mod queue;
pub mod rate;
mod refusal;
pub mod trace;

use refusal::Refusal;

pub use documents::DocumentsError;

/// Minimum bytes of a compressed response: compressing a shorter one takes longer than sending it.
const MIN_COMPRESSED_SIZE: u64 = 1_024;
/// How long browsers may cache the response to a CORS preflight.
const PREFLIGHT_MAX_AGE: Duration = Duration::from_hours(24);

/// The state that all requests share.
struct App {
    schema: Schema,
    database: DatabaseConnection,
    settings: config::ServerConfig,
    /// The runtime that executes operations. An expensive operation can block its thread for seconds,
    /// which must not delay new connections and health checks.
    workers: Handle,
    documents: documents::Documents,
    exports: export::Permits,
    revision: operations::CachedRevision,
    /// Permits for the memory of unsent responses, in KiB.
    unsent: Arc<Semaphore>,
    queue: queue::Queue,
    rate_limits: rate::RateLimits,
    metrics: metrics::Metrics,
    connections: connections::ConnectionCount,
    /// `Cache-Control` of responses with an `ETag`.
    cache_control: HeaderValue,
}

/// A server that does not listen yet.
pub struct Server {
    app: Arc<App>,
}

/// Maximum number of requests that execute concurrently.
fn max_concurrent_requests(settings: &config::ServerConfig) -> usize {
    match settings.max_concurrent_requests {
        0 => store::default_concurrency(),
        max => max,
    }
}

/// The number of database connections that a server needs: one for each concurrent request, one for
/// each concurrent export, and one for the health check.
pub fn database_connections(settings: &config::ServerConfig) -> u32 {
    let connections =
        max_concurrent_requests(settings).saturating_add(export::MAX_CONCURRENT_EXPORTS + 1);
    u32::try_from(connections).unwrap_or(u32::MAX)
}

impl Server {
    /// A server that executes operations on the current runtime.
    pub fn new(
        database: DatabaseConnection,
        settings: config::ServerConfig,
    ) -> Result<Self, DocumentsError> {
        Self::with_runtime(database, settings, Handle::current())
    }

    /// A server that executes operations on another runtime.
    pub fn with_runtime(
        database: DatabaseConnection,
        settings: config::ServerConfig,
        workers: Handle,
    ) -> Result<Self, DocumentsError> {
        let schema = schema::with_options(schema::Options {
            introspection: settings.introspection,
            suggestions: settings.suggestions,
        });
        let cache_control = match settings.max_age.as_secs() {
            0 => "public, no-cache".to_owned(),
            seconds => format!("public, max-age={seconds}"),
        };
        let app = App {
            documents: documents::Documents::new(&settings, &schema)?,
            exports: export::Permits::new(),
            revision: operations::CachedRevision::default(),
            unsent: Arc::new(Semaphore::new(graphql::MAX_UNSENT_KIB)),
            queue: queue::Queue::new(
                max_concurrent_requests(&settings),
                settings.max_queued_requests,
                settings.queue_timeout,
            ),
            rate_limits: rate::RateLimits::new(settings.rate_limit, settings.rate_limit_burst),
            metrics: metrics::Metrics::new(),
            connections: connections::ConnectionCount::default(),
            cache_control: HeaderValue::try_from(cache_control)
                .expect("digits are a valid header value"),
            schema,
            database,
            settings,
            workers,
        };
        Ok(Self { app: Arc::new(app) })
    }

    /// The public routes.
    pub fn router(&self) -> Router {
        let app = &self.app;
        let mut routes =
            Router::new().route("/graphql", any(graphql::endpoint)).merge(export::routes());
        if app.settings.explorer {
            routes = routes.merge(explorer::routes(&app.settings));
        }
        routes = routes.layer(middleware::from_fn_with_state(app.clone(), graphql::limit_rate));
        if app.settings.management_listen.is_none() {
            routes = routes.merge(operations::routes());
        }
        let origins = origins(&app.settings).map_or_else(CorsLayer::new, cors);
        self.with_middleware(routes, origins)
    }

    /// The routes of the management address.
    pub fn management_router(&self) -> Router {
        self.with_middleware(operations::routes(), CorsLayer::new())
    }

    fn with_middleware(&self, routes: Router<Arc<App>>, origins: CorsLayer) -> Router {
        routes
            .fallback(async || {
                let message = "not found; the GraphQL endpoint is /graphql";
                Refusal::new(StatusCode::NOT_FOUND, Code::BadUserInput, message)
            })
            .method_not_allowed_fallback(async || {
                Refusal::method("method not allowed; use GET or HEAD", "GET, HEAD")
            })
            .layer(middleware::from_fn_with_state(self.app.clone(), graphql::limit_target))
            .layer(CatchPanicLayer::custom(|_| {
                // The panic message is already in the log; this adds the request.
                let reference = error::reference();
                tracing::error!(reference, "request panicked");
                Refusal::internal(&reference).into_response()
            }))
            .layer(compression())
            .layer(middleware::map_request(allow_identity_encoding))
            .layer(origins)
            .layer(middleware::map_response(async |mut response: Response| {
                let nosniff = HeaderValue::from_static("nosniff");
                response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
                response
            }))
            .layer(middleware::from_fn_with_state(self.app.settings.trusted_proxies, trace::layer))
            .with_state(self.app.clone())
    }

    /// Runs until `shutdown` resolves, then completes the requests in flight. Serves the management
    /// routes on `management`, if it is not `None`.
    pub async fn run(
        self,
        listener: TcpListener,
        management: Option<TcpListener>,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        let limits = connections::Limits::from(&self.app.settings);
        let count = self.app.connections.clone();
        let Some(management) = management else {
            return connections::run(listener, self.router(), limits, count, shutdown).await;
        };
        // The management address is served until the public one has shut down.
        let (stopped, public_stopped) = tokio::sync::oneshot::channel::<()>();
        // Not part of the metrics.
        let management_count = connections::ConnectionCount::default();
        let management = connections::run(
            management,
            self.management_router(),
            limits,
            management_count,
            async {
                drop(public_stopped.await);
            },
        );
        let public = async {
            let result = connections::run(listener, self.router(), limits, count, shutdown).await;
            drop(stopped);
            result
        };
        tokio::try_join!(public, management).map(drop)
    }
}

/// Compresses responses with the encoding that the client prefers.
fn compression() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new()
        .compress_when(DefaultPredicate::new().and(SizeAbove::new(MIN_COMPRESSED_SIZE)))
}

/// Removes `identity` and `*` from `Accept-Encoding`: an uncompressed response is always acceptable,
/// and better than an error.
async fn allow_identity_encoding(mut request: Request) -> Request {
    let headers = request.headers_mut();
    let names_identity = |value: &HeaderValue| {
        let value = value.to_str().unwrap_or_default();
        value.contains('*') || value.contains("identity")
    };
    if headers.get_all(header::ACCEPT_ENCODING).iter().any(names_identity) {
        let values = headers.get_all(header::ACCEPT_ENCODING).iter();
        let values = values.filter_map(|value| value.to_str().ok());
        let codings = values.flat_map(|value| value.split(',')).map(str::trim).filter(|coding| {
            let name = coding.split(';').next().unwrap_or_default().trim();
            name != "*" && !name.eq_ignore_ascii_case("identity")
        });
        let accepted = codings.collect::<Vec<_>>().join(", ");
        headers.remove(header::ACCEPT_ENCODING);
        if let Some(accepted) =
            HeaderValue::try_from(accepted).ok().filter(|value| !value.is_empty())
        {
            headers.insert(header::ACCEPT_ENCODING, accepted);
        }
    }
    request
}

/// The origins that CORS allows. `None` if it is disabled.
fn origins(settings: &config::ServerConfig) -> Option<AllowOrigin> {
    let origins: Vec<_> = settings.cors_origins.iter().map(String::as_str).collect();
    match origins[..] {
        ["*"] => Some(AllowOrigin::any()),
        [] | ["none"] => None,
        _ => {
            let values = origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok());
            Some(AllowOrigin::list(values))
        }
    }
}

/// The CORS layer for these origins, without credentials.
fn cors(origins: AllowOrigin) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::HEAD, Method::POST])
        .allow_headers(Any)
        .expose_headers([
            header::ETAG,
            header::RETRY_AFTER,
            header::CONTENT_DISPOSITION,
            HeaderName::from_static("x-request-id"),
        ])
        .max_age(PREFLIGHT_MAX_AGE)
}
