//! Columns can be filtered and ordered, and relations can be filtered.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::{
    schema::{named_type, types},
    world::{Store, World},
};

/// The names in a list of a type, and the types of those that have one.
fn names(ty: &Value, list: &str) -> Vec<(String, String)> {
    let all = ty[list].as_array().cloned().unwrap_or_default();
    let one = |one: &Value| {
        let ty = if one["type"].is_null() { "" } else { named_type(&one["type"]) };
        (one["name"].as_str().unwrap().to_owned(), ty.to_owned())
    };
    all.iter().map(one).collect()
}

/// Fields of records without a filter of the same name, and the filter to use instead.
const OTHERWISE: [(&str, &str, &str); 1] =
    [("Delegation", "representative", "by `memberships` of that role")];

#[tokio::test]
async fn every_relation_of_a_type_can_be_filtered_across() {
    let world = World::empty(Store::Sqlite).await;
    let types: BTreeMap<String, Value> = types(&world)
        .await
        .into_iter()
        .map(|one| (one["name"].as_str().unwrap().to_owned(), one))
        .collect();
    let filters = |ty: &str| types.get(&format!("{ty}Filter"));
    let mut missing = Vec::new();
    for (ty, object) in types.iter().filter(|(_, one)| one["kind"] == "OBJECT") {
        let Some(filter) = filters(ty) else { continue };
        let has: BTreeSet<String> =
            names(filter, "inputFields").into_iter().map(|one| one.0).collect();
        for (field, to) in names(object, "fields") {
            let to = to.strip_suffix("Connection").unwrap_or(&to);
            let is_relation = filters(to).is_some_and(|filter| filter["kind"] == "INPUT_OBJECT");
            let otherwise = OTHERWISE.iter().any(|one| (one.0, one.1) == (&**ty, &*field));
            if is_relation && !has.contains(&field) && !otherwise {
                missing.push(format!("{ty}.{field}"));
            }
        }
    }
    world.end().await;
    assert_eq!(missing, Vec::<String>::new(), "filters lack these relations");
}

#[tokio::test]
async fn columns_can_be_filtered_and_ordered() {
    let world = World::empty(Store::Sqlite).await;
    let types = types(&world).await;
    let of = |ty: &str, list: &str| -> BTreeSet<String> {
        let one = types.iter().find(|one| one["name"] == ty);
        one.map(|one| names(one, list)).unwrap_or_default().into_iter().map(|one| one.0).collect()
    };
    let mut missing = Vec::new();
    for (ty, fields, orders) in [
        ("Delegation", &["founded", "dissolved"][..], &["FOUNDED", "DISSOLVED"][..]),
        ("Organization", &["name"], &[]),
        ("Assembly", &["seat"], &["DISSOLVED"]),
        ("Parliament", &[], &["DISSOLVED"]),
        ("Chamber", &[], &["DISSOLVED"]),
        ("Commission", &[], &["DISSOLVED"]),
        ("PoliticalGroup", &[], &["DISSOLVED"]),
        ("Member", &[], &["DIED"]),
    ] {
        let filter = of(&format!("{ty}Filter"), "inputFields");
        let order = of(&format!("{ty}OrderField"), "enumValues");
        let is_missing = |all: &BTreeSet<String>, one: &&&str| !all.contains(**one);
        missing.extend(
            fields
                .iter()
                .filter(|one| is_missing(&filter, one))
                .map(|one| format!("{ty}Filter.{one}")),
        );
        missing.extend(
            orders
                .iter()
                .filter(|one| is_missing(&order, one))
                .map(|one| format!("{ty}OrderField.{one}")),
        );
    }
    world.end().await;
    assert_eq!(missing, Vec::<String>::new(), "plain columns that lists hide");
}

#[tokio::test]
async fn selected_columns_are_filtered() {
    let world = World::built_in(Store::Sqlite).await;
    let query = r#"{
        undated: delegations(filter: { founded: { isNull: true }, dissolved: { isNull: true } }) {
            totalCount
        }
        all: delegations { totalCount }
        founded: delegations(filter: { not: { founded: { isNull: true } } },
            orderBy: [{ field: FOUNDED }, { field: DISSOLVED, direction: DESC }]) {
            nodes { founded }
        }
        assemblies(filter: { seat: { eq: "St. Petersburg, Tavricheskiy (Tauride) Palace" } }) {
            nodes { seat }
        }
        none: assemblies(filter: { seat: { eq: "No City" } }) { totalCount }
        memberships(filter: { organization: { name: { contains: "state duma" } } }, first: 1) {
            nodes { organization { slug } }
        }
    }"#;
    let data = world.data(query).await;
    let count = |list: &str| data[list]["totalCount"].as_u64().unwrap();
    let founded = data["founded"]["nodes"].as_array().unwrap();
    assert_eq!(count("undated") + u64::try_from(founded.len()).unwrap(), count("all"));
    assert_eq!(count("none"), 0);
    let seats = data["assemblies"]["nodes"].as_array().unwrap();
    assert!(
        !seats.is_empty()
            && seats.iter().all(|one| one["seat"].to_string().contains("Tavricheskiy")),
        "{seats:?}"
    );
    assert_eq!(
        data["memberships"]["nodes"],
        json!([{ "organization": { "slug": "ru-state-duma" } }])
    );
    world.end().await;
}
