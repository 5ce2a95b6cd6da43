//! Pagination: every list returns each node exactly once, forward and backward, for any page size.

use serde_json::{Value, json};

use crate::{
    schema::{named_type, types},
    world::{Store, World, test_each_store},
};

/// Returns the connection fields of a type without required arguments, with the type of their nodes.
pub async fn lists(world: &World, type_name: &str) -> Vec<(String, String)> {
    let types = types(world).await;
    let one = types.iter().find(|one| one["name"] == type_name).unwrap();
    let fields = one["fields"].as_array().unwrap();
    let is_required = |argument: &Value| argument["type"]["kind"] == "NON_NULL";
    let lists = fields.iter().filter_map(|field| {
        if field["args"].as_array().unwrap().iter().any(is_required) {
            return None;
        }
        let rows = named_type(&field["type"]).strip_suffix("Connection")?;
        Some((field["name"].as_str().unwrap().to_owned(), rows.to_owned()))
    });
    lists.collect()
}

/// Returns all ids of a list, fetched in pages of `size`.
async fn walk(world: &World, list: &str, size: usize, backward: bool) -> Vec<String> {
    let mut ids = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let page = if backward {
            format!("last: {size}, before: $cursor")
        } else {
            format!("first: {size}, after: $cursor")
        };
        let query = format!(
            "query($cursor: String) {{ list: {list}({page}) {{ edges {{ cursor node {{ id }} }} \
             nodes {{ id }} totalCount \
             pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
        );
        let response = world.execute_with(&query, json!({ "cursor": cursor })).await;
        assert_eq!(response.get("errors"), None, "{list}");
        let list = &response["data"]["list"];
        let edges = list["edges"].as_array().unwrap();
        let own: Vec<_> = edges.iter().map(|edge| edge["node"]["id"].clone()).collect();
        let nodes: Vec<_> =
            list["nodes"].as_array().unwrap().iter().map(|node| node["id"].clone()).collect();
        assert_eq!(own, nodes);
        let info = &list["pageInfo"];
        assert_eq!(info["startCursor"], edges.first().map_or(Value::Null, |e| e["cursor"].clone()));
        assert_eq!(info["endCursor"], edges.last().map_or(Value::Null, |e| e["cursor"].clone()));
        let page: Vec<String> = own.iter().map(|id| id.as_str().unwrap().to_owned()).collect();
        let (more, next) = if backward {
            assert_eq!(info["hasNextPage"], !cursor.is_null());
            ids.splice(0..0, page);
            (info["hasPreviousPage"].clone(), info["startCursor"].clone())
        } else {
            assert_eq!(info["hasPreviousPage"], !cursor.is_null());
            ids.extend(page);
            (info["hasNextPage"].clone(), info["endCursor"].clone())
        };
        if more == json!(false) {
            assert_eq!(list["totalCount"], json!(ids.len()));
            return ids;
        }
        cursor = next;
    }
}

async fn root_connections_return_each_node_once_in_both_directions(store: Store) {
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
}

test_each_store!(root_connections_return_each_node_once_in_both_directions);

/// Nested pages are computed for each parent.
async fn nested_connections_paginate_per_parent(store: Store) {
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
    assert!(cut > 5, "the sample is too small");
    world.end().await;
}

test_each_store!(nested_connections_paginate_per_parent);
