//! Ids and slugs lead to the record that there is now.

use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::world::{World, on_each_store};

#[tokio::test]
async fn a_merged_record_leads_to_its_survivor() {
    on_each_store(async |store| {
        let world = World::sample(store).await;
        let question = "{ member(slug: \"member-1\") { id slug name } }";
        let survivor = world.data(question).await["member"].clone();
        let gone = world.data("{ member(slug: \"member-2\") { id } }").await["member"]["id"].clone();
        for statement in [
            "DELETE FROM mention WHERE record_id = (SELECT id FROM member WHERE slug = 'member-2')",
            "DELETE FROM membership WHERE member_id = (SELECT id FROM member WHERE slug = 'member-2')",
            "UPDATE entity SET merged_into_id = (SELECT id FROM member WHERE slug = 'member-1') \
             WHERE slug = 'member-2'",
            "INSERT INTO alias SELECT 'former-member', id FROM member WHERE slug = 'member-1'",
            "DELETE FROM member WHERE slug = 'member-2'",
        ] {
            world.database.execute_unprepared(statement).await.unwrap();
        }
        let question = "query($id: ID!) { node(id: $id) { ... on Member { id slug name } }
            member(slug: \"former-member\") { id slug name } }";
        let answer = world.ask_with(question, json!({ "id": gone })).await;
        assert_eq!(answer["data"], json!({ "node": survivor, "member": survivor }));
        world.end().await;
    })
    .await;
}
