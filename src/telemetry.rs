//! What is told of the inner life: log lines on standard error, and, with the feature `otel`, spans to
//! an OpenTelemetry collector.

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

/// Begins to tell; ends with what is answered. `runtime` carries what goes over the network.
pub fn start(settings: &config::LogConfig, runtime: &Handle) -> Telemetry {
    let registry = tracing_subscriber::registry().with(lines(settings, std::io::stderr));
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

fn lines<S, W>(settings: &config::LogConfig, to: W) -> impl Layer<S> + use<S, W>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let colours = std::io::stderr().is_terminal();
    let layer = fmt::layer().with_writer(to).with_ansi(colours);
    let layer = match settings.log_format {
        LogFormat::Text => layer.boxed(),
        // The span that is entered last is one of them.
        LogFormat::Json => layer.json().flatten_event(true).with_current_span(false).boxed(),
    };
    layer.with_filter(Shown(settings.log.clone()))
}

/// What is logged: events by the filter, and spans of the server itself always, so that a line of any
/// level tells the request that it belongs to.
struct Shown(Targets);

impl Shown {
    fn shows(&self, metadata: &Metadata<'_>) -> bool {
        let own = metadata.is_span() && is_own(metadata);
        own || self.0.would_enable(metadata.target(), metadata.level())
    }
}

/// Whether it is the server's, down to the level of whole requests and their steps.
fn is_own(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    *metadata.level() <= Level::INFO && target.split("::").next() == Some(env!("CARGO_CRATE_NAME"))
}

impl<S> Filter<S> for Shown {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        self.shows(metadata)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.shows(metadata) { Interest::always() } else { Interest::never() }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        let events = Filter::<S>::max_level_hint(&self.0)?;
        Some(events.max(LevelFilter::INFO))
    }
}

/// What is still to be sent when the program ends.
#[must_use = "what is not sent yet is lost without `end`"]
#[derive(Debug)]
pub struct Telemetry {
    #[cfg(feature = "otel")]
    provider: Option<opentelemetry_sdk::trace::SdkTracerProvider>,
}

impl Telemetry {
    /// Sends what is not sent yet. The runtime still has to run, and not wait for this.
    pub fn end(self) {
        #[cfg(feature = "otel")]
        if let Some(provider) = self.provider
            && let Err(error) = provider.shutdown_with_timeout(otel::PATIENCE)
        {
            tracing::warn!(%error, "the last spans may not have been sent");
        }
    }
}

/// Makes a span the child of that which a caller names in its header `traceparent`. A header that is
/// none is passed over, and so is one that comes after the span was entered.
#[cfg(feature = "otel")]
pub fn adopt(span: &Span, traceparent: &str) {
    otel::adopt(span, traceparent);
}

/// Without the feature `otel` no span has a parent elsewhere.
#[cfg(not(feature = "otel"))]
pub fn adopt(_: &Span, _: &str) {}

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

    /// How long one delivery may take, and the last one.
    pub const PATIENCE: Duration = Duration::from_secs(5);
    /// The most bytes of a collector's answer.
    const MAX_RESPONSE_SIZE: usize = 64 << 10;

    pub fn start<S>(endpoint: Option<&str>, runtime: &Handle) -> (impl Layer<S> + use<S>, Telemetry)
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let provider = endpoint.map(|endpoint| provider(endpoint, runtime));
        let layer = provider.as_ref().map(|provider| {
            let tracer = provider.tracer(env!("CARGO_PKG_NAME"));
            // Of the exporter's own doings none are exported.
            tracing_opentelemetry::layer().with_tracer(tracer).with_filter(filter_fn(is_own))
        });
        (layer, Telemetry { provider })
    }

    fn provider(endpoint: &str, runtime: &Handle) -> SdkTracerProvider {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Carrier::new(runtime))
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{endpoint}/v1/traces"))
            .with_timeout(PATIENCE)
            .build()
            .expect("the client, the protocol and the address are there");
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

    pub fn adopt(span: &Span, traceparent: &str) {
        let headers = HashMap::from([("traceparent".to_owned(), traceparent.to_owned())]);
        let parent = TraceContextPropagator::new().extract(&headers);
        if parent.span().span_context().is_valid() {
            // It fails where no spans are exported, or where this span is entered already.
            let _ = span.set_parent(parent);
        }
    }

    /// Carries spans over the server's own runtime: the exporter has a thread of its own, which has
    /// none.
    struct Carrier {
        client: Client<HttpConnector, Full<Bytes>>,
        runtime: Handle,
    }

    impl Carrier {
        fn new(runtime: &Handle) -> Self {
            let client = Client::builder(TokioExecutor::new()).build_http();
            Self { client, runtime: runtime.clone() }
        }
    }

    impl fmt::Debug for Carrier {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_struct("Carrier").finish_non_exhaustive()
        }
    }

    impl HttpClient for Carrier {
        fn send_bytes<'a: 'r, 'r>(
            &'a self,
            request: Request<Bytes>,
        ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'r>>
        where
            Self: 'r,
        {
            let client = self.client.clone();
            let answered = self.runtime.spawn(async move {
                let exchange = async {
                    let answer = client.request(request.map(Full::new)).await?;
                    let (head, body) = answer.into_parts();
                    let body = Limited::new(body, MAX_RESPONSE_SIZE).collect().await?.to_bytes();
                    Ok(Response::from_parts(head, body))
                };
                tokio::time::timeout(PATIENCE, exchange).await?
            });
            Box::pin(async { answered.await? })
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

    /// Keeps what is written.
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Kept {
        type Writer = Self;

        fn make_writer(&'a self) -> Self {
            self.clone()
        }
    }

    fn logged(filter: &str, log_format: LogFormat) -> String {
        let log = Targets::from_str(filter).unwrap();
        #[cfg(feature = "otel")]
        let settings = config::LogConfig { log, log_format, otel_endpoint: None };
        #[cfg(not(feature = "otel"))]
        let settings = config::LogConfig { log, log_format };
        let kept = Kept::default();
        let registry = tracing_subscriber::registry().with(lines(&settings, kept.clone()));
        tracing::subscriber::with_default(registry, || {
            let request = tracing::info_span!("request", trace_id = "4bf9", path = "/graphql");
            request.in_scope(|| {
                tracing::info_span!("step").in_scope(|| {
                    tracing::warn!(took = 3, "slow");
                    tracing::info!("quiet");
                });
            });
        });
        let bytes = kept.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_json_line_tells_its_request() {
        let text = logged("warn", LogFormat::Json);
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
    fn a_filter_is_of_lines_and_not_of_requests() {
        let text = logged("warn", LogFormat::Text);
        assert_eq!(text.lines().count(), 1);
        assert!(text.contains("trace_id") && text.contains("slow"), "{text}");
        assert_eq!(logged("assembly_graph=info", LogFormat::Text).lines().count(), 2);
        assert_eq!(logged("off", LogFormat::Text), "");
    }

    /// Answers each delivery of spans, and gives back the bodies when the sender has closed.
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
            let length = head.to_lowercase();
            let length = length.split("content-length: ").nth(1).unwrap();
            let mut body = vec![0; length.lines().next().unwrap().parse().unwrap()];
            reader.read_exact(&mut body).unwrap();
            let answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            reader.get_mut().write_all(answer.as_bytes()).unwrap();
            sender.send((head, body)).unwrap();
        });
        (format!("http://{address}"), received)
    }

    #[cfg(feature = "otel")]
    #[test]
    fn spans_reach_a_collector_under_the_parent_of_the_caller() {
        let (endpoint, received) = collector();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let (layer, telemetry) = otel::start(Some(&endpoint), runtime.handle());
        let registry = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(registry, || {
            let request = tracing::info_span!("request", path = "/graphql");
            adopt(&request, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
            request.in_scope(|| tracing::info!("answered"));
            let other = tracing::info_span!("another");
            adopt(&other, "no header of that kind");
            other.in_scope(|| ());
            // Of others than the server, nothing goes out.
            tracing::info_span!(target: "hyper", "foreign").in_scope(|| ());
        });
        telemetry.end();
        // Where nothing came, this does, and is no delivery.
        drop(std::net::TcpStream::connect(endpoint.trim_start_matches("http://")));
        let (head, body) = received.recv().unwrap();
        assert!(head.starts_with("POST /v1/traces HTTP/1.1\r\n"), "{head}");
        let holds = |bytes: &[u8]| body.windows(bytes.len()).any(|window| window == bytes);
        let trace = 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c_u128.to_be_bytes();
        assert!(holds(&trace) && holds(&0xb7ad_6b71_6920_3331_u64.to_be_bytes()));
        for text in ["assembly-graph", "request", "/graphql", "answered", "another"] {
            assert!(holds(text.as_bytes()), "{text} did not arrive");
        }
        assert!(!holds(b"foreign"));
    }

    /// A collector that is not there costs some lines of the log, and no answer.
    #[cfg(feature = "otel")]
    #[test]
    fn without_its_collector_the_program_ends_all_the_same() {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let (layer, telemetry) = otel::start(Some("http://127.0.0.1:1"), runtime.handle());
        let registry = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(registry, || {
            tracing::info_span!("request").in_scope(|| ());
        });
        telemetry.end();
    }
}
