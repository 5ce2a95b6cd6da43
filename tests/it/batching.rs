//! The number of statements grows with the depth of a query, never with its rows or their dates.

use std::sync::Arc;

use crate::{
    pages::lists,
    world::{Store, World, test_each_store},
};

/// Six levels: assembly, delegations, parliament, chambers, memberships, the member's other ones.
pub fn deep(delegations: usize) -> String {
    format!(
        "{{ assembly(slug: \"assembly-0\") {{ name delegations(first: {delegations}) {{ nodes {{ name
            parliament {{ name chambers {{ name house memberships(first: 10) {{ nodes {{ role member {{ name
                memberships(first: 5) {{ nodes {{ organization {{ name }} }} }} }} }} }} }} }} }} }} }} }}"
    )
}

async fn a_deep_query_has_the_same_cost_for_any_number_of_rows(store: Store) {
    let world = World::sample(store).await;
    let one = world.cost(&deep(1)).await;
    assert_eq!(one, world.cost(&deep(4)).await);
    assert_eq!(one, world.cost(&deep(100)).await);
    assert_eq!(one, 10, "on {store:?}");
    world.end().await;
}

test_each_store!(a_deep_query_has_the_same_cost_for_any_number_of_rows);

/// A loader key contains the date: a relation is one statement for any number of dates.
async fn statements_depend_on_levels_not_on_rows_or_dates(store: Store) {
    let world = World::sample(store).await;
    let at = |dates: usize, rows: usize| {
        let query = deep(rows);
        let (_, inner) = query.split_once('{').unwrap();
        let (inner, _) = inner.rsplit_once('}').unwrap();
        let alias = |year: usize| {
            let dated = format!("(slug: \"assembly-0\", asOf: \"{}-06-01\")", 2000 + year);
            format!("at{year}: {} ", inner.replace("(slug: \"assembly-0\")", &dated))
        };
        format!("{{ {} }}", (0..dates).map(alias).collect::<String>())
    };
    for dates in [1, 2, 3, 10] {
        // As many as the assembly has: more would cost too much at ten dates.
        for rows in [1, 12] {
            let cost = world.cost(&at(dates, rows)).await;
            assert_eq!(cost, 10, "{dates} dates and {rows} rows on {store:?}");
        }
    }
    assert_eq!(world.cost(&deep(100)).await, 10, "a date alone costs nothing");
    world.end().await;
}

test_each_store!(statements_depend_on_levels_not_on_rows_or_dates);

/// Attendees are read at the dates of their sessions.
async fn dates_of_sessions_add_no_statements(store: Store) {
    let world = World::sample(store).await;
    let office =
        "attendee { ... on Member { slug memberships { totalCount nodes { slug certainty } } } }";
    let brought = |sessions: usize| {
        format!(
            "{{ sessions(first: {sessions}) {{ nodes {{ starts attendees {{ nodes {{ {office} }} }} }} }} }}"
        )
    };
    let few = world.cost(&brought(5)).await;
    // Sessions, attendances, the session of each, members, memberships and their number.
    assert_eq!(few, 6, "on {store:?}");
    assert_eq!(few, world.cost(&brought(20)).await, "on {store:?}");
    assert_eq!(few, world.cost(&brought(40)).await, "on {store:?}");

    // Each key has the rows of its own date: the same as in a query at only that date.
    let stated = |session: usize, day: &str| {
        format!(
            "{{ sessions(first: {session}) {{ nodes {{ attendees(asOf: \"{day}\") {{ nodes {{ {office} }} }} }} }} }}"
        )
    };
    let data = world.data(&brought(40)).await;
    let sessions = data["sessions"]["nodes"].as_array().unwrap();
    let mut days: Vec<&str> = Vec::new();
    for (at, session) in sessions.iter().enumerate() {
        let day = session["starts"].as_str().unwrap();
        let alone = world.data(&stated(at + 1, day)).await;
        assert_eq!(session["attendees"], alone["sessions"]["nodes"][at]["attendees"]);
        if session["attendees"]["nodes"].to_string().contains("certainty") {
            days.push(day);
        }
    }
    days.dedup();
    assert!(days.len() >= 5, "only {} dates have memberships", days.len());
    world.end().await;
}

test_each_store!(dates_of_sessions_add_no_statements);

async fn concurrent_requests_execute_the_same_statements(store: Store) {
    let world = Arc::new(World::sample(store).await);
    let alone = world.cost(&deep(100)).await;
    let requested = (0..32).map(|_| {
        let world = world.clone();
        tokio::spawn(async move { world.cost(&deep(100)).await })
    });
    for cost in requested.collect::<Vec<_>>() {
        assert_eq!(cost.await.unwrap(), alone);
    }
    Arc::into_inner(world).unwrap().end().await;
}

test_each_store!(concurrent_requests_execute_the_same_statements);

/// Compares one parent and one row with a hundred of each, for each nested list under each root list.
async fn nested_lists_need_no_more_statements_for_more_rows(store: Store) {
    let world = World::sample(store).await;
    let mut tried = 0;
    for (root, parent) in lists(&world, "Query").await {
        for (edge, rows) in lists(&world, &parent).await {
            let query = |parents: usize, children: usize| {
                let bare = ["Record", "CompositionPeriod"].contains(&&*rows);
                let id = if bare { "__typename" } else { "id" };
                format!(
                    "{{ {root}(first: {parents}) {{ nodes {{ \
                     {edge}(first: {children}) {{ totalCount nodes {{ {id} }} }} }} }} }}"
                )
            };
            let few = world.cost(&query(1, 1)).await;
            let many = world.cost(&query(100, 100)).await;
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
}

test_each_store!(nested_lists_need_no_more_statements_for_more_rows);

#[tokio::test]
async fn rows_selected_by_two_fields_are_fetched_once() {
    let world = World::sample(Store::Sqlite).await;
    let seats = "seats { seats chamber { name } }";
    let once = format!("{{ delegations {{ nodes {{ {seats} }} }} }}");
    let twice = format!("{{ delegations {{ nodes {{ {seats} totalSeats again: {seats} }} }} }}");
    assert_eq!(world.cost(&once).await, 3);
    assert_eq!(world.cost(&twice).await, 3);
    assert_eq!(world.cost("{ __typename service { version } }").await, 0);
    world.end().await;
}
