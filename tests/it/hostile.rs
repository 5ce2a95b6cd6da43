//! Questions that mean no good: each gets an answer, and none an internal error.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::json;

use crate::world::{Store, World, test_each_store};

async fn forged_input_is_refused_or_names_nothing(store: Store) {
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
        let answer = world.ask_with(page, json!({ "c": cursor(forged) })).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{forged}");
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
        let answer = world.ask_with(query, variables).await;
        assert_eq!(answer["data"], json!({ "found": null }), "{query}");
        assert_eq!(answer.get("errors"), None, "{query}");
    }
    let many =
        "query($p: [String!]) { member(slug: \"member-1\") { claimsAbout(property: $p) { id } } }";
    let answer = world.ask_with(many, json!({ "p": vec!["a"; 15_000] })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    let few = world.ask_with(many, json!({ "p": ["name", "a\u{0}"] })).await;
    assert_eq!(few.get("errors"), None);
    world.end().await;
}

test_each_store!(forged_input_is_refused_or_names_nothing);

/// An error of one field leaves its neighbours alone.
async fn a_bad_id_costs_its_own_field_only(store: Store) {
    let world = World::sample(store).await;
    let answer = world
        .ask("{ bad: node(id: \"x\") { id } nodes(ids: [\"x\"]) { id } state(code: \"aa\") { slug } }")
        .await;
    assert_eq!(
        answer["data"],
        json!({ "bad": null, "nodes": [null], "state": { "slug": "state-0" } })
    );
    assert_eq!(answer["errors"].as_array().unwrap().len(), 2);
    assert_eq!(answer["errors"][1]["path"], json!(["nodes", 0]));
    world.end().await;
}

test_each_store!(a_bad_id_costs_its_own_field_only);
