//! The explorer page: GraphiQL from a public place, a small explorer of our own where it does not come.
//!
//! It is GraphiQL 4, the last one made of whole files: each has a fixed address and a hash, so that
//! a browser takes exactly these and the page needs to trust no one. GraphiQL 5 comes as hundreds of
//! modules and workers, which somebody has to put together first, and whose hash nobody can state.

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
/// Where the page has room for what is special about this server.
const NOTES: &str = "<!--notes-->";
/// The one style that GraphiQL 4.1.2 writes itself: it holds the page still behind its dialogs.
const DIALOG_STYLE: &str = "'sha256-nzTgYzXYDNe6BAHiiI7NNlfK8n/auuOAhh2t92YvuXo='";
const TELLS_SCHEMA: &str = "data-introspection=\"true\"";
const TELLS_NO_SCHEMA: &str = "data-introspection=\"false\"";

/// The page of a server with these settings.
pub fn routes<S: Clone + Send + Sync + 'static>(settings: &config::ServerConfig) -> Router<S> {
    let page = Arc::new(Page::new(settings));
    Router::new().route("/", get(async move |headers: HeaderMap| page.answer(&headers)))
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
            html = html.replacen(TELLS_SCHEMA, TELLS_NO_SCHEMA, 1);
            notes += "<p class=\"note\">This server does not tell its schema: there is no \
                      documentation here, and no completion.</p>";
        }
        if settings.persisted_documents_only {
            notes += "<p class=\"note\">This server answers only questions that it knows: \
                      it refuses what is written here, unless it is one of them.</p>";
        }
        let html = html.replacen(NOTES, &notes, 1);
        let tag = format!("\"{}\"", hash(&html));
        Self {
            policy: HeaderValue::try_from(policy(&html)).expect("addresses and hashes are a value"),
            tag: HeaderValue::try_from(tag).expect("a hash is a value"),
            html: html.into(),
        }
    }

    fn answer(&self, headers: &HeaderMap) -> Response {
        let fixed = [
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
        if graphql::is_known(headers, &self.tag) {
            return (StatusCode::NOT_MODIFIED, fixed).into_response();
        }
        let kind = HeaderValue::from_static("text/html; charset=utf-8");
        (fixed, [(header::CONTENT_TYPE, kind)], self.html.clone()).into_response()
    }
}

/// What the page may load and run: its own script and style by their hashes, the files that it names
/// by their addresses, and answers of this server.
fn policy(html: &str) -> String {
    let outside = |kind: &'static str| {
        let quoted = html.split('"').filter(|part| part.starts_with("https://"));
        quoted.filter(move |address| address.ends_with(kind)).collect::<Vec<_>>().join(" ")
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
        outside(".js"),
        inline("style"),
        outside(".css"),
    )
}

fn hash(text: &str) -> String {
    BASE64_STANDARD.encode(Sha256::digest(text))
}
