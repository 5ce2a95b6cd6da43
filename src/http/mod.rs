//! The server on the wire: what is where, what all requests share, and what holds for every answer.

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

pub use documents::Wrong;

/// Shorter answers are sent as they are: packing them takes longer than sending them.
const MIN_COMPRESSED_SIZE: u64 = 1_024;
/// How long a browser may remember what it was told of other origins.
const PREFLIGHT: Duration = Duration::from_hours(24);

/// What all requests share.
struct App {
    schema: Schema,
    database: DatabaseConnection,
    settings: config::ServerConfig,
    /// Where operations run. A dear one does not let go of its thread for seconds, and whoever accepts
    /// connections and tells of health must not wait for it.
    work: Handle,
    documents: documents::Documents,
    exports: export::Places,
    look: operations::Look,
    /// What answers may hold that nobody has taken yet, in KiB.
    unsent: Arc<Semaphore>,
    queue: queue::Queue,
    rate: rate::Rate,
    metrics: metrics::Metrics,
    open: connections::Open,
    /// What caches are told of an answer that has a tag.
    fresh: HeaderValue,
}

/// A server that is not listening yet.
pub struct Server {
    app: Arc<App>,
}

/// The most requests that are answered at one time.
fn in_flight(settings: &config::ServerConfig) -> usize {
    match settings.max_concurrent_requests {
        0 => store::default_concurrency(),
        some => some,
    }
}

/// Connections to the database that a server needs: one for each request that it answers, for each
/// export, and to see how it is.
pub fn connections(settings: &config::ServerConfig) -> u32 {
    let all = in_flight(settings).saturating_add(export::AT_ONCE + 1);
    u32::try_from(all).unwrap_or(u32::MAX)
}

impl Server {
    /// A server whose operations run where it does itself.
    pub fn new(
        database: DatabaseConnection,
        settings: config::ServerConfig,
    ) -> Result<Self, Wrong> {
        Self::working(database, settings, Handle::current())
    }

    /// A server whose operations run on threads of their own.
    pub fn working(
        database: DatabaseConnection,
        settings: config::ServerConfig,
        work: Handle,
    ) -> Result<Self, Wrong> {
        let schema = schema::with(schema::Options {
            introspection: settings.introspection,
            suggestions: settings.suggestions,
        });
        let fresh = match settings.max_age.as_secs() {
            0 => "public, no-cache".to_owned(),
            seconds => format!("public, max-age={seconds}"),
        };
        let app = App {
            documents: documents::Documents::new(&settings, &schema)?,
            exports: export::Places::new(),
            look: operations::Look::default(),
            unsent: Arc::new(Semaphore::new(graphql::MAX_UNSENT)),
            queue: queue::Queue::new(
                in_flight(&settings),
                settings.max_queued_requests,
                settings.queue_timeout,
            ),
            rate: rate::Rate::new(settings.rate_limit, settings.rate_limit_burst),
            metrics: metrics::Metrics::new(),
            open: connections::Open::default(),
            fresh: HeaderValue::try_from(fresh).expect("digits are a value"),
            schema,
            database,
            settings,
            work,
        };
        Ok(Self { app: Arc::new(app) })
    }

    /// The routes that everybody asks.
    pub fn router(&self) -> Router {
        let app = &self.app;
        let mut routes =
            Router::new().route("/graphql", any(graphql::endpoint)).merge(export::routes());
        if app.settings.explorer {
            routes = routes.merge(explorer::routes(&app.settings));
        }
        routes = routes.layer(middleware::from_fn_with_state(app.clone(), graphql::rated));
        if app.settings.management_listen.is_none() {
            routes = routes.merge(operations::routes());
        }
        let origins = origins(&app.settings).map_or_else(CorsLayer::new, cors);
        self.finished(routes, origins)
    }

    /// The routes for those who operate the server.
    pub fn operations(&self) -> Router {
        self.finished(operations::routes(), CorsLayer::new())
    }

    fn finished(&self, routes: Router<Arc<App>>, origins: CorsLayer) -> Router {
        routes
            .fallback(async || {
                let message = "there is nothing here: ask at /graphql";
                Refusal::new(StatusCode::NOT_FOUND, Code::BadUserInput, message)
            })
            .method_not_allowed_fallback(async || {
                Refusal::method("there is only GET here: ask at /graphql", "GET, HEAD")
            })
            .layer(middleware::from_fn_with_state(self.app.clone(), graphql::limit_target))
            .layer(CatchPanicLayer::custom(|_| {
                // The panic has told of itself, but not of whose it was.
                let reference = error::reference();
                tracing::error!(reference, "a request panicked");
                Refusal::internal(&reference).into_response()
            }))
            .layer(packed())
            .layer(middleware::map_request(packable))
            .layer(origins)
            .layer(middleware::map_response(async |mut response: Response| {
                let nosniff = HeaderValue::from_static("nosniff");
                response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
                response
            }))
            .layer(middleware::from_fn_with_state(self.app.settings.trusted_proxies, trace::layer))
            .with_state(self.app.clone())
    }

    /// Serves until `end` comes; requests under way are answered first. Those who operate the server
    /// ask at `operating`, where it is given.
    pub async fn serve(
        self,
        listener: TcpListener,
        operating: Option<TcpListener>,
        end: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        let limits = connections::Limits::from(&self.app.settings);
        let open = self.app.open.clone();
        let Some(operating) = operating else {
            return connections::serve(listener, self.router(), limits, open, end).await;
        };
        let (ended, over) = tokio::sync::oneshot::channel::<()>();
        let others = connections::Open::default();
        let operating = connections::serve(operating, self.operations(), limits, others, async {
            drop(over.await);
        });
        let asking = async {
            let served = connections::serve(listener, self.router(), limits, open, end).await;
            drop(ended);
            served
        };
        tokio::try_join!(asking, operating).map(drop)
    }
}

/// Packs what is worth it, the way that the client prefers.
fn packed() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new()
        .compress_when(DefaultPredicate::new().and(SizeAbove::new(MIN_COMPRESSED_SIZE)))
}

/// Leaves of what a client accepts only ways to pack: an answer that is not packed is always right,
/// and better than none.
async fn packable(mut request: Request) -> Request {
    let headers = request.headers_mut();
    let refuses = |value: &HeaderValue| {
        let value = value.to_str().unwrap_or_default();
        value.contains('*') || value.contains("identity")
    };
    if headers.get_all(header::ACCEPT_ENCODING).iter().any(refuses) {
        let values = headers.get_all(header::ACCEPT_ENCODING).iter();
        let values = values.filter_map(|value| value.to_str().ok());
        let kept = values.flat_map(|value| value.split(',')).map(str::trim).filter(|coding| {
            let name = coding.split(';').next().unwrap_or_default().trim();
            name != "*" && !name.eq_ignore_ascii_case("identity")
        });
        let kept = kept.collect::<Vec<_>>().join(", ");
        headers.remove(header::ACCEPT_ENCODING);
        if let Some(kept) = HeaderValue::try_from(kept).ok().filter(|kept| !kept.is_empty()) {
            headers.insert(header::ACCEPT_ENCODING, kept);
        }
    }
    request
}

/// Which origins may ask from a browser; none where no page of another site may.
fn origins(settings: &config::ServerConfig) -> Option<AllowOrigin> {
    let origins: Vec<_> = settings.cors_origins.iter().map(String::as_str).collect();
    match origins[..] {
        ["*"] => Some(AllowOrigin::any()),
        [] | ["none"] => None,
        _ => {
            let listed = origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok());
            Some(AllowOrigin::list(listed))
        }
    }
}

/// Lets pages of these origins ask, without credentials: there are none to send.
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
        .max_age(PREFLIGHT)
}
