//! Forged input: each query gets a response, and none an internal error.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::json;

use crate::world::{Store, World, test_each_store};

async fn forged_input_is_rejected_or_matches_nothing(store: Store) {
    let world = World::sample(store).await;
    let cursor = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
    let page = "query($c: String) { list: states(after: $c) { nodes { code } } }";
    for forged in [
        r#"{"list":"state code","keys":[5],"id":1}"#,
        r#"{"list":"state code","keys":[],"id":1}"#,
        r#"{"list":"state code","keys":["A"],"id":"1"}"#,
        r#"{"list":"member name","keys":["A"],"id":1}"#,
        "",
    ] {
        let response = world.execute_with(page, json!({ "c": cursor(forged) })).await;
        assert_eq!(response["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{forged}");
    }
    for (query, variables) in [
        ("query($s: String!) { found: member(slug: $s) { id } }", json!({ "s": "a\u{0}b" })),
        ("query($s: String!) { found: state(code: $s) { id } }", json!({ "s": "\u{0}" })),
        (
            "query($s: String!) { found: lookup(scheme: $s, value: $s) { id } }",
            json!({ "s": "\u{0}" }),
        ),
        (
            "query($s: String!) { found: lookup(scheme: $s, value: $s) { id } }",
            json!({ "s": "' OR 1=1 --" }),
        ),
        (
            "query($s: String!) { found: member(slug: $s) { id } }",
            json!({ "s": "x".repeat(1_000_000) }),
        ),
    ] {
        let response = world.execute_with(query, variables).await;
        assert_eq!(response["data"], json!({ "found": null }), "{query}");
        assert_eq!(response.get("errors"), None, "{query}");
    }
    let many =
        "query($p: [String!]) { member(slug: \"member-1\") { claimsAbout(property: $p) { id } } }";
    let response = world.execute_with(many, json!({ "p": vec!["a"; 15_000] })).await;
    assert_eq!(response["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    let few = world.execute_with(many, json!({ "p": ["name", "a\u{0}"] })).await;
    assert_eq!(few.get("errors"), None);
    world.end().await;
}

test_each_store!(forged_input_is_rejected_or_matches_nothing);

/// An error of one field leaves its neighbours alone.
async fn an_invalid_id_nulls_only_its_own_field(store: Store) {
    let world = World::sample(store).await;
    let response = world
        .execute("{ bad: node(id: \"x\") { id } nodes(ids: [\"x\"]) { id } state(code: \"aa\") { slug } }")
        .await;
    assert_eq!(
        response["data"],
        json!({ "bad": null, "nodes": [null], "state": { "slug": "state-0" } })
    );
    assert_eq!(response["errors"].as_array().unwrap().len(), 2);
    assert_eq!(response["errors"][1]["path"], json!(["nodes", 0]));
    world.end().await;
}

test_each_store!(an_invalid_id_nulls_only_its_own_field);
