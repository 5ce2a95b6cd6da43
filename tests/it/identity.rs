//! Ids and slugs of merged records, and ids of objects as of a date.

use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::{
    pages::lists,
    world::{Store, World, now, test_each_store},
};

async fn the_slug_and_id_of_a_merged_record_return_the_remaining_record(store: Store) {
    let world = World::sample(store).await;
    let query = "{ member(slug: \"member-1\") { id slug name } }";
    let survivor = world.data(query).await["member"].clone();
    let gone = world.data("{ member(slug: \"member-2\") { id } }").await["member"]["id"].clone();
    for statement in [
        "DELETE FROM mention WHERE record_id = (SELECT id FROM member WHERE slug = 'member-2')",
        "DELETE FROM membership WHERE member_id = (SELECT id FROM member WHERE slug = 'member-2')",
        "UPDATE record SET merged_into_id = (SELECT id FROM member WHERE slug = 'member-1') \
         WHERE slug = 'member-2'",
        "INSERT INTO alias SELECT 'former-member', id FROM member WHERE slug = 'member-1'",
        "DELETE FROM member WHERE slug = 'member-2'",
    ] {
        world.database.execute_unprepared(statement).await.unwrap();
    }
    let query = "query($id: ID!) { node(id: $id) { ... on Member { id slug name } }
        member(slug: \"former-member\") { id slug name } }";
    let response = world.execute_with(query, json!({ "id": gone })).await;
    assert_eq!(response["data"], json!({ "node": survivor, "member": survivor }));
    world.end().await;
}

test_each_store!(the_slug_and_id_of_a_merged_record_return_the_remaining_record);

/// An object as of a date has another id than today's object and the same slug. Its id returns the
/// object as of that date.
async fn an_object_as_of_a_date_is_another_node(store: Store) {
    let built_in = World::built_in(store).await;
    let sample = World::sample(store).await;
    let mut kinds = 0;
    for (list, kind) in lists(&built_in, "Query").await {
        // The sample has the kinds of records that the built-in data set does not have.
        let all = format!("{list}(first: 1, asOf: null) {{ nodes {{ id }} }}");
        let is_missing = built_in.data(&format!("{{ {all} }}")).await[&list]["nodes"][0].is_null();
        let world = if is_missing { &sample } else { &built_in };
        let requested =
            |date: &str| format!("{list}(first: 1, {date}) {{ nodes {{ __typename id slug }} }}");
        // What holds for a time may not hold then: its history has it today.
        let today = world.data(&format!("{{ {} }}", requested("asOf: null"))).await;
        let today = &today[&list]["nodes"][0];
        let singular = kind[..1].to_lowercase() + &kind[1..];
        let key = if kind == "State" { "code" } else { "slug" };
        let value = today["slug"].as_str().unwrap();
        let then = format!(
            "{{ {singular}({key}: \"{value}\", asOf: \"2018-01-01\") {{ __typename id slug }} }}"
        );
        let then = world.data(&then).await[&singular].clone();
        assert_eq!(then["slug"], today["slug"]);
        assert_ne!(then["id"], today["id"]);
        let query = "query($then: ID!, $today: ID!) {
            then: node(id: $then) { __typename id ... on Record { slug } ... on Contradiction { slug } }
            nodes(ids: [$today, $then]) { __typename id ... on Record { slug } ... on Contradiction { slug } } }";
        let ids = json!({ "then": then["id"], "today": today["id"] });
        let response = world.execute_with(query, ids).await;
        assert_eq!(response["data"], json!({ "then": then, "nodes": [today, then] }), "{kind}");
        kinds += 1;
    }
    assert_eq!(kinds, entity::kinds().count() + 1, "all kinds of records, and contradictions");
    let day = built_in.data("{ state(code: \"kg\") { id } }").await;
    let date = now().date_naive();
    let stated =
        built_in.data(&format!("{{ state(code: \"kg\", asOf: \"{date}\") {{ id }} }}")).await;
    assert_ne!(day, stated, "ids of today stay the same tomorrow");
    built_in.end().await;
    sample.end().await;
}

test_each_store!(an_object_as_of_a_date_is_another_node);
