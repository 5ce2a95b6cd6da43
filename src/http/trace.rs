//! The trace of a request: W3C Trace Context in, a span around the work, an id on the answer, one
//! line in the log. Neither questions nor variables are logged: they are the client's own.

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
/// The most characters of a method or a path in the log.
const MAX_LENGTH: usize = 256;

/// Where a request belongs among others, its own and those of other servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    pub trace_id: u128,
    /// The span of the client that the request came from.
    pub parent: Option<u64>,
    /// The span of the request here.
    pub span_id: u64,
    /// Whether the client says that it records the trace.
    pub sampled: bool,
}

/// Who asks; see [`rate::client`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client(pub IpAddr);

impl Trace {
    /// The trace that a client is in, or a new one.
    pub fn of(headers: &HeaderMap) -> Self {
        let span_id = fastrand::u64(1..);
        let mut values = headers.get_all(TRACE_PARENT).iter();
        // Of several, none says more than another.
        let told = values.next().filter(|_| values.next().is_none());
        match told.and_then(|value| parse(value.as_bytes())) {
            Some((trace_id, parent, sampled)) => {
                Self { trace_id, parent: Some(parent), span_id, sampled }
            }
            None => Self { trace_id: fastrand::u128(1..), parent: None, span_id, sampled: false },
        }
    }

    /// The trace as the next one is told of it; one that began here is recorded.
    fn header(&self) -> String {
        let Self { trace_id, parent, span_id, sampled } = self;
        let (above, flags) = (parent.unwrap_or(*span_id), u8::from(*sampled || parent.is_none()));
        format!("00-{trace_id:032x}-{above:016x}-{flags:02x}")
    }

    /// The id of the trace as it is written.
    pub fn id(&self) -> String {
        format!("{:032x}", self.trace_id)
    }
}

/// The trace, the parent and whether it is sampled, of `version-trace-parent-flags`.
fn parse(value: &[u8]) -> Option<(u128, u64, bool)> {
    let (known, rest) = value.split_at_checked(55)?;
    if known[2] != b'-' || known[35] != b'-' || known[52] != b'-' {
        return None;
    }
    let version = hex(&known[..2])?;
    let trace_id = hex(&known[3..35])?;
    let parent = hex(&known[36..52])? as u64;
    let flags = hex(&known[53..])?;
    // Later versions may say more, after another dash; 255 is none.
    let whole = match version {
        0 => rest.is_empty(),
        255 => false,
        _ => rest.is_empty() || rest[0] == b'-',
    };
    (whole && trace_id != 0 && parent != 0).then_some((trace_id, parent, flags & 1 == 1))
}

/// A number of lower-case hexadecimal digits, and nothing else.
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

/// Gives a request its [`Trace`] and its [`Client`], an answer its id, and the log its line. For
/// [`axum::middleware::from_fn_with_state`], with the number of trusted proxies.
pub async fn layer(State(proxies): State<usize>, mut request: Request, next: Next) -> Response {
    let trace = Trace::of(request.headers());
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip());
    let client = Client(rate::client(request.headers(), peer, proxies));
    // At the level of errors, so that each line within has it, whatever is logged.
    let span = tracing::error_span!(
        target: "assembly_graph::http",
        "request",
        method = start(request.method().as_str()),
        path = start(request.uri().path()),
        trace_id = trace.id(),
        client = %client.0,
    );
    telemetry::adopt(&span, &trace.header());
    request.extensions_mut().insert(trace);
    request.extensions_mut().insert(client);
    let mut line = Line { span: span.clone(), begun: Instant::now(), status: None };
    let mut response = next.run(request).instrument(span).await;
    line.status = Some(response.status());
    let id = HeaderValue::try_from(trace.id()).expect("digits are a value");
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

fn start(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_LENGTH)]
}

/// The line that is logged of a request: when it is answered, or will not be any more.
struct Line {
    span: Span,
    begun: Instant,
    status: Option<StatusCode>,
}

impl Drop for Line {
    fn drop(&mut self) {
        let duration_ms = self.begun.elapsed().as_secs_f64() * 1000.0;
        // Within the span: as a parent alone, JSON lines would not tell it.
        self.span.in_scope(|| match self.status {
            Some(status) => tracing::info!(
                target: "assembly_graph::http",
                status = status.as_u16(),
                duration_ms,
                "answered"
            ),
            None => {
                tracing::info!(target: "assembly_graph::http", duration_ms, "not answered");
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

    const GIVEN: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_parent_is_taken_to_the_letter() {
        let parts = Some((0x0af7651916cd43dd8448eb211c80319c, 0xb7ad6b7169203331, true));
        assert_eq!(parse(GIVEN.as_bytes()), parts);
        let not_sampled = parse(GIVEN.replace("-01", "-02").as_bytes()).unwrap();
        assert!(!not_sampled.2);
        for later in ["", "-", "-what-comes-later"] {
            let later = format!("{}{later}", GIVEN.replacen("00", "cc", 1));
            assert_eq!(parse(later.as_bytes()), parts, "{later}");
        }
        for wrong in [
            "",
            "00",
            &GIVEN[1..],
            &GIVEN[..54],
            &format!("{GIVEN}-"),
            &format!("{GIVEN}0"),
            &format!(" {GIVEN}"),
            &GIVEN.replacen("00", "ff", 1),
            &GIVEN.replacen("00", "0x", 1),
            &format!("{}0", GIVEN.replacen("00", "01", 1)),
            &GIVEN.replace("0af7", "0AF7"),
            &GIVEN.replace("0af7", "0ag7"),
            &GIVEN.replace("0af7", "+af7"),
            &GIVEN.replace('-', "_"),
            &GIVEN.replace("0af7651916cd43dd8448eb211c80319c", &"0".repeat(32)),
            &GIVEN.replace("b7ad6b7169203331", &"0".repeat(16)),
            &GIVEN.replace("-01", "-0é"),
        ] {
            assert_eq!(parse(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn a_request_without_one_parent_begins_a_trace() {
        let mut headers = HeaderMap::new();
        let (one, other) = (Trace::of(&headers), Trace::of(&headers));
        assert!(one.trace_id != other.trace_id && one.span_id != other.span_id);
        assert!(one.parent.is_none() && !one.sampled);
        headers.append(TRACE_PARENT, HeaderValue::from_static(GIVEN));
        let within = Trace::of(&headers);
        assert_eq!(within.id(), "0af7651916cd43dd8448eb211c80319c");
        assert_eq!((within.parent, within.sampled), (Some(0xb7ad6b7169203331), true));
        assert_ne!(Some(within.span_id), within.parent);
        headers.append(TRACE_PARENT, HeaderValue::from_static(GIVEN));
        assert_eq!(Trace::of(&headers).parent, None);
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
    async fn an_answer_has_an_id_and_the_log_a_line() {
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
                .header(TRACE_PARENT, GIVEN)
                .header("x-forwarded-for", "203.0.113.9")
                .body(Body::empty())
                .unwrap()
        };
        let response = router.clone().oneshot(request("/seen")).await.unwrap();
        let id = "0af7651916cd43dd8448eb211c80319c";
        assert_eq!(response.headers()[REQUEST_ID], id);
        let body = axum::body::to_bytes(response.into_body(), 100).await.unwrap();
        assert_eq!(body, format!("{id} 203.0.113.9"));

        let response = router.clone().oneshot(request("/nowhere")).await.unwrap();
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        assert!(response.headers().contains_key(REQUEST_ID));

        let mut gone = Box::pin(router.oneshot(request("/never")));
        assert!(poll!(&mut gone).is_pending());
        drop(gone);

        let lines = log.lines();
        let [within, seen, nowhere, never] = &lines[..] else { panic!("{lines:?}") };
        for line in &lines {
            assert!(line.contains(id) && line.contains("203.0.113.9"), "{line}");
            assert!(line.contains("GET") && !line.contains("secret"), "{line}");
        }
        assert!(within.contains("WARN") && within.contains("\"/seen\""), "{within}");
        assert!(seen.contains("INFO") && seen.contains("answered status=200"), "{seen}");
        assert!(nowhere.contains("answered status=404"), "{nowhere}");
        assert!(never.contains("not answered duration_ms="), "{never}");
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(start("/graphql"), "/graphql");
        let long = format!("/{}", "é".repeat(1000));
        assert_eq!(start(&long).len(), 255);
    }
}
