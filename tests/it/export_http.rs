//! Exports over HTTP.

use assembly_graph::import;
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use entity::{alias, assembly};
use http_body_util::BodyExt;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::Value;
use tower::ServiceExt;

use crate::world::{Store, World, now, test_each_store};

async fn get(router: &Router, uri: &str) -> (StatusCode, HeaderMap, String) {
    let request = Request::builder().uri(uri).body(Body::empty()).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, headers, String::from_utf8(body.to_vec()).unwrap())
}

async fn each_format_has_its_media_type_and_a_file_name_with_the_revision(store: Store) {
    let world = World::built_in(store).await;
    let router = world.router();
    for (uri, kind, name) in [
        ("/export/popolo.json", "application/json", "assembly-graph-r1058.popolo.json"),
        ("/export/records.jsonl", "application/x-ndjson", "assembly-graph-r1058.records.jsonl"),
        (
            "/export/csv/seat_allocation.csv",
            "text/csv; charset=utf-8; header=present",
            "assembly-graph-r1058.seat_allocation.csv",
        ),
        (
            "/export/popolo.json?asOf=2015-11-26&assembly=csto-pa",
            "application/json",
            "assembly-graph-r1058-csto-pa-as-of-2015-11-26.popolo.json",
        ),
    ] {
        let (status, headers, body) = get(&router, uri).await;
        assert_eq!(status, StatusCode::OK, "{uri}: {body}");
        assert_eq!(headers[header::CONTENT_TYPE], kind);
        let attached = format!("attachment; filename=\"{name}\"");
        assert_eq!(headers[header::CONTENT_DISPOSITION], attached.as_str());
        let tag = headers[header::ETAG].to_str().unwrap().to_owned();
        assert!(tag.starts_with("W/\"r1058-"), "{tag}");
        assert!(!body.is_empty());
        let again = Request::builder().uri(uri).header(header::IF_NONE_MATCH, &tag);
        let again = router.clone().oneshot(again.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    }
    let (_, _, index) = get(&router, "/export").await;
    let index: Value = serde_json::from_str(&index).unwrap();
    assert_eq!(index["revision"], 1058);
    for table in index["tables"].as_array().unwrap() {
        let (status, ..) = get(&router, table.as_str().unwrap()).await;
        assert_eq!(status, StatusCode::OK, "{table}");
    }
    drop(router);
    world.end().await;
}

test_each_store!(each_format_has_its_media_type_and_a_file_name_with_the_revision);

/// Slugs are validated on import, but an old database may contain others.
async fn file_names_are_ascii_for_each_assembly(store: Store) {
    let world = World::built_in(store).await;
    let router = world.router();
    let own = assembly::Entity::find().filter(assembly::Column::Slug.eq("csto-pa"));
    let own = own.one(&world.database).await.unwrap().unwrap().id;
    let odd = "ПА \"a\"\r\nset-cookie: b/../\u{7f}";
    let row = alias::ActiveModel { slug: Set(odd.to_owned()), record_id: Set(own) };
    alias::Entity::insert(row).exec(&world.database).await.unwrap();
    let name = "assembly-graph-r1058-----a---set-cookie--b-----.popolo.json";
    let query = "%D0%9F%D0%90%20%22a%22%0D%0Aset-cookie:%20b/../%7F";
    let (status, headers, body) =
        get(&router, &format!("/export/popolo.json?assembly={query}")).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let attached = format!("attachment; filename=\"{name}\"");
    assert_eq!(headers[header::CONTENT_DISPOSITION], attached.as_str());
    assert!(!headers.contains_key(header::SET_COOKIE));
    for none in ["%22", "%0D%0Aa:b", "%D0%9F", "%00", "%FF", ""] {
        let (status, _, body) = get(&router, &format!("/export/popolo.json?assembly={none}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{none}: {body}");
    }
    for day in ["%2B262142-12-31", "-9999-01-01", "0000-01-01", "9999-12-31"] {
        let (status, _, body) = get(&router, &format!("/export/popolo.json?asOf={day}")).await;
        assert!(matches!(status.as_u16(), 200 | 400), "{day}: {status} {body}");
    }
    drop(router);
    world.end().await;
}

test_each_store!(file_names_are_ascii_for_each_assembly);

#[tokio::test]
async fn a_downloaded_export_can_be_imported() {
    let world = World::built_in(Store::Sqlite).await;
    let router = world.router();
    let (_, _, text) = get(&router, "/export/records.jsonl").await;
    let again = World::empty(Store::Sqlite).await;
    let files = [import::File { name: "sent.jsonl".into(), text }];
    import::import(&again.database, &files, now()).await.unwrap();
    assert!(again.fingerprint().await == world.fingerprint().await);
    again.end().await;
    drop(router);
    world.end().await;
}

#[tokio::test]
async fn errors_name_the_allowed_values() {
    let world = World::built_in(Store::Sqlite).await;
    let router = world.router();
    for (uri, status, found) in [
        (
            "/export/popolo.json?asOf=2015",
            400,
            "`asOf` must be a date such as \"2022-12-05\", got \"2015\"",
        ),
        (
            "/export/popolo.json?as_of=2015-01-01",
            400,
            "unknown parameter `as_of`; use asOf or assembly",
        ),
        (
            "/export/csv/member.csv?assembly=cstopa",
            400,
            "no assembly has the slug `cstopa`; use one of asian-pa, csto-pa",
        ),
        (
            "/export/csv/members.csv",
            404,
            "unknown table `members.csv`; use one of assembly.csv, state.csv",
        ),
        ("/export/csv/member", 404, "unknown table `member`"),
    ] {
        let (got, headers, body) = get(&router, uri).await;
        assert_eq!(got.as_u16(), status, "{uri}");
        assert_eq!(headers[header::CONTENT_TYPE], "application/json; charset=utf-8");
        let body: Value = serde_json::from_str(&body).unwrap();
        assert!(body["errors"][0]["message"].as_str().unwrap().contains(found), "{uri}: {body}");
    }
    let (status, ..) = get(&router, "/export/nothing").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    drop(router);
    world.end().await;
}

/// Two exports whose clients do not read occupy all slots. When the clients disconnect, the exports and
/// their transactions end: otherwise the database would not close.
async fn an_export_ends_when_its_client_disconnects(store: Store) {
    let world = World::built_in(store).await;
    let router = world.router();
    let get_export = async || {
        let request = Request::builder().uri("/export/records.jsonl").body(Body::empty()).unwrap();
        router.clone().oneshot(request).await.unwrap()
    };
    let (one, other) = (get_export().await, get_export().await);
    assert_eq!((one.status(), other.status()), (StatusCode::OK, StatusCode::OK));
    let third = get_export().await;
    assert_eq!(third.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(third.headers().contains_key(header::RETRY_AFTER));
    let query = "{ service { revision } }";
    assert_eq!(world.data(query).await["service"]["revision"], 1058);
    drop((one, other, third));
    while get_export().await.status() != StatusCode::OK {
        tokio::task::yield_now().await;
    }
    drop(router);
    world.end().await;
}

test_each_store!(an_export_ends_when_its_client_disconnects);
