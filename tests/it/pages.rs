//! Every list, walked: forward and back each row comes once, whatever the size of the page.

use serde_json::{Value, json};

use crate::{
    contract::{named, types},
    world::{World, on_each_store},
};

/// The list fields of a type that need nothing said, and what their rows are.
pub async fn lists(world: &World, type_name: &str) -> Vec<(String, String)> {
    let types = types(world).await;
    let one = types.iter().find(|one| one["name"] == type_name).unwrap();
    let fields = one["fields"].as_array().unwrap();
    let is_needed = |argument: &Value| argument["type"]["kind"] == "NON_NULL";
    let lists = fields.iter().filter_map(|field| {
        if field["args"].as_array().unwrap().iter().any(is_needed) {
            return None;
        }
        let rows = named(&field["type"]).strip_suffix("Connection")?;
        Some((field["name"].as_str().unwrap().to_owned(), rows.to_owned()))
    });
    lists.collect()
}

/// All ids of a list, `size` at a time, from one end to the other.
async fn walk(world: &World, list: &str, size: usize, backward: bool) -> Vec<String> {
    let mut ids = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let page = match backward {
            false => format!("first: {size}, after: $cursor"),
            true => format!("last: {size}, before: $cursor"),
        };
        let query = format!(
            "query($cursor: String) {{ list: {list}({page}) {{ edges {{ cursor node {{ id }} }} \
             nodes {{ id }} totalCount \
             pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
        );
        let answer = world.ask_with(&query, json!({ "cursor": cursor })).await;
        assert_eq!(answer.get("errors"), None, "{list}");
        let list = &answer["data"]["list"];
        let edges = list["edges"].as_array().unwrap();
        let own: Vec<_> = edges.iter().map(|edge| edge["node"]["id"].clone()).collect();
        let nodes: Vec<_> =
            list["nodes"].as_array().unwrap().iter().map(|node| node["id"].clone()).collect();
        assert_eq!(own, nodes);
        let info = &list["pageInfo"];
        assert_eq!(info["startCursor"], edges.first().map_or(Value::Null, |e| e["cursor"].clone()));
        assert_eq!(info["endCursor"], edges.last().map_or(Value::Null, |e| e["cursor"].clone()));
        let page: Vec<String> = own.iter().map(|id| id.as_str().unwrap().to_owned()).collect();
        let (more, next) = match backward {
            false => {
                assert_eq!(info["hasPreviousPage"], !cursor.is_null());
                ids.extend(page);
                (info["hasNextPage"].clone(), info["endCursor"].clone())
            }
            true => {
                assert_eq!(info["hasNextPage"], !cursor.is_null());
                ids.splice(0..0, page);
                (info["hasPreviousPage"].clone(), info["startCursor"].clone())
            }
        };
        if more == json!(false) {
            assert_eq!(list["totalCount"], json!(ids.len()));
            return ids;
        }
        cursor = next;
    }
}

#[tokio::test]
async fn every_root_list_gives_each_row_once_both_ways() {
    on_each_store(async |store| {
        let world = World::sample(store).await;
        let mut filled = 0;
        for (list, rows) in lists(&world, "Query").await {
            let forward = walk(&world, &list, 7, false).await;
            let backward = walk(&world, &list, 5, true).await;
            assert_eq!(forward, backward, "{list} of {rows} on {store:?}");
            let mut once = forward.clone();
            once.sort();
            once.dedup();
            assert_eq!(once.len(), forward.len(), "{list} repeats rows");
            filled += usize::from(!forward.is_empty());
        }
        assert!(filled >= 14, "only {filled} lists have rows");
        world.end().await;
    })
    .await;
}

/// Pages under many parents are each parent's own: not one list cut in pieces.
#[tokio::test]
async fn nested_pages_are_each_parents_own() {
    on_each_store(async |store| {
        let world = World::sample(store).await;
        let data = world
            .data(
                "{ chambers(first: 100) { nodes {
                    front: memberships(first: 3) { nodes { id } pageInfo { hasNextPage endCursor } }
                    back: memberships(last: 2) { nodes { id } pageInfo { hasPreviousPage } }
                    all: memberships(first: 100) { totalCount nodes { id } }
                } } }",
            )
            .await;
        let chambers = data["chambers"]["nodes"].as_array().unwrap();
        assert_eq!(chambers.len(), 20);
        let mut cut = 0;
        for chamber in chambers {
            let all = chamber["all"]["nodes"].as_array().unwrap();
            let front = chamber["front"]["nodes"].as_array().unwrap();
            let back = chamber["back"]["nodes"].as_array().unwrap();
            assert_eq!(chamber["all"]["totalCount"], all.len());
            assert_eq!(front[..], all[..all.len().min(3)]);
            assert_eq!(back[..], all[all.len().saturating_sub(2)..]);
            assert_eq!(chamber["front"]["pageInfo"]["hasNextPage"], all.len() > 3);
            assert_eq!(chamber["back"]["pageInfo"]["hasPreviousPage"], all.len() > 2);
            cut += usize::from(all.len() > 3);
        }
        assert!(cut > 5, "the sample is too small to tell");
        world.end().await;
    })
    .await;
}
