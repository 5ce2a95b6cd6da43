//! Statements grow with the depth of a question, never with the rows of its answer.

use std::sync::Arc;

use crate::{
    pages::lists,
    world::{Store, World, on_each_store},
};

/// Six levels: assembly, delegations, parliament, chambers, memberships, the member's other ones.
pub fn deep(delegations: usize) -> String {
    format!(
        "{{ assembly(slug: \"assembly-0\") {{ name delegations(first: {delegations}) {{ nodes {{ name
            parliament {{ name chambers {{ name house memberships(first: 10) {{ nodes {{ role member {{ name
                memberships(first: 5) {{ nodes {{ organization {{ name }} }} }} }} }} }} }} }} }} }} }} }}"
    )
}

#[tokio::test]
async fn a_deep_question_costs_the_same_for_few_and_for_many() {
    on_each_store(async |store| {
        let world = World::sample(store).await;
        let one = world.cost(&deep(1)).await;
        assert_eq!(one, world.cost(&deep(4)).await);
        assert_eq!(one, world.cost(&deep(100)).await);
        assert_eq!(one, 10, "on {store:?}");
        world.end().await;
    })
    .await;
}

#[tokio::test]
async fn many_requests_at_once_cost_each_the_same() {
    on_each_store(async |store| {
        let world = Arc::new(World::sample(store).await);
        let alone = world.cost(&deep(100)).await;
        let asked = (0..32).map(|_| {
            let world = world.clone();
            tokio::spawn(async move { world.cost(&deep(100)).await })
        });
        for cost in asked.collect::<Vec<_>>() {
            assert_eq!(cost.await.unwrap(), alone);
        }
        Arc::into_inner(world).unwrap().end().await;
    })
    .await;
}

/// Every list of every type, under every root list: one parent and few rows against all of them.
#[tokio::test]
async fn no_nested_list_costs_more_for_more_rows() {
    on_each_store(async |store| {
        let world = World::sample(store).await;
        let mut tried = 0;
        for (root, parent) in lists(&world, "Query").await {
            for (edge, rows) in lists(&world, &parent).await {
                let question = |parents: usize, children: usize| {
                    let id = if rows == "Record" { "__typename" } else { "id" };
                    format!(
                        "{{ {root}(first: {parents}) {{ nodes {{ \
                         {edge}(first: {children}) {{ totalCount nodes {{ {id} }} }} }} }} }}"
                    )
                };
                let few = world.cost(&question(1, 1)).await;
                let many = world.cost(&question(100, 100)).await;
                if rows == "Record" {
                    // Records of several kinds: one statement for each kind that occurs.
                    assert!(many <= few + 18, "{root} > {edge}: {few} and {many}");
                } else {
                    assert_eq!(few, many, "{root} > {edge} on {store:?}");
                }
                tried += 1;
            }
        }
        assert!(tried > 50, "only {tried} edges were tried");
        world.end().await;
    })
    .await;
}

#[tokio::test]
async fn what_two_fields_ask_for_is_fetched_once() {
    let world = World::sample(Store::Sqlite).await;
    let seats = "seats { seats chamber { name } }";
    let once = format!("{{ delegations {{ nodes {{ {seats} }} }} }}");
    let twice = format!("{{ delegations {{ nodes {{ {seats} totalSeats again: {seats} }} }} }}");
    assert_eq!(world.cost(&once).await, 3);
    assert_eq!(world.cost(&twice).await, 3);
    assert_eq!(world.cost("{ __typename service { version } }").await, 0);
    world.end().await;
}
