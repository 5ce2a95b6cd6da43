//! The server on the wire.

use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::world::{Store, World};

async fn send(router: Router, request: Request<Body>) -> (StatusCode, String) {
    let response = router.oneshot(request).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn post(body: &Value) -> Request<Body> {
    Request::builder()
        .method(Method::POST)
        .uri("/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .unwrap()
}

fn get(uri: &str) -> Request<Body> {
    Request::builder().uri(uri).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn questions_come_by_post_and_by_get() {
    let world = World::shipped(Store::Sqlite).await;
    let router = world.router();
    let query = "query($code: String!) { state(code: $code) { name } }";
    let expected = json!({
        "data": { "state": { "name": "Kyrgyzstan" } },
        "extensions": { "cost": 2, "statements": 1 },
    });
    let body = json!({ "query": query, "variables": { "code": "kg" } });
    let (status, answer) = send(router.clone(), post(&body)).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(serde_json::from_str::<Value>(&answer).unwrap(), expected);

    let uri = "/graphql?query=query(%24code%3A%20String!)%20%7B%20state(code%3A%20%24code)%20%7B\
               %20name%20%7D%20%7D&variables=%7B%22code%22%3A%22kg%22%7D";
    let (status, answer) = send(router, get(uri)).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(serde_json::from_str::<Value>(&answer).unwrap(), expected);
    world.end().await;
}

#[tokio::test]
async fn the_explorer_and_health_answer() {
    let world = World::empty(Store::Sqlite).await;
    let router = world.router();
    let (status, page) = send(router.clone(), get("/")).await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("Assembly Graph") && page.contains("/graphql"));
    let (status, text) = send(router.clone(), get("/health")).await;
    assert_eq!((status, text.as_str()), (StatusCode::OK, "ok\n"));
    let (status, _) = send(router, get("/nowhere")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    world.end().await;
}

/// What is ours stays ours: a client sees that something failed, and nothing of why.
#[tokio::test]
async fn an_internal_error_tells_nothing() {
    let world = World::empty(Store::Sqlite).await;
    let router = world.router();
    let drop = "DROP TABLE contradiction_claim; DROP TABLE contradiction";
    sea_orm::ConnectionTrait::execute_unprepared(&world.database, drop).await.unwrap();
    let body = json!({ "query": "{ contradictions { nodes { slug } } }" });
    let (status, answer) = send(router, post(&body)).await;
    assert_eq!(status, StatusCode::OK);
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["errors"][0]["message"], "internal error");
    assert_eq!(answer["errors"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR");
    assert!(!answer.to_string().contains("contradiction\""), "{answer}");
    world.end().await;
}
