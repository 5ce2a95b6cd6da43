//! The explorer page: GraphiQL from a CDN, and a small built-in explorer as the fallback.
//!
//! GraphiQL 4 is the last version that consists of complete files, which browsers verify with
//! Subresource Integrity hashes. GraphiQL 5 consists of hundreds of modules and workers that must be
//! bundled first.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

use super::graphql;
use crate::config;

const PAGE: &str = include_str!("explorer.html");
/// The placeholder for notes about the settings of this server.
const NOTES: &str = "<!--notes-->";
/// The hash of the only inline style of GraphiQL 4.1.2, which disables scrolling behind dialogs.
const DIALOG_STYLE: &str = "'sha256-nzTgYzXYDNe6BAHiiI7NNlfK8n/auuOAhh2t92YvuXo='";
const INTROSPECTION_ON: &str = "data-introspection=\"true\"";
const INTROSPECTION_OFF: &str = "data-introspection=\"false\"";

/// The route of the explorer page.
pub fn routes<S: Clone + Send + Sync + 'static>(settings: &config::ServerConfig) -> Router<S> {
    let page = Arc::new(Page::new(settings));
    Router::new().route("/", get(async move |headers: HeaderMap| page.response(&headers)))
}

struct Page {
    html: Bytes,
    policy: HeaderValue,
    tag: HeaderValue,
}

impl Page {
    fn new(settings: &config::ServerConfig) -> Self {
        let mut html = PAGE.to_owned();
        let mut notes = String::new();
        if !settings.introspection {
            html = html.replacen(INTROSPECTION_ON, INTROSPECTION_OFF, 1);
            notes += "<p class=\"note\">Introspection is disabled. Documentation and autocompletion are not \
                      available.</p>";
        }
        if settings.persisted_documents_only {
            notes += "<p class=\"note\">This server executes only persisted documents and rejects \
                      all others.</p>";
        }
        let html = html.replacen(NOTES, &notes, 1);
        let tag = format!("\"{}\"", hash(&html));
        Self {
            policy: HeaderValue::try_from(policy(&html))
                .expect("URLs and hashes are a valid header value"),
            tag: HeaderValue::try_from(tag).expect("a hash is a valid header value"),
            html: html.into(),
        }
    }

    fn response(&self, headers: &HeaderMap) -> Response {
        let common_headers = [
            (header::CACHE_CONTROL, HeaderValue::from_static("public, no-cache")),
            (header::ETAG, self.tag.clone()),
            (header::CONTENT_SECURITY_POLICY, self.policy.clone()),
            (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
            (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
            (
                HeaderName::from_static("cross-origin-opener-policy"),
                HeaderValue::from_static("same-origin"),
            ),
        ];
        if graphql::matches_etag(headers, &self.tag) {
            return (StatusCode::NOT_MODIFIED, common_headers).into_response();
        }
        let kind = HeaderValue::from_static("text/html; charset=utf-8");
        (common_headers, [(header::CONTENT_TYPE, kind)], self.html.clone()).into_response()
    }
}

/// The Content-Security-Policy of the page: allows its inline script and style by hash, the files from
/// the CDN by URL, and requests to this server.
fn policy(html: &str) -> String {
    let external = |extension: &'static str| {
        let quoted = html.split('"').filter(|part| part.starts_with("https://"));
        quoted.filter(move |address| address.ends_with(extension)).collect::<Vec<_>>().join(" ")
    };
    let inline = |tag: &str| {
        let (_, rest) = html.split_once(&format!("<{tag}>")).expect("the page has one");
        let (text, _) = rest.split_once(&format!("</{tag}>")).expect("it is closed");
        format!("'sha256-{}'", hash(text))
    };
    format!(
        "default-src 'none'; script-src {} {}; style-src {} {DIALOG_STYLE} {}; font-src data:; img-src data:; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        inline("script"),
        external(".js"),
        inline("style"),
        external(".css"),
    )
}

fn hash(text: &str) -> String {
    BASE64_STANDARD.encode(Sha256::digest(text))
}
