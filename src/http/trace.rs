//! Request tracing: reads W3C Trace Context, creates a span for each request, sets `X-Request-Id`, and
//! logs each request. Documents and variables are not logged, because they may be confidential.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Instant,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    middleware::Next,
    response::Response,
};
use tracing::{Instrument, Span};

use super::rate;
use crate::telemetry;

const TRACE_PARENT: &str = "traceparent";
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Maximum length of a method or a path in the log, in bytes.
const MAX_LENGTH: usize = 256;

/// The trace context of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    pub trace_id: u128,
    /// The id of the parent span, which the client sent.
    pub parent: Option<u64>,
    /// The id of the span of this request.
    pub span_id: u64,
    /// The sampled flag of the client.
    pub sampled: bool,
}

/// The address of the client; see [`rate::client_address`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client(pub IpAddr);

impl Trace {
    /// Continues the trace of the client, or starts a new one.
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let span_id = fastrand::u64(1..);
        let mut values = headers.get_all(TRACE_PARENT).iter();
        // Several headers are invalid and ignored.
        let header = values.next().filter(|_| values.next().is_none());
        match header.and_then(|value| parse(value.as_bytes())) {
            Some((trace_id, parent, sampled)) => {
                Self { trace_id, parent: Some(parent), span_id, sampled }
            }
            None => Self { trace_id: fastrand::u128(1..), parent: None, span_id, sampled: false },
        }
    }

    /// The `traceparent` of the spans of this request. A new trace is sampled.
    fn header(&self) -> String {
        let Self { trace_id, parent, span_id, sampled } = self;
        let (parent_id, flags) =
            (parent.unwrap_or(*span_id), u8::from(*sampled || parent.is_none()));
        format!("00-{trace_id:032x}-{parent_id:016x}-{flags:02x}")
    }

    /// The trace id in hexadecimal digits.
    pub fn id(&self) -> String {
        format!("{:032x}", self.trace_id)
    }
}

/// Parses `version-trace_id-parent_id-flags`. Returns the trace id, the parent id and the sampled flag.
fn parse(value: &[u8]) -> Option<(u128, u64, bool)> {
    let (fields, rest) = value.split_at_checked(55)?;
    if fields[2] != b'-' || fields[35] != b'-' || fields[52] != b'-' {
        return None;
    }
    let version = hex(&fields[..2])?;
    let trace_id = hex(&fields[3..35])?;
    let parent = hex(&fields[36..52])? as u64;
    let flags = hex(&fields[53..])?;
    // Later versions may append fields after another dash; version 255 is invalid.
    let is_complete = match version {
        0 => rest.is_empty(),
        255 => false,
        _ => rest.is_empty() || rest[0] == b'-',
    };
    (is_complete && trace_id != 0 && parent != 0).then_some((trace_id, parent, flags & 1 == 1))
}

/// Parses lowercase hexadecimal digits.
fn hex(digits: &[u8]) -> Option<u128> {
    digits.iter().try_fold(0, |number, digit| {
        let digit = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        Some(number << 4 | u128::from(digit))
    })
}

/// Middleware that adds [`Trace`] and [`Client`] to a request, sets `X-Request-Id` on the response, and
/// logs the request. For [`axum::middleware::from_fn_with_state`], with the number of trusted proxies.
pub async fn layer(
    State(trusted_proxies): State<usize>,
    mut request: Request,
    next: Next,
) -> Response {
    let trace = Trace::from_headers(request.headers());
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip());
    let client = Client(rate::client_address(request.headers(), peer, trusted_proxies));
    // At level `error`, so that the span is part of every log line of the request.
    let span = tracing::error_span!(
        target: "assembly_graph::http",
        "request",
        method = truncate(request.method().as_str()),
        path = truncate(request.uri().path()),
        trace_id = trace.id(),
        client = %client.0,
    );
    telemetry::set_parent(&span, &trace.header());
    request.extensions_mut().insert(trace);
    request.extensions_mut().insert(client);
    let mut log = RequestLog { span: span.clone(), started: Instant::now(), status: None };
    let mut response = next.run(request).instrument(span).await;
    log.status = Some(response.status());
    let id = HeaderValue::try_from(trace.id()).expect("digits are a valid header value");
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

/// Truncates a string to [`MAX_LENGTH`] bytes.
fn truncate(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_LENGTH)]
}

/// Logs a request when it is dropped: after the response, or when the request is canceled.
struct RequestLog {
    span: Span,
    started: Instant,
    status: Option<StatusCode>,
}

impl Drop for RequestLog {
    fn drop(&mut self) {
        let duration_ms = self.started.elapsed().as_secs_f64() * 1000.0;
        // Inside the span: JSON lines do not contain a span that is only set as the parent.
        self.span.in_scope(|| match self.status {
            Some(status) => tracing::info!(
                target: "assembly_graph::http",
                status = status.as_u16(),
                duration_ms,
                "request completed"
            ),
            None => {
                tracing::info!(target: "assembly_graph::http", duration_ms, "request canceled");
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future,
        io::{self, Write},
        sync::{Arc, Mutex},
    };

    use axum::{Extension, Router, body::Body, middleware, routing::get};
    use futures_util::poll;
    use tower::ServiceExt;
    use tracing::Level;

    use super::*;

    const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn trace_parents_are_parsed_strictly() {
        let parts = Some((0x0af7651916cd43dd8448eb211c80319c, 0xb7ad6b7169203331, true));
        assert_eq!(parse(TRACEPARENT.as_bytes()), parts);
        let not_sampled = parse(TRACEPARENT.replace("-01", "-02").as_bytes()).unwrap();
        assert!(!not_sampled.2);
        for later in ["", "-", "-what-comes-later"] {
            let later = format!("{}{later}", TRACEPARENT.replacen("00", "cc", 1));
            assert_eq!(parse(later.as_bytes()), parts, "{later}");
        }
        for invalid in [
            "",
            "00",
            &TRACEPARENT[1..],
            &TRACEPARENT[..54],
            &format!("{TRACEPARENT}-"),
            &format!("{TRACEPARENT}0"),
            &format!(" {TRACEPARENT}"),
            &TRACEPARENT.replacen("00", "ff", 1),
            &TRACEPARENT.replacen("00", "0x", 1),
            &format!("{}0", TRACEPARENT.replacen("00", "01", 1)),
            &TRACEPARENT.replace("0af7", "0AF7"),
            &TRACEPARENT.replace("0af7", "0ag7"),
            &TRACEPARENT.replace("0af7", "+af7"),
            &TRACEPARENT.replace('-', "_"),
            &TRACEPARENT.replace("0af7651916cd43dd8448eb211c80319c", &"0".repeat(32)),
            &TRACEPARENT.replace("b7ad6b7169203331", &"0".repeat(16)),
            &TRACEPARENT.replace("-01", "-0é"),
        ] {
            assert_eq!(parse(invalid.as_bytes()), None, "{invalid}");
        }
    }

    #[test]
    fn a_request_without_a_single_parent_starts_a_trace() {
        let mut headers = HeaderMap::new();
        let (one, other) = (Trace::from_headers(&headers), Trace::from_headers(&headers));
        assert!(one.trace_id != other.trace_id && one.span_id != other.span_id);
        assert!(one.parent.is_none() && !one.sampled);
        headers.append(TRACE_PARENT, HeaderValue::from_static(TRACEPARENT));
        let child = Trace::from_headers(&headers);
        assert_eq!(child.id(), "0af7651916cd43dd8448eb211c80319c");
        assert_eq!((child.parent, child.sampled), (Some(0xb7ad6b7169203331), true));
        assert_ne!(Some(child.span_id), child.parent);
        headers.append(TRACE_PARENT, HeaderValue::from_static(TRACEPARENT));
        assert_eq!(Trace::from_headers(&headers).parent, None);
    }

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Log {
        fn lines(&self) -> Vec<String> {
            let log = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
            log.lines().map(str::to_owned).collect()
        }
    }

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn responses_have_an_id_and_requests_are_logged() {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(move || writer.clone())
            .with_max_level(Level::TRACE)
            .with_ansi(false)
            .finish();
        let _guard = tracing::subscriber::set_default(subscriber);
        let seen = async |Extension(trace): Extension<Trace>,
                          Extension(client): Extension<Client>| {
            tracing::warn!("within");
            format!("{} {}", trace.id(), client.0)
        };
        let router = Router::new()
            .route("/seen", get(seen))
            .route("/never", get(future::pending::<()>))
            .layer(middleware::from_fn_with_state(1, layer));
        let request = |path: &str| {
            Request::get(format!("{path}?query=secret"))
                .header(TRACE_PARENT, TRACEPARENT)
                .header("x-forwarded-for", "203.0.113.9")
                .body(Body::empty())
                .unwrap()
        };
        let response = router.clone().oneshot(request("/seen")).await.unwrap();
        let id = "0af7651916cd43dd8448eb211c80319c";
        assert_eq!(response.headers()[REQUEST_ID], id);
        let body = axum::body::to_bytes(response.into_body(), 100).await.unwrap();
        assert_eq!(body, format!("{id} 203.0.113.9"));

        let response = router.clone().oneshot(request("/missing")).await.unwrap();
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        assert!(response.headers().contains_key(REQUEST_ID));

        let mut canceled = Box::pin(router.oneshot(request("/never")));
        assert!(poll!(&mut canceled).is_pending());
        drop(canceled);

        let lines = log.lines();
        let [within, seen, missing, never] = &lines[..] else { panic!("{lines:?}") };
        for line in &lines {
            assert!(line.contains(id) && line.contains("203.0.113.9"), "{line}");
            assert!(line.contains("GET") && !line.contains("secret"), "{line}");
        }
        assert!(within.contains("WARN") && within.contains("\"/seen\""), "{within}");
        assert!(seen.contains("INFO") && seen.contains("request completed status=200"), "{seen}");
        assert!(missing.contains("request completed status=404"), "{missing}");
        assert!(never.contains("request canceled duration_ms="), "{never}");
    }

    #[test]
    fn long_strings_are_truncated_between_characters() {
        assert_eq!(truncate("/graphql"), "/graphql");
        let long = format!("/{}", "é".repeat(1000));
        assert_eq!(truncate(&long).len(), 255);
    }
}
