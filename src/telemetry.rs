//! Logging to standard error and, with the feature `otel`, export of spans to an OpenTelemetry
//! collector.

use std::io::IsTerminal;

use tokio::runtime::Handle;
use tracing::{
    Level, Metadata, Span, Subscriber, level_filters::LevelFilter, subscriber::Interest,
};
use tracing_subscriber::{
    Layer,
    filter::Targets,
    fmt::{self, MakeWriter},
    layer::{Context, Filter, SubscriberExt},
    registry::LookupSpan,
    util::SubscriberInitExt,
};

use crate::config::{self, LogFormat};

/// Initializes logging and tracing. `runtime` executes the network requests of the exporter.
pub fn start(settings: &config::LogConfig, runtime: &Handle) -> Telemetry {
    let registry = tracing_subscriber::registry().with(log_layer(settings, std::io::stderr));
    #[cfg(feature = "otel")]
    {
        let (layer, telemetry) = otel::start(settings.otel_endpoint.as_deref(), runtime);
        registry.with(layer).init();
        telemetry
    }
    #[cfg(not(feature = "otel"))]
    {
        let _ = runtime;
        registry.init();
        Telemetry {}
    }
}

fn log_layer<S, W>(settings: &config::LogConfig, writer: W) -> impl Layer<S> + use<S, W>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let is_terminal = std::io::stderr().is_terminal();
    let layer = fmt::layer().with_writer(writer).with_ansi(is_terminal);
    let layer = match settings.log_format {
        LogFormat::Text => layer.boxed(),
        // The list of spans includes the current one.
        LogFormat::Json => layer.json().flatten_event(true).with_current_span(false).boxed(),
    };
    layer.with_filter(LogFilter(settings.log.clone()))
}

/// Filters events by the settings. Spans of the server itself are always enabled, so that every log
/// line contains its request.
struct LogFilter(Targets);

impl LogFilter {
    fn is_enabled(&self, metadata: &Metadata<'_>) -> bool {
        let is_own_span = metadata.is_span() && is_own(metadata);
        is_own_span || self.0.would_enable(metadata.target(), metadata.level())
    }
}

/// Whether a span or event is of this crate, at level `info` or higher.
fn is_own(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    *metadata.level() <= Level::INFO && target.split("::").next() == Some(env!("CARGO_CRATE_NAME"))
}

impl<S> Filter<S> for LogFilter {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        self.is_enabled(metadata)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.is_enabled(metadata) { Interest::always() } else { Interest::never() }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        let events = Filter::<S>::max_level_hint(&self.0)?;
        Some(events.max(LevelFilter::INFO))
    }
}

/// Exports the remaining spans on shutdown.
#[must_use = "without `shutdown`, spans that are not exported yet are lost"]
#[derive(Debug)]
pub struct Telemetry {
    #[cfg(feature = "otel")]
    provider: Option<opentelemetry_sdk::trace::SdkTracerProvider>,
}

impl Telemetry {
    /// Exports the remaining spans. Blocks, so it must not be called from the runtime, which must still
    /// be running.
    pub fn shutdown(self) {
        #[cfg(feature = "otel")]
        if let Some(provider) = self.provider
            && let Err(error) = provider.shutdown_with_timeout(otel::EXPORT_TIMEOUT)
        {
            tracing::warn!(%error, "the remaining spans may not have been exported");
        }
    }
}

/// Sets the parent of a span from a `traceparent` header, and ignores an invalid header. Must be called
/// before the span is entered.
#[cfg(feature = "otel")]
pub fn set_parent(span: &Span, traceparent: &str) {
    otel::set_parent(span, traceparent);
}

/// Does nothing without the feature `otel`.
#[cfg(not(feature = "otel"))]
pub fn set_parent(_: &Span, _: &str) {}

#[cfg(feature = "otel")]
mod otel {
    use std::{collections::HashMap, fmt, future::Future, pin::Pin, time::Duration};

    use http_body_util::{BodyExt, Full, Limited};
    use hyper_util::{
        client::legacy::{Client, connect::HttpConnector},
        rt::TokioExecutor,
    };
    use opentelemetry::{
        KeyValue,
        propagation::TextMapPropagator,
        trace::{TraceContextExt, TracerProvider},
    };
    use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
    use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
    use opentelemetry_sdk::{
        Resource,
        propagation::TraceContextPropagator,
        trace::{Sampler, SdkTracerProvider},
    };
    use tokio::runtime::Handle;
    use tracing::{Span, Subscriber};
    use tracing_opentelemetry::OpenTelemetrySpanExt;
    use tracing_subscriber::{Layer, filter::filter_fn, registry::LookupSpan};

    use super::{Telemetry, is_own};

    /// Timeout of an export, and of the shutdown.
    pub const EXPORT_TIMEOUT: Duration = Duration::from_secs(5);
    /// Maximum size of a response of the collector, in bytes.
    const MAX_RESPONSE_SIZE: usize = 64 << 10;

    pub fn start<S>(endpoint: Option<&str>, runtime: &Handle) -> (impl Layer<S> + use<S>, Telemetry)
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let provider = endpoint.map(|endpoint| provider(endpoint, runtime));
        let layer = provider.as_ref().map(|provider| {
            let tracer = provider.tracer(env!("CARGO_PKG_NAME"));
            // Spans of the exporter itself are not exported.
            tracing_opentelemetry::layer().with_tracer(tracer).with_filter(filter_fn(is_own))
        });
        (layer, Telemetry { provider })
    }

    fn provider(endpoint: &str, runtime: &Handle) -> SdkTracerProvider {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(RuntimeClient::new(runtime))
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{endpoint}/v1/traces"))
            .with_timeout(EXPORT_TIMEOUT)
            .build()
            .expect("the client, the protocol and the endpoint are set");
        let resource = Resource::builder()
            .with_service_name(env!("CARGO_PKG_NAME"))
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::AlwaysOn)))
            .with_resource(resource)
            .build()
    }

    pub fn set_parent(span: &Span, traceparent: &str) {
        let headers = HashMap::from([("traceparent".to_owned(), traceparent.to_owned())]);
        let parent = TraceContextPropagator::new().extract(&headers);
        if parent.span().span_context().is_valid() {
            // Fails if spans are not exported, or if this span has been entered already.
            let _ = span.set_parent(parent);
        }
    }

    /// An HTTP client that runs on the runtime of the server, since the thread of the exporter has no
    /// runtime.
    struct RuntimeClient {
        client: Client<HttpConnector, Full<Bytes>>,
        runtime: Handle,
    }

    impl RuntimeClient {
        fn new(runtime: &Handle) -> Self {
            let client = Client::builder(TokioExecutor::new()).build_http();
            Self { client, runtime: runtime.clone() }
        }
    }

    impl fmt::Debug for RuntimeClient {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_struct("RuntimeClient").finish_non_exhaustive()
        }
    }

    impl HttpClient for RuntimeClient {
        fn send_bytes<'a: 'r, 'r>(
            &'a self,
            request: Request<Bytes>,
        ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'r>>
        where
            Self: 'r,
        {
            let client = self.client.clone();
            let task = self.runtime.spawn(async move {
                let exchange = async {
                    let response = client.request(request.map(Full::new)).await?;
                    let (head, body) = response.into_parts();
                    let body = Limited::new(body, MAX_RESPONSE_SIZE).collect().await?.to_bytes();
                    Ok(Response::from_parts(head, body))
                };
                tokio::time::timeout(EXPORT_TIMEOUT, exchange).await?
            });
            Box::pin(async { task.await? })
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        str::FromStr,
        sync::{Arc, Mutex},
    };

    use super::*;

    /// A writer to a shared buffer.
    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Buffer {
        type Writer = Self;

        fn make_writer(&'a self) -> Self {
            self.clone()
        }
    }

    fn log_output(filter: &str, log_format: LogFormat) -> String {
        let log = Targets::from_str(filter).unwrap();
        #[cfg(feature = "otel")]
        let settings = config::LogConfig { log, log_format, otel_endpoint: None };
        #[cfg(not(feature = "otel"))]
        let settings = config::LogConfig { log, log_format };
        let buffer = Buffer::default();
        let registry = tracing_subscriber::registry().with(log_layer(&settings, buffer.clone()));
        tracing::subscriber::with_default(registry, || {
            let request = tracing::info_span!("request", trace_id = "4bf9", path = "/graphql");
            request.in_scope(|| {
                tracing::info_span!("step").in_scope(|| {
                    tracing::warn!(took = 3, "slow");
                    tracing::info!("quiet");
                });
            });
        });
        let bytes = buffer.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn json_lines_contain_the_request() {
        let text = log_output("warn", LogFormat::Json);
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(line["level"], "WARN");
        assert_eq!(line["message"], "slow");
        assert_eq!(line["took"], 3);
        assert_eq!(line["target"], "assembly_graph::telemetry::tests");
        assert_eq!(line["spans"][0]["name"], "request");
        assert_eq!(line["spans"][0]["trace_id"], "4bf9");
        assert_eq!(line["spans"][1]["name"], "step");
        assert!(line["timestamp"].is_string());
    }

    #[test]
    fn filters_do_not_apply_to_request_spans() {
        let text = log_output("warn", LogFormat::Text);
        assert_eq!(text.lines().count(), 1);
        assert!(text.contains("trace_id") && text.contains("slow"), "{text}");
        assert_eq!(log_output("assembly_graph=info", LogFormat::Text).lines().count(), 2);
        assert_eq!(log_output("off", LogFormat::Text), "");
    }

    /// A collector that accepts one export, and sends its head and body to the receiver.
    #[cfg(feature = "otel")]
    fn collector() -> (String, std::sync::mpsc::Receiver<(String, Vec<u8>)>) {
        use std::io::{BufRead, BufReader, Read, Write};
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, received) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream);
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                assert_ne!(reader.read_line(&mut head).unwrap(), 0, "ended early: {head}");
            }
            let lowercase = head.to_lowercase();
            let length = lowercase.split("content-length: ").nth(1).unwrap();
            let mut body = vec![0; length.lines().next().unwrap().parse().unwrap()];
            reader.read_exact(&mut body).unwrap();
            let response = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            reader.get_mut().write_all(response.as_bytes()).unwrap();
            sender.send((head, body)).unwrap();
        });
        (format!("http://{address}"), received)
    }

    #[cfg(feature = "otel")]
    #[test]
    fn spans_are_exported_with_the_parent_of_the_caller() {
        let (endpoint, received) = collector();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let (layer, telemetry) = otel::start(Some(&endpoint), runtime.handle());
        let registry = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(registry, || {
            let request = tracing::info_span!("request", path = "/graphql");
            set_parent(&request, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
            request.in_scope(|| tracing::info!("request completed"));
            let other = tracing::info_span!("another");
            set_parent(&other, "invalid");
            other.in_scope(|| ());
            // Spans of other crates are not exported.
            tracing::info_span!(target: "hyper", "foreign").in_scope(|| ());
        });
        telemetry.shutdown();
        // Unblocks the collector if nothing was exported.
        drop(std::net::TcpStream::connect(endpoint.trim_start_matches("http://")));
        let (head, body) = received.recv().unwrap();
        assert!(head.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{head}");
        let contains = |bytes: &[u8]| body.windows(bytes.len()).any(|window| window == bytes);
        let trace = 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c_u128.to_be_bytes();
        assert!(contains(&trace) && contains(&0xb7ad_6b71_6920_3331_u64.to_be_bytes()));
        for text in ["assembly-graph", "request", "/graphql", "request completed", "another"] {
            assert!(contains(text.as_bytes()), "{text} is missing");
        }
        assert!(!contains(b"foreign"));
    }

    /// An unreachable collector causes log messages, but does not prevent the shutdown.
    #[cfg(feature = "otel")]
    #[test]
    fn shutdown_succeeds_without_a_collector() {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let (layer, telemetry) = otel::start(Some("http://127.0.0.1:1"), runtime.handle());
        let registry = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(registry, || {
            tracing::info_span!("request").in_scope(|| ());
        });
        telemetry.shutdown();
    }
}
