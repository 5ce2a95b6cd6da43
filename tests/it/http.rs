//! GraphQL over HTTP, case by case, and the headers of every response.

use std::time::Duration;

use assembly_graph::config::ServerConfig;
use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::world::{Store, World, test_each_store};

const GRAPHQL: &str = "application/graphql-response+json";
const JSON: &str = "application/json";

struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Reply {
    fn header(&self, name: &str) -> String {
        let values = self.headers.get_all(name).iter().map(|value| value.to_str().unwrap());
        values.collect::<Vec<_>>().join(", ")
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    fn code(&self) -> String {
        let code = &self.json()["errors"][0]["extensions"]["code"];
        code.as_str().unwrap_or_default().to_owned()
    }

    fn message(&self) -> String {
        self.json()["errors"][0]["message"].as_str().unwrap_or_default().to_owned()
    }
}

async fn send(router: &Router, request: Request<Body>) -> Reply {
    let response = router.clone().oneshot(request).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    Reply { status, headers, body: response.into_body().collect().await.unwrap().to_bytes() }
}

async fn get(router: &Router, uri: &str, headers: &[(&str, &str)]) -> Reply {
    let request = headers
        .iter()
        .fold(Request::builder().uri(uri), |request, (name, value)| request.header(*name, *value));
    send(router, request.body(Body::empty()).unwrap()).await
}

async fn post(router: &Router, body: impl Into<Body>, headers: &[(&str, &str)]) -> Reply {
    let request = Request::builder().method(Method::POST).uri("/graphql");
    let request =
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    send(router, request.body(body.into()).unwrap()).await
}

async fn post_json(router: &Router, body: &Value) -> Reply {
    post(router, body.to_string(), &[("content-type", JSON)]).await
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn uri(parameters: &[(&str, &str)]) -> String {
    let pairs = parameters.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
    format!("/graphql?{}", pairs.collect::<Vec<_>>().join("&"))
}

#[tokio::test]
async fn queries_are_accepted_by_post_and_get() {
    let world = World::built_in(Store::Sqlite).await;
    let router = world.router();
    let query = "query Named($code: String!) { state(code: $code) { name } }";
    let expected = json!({
        "data": { "state": { "name": "Kyrgyzstan" } },
        "extensions": { "cost": 2, "statements": 1 },
    });
    let body = json!({ "query": query, "variables": { "code": "kg" }, "operationName": "Named",
        "extensions": { "some": "thing" } });
    let posted = post_json(&router, &body).await;
    assert_eq!((posted.status, posted.json()), (StatusCode::OK, expected.clone()));
    let uri = uri(&[("query", query), ("variables", "{\"code\":\"kg\"}"), ("operationName", "")]);
    let got = get(&router, &uri, &[]).await;
    assert_eq!((got.status, got.json()), (StatusCode::OK, expected));
    let head = Request::builder().method(Method::HEAD).uri(&uri).body(Body::empty()).unwrap();
    let head = send(&router, head).await;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
    assert_eq!(head.header("etag"), got.header("etag"));
    world.end().await;
}

/// The status of a failed document depends on the media type that the client accepts:
/// `application/graphql-response+json` or `application/json`.
#[tokio::test]
async fn each_case_has_its_status_and_code() {
    let world = World::sample(Store::Sqlite).await;
    let router = world.router();
    let wide =
        format!("{{ {} }}", (0..201).map(|at| format!("a{at}: __typename ")).collect::<String>());
    for (query, variables, old, new, code) in [
        ("{ __typename }", json!({}), 200, 200, ""),
        ("{", json!({}), 200, 400, "GRAPHQL_PARSE_FAILED"),
        ("{ a(b: \"\\q\") }", json!({}), 200, 400, "GRAPHQL_PARSE_FAILED"),
        ("", json!({}), 200, 400, "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", json!({}), 200, 400, "GRAPHQL_VALIDATION_FAILED"),
        ("{ __typename @nothing }", json!({}), 200, 400, "GRAPHQL_VALIDATION_FAILED"),
        ("{ states { __typename(a: 1) } }", json!({}), 200, 400, "GRAPHQL_VALIDATION_FAILED"),
        (
            "{ states { ...f } } fragment f on StateConnection { __typename { a } }",
            json!({}),
            200,
            400,
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "{ __typename @skip(if: false) ... @include(if: true) { __typename } }",
            json!({}),
            200,
            200,
            "",
        ),
        (
            "{ states(filter: { code: { eq: \"AA\", eq: \"AB\" } }) { totalCount } }",
            json!({}),
            200,
            400,
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "query A { __typename } query B { __typename }",
            json!({}),
            200,
            400,
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("mutation { __typename }", json!({}), 200, 400, "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { __typename }", json!({}), 200, 400, "GRAPHQL_VALIDATION_FAILED"),
        (
            "query($a: ID!) { node(id: $a) { id } }",
            json!({ "a": null }),
            200,
            400,
            "BAD_USER_INPUT",
        ),
        (
            "query($a: ID!) { __typename }",
            json!({ "a": "x" }),
            200,
            400,
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "query($a: Int) { states(first: $a) { totalCount } }",
            json!({ "a": "x" }),
            200,
            400,
            "BAD_USER_INPUT",
        ),
        (&wide, json!({}), 200, 400, "LIMIT_EXCEEDED"),
        // These ran: there are data, and there are errors.
        ("{ states(first: 101) { totalCount } }", json!({}), 200, 200, "BAD_USER_INPUT"),
        ("{ node(id: \"x\") { id } __typename }", json!({}), 200, 200, "BAD_USER_INPUT"),
    ] {
        let body = json!({ "query": query, "variables": variables }).to_string();
        for (accept, expected, kind) in
            [(JSON, old, JSON), ("*/*", old, JSON), (GRAPHQL, new, GRAPHQL)]
        {
            let headers = [("content-type", JSON), ("accept", accept)];
            let reply = post(&router, body.clone(), &headers).await;
            assert_eq!(reply.status.as_u16(), expected, "{query} as {accept}: {:?}", reply.body);
            assert_eq!(reply.code(), code, "{query}");
            assert_eq!(reply.header("content-type"), format!("{kind}; charset=utf-8"));
            assert_eq!(reply.header("cache-control"), "no-store");
            let ran = code.is_empty() || new == 200;
            assert_eq!(reply.json().get("data").is_some(), ran, "{query}: {:?}", reply.body);
        }
    }
    world.end().await;
}

/// Invalid GraphQL requests have the same status for each media type, and an error in JSON.
#[tokio::test]
async fn invalid_requests_are_rejected_with_an_error() {
    let world = World::empty(Store::Sqlite).await;
    let router = world.router();
    let fine = "{\"query\":\"{ __typename }\"}";
    let json = ("content-type", JSON);
    for (body, headers, status, code, found) in [
        (fine, vec![], 415, "BAD_USER_INPUT", "content-type: application/json"),
        (fine, vec![("content-type", "text/plain")], 415, "BAD_USER_INPUT", "must be JSON"),
        (
            fine,
            vec![("content-type", "application/x-www-form-urlencoded")],
            415,
            "BAD_USER_INPUT",
            "must be JSON",
        ),
        (
            fine,
            vec![("content-type", "multipart/form-data; boundary=x")],
            415,
            "BAD_USER_INPUT",
            "must be JSON",
        ),
        (
            fine,
            vec![("content-type", "application/json; charset=utf-16")],
            415,
            "BAD_USER_INPUT",
            "UTF-8",
        ),
        (fine, vec![json, ("content-encoding", "gzip")], 415, "BAD_USER_INPUT", "compressed"),
        (fine, vec![json, ("accept", "text/html")], 406, "BAD_USER_INPUT", "accept"),
        ("", vec![json], 400, "BAD_USER_INPUT", "empty"),
        ("{", vec![json], 400, "BAD_USER_INPUT", "not valid JSON"),
        ("[]", vec![json], 400, "BAD_USER_INPUT", "batches"),
        ("{}", vec![json], 400, "BAD_USER_INPUT", "`query` is missing"),
        ("{\"query\": 7}", vec![json], 400, "BAD_USER_INPUT", "`query` must be a string"),
        (
            "{\"query\":\"{a}\",\"query\":\"{b}\"}",
            vec![json],
            400,
            "BAD_USER_INPUT",
            "duplicate key",
        ),
        ("{\"query\":\"{a}\",\"documentId\":\"b\"}", vec![json], 400, "BAD_USER_INPUT", "not both"),
    ] {
        let reply = post(&router, body, &headers).await;
        assert_eq!(reply.status.as_u16(), status, "{body}: {:?}", reply.body);
        assert_eq!(reply.code(), code, "{body}");
        assert!(reply.message().contains(found), "{body}: {}", reply.message());
        assert_eq!(reply.json().get("data"), None);
        assert_eq!(reply.header("content-type"), "application/json; charset=utf-8");
    }
    for method in ["PUT", "DELETE", "PATCH", "TRACE", "ODD"] {
        let request =
            Request::builder().method(method).uri("/graphql").body(Body::empty()).unwrap();
        let reply = send(&router, request).await;
        assert_eq!(
            (reply.status.as_u16(), reply.header("allow").as_str()),
            (405, "GET, HEAD, POST")
        );
        assert_eq!(reply.code(), "BAD_USER_INPUT");
    }
    for query in ["mutation { __typename }", "subscription { __typename }"] {
        for accept in [JSON, GRAPHQL] {
            let reply = get(&router, &uri(&[("query", query)]), &[("accept", accept)]).await;
            assert_eq!((reply.status.as_u16(), reply.code().as_str()), (405, "BAD_USER_INPUT"));
        }
    }
    for (query, found) in [
        ("query=%ff", "UTF-8"),
        ("query=%7Ba%7D&query=%7Bb%7D", "`query` is repeated"),
        ("query=%7Ba%7D&variables=7", "`variables` must be a JSON object"),
        ("variables=%7B%7D", "`query` is missing"),
    ] {
        let reply = get(&router, &format!("/graphql?{query}"), &[]).await;
        assert_eq!(reply.status.as_u16(), 400, "{query}");
        assert!(reply.message().contains(found), "{query}: {}", reply.message());
    }
    for large in [vec![b' '; (1 << 20) + 1], vec![b'['; 3 << 20]] {
        let reply = post(&router, large, &[json]).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (413, "LIMIT_EXCEEDED"));
        assert_eq!(reply.json()["errors"][0]["extensions"]["limit"], 1 << 20);
    }
    let pieces =
        futures_util::stream::iter((0..20).map(|_| Ok::<_, std::io::Error>(vec![b' '; 100_000])));
    let reply = post(&router, Body::from_stream(pieces), &[json]).await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (413, "LIMIT_EXCEEDED"));
    for path in ["/unknown", "/graphql/", "/export/nothing"] {
        let reply = get(&router, path, &[]).await;
        assert_eq!(
            (reply.status.as_u16(), reply.code().as_str()),
            (404, "BAD_USER_INPUT"),
            "{path}"
        );
    }
    let reply = send(&router, Request::post("/export").body(Body::empty()).unwrap()).await;
    assert_eq!((reply.status.as_u16(), reply.header("allow").as_str()), (405, "GET, HEAD"));
    world.end().await;
}

async fn a_response_is_revalidated_by_its_etag(store: Store) {
    let world = World::sample(store).await;
    let router = world.router();
    let place = uri(&[("query", "{ states { totalCount } }")]);
    let first = get(&router, &place, &[]).await;
    let tag = first.header("etag").clone();
    assert!(tag.starts_with("W/\"r"), "{tag}");
    assert_eq!(first.header("cache-control"), "public, no-cache");
    for (known, status) in [
        (tag.as_str(), 304),
        (tag.trim_start_matches("W/"), 304),
        (&format!("\"other\", {tag}"), 304),
        ("\"other\"", 200),
        ("*", 304),
    ] {
        let again = get(&router, &place, &[("if-none-match", known)]).await;
        assert_eq!(again.status.as_u16(), status, "{known}");
        assert_eq!(again.header("etag"), tag);
        assert_eq!(again.header("cache-control"), "public, no-cache");
        assert_eq!(again.header("vary"), "accept, accept-encoding", "{:?}", again.headers);
        assert_eq!(again.body.is_empty(), status == 304);
    }
    // Another query or media type has another tag; a response with errors has none.
    let other = get(&router, &uri(&[("query", "{ states { totalCount } } ")]), &[]).await;
    assert_ne!(other.header("etag"), tag);
    let graphql = get(&router, &place, &[("accept", GRAPHQL), ("if-none-match", &tag)]).await;
    assert_eq!(graphql.status, StatusCode::OK);
    assert_ne!(graphql.header("etag"), tag);
    let wrong = get(&router, &uri(&[("query", "{ states(first: -1) { totalCount } }")]), &[]).await;
    assert_eq!([wrong.header("etag"), wrong.header("cache-control")], ["", "no-store"]);
    // The data changes, and with it the tag.
    let row = "[[state]]\nslug = \"new-land\"\ncode = \"ZZ\"\nname = \"New Land\"\nsources = [\"d\"]\n\
               [[document]]\nslug = \"d\"\ntitle = \"D\"\nurl = \"https://d.example/\"\nkind = \"OFFICIAL\"\n";
    let file = assembly_graph::import::File { name: "new.toml".into(), text: row.into() };
    assembly_graph::import::import(&world.database, &[file], crate::world::now()).await.unwrap();
    let changed = get(&router, &place, &[("if-none-match", &tag)]).await;
    assert_eq!(changed.status, StatusCode::OK);
    assert_ne!(changed.json()["data"], first.json()["data"]);
    assert_ne!(changed.header("etag"), tag);
    world.end().await;
}

test_each_store!(a_response_is_revalidated_by_its_etag);

fn hash(text: &str) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn an_executed_document_is_registered_by_its_hash() {
    let world = World::sample(Store::Sqlite).await;
    let router = world.router();
    let query = "query($n: Int) { states(first: $n) { nodes { slug } } }";
    let extensions = json!({ "persistedQuery": { "version": 1, "sha256Hash": hash(query) } });
    let by_hash = json!({ "extensions": extensions, "variables": { "n": 1 } });
    let unknown = post_json(&router, &by_hash).await;
    assert_eq!(
        (unknown.status, unknown.message().as_str()),
        (StatusCode::OK, "PersistedQueryNotFound")
    );
    assert_eq!(unknown.code(), "PERSISTED_QUERY_NOT_FOUND");
    let headers = [("content-type", JSON), ("accept", GRAPHQL)];
    let unknown = post(&router, by_hash.to_string(), &headers).await;
    assert_eq!(
        (unknown.status, unknown.code().as_str()),
        (StatusCode::NOT_FOUND, "PERSISTED_QUERY_NOT_FOUND")
    );
    let both = json!({ "query": query, "extensions": extensions, "variables": { "n": 1 } });
    let expected = json!({ "states": { "nodes": [{ "slug": "state-0" }] } });
    assert_eq!(post_json(&router, &both).await.json()["data"], expected);
    assert_eq!(post_json(&router, &by_hash).await.json()["data"], expected);
    let place = uri(&[("extensions", &extensions.to_string()), ("variables", "{\"n\":1}")]);
    let got = get(&router, &place, &[]).await;
    assert_eq!(got.json()["data"], expected);
    let again = get(&router, &place, &[("if-none-match", &got.header("etag"))]).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    // Invalid documents are not stored, and stored ones have the same limits.
    for wrong in [
        format!("{{ node(id: {}1{}) }}", "[".repeat(1_500), "]".repeat(1_500)),
        "{ nothing }".to_owned(),
    ] {
        let extensions = json!({ "persistedQuery": { "version": 1, "sha256Hash": hash(&wrong) } });
        let sent = post_json(&router, &json!({ "query": wrong, "extensions": extensions })).await;
        assert!(["LIMIT_EXCEEDED", "GRAPHQL_VALIDATION_FAILED"].contains(&sent.code().as_str()));
        let named = post_json(&router, &json!({ "extensions": extensions })).await;
        assert_eq!(named.code(), "PERSISTED_QUERY_NOT_FOUND");
    }
    for (extension, found) in [
        (json!({ "version": 2, "sha256Hash": hash(query) }), "version"),
        (json!({ "version": 1, "sha256Hash": "abc" }), "64 hexadecimal digits"),
        (json!({ "version": 1, "sha256Hash": hash("other") }), "is not the SHA-256"),
        (json!(7), "must be an object"),
    ] {
        let body = json!({ "query": query, "extensions": { "persistedQuery": extension } });
        let reply = post_json(&router, &body).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (StatusCode::BAD_REQUEST, "BAD_USER_INPUT")
        );
        assert!(reply.message().contains(found), "{}", reply.message());
    }
    let none = world.router_with(ServerConfig { apq_cache_size: 0, ..ServerConfig::default() });
    assert_eq!(post_json(&none, &by_hash).await.code(), "PERSISTED_QUERY_NOT_SUPPORTED");
    world.end().await;
}

#[tokio::test]
async fn extensions_can_be_disabled() {
    let world = World::sample(Store::Sqlite).await;
    let router = world.router();
    let query = "{ states(first: 1) { nodes { slug } } }";
    let off = json!({ "responseExtensions": false });
    let with = post_json(&router, &json!({ "query": query })).await.json();
    let without = post_json(&router, &json!({ "query": query, "extensions": off })).await.json();
    assert_eq!(with["extensions"], json!({ "cost": 3, "statements": 1 }));
    assert_eq!(without, json!({ "data": with["data"] }));
    for on in [json!({ "responseExtensions": true }), json!({ "responseExtensions": null })] {
        let reply = post_json(&router, &json!({ "query": query, "extensions": on })).await;
        assert_eq!(reply.json(), with);
    }
    // With a hash, and by GET: each of the two responses has its own tag.
    let by_hash = json!({ "version": 1, "sha256Hash": hash(query) });
    let both = json!({ "persistedQuery": by_hash, "responseExtensions": false });
    let reply = post_json(&router, &json!({ "query": query, "extensions": both })).await;
    assert_eq!(reply.json(), without);
    let by_get = async |extensions: Value, tag: &str| {
        let place = uri(&[("query", query), ("extensions", &extensions.to_string())]);
        get(&router, &place, &[("if-none-match", tag)]).await
    };
    let (short, long) = (by_get(both.clone(), "").await, by_get(json!({}), "").await);
    assert_eq!((short.json(), long.json()), (without.clone(), with));
    let (short, long) = (short.header("etag"), long.header("etag"));
    assert_eq!(by_get(both.clone(), &short).await.status, StatusCode::NOT_MODIFIED);
    assert_eq!(by_get(both, &long).await.status, StatusCode::OK);
    assert_eq!(by_get(json!({}), &short).await.status, StatusCode::OK);
    // The setting turns them off for all; errors keep theirs, and the number of omitted ones is reported.
    let silent =
        world.router_with(ServerConfig { response_extensions: false, ..ServerConfig::default() });
    let on = json!({ "query": query, "extensions": { "responseExtensions": true } });
    assert_eq!(post_json(&silent, &on).await.json(), without);
    let bad = "memberships(first: -1) { totalCount }";
    let bad = format!(
        "{{ all: members(first: 100) {{ nodes {{ {bad} }} }}
            one: members(first: 1) {{ nodes {{ {bad} }} }} }}"
    );
    let list = |below: &str| format!("memberships(first: 100) {{ nodes {{ {below} }} }}");
    let costly = list(&format!("member {{ {} }}", list(&format!("member {{ {} }}", list("id")))));
    let costly = format!("{{ {costly} }}");
    for (router, extensions) in [(&silent, json!({})), (&router, off)] {
        let reply =
            post_json(router, &json!({ "query": bad, "extensions": extensions })).await.json();
        assert_eq!(reply["extensions"], json!({ "errorsLeftOut": 1 }));
        assert_eq!(reply["errors"][0]["extensions"], json!({ "code": "BAD_USER_INPUT" }));
        let reply =
            post_json(router, &json!({ "query": costly, "extensions": extensions })).await.json();
        assert_eq!(reply.get("extensions"), None);
        assert!(reply["errors"][0]["extensions"]["limit"].is_u64());
    }
    for wrong in [json!("false"), json!(0), json!({})] {
        let body = json!({ "query": query, "extensions": { "responseExtensions": wrong } });
        let reply = post_json(&router, &body).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (StatusCode::BAD_REQUEST, "BAD_USER_INPUT")
        );
        assert!(reply.message().contains("must be true or false"), "{}", reply.message());
    }
    let batch = json!([{ "query": query }, { "query": query, "extensions": { "responseExtensions": false } }]);
    let batched = world.router_with(ServerConfig { max_batch_size: 2, ..ServerConfig::default() });
    let reply = post_json(&batched, &batch).await.json();
    assert!(reply[0]["extensions"]["cost"].is_u64() && reply[1].get("extensions").is_none());
    world.end().await;
}

#[tokio::test]
async fn trusted_documents_are_executed_by_name() {
    let world = World::sample(Store::Sqlite).await;
    let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let folder = folder.join(format!("documents-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let put = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    let states = "query States($n: Int!) { states(first: $n) { nodes { slug } } }";
    put("states.graphql", states);
    put("manifest.json", &json!({ "type-name": "{ __typename }" }).to_string());
    let settings =
        ServerConfig { persisted_documents: Some(folder.clone()), ..ServerConfig::default() };
    let only = ServerConfig { persisted_documents_only: true, ..settings.clone() };
    let (open, closed) = (world.router_with(settings.clone()), world.router_with(only));
    let expected = json!({ "states": { "nodes": [{ "slug": "state-0" }] } });
    for router in [&open, &closed] {
        let variables = json!({ "n": 1 });
        for name in ["states".to_owned(), format!("sha256:{}", hash(states))] {
            let body = json!({ "documentId": name, "variables": variables });
            assert_eq!(post_json(router, &body).await.json()["data"], expected);
        }
        let extensions = json!({ "persistedQuery": { "version": 1, "sha256Hash": hash(states) } });
        let by_hash = json!({ "extensions": extensions, "variables": variables });
        assert_eq!(post_json(router, &by_hash).await.json()["data"], expected);
        let whole = json!({ "query": states, "variables": variables });
        assert_eq!(post_json(router, &whole).await.json()["data"], expected);
        let got = get(router, "/graphql?documentId=type-name", &[]).await;
        assert_eq!(got.json()["data"], json!({ "__typename": "Query" }));
        let unknown = post_json(router, &json!({ "documentId": "nothing" })).await;
        assert_eq!(unknown.code(), "PERSISTED_QUERY_NOT_FOUND");
    }
    let other = json!({ "query": "{ states { totalCount } }" });
    assert_eq!(post_json(&open, &other).await.status, StatusCode::OK);
    let refused = post_json(&closed, &other).await;
    assert_eq!(refused.code(), "PERSISTED_QUERY_NOT_FOUND");
    assert_eq!(refused.message(), "only persisted documents are allowed");
    let registered = json!({ "query": "{ states { totalCount } }", "extensions": { "persistedQuery":
        { "version": 1, "sha256Hash": hash("{ states { totalCount } }") } } });
    assert_eq!(post_json(&closed, &registered).await.code(), "PERSISTED_QUERY_NOT_FOUND");
    // Another document of the same name has another tag; disabled introspection has none.
    let tag = get(&open, "/graphql?documentId=type-name", &[]).await.header("etag");
    let again = [("if-none-match", tag.as_str())];
    let known = get(&open, "/graphql?documentId=type-name", &again).await;
    assert_eq!(known.status, StatusCode::NOT_MODIFIED);
    put("manifest.json", &json!({ "type-name": "{ name: __typename }" }).to_string());
    let changed = world.router_with(settings.clone());
    let other = get(&changed, "/graphql?documentId=type-name", &again).await;
    assert_eq!(other.json()["data"], json!({ "name": "Query" }));
    let schema = uri(&[("query", "{ __schema { queryType { name } } }")]);
    let tag = get(&open, &schema, &[]).await.header("etag");
    let silent =
        world.router_with(ServerConfig { introspection: false, ..ServerConfig::default() });
    let refused = get(&silent, &schema, &[("if-none-match", &tag)]).await;
    assert_eq!(refused.code(), "GRAPHQL_VALIDATION_FAILED");
    // An invalid document is an error at startup.
    for (text, found) in [
        ("{ nothing }", "line 1, column 3: Field \"nothing\" does not exist"),
        ("{ states {", "unexpected end of document"),
        ("{ states(first: \"x\") { totalCount } }", "Int"),
    ] {
        put("wrong.graphql", text);
        let server = assembly_graph::http::Server::new(world.database.clone(), settings.clone());
        let wrong = server.err().unwrap().to_string();
        assert!(wrong.contains("wrong.graphql") && wrong.contains(found), "{wrong}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
    world.end().await;
}

#[tokio::test]
async fn batches_are_executed_if_enabled() {
    let world = World::sample(Store::Sqlite).await;
    let router = world.router_with(ServerConfig { max_batch_size: 3, ..ServerConfig::default() });
    let one = json!({ "query": "{ __typename }" });
    let three = json!([one, { "query": "{" }, { "documentId": "nothing" }]);
    let reply = post_json(&router, &three).await;
    assert_eq!(reply.status, StatusCode::OK);
    let responses = reply.json();
    assert_eq!(responses[0]["data"], json!({ "__typename": "Query" }));
    assert_eq!(responses[1]["errors"][0]["extensions"]["code"], "GRAPHQL_PARSE_FAILED");
    assert_eq!(responses[1].get("data"), None);
    assert_eq!(responses[2]["errors"][0]["extensions"]["code"], "PERSISTED_QUERY_NOT_FOUND");
    let four = post_json(&router, &json!([one, one, one, one])).await;
    assert_eq!((four.status, four.code().as_str()), (StatusCode::BAD_REQUEST, "LIMIT_EXCEEDED"));
    world.end().await;
}

#[tokio::test]
async fn an_operator_can_disable_features() {
    let world = World::sample(Store::Sqlite).await;
    let settings = ServerConfig {
        introspection: false,
        suggestions: false,
        explorer: false,
        ..ServerConfig::default()
    };
    let (open, closed) = (world.router(), world.router_with(settings));
    let schema = json!({ "query": "{ __schema { queryType { name } } }" });
    assert_eq!(
        post_json(&open, &schema).await.json()["data"]["__schema"]["queryType"]["name"],
        "Query"
    );
    assert_eq!(post_json(&closed, &schema).await.code(), "GRAPHQL_VALIDATION_FAILED");
    let slip = json!({ "query": "{ statess { totalCount } }" });
    assert!(post_json(&open, &slip).await.message().contains("states"));
    assert!(!post_json(&closed, &slip).await.message().contains("did you mean"));
    let page = [("accept", "text/html,*/*;q=0.8")];
    let moved = get(&open, "/graphql", &page).await;
    assert_eq!((moved.status, moved.header("location").as_str()), (StatusCode::SEE_OTHER, "/"));
    assert_eq!(get(&open, "/", &page).await.status, StatusCode::OK);
    assert_eq!(get(&closed, "/", &page).await.status, StatusCode::NOT_FOUND);
    assert_eq!(get(&closed, "/graphql", &page).await.status, StatusCode::BAD_REQUEST);
    world.end().await;
}

#[tokio::test]
async fn responses_are_compressed_as_the_client_accepts() {
    let world = World::sample(Store::Sqlite).await;
    let router = world.router();
    let long = uri(&[("query", "{ members(first: 50) { nodes { id slug name } } }")]);
    let plain = get(&router, &long, &[]).await;
    for coding in ["br", "gzip", "zstd"] {
        let compressed = get(&router, &long, &[("accept-encoding", coding)]).await;
        assert_eq!(compressed.header("content-encoding"), coding);
        assert!(compressed.header("vary").contains("accept-encoding"), "{:?}", compressed.headers);
        assert!(compressed.body.len() * 2 < plain.body.len());
        assert_eq!(compressed.header("etag"), plain.header("etag"));
    }
    let short =
        get(&router, &uri(&[("query", "{ __typename }")]), &[("accept-encoding", "br")]).await;
    assert_eq!(short.header("content-encoding"), "");
    world.end().await;
}

#[tokio::test]
async fn cors_limits_requests_of_other_origins() {
    let world = World::empty(Store::Sqlite).await;
    let preflight = |origin: &str| {
        let request = Request::builder().method(Method::OPTIONS).uri("/graphql");
        let request =
            request.header("origin", origin).header("access-control-request-method", "POST");
        let request = request.header("access-control-request-headers", "content-type,traceparent");
        request.body(Body::empty()).unwrap()
    };
    let with = |origins: &[&str]| {
        let cors_origins = origins.iter().map(|origin| (*origin).to_owned()).collect();
        world.router_with(ServerConfig { cors_origins, ..ServerConfig::default() })
    };
    let any = send(&world.router(), preflight("https://a.example")).await;
    assert_eq!(any.header("access-control-allow-origin"), "*");
    assert_eq!(any.header("access-control-allow-credentials"), "");
    let listed = with(&["https://a.example", "http://localhost:3000"]);
    for (origin, allowed) in [
        ("https://a.example", "https://a.example"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("https://b.example", ""),
        ("https://a.example.b.example", ""),
        ("null", ""),
    ] {
        let reply = send(&listed, preflight(origin)).await;
        assert_eq!(reply.header("access-control-allow-origin"), allowed, "{origin}");
    }
    let query = uri(&[("query", "{ __typename }")]);
    let requested = get(&listed, &query, &[("origin", "https://a.example")]).await;
    assert_eq!(requested.header("access-control-allow-origin"), "https://a.example");
    assert!(requested.header("access-control-expose-headers").contains("etag"));
    assert!(
        requested
            .headers
            .get_all(header::VARY)
            .iter()
            .any(|vary| vary.to_str().unwrap().contains("origin"))
    );
    let none = send(&with(&["none"]), preflight("https://a.example")).await;
    assert_eq!(none.header("access-control-allow-origin"), "");
    world.end().await;
}

#[tokio::test]
async fn requests_beyond_the_rate_limit_are_rejected() {
    let world = World::empty(Store::Sqlite).await;
    let router = world.router_with(ServerConfig {
        rate_limit: 1,
        rate_limit_burst: 2,
        ..ServerConfig::default()
    });
    let query = json!({ "query": "{ __typename }" });
    let mut replies = Vec::new();
    for _ in 0..10 {
        replies.push(post_json(&router, &query).await);
    }
    assert_eq!(replies[0].status, StatusCode::OK);
    let away = replies.iter().find(|reply| reply.status == StatusCode::TOO_MANY_REQUESTS).unwrap();
    assert_eq!(away.code(), "LIMIT_EXCEEDED");
    assert_eq!(away.json()["errors"][0]["extensions"]["limit"], 1);
    assert!(away.header("retry-after").parse::<u64>().unwrap() >= 1);
    world.end().await;
}

#[tokio::test]
async fn health_and_metrics_are_reported() {
    let world = World::sample(Store::Sqlite).await;
    let server =
        assembly_graph::http::Server::new(world.database.clone(), ServerConfig::default()).unwrap();
    let (router, operations) = (server.router(), server.management_router());
    for router in [&router, &operations] {
        for place in ["/health", "/health/live", "/health/ready"] {
            let reply = get(router, place, &[]).await;
            assert_eq!((reply.status, &*reply.body), (StatusCode::OK, &b"ok\n"[..]), "{place}");
        }
    }
    post_json(&router, &json!({ "query": "query Counted { states { totalCount } }" })).await;
    post_json(&router, &json!({ "query": "query Counted { nothing }" })).await;
    post_json(&router, &json!({ "query": 7 })).await;
    let figures = get(&operations, "/metrics", &[]).await;
    let text = String::from_utf8(figures.body.to_vec()).unwrap();
    for line in [
        "assembly_graph_requests_total{operation=\"Counted\",outcome=\"ok\"} 1",
        "assembly_graph_requests_total{operation=\"Counted\",outcome=\"GRAPHQL_VALIDATION_FAILED\"} 1",
        "assembly_graph_revision ",
        "assembly_graph_rejected_requests_total{code=\"BAD_USER_INPUT\"} 1",
    ] {
        assert!(text.contains(line), "{line}:\n{text}");
    }
    let apart = ServerConfig {
        management_listen: Some("127.0.0.1:0".parse().unwrap()),
        ..ServerConfig::default()
    };
    let apart = world.router_with(apart);
    assert_eq!(get(&apart, "/metrics", &[]).await.status, StatusCode::NOT_FOUND);
    world.database.clone().close().await.unwrap();
    // The state is cached for a short time.
    let lost = async {
        loop {
            let reply = get(&operations, "/health/ready", &[]).await;
            if reply.status != StatusCode::OK {
                break reply;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let lost = tokio::time::timeout(Duration::from_mins(10), lost).await.unwrap();
    assert_eq!(
        (lost.status, lost.code().as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE")
    );
    assert_eq!(get(&operations, "/health/live", &[]).await.status, StatusCode::OK);
    for reply in [
        post_json(&router, &json!({ "query": "{ states { totalCount } }" })).await,
        get(&router, &uri(&[("query", "{ states { totalCount } }")]), &[]).await,
    ] {
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE")
        );
        assert!(!reply.header("retry-after").is_empty());
        assert_eq!(reply.json().get("data"), None);
    }
    world.end().await;
}

/// A client receives a generic message and a trace id, but no details of the error.
#[tokio::test]
async fn an_internal_error_discloses_nothing() {
    let world = World::empty(Store::Sqlite).await;
    let router = world.router();
    let drop = "DROP TABLE contradiction_claim; DROP TABLE contradiction";
    sea_orm::ConnectionTrait::execute_unprepared(&world.database, drop).await.unwrap();
    let reply =
        post_json(&router, &json!({ "query": "{ contradictions { nodes { slug } } }" })).await;
    assert_eq!(reply.status, StatusCode::OK);
    let error = &reply.json()["errors"][0];
    assert_eq!(error["message"], "Internal server error.");
    assert_eq!(error["extensions"]["code"], "INTERNAL_SERVER_ERROR");
    assert_eq!(error["extensions"]["reference"].as_str().unwrap().len(), 16);
    assert!(!reply.json().to_string().contains("contradiction\""), "{:?}", reply.body);
    world.end().await;
}

#[tokio::test]
async fn every_response_has_a_trace_id_and_nosniff() {
    let world = World::empty(Store::Sqlite).await;
    let router = world.router();
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let parent = format!("00-{trace}-00f067aa0ba902b7-01");
    for place in ["/", "/graphql", "/export", "/health", "/metrics", "/unknown"] {
        let reply = get(&router, place, &[("traceparent", &parent)]).await;
        assert_eq!(reply.header("x-request-id"), trace, "{place}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{place}");
    }
    world.end().await;
}

/// Reading a database that was never connected panics.
#[tokio::test]
async fn a_panic_fails_only_its_own_request() {
    let database = sea_orm::DatabaseConnection::default();
    let server = assembly_graph::http::Server::new(database, ServerConfig::default()).unwrap();
    let router = server.router();
    for _ in 0..3 {
        let reply = post_json(&router, &json!({ "query": "{ states { totalCount } }" })).await;
        assert_eq!(reply.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(reply.code(), "INTERNAL_SERVER_ERROR");
        assert_eq!(reply.message(), "Internal server error.");
        assert_eq!(reply.json().get("data"), None);
        // Outside of any operation too.
        let reply = get(&router, "/export", &[]).await;
        assert_eq!(reply.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(reply.code(), "INTERNAL_SERVER_ERROR");
        let reply = post_json(&router, &json!({ "query": "{ __typename }" })).await;
        assert_eq!(reply.json()["data"], json!({ "__typename": "Query" }));
    }
}

/// What cost allows may still be long, as descriptions and names are.
#[tokio::test]
async fn a_response_has_a_maximum_size() {
    let world = World::built_in(Store::Sqlite).await;
    let router = world.router();
    let pages = |at| format!("p{at}: documents(first: 100) {{ nodes {{ ...d }} }} ");
    let pages: String = (0..5).map(pages).collect();
    let fields: String = (0..490).map(|at| format!("d{at:0>31}: title ")).collect();
    let query = format!("{{ {pages} }} fragment d on Document {{ {fields} }}");
    for (accept, status) in [(JSON, 200), (GRAPHQL, 400)] {
        let headers = [("content-type", JSON), ("accept", accept)];
        let reply = post(&router, json!({ "query": query }).to_string(), &headers).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (status, "LIMIT_EXCEEDED"));
        assert_eq!(reply.json()["errors"][0]["extensions"]["limit"], 16 << 20);
    }
    world.end().await;
}
