//! Query plans of filtered lists: each kind of filter uses an index.
//!
//! Runs on SQLite, whose plans without statistics do not depend on the number of rows. `cargo bench
//! --bench filter` shows the plans of both stores on many rows.

use crate::world::{Store, World};

/// A list, and the index that its query plan must use.
const FOUND_BY: &[(&str, &str)] = &[
    ("members(filter: { slug: { eq: \"member-1\" } })", "SEARCH r USING INTEGER PRIMARY KEY"),
    (
        "members(filter: { slug: { in: [\"member-1\", \"member-2\"] } })",
        "sqlite_autoindex_record_1",
    ),
    (
        "members(filter: { name: { eq: \"Ivan\" } })",
        "term_record_kind_property_folded_record_id_key",
    ),
    (
        "members(filter: { name: { startsWith: \"Iv\" } })",
        "term_record_kind_property_folded_record_id_key (record_kind=? AND property=? AND folded>? \
         AND folded<?)",
    ),
    ("members(filter: { name: { contains: \"iva\" } })", "term_gram VIRTUAL TABLE INDEX 0:L0"),
    ("decisions(filter: { kind: { eq: STATEMENT } })", "decision_kind_id_key (kind=?)"),
    ("decisions(filter: { kind: { in: [STATEMENT, APPEAL] } })", "decision_kind_id_key (kind=?)"),
    ("decisions(filter: { adopted: { isNull: true } })", "decision_adopted_earliest_id_key"),
    (
        "decisions(filter: { adopted: { within: \"2011\" } })",
        "decision_adopted_earliest_id_key (adopted_earliest>? AND adopted_earliest<?)",
    ),
    ("sessions(filter: { number: { eq: 3 } })", "session_number_id_key (number=?)"),
    (
        "sessions(filter: { number: { between: { from: 3, to: 4 } } })",
        "session_number_id_key (number>? AND number<?)",
    ),
    (
        "members(filter: { memberships: { some: { state: { code: { eq: \"AA\" } } } } })",
        "membership_state_id_id_key",
    ),
    (
        "members(filter: { memberships: { some: { organization: { commission: { kind: \
         { eq: STANDING } } } } } })",
        "membership_organization_id_id_key",
    ),
    ("members(filter: { memberships: { none: {} } })", "membership_member_id_id_key (member_id=?"),
    (
        "assembly(slug: \"assembly-0\") { decisions(filter: { kind: { eq: STATEMENT } })",
        "decision_assembly_id_id_key (assembly_id=?)",
    ),
    (
        "chamber(slug: \"chamber-0-0\") { memberships(filter: { role: { eq: MEMBER } })",
        "membership_organization_id_id_key (organization_id=?)",
    ),
    ("members(orderBy: [{ field: NAME, direction: DESC }])", "member_name_id_key"),
    ("decisions(orderBy: [{ field: ADOPTED }])", "decision_adopted_earliest_id_key"),
    (
        "decisions(orderBy: [{ field: ADOPTED, direction: DESC }])",
        "decision_adopted_earliest_id_key",
    ),
    ("decisions(orderBy: [{ field: TITLE }])", "decision_title_id_key"),
    ("search(query: \"ivan\")", "term_word VIRTUAL TABLE INDEX"),
];

#[tokio::test]
async fn each_kind_of_filter_uses_an_index() {
    let world = World::sample(Store::Sqlite).await;
    let mut without = Vec::new();
    for (list, index) in FOUND_BY {
        let end = " { nodes { id } }".to_owned() + if list.contains(") {") { " }" } else { "" };
        let plans = world.plans(&format!("{{ {list}{end} }}")).await;
        let steps: Vec<&String> = plans.iter().flat_map(|plan| &plan.steps).collect();
        if !steps.iter().any(|step| step.contains(index)) {
            without.push(format!("{list}: {steps:#?} and no {index}"));
        }
    }
    world.end().await;
    assert!(without.is_empty(), "{}", without.join("\n"));
}

/// A filter by nested relations reads each table at most once: the rows of a relation are selected by
/// a subquery that does not depend on the outer row.
#[tokio::test]
async fn nested_relation_filters_are_uncorrelated_subqueries() {
    let world = World::sample(Store::Sqlite).await;
    let mut filter = "{ adopted: { before: \"0002\" } }".to_owned();
    for _ in 0..3 {
        filter = format!("{{ assembly: {{ decisions: {{ some: {filter} }} }} }}");
    }
    let plans = world.plans(&format!("{{ decisions(filter: {filter}) {{ totalCount }} }}")).await;
    let steps: Vec<&String> = plans.iter().flat_map(|plan| &plan.steps).collect();
    let gathered = steps.iter().filter(|step| step.starts_with("LIST SUBQUERY")).count();
    assert!(gathered >= 5, "{steps:#?}");
    assert!(!steps.iter().any(|step| step.starts_with("CORRELATED")), "{steps:#?}");
    world.end().await;
}
