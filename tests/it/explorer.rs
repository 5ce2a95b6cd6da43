//! The explorer page: its resources, its content security policy, and its example queries.

use assembly_graph::config::ServerConfig;
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use http_body_util::BodyExt;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tower::ServiceExt;

use crate::world::{Store, World};

async fn page(router: Router, tag: Option<&str>) -> (StatusCode, HeaderMap, String) {
    let mut request = Request::builder().uri("/");
    if let Some(tag) = tag {
        request = request.header(header::IF_NONE_MATCH, tag);
    }
    let response = router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (head, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (head.status, head.headers, String::from_utf8(body.to_vec()).unwrap())
}

/// The texts between each `open` and the `close` that follows it.
fn between<'a>(text: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    text.split(open).skip(1).map(|rest| rest.split_once(close).unwrap().0).collect()
}

fn hash(text: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)))
}

/// What a policy allows of one kind.
fn allowed<'a>(policy: &'a str, kind: &str) -> Vec<&'a str> {
    let mut directives = policy.split(';').map(|one| one.trim().split(' '));
    let found = directives.find_map(|mut words| (words.next() == Some(kind)).then_some(words));
    found.unwrap_or_else(|| panic!("{policy} says nothing of {kind}")).collect()
}

#[tokio::test]
async fn the_content_security_policy_allows_exactly_what_the_page_needs() {
    let world = World::empty(Store::Sqlite).await;
    let (status, headers, html) = page(world.router(), None).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers[header::CONTENT_TYPE], "text/html; charset=utf-8");
    assert_eq!(headers[header::CACHE_CONTROL], "public, no-cache");
    assert_eq!(headers[header::X_FRAME_OPTIONS], "DENY");
    assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    assert_eq!(headers[header::REFERRER_POLICY], "no-referrer");
    assert_eq!(headers["cross-origin-opener-policy"], "same-origin");

    let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    for nothing in ["default-src", "base-uri", "form-action", "frame-ancestors"] {
        assert_eq!(allowed(policy, nothing), ["'none'"]);
    }
    assert_eq!(allowed(policy, "connect-src"), ["'self'"]);
    assert!(!policy.contains("unsafe") && !policy.contains('*'), "{policy}");

    // Handlers and styles in attributes have no hash and would not run.
    assert!(!html.contains(" style=") && !html.contains(" onclick=") && !html.contains(" onload="));
    for (tag, kind) in [("script", "script-src"), ("style", "style-src")] {
        let inline = between(&html, &format!("<{tag}>"), &format!("</{tag}>"));
        let [inline] = inline[..] else { panic!("there is one <{tag}>: {}", inline.len()) };
        assert!(allowed(policy, kind).contains(&hash(inline).as_str()), "{policy}");
    }

    let outside: Vec<_> = html.split('"').filter(|part| part.starts_with("https://")).collect();
    let files = |end: &str| -> Vec<_> {
        outside.iter().copied().filter(|address| address.ends_with(end)).collect()
    };
    let addresses = |kind| -> Vec<_> {
        allowed(policy, kind).into_iter().filter(|one| one.starts_with("http")).collect()
    };
    assert_eq!(addresses("script-src"), files(".js"));
    assert_eq!(addresses("style-src"), files(".css"));
    assert_eq!(files(".js").len() + files(".css").len(), outside.len());
    world.end().await;
}

#[tokio::test]
async fn external_files_have_a_fixed_version_and_a_hash() {
    let world = World::empty(Store::Sqlite).await;
    let (_, _, html) = page(world.router(), None).await;
    let list = between(&html, "const CDN_FILES = ", "];");
    let quoted: Vec<_> = list[0].split('"').skip(1).step_by(2).collect();
    assert_eq!(quoted.len(), 8);
    for pair in quoted.chunks(2) {
        let [address, integrity] = pair else { panic!("{pair:?} is no pair") };
        let (_, version) = address.rsplit_once('@').expect("the address has a version");
        let version: Vec<_> = version.split('/').next().unwrap().split('.').collect();
        assert!(version.len() == 3 && version.iter().all(|part| part.parse::<u32>().is_ok()));
        let hash = BASE64_STANDARD.decode(integrity.strip_prefix("sha384-").unwrap()).unwrap();
        assert_eq!(hash.len(), 48, "{address}");
    }
    // Nothing else is loaded, and nothing in a way that knows no hash.
    assert_eq!(html.matches("https://").count(), 4);
    assert_eq!(html.matches("http://").count(), 1, "only curl's");
    assert!(!html.contains("src=") && !html.contains("import("));
    world.end().await;
}

#[tokio::test]
async fn the_page_works_without_external_resources() {
    let world = World::empty(Store::Sqlite).await;
    let (_, _, html) = page(world.router(), None).await;
    for part in ["id=\"query\"", "id=\"variables\"", "id=\"run\"", "id=\"response\"", "<noscript>"]
    {
        assert!(html.contains(part), "{part}");
    }
    assert!(html.contains("GraphiQL could not be loaded from"));
    world.end().await;
}

#[tokio::test]
async fn example_queries_of_the_page_succeed() {
    let world = World::built_in(Store::Sqlite).await;
    let (_, _, html) = page(world.router(), None).await;
    let queries = between(&html, "<script type=\"application/graphql\" ", "</script>");
    assert!(queries.len() >= 4);
    for query in queries {
        let (head, query) = query.split_once(">\n").unwrap();
        let variables = between(head, "data-variables='", "'").first().copied().unwrap_or("null");
        let variables = serde_json::from_str(variables).unwrap();
        let response = world.execute_with(query, variables).await;
        assert_eq!(response.get("errors"), None, "{query}");
        let data = response["data"].as_object().unwrap();
        assert!(data.values().all(|value| !value.is_null()), "{query}");
    }
    let (query, _) = between(&html, "<noscript>", "</noscript>")[0].split_once("}'</pre>").unwrap();
    let (_, body) = query.split_once("-d '").unwrap();
    let body: Value = serde_json::from_str(&format!("{body}}}")).unwrap();
    world.data(body["query"].as_str().unwrap()).await;
    world.end().await;
}

#[tokio::test]
async fn the_page_describes_the_server() {
    let world = World::empty(Store::Sqlite).await;
    let (_, usual, html) = page(world.router(), None).await;
    assert!(html.contains("data-introspection=\"true\"") && !html.contains("class=\"note\""));
    let settings = ServerConfig { introspection: false, ..ServerConfig::default() };
    let router = world.router_with(settings);
    let (_, headers, html) = page(router.clone(), None).await;
    assert!(html.contains("data-introspection=\"false\"") && html.contains("class=\"note\""));
    // Only the markup outside of script and style differs.
    let policy = header::CONTENT_SECURITY_POLICY;
    assert_eq!(headers[&policy], usual[&policy]);
    assert_ne!(headers[header::ETAG], usual[header::ETAG]);

    let tag = headers[header::ETAG].to_str().unwrap();
    let (status, headers, html) = page(router.clone(), Some(tag)).await;
    assert_eq!((status, html.as_str()), (StatusCode::NOT_MODIFIED, ""));
    assert_eq!(headers[header::ETAG], tag);
    let (status, _, _) = page(router, Some("\"another\"")).await;
    assert_eq!(status, StatusCode::OK);
    let without = ServerConfig { explorer: false, ..ServerConfig::default() };
    let (status, _, _) = page(world.router_with(without), None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    world.end().await;
}
