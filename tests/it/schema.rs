//! The published schema is up to date, documented and paginated.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use assembly_graph::schema;
use serde_json::Value;

use crate::world::{Store, World};

#[test]
fn schema_graphql_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql");
    let sdl = schema::sdl();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &sdl).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap_or_default() == sdl,
        "schema.graphql is stale: run UPDATE_EXPECT=1 cargo test, then review its diff",
    );
}

/// Returns the types of the schema, without those of introspection.
pub async fn types(world: &World) -> Vec<Value> {
    let query = "{ __schema { types { name kind description enumValues { name description }
        possibleTypes { name }
        inputFields { name description type { kind name ofType { kind name ofType { kind name
            ofType { kind name } } } } }
        fields { name description args { name description type { kind name ofType { kind name
            ofType { kind name ofType { kind name } } } } }
            type { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } }";
    let mut data = world.data(query).await;
    let Value::Array(types) = data["__schema"]["types"].take() else { unreachable!() };
    types.into_iter().filter(|one| !one["name"].as_str().unwrap().starts_with("__")).collect()
}

/// Returns the name of a type, without list and non-null.
pub fn named_type(mut ty: &Value) -> &str {
    while !ty["ofType"].is_null() {
        ty = &ty["ofType"];
    }
    ty["name"].as_str().unwrap()
}

/// Returns the items of a list; none if the value is null.
fn each(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[tokio::test]
async fn every_item_is_documented() {
    let world = World::empty(Store::Sqlite).await;
    let mut undocumented = Vec::new();
    let mut check = |name: String, item: &Value| {
        if item["description"].as_str().is_none_or(|text| text.trim().is_empty()) {
            undocumented.push(name);
        }
    };
    let built_in = ["Int", "Float", "String", "Boolean", "ID"];
    for one in types(&world).await {
        let name = one["name"].as_str().unwrap();
        if !built_in.contains(&name) {
            check(name.to_owned(), &one);
        }
        for field in each(&one["fields"]) {
            let field_name = format!("{name}.{}", field["name"].as_str().unwrap());
            check(field_name.clone(), field);
            for arg in each(&field["args"]) {
                check(format!("{field_name}({})", arg["name"].as_str().unwrap()), arg);
            }
        }
        for item in each(&one["enumValues"]).chain(each(&one["inputFields"])) {
            check(format!("{name}.{}", item["name"].as_str().unwrap()), item);
        }
    }
    world.end().await;
    assert_eq!(undocumented, Vec::<String>::new(), "each needs a description");
}

/// Clients must handle values that they do not know. The values of an order never grow.
#[tokio::test]
async fn every_enum_states_that_it_may_grow() {
    let world = World::empty(Store::Sqlite).await;
    for one in types(&world).await {
        let name = one["name"].as_str().unwrap();
        if one["kind"] == "ENUM" && !["OrderDirection", "Nulls"].contains(&name) {
            let description = one["description"].as_str().unwrap();
            assert!(description.ends_with("New values may be added."), "{name}: {description}");
        }
    }
    world.end().await;
}

#[tokio::test]
async fn an_argument_has_the_same_description_everywhere() {
    let shared =
        ["first", "after", "last", "before", "filter", "orderBy", "asOf", "history", "lang"];
    let world = World::empty(Store::Sqlite).await;
    let mut descriptions: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for one in types(&world).await {
        for field in each(&one["fields"]) {
            // `groups` is not paginated: its `first` counts groups.
            if field["name"] == "groups" {
                continue;
            }
            for arg in each(&field["args"]) {
                if let Some(name) = shared.into_iter().find(|name| arg["name"] == *name) {
                    let description = arg["description"].as_str().unwrap().to_owned();
                    descriptions.entry(name).or_default().insert(description);
                }
            }
        }
    }
    world.end().await;
    for name in shared {
        let all = &descriptions[name];
        // A field of a dated record is read as of the date of the record.
        let max = if name == "asOf" { 2 } else { 1 };
        assert!(all.len() <= max, "{name}: {all:#?}");
    }
}

#[tokio::test]
async fn exactly_the_connections_have_page_arguments() {
    let world = World::empty(Store::Sqlite).await;
    for one in types(&world).await {
        for field in each(&one["fields"]) {
            let place = format!("{}.{}", one["name"], field["name"]);
            let args: Vec<_> =
                each(&field["args"]).map(|arg| arg["name"].as_str().unwrap()).collect();
            let pages = ["first", "after", "last", "before"];
            if named_type(&field["type"]).ends_with("Connection") {
                assert!(pages.iter().all(|arg| args.contains(arg)), "{place} takes {args:?}");
            } else {
                // `groups` has a maximum but no pages.
                let is_groups = field["name"] == "groups";
                assert!(
                    is_groups || !args.contains(&"first"),
                    "{place} takes page arguments and is not a connection"
                );
            }
        }
    }
    world.end().await;
}

/// Lists of records with a period can be read as of a date and as a history; and so can
/// everything from the root.
#[tokio::test]
async fn relations_with_periods_and_root_fields_have_date_arguments() {
    let world = World::empty(Store::Sqlite).await;
    let types = types(&world).await;
    // Types with a validity period have `certainty`; types with an existence period are organizations.
    let valid_types =
        types.iter().filter(|one| each(&one["fields"]).any(|field| field["name"] == "certainty"));
    let with_validity: Vec<&str> = valid_types.map(|one| one["name"].as_str().unwrap()).collect();
    let organization = types.iter().find(|one| one["name"] == "Organization").unwrap();
    let with_existence: Vec<&str> =
        each(&organization["possibleTypes"]).map(|one| one["name"].as_str().unwrap()).collect();
    assert!(
        with_validity.contains(&"Membership") && with_existence.contains(&"PoliticalGroup"),
        "{with_validity:?} {with_existence:?}"
    );
    // These lists are the same as of every date.
    let timeless = [
        "Session.elected",
        "Decision.founded",
        "Commission.assemblies",
        "Contradiction.assemblies",
    ];
    // These fields have no date, or the ids contain it.
    let dateless = ["node", "nodes", "service"];
    let mut dated = 0;
    for one in &types {
        let ty = one["name"].as_str().unwrap();
        if ty.ends_with("Connection") || ty == "CompositionPeriod" {
            continue;
        }
        for field in each(&one["fields"]) {
            let name = field["name"].as_str().unwrap();
            let place = format!("{ty}.{name}");
            let args: Vec<_> =
                each(&field["args"]).map(|arg| arg["name"].as_str().unwrap()).collect();
            let of = named_type(&field["type"]);
            let row = of.strip_suffix("Connection").unwrap_or(of);
            let many = of != row || is_list(&field["type"]);
            if many
                && !timeless.contains(&&*place)
                && (with_validity.contains(&row) || with_existence.contains(&row))
            {
                let expected: &[&str] = if with_validity.contains(&row) {
                    &["asOf", "history", "filter"]
                } else {
                    &["asOf", "history"]
                };
                assert!(expected.iter().all(|arg| args.contains(arg)), "{place} takes {args:?}");
                dated += 1;
            } else if ty == "Query" && !dateless.contains(&name) {
                assert!(args.contains(&"asOf"), "{place} takes {args:?}");
            }
        }
    }
    assert!(dated > 30, "only {dated} dated lists");
    world.end().await;
}

fn is_list(mut ty: &Value) -> bool {
    while ty["kind"] == "NON_NULL" {
        ty = &ty["ofType"];
    }
    ty["kind"] == "LIST"
}

/// Fields that clients use.
#[tokio::test]
async fn stable_types_and_fields_exist() {
    let world = World::empty(Store::Sqlite).await;
    let types = types(&world).await;
    let required = [
        (
            "Assembly",
            "acronym founded seat parentOrganization participations delegations commissions sessions decisions name names website memberships",
        ),
        ("State", "code name parliaments participations"),
        ("Participation", "assembly participant status since until ongoing"),
        ("Parliament", "state structure chambers delegations name names website memberships"),
        ("Chamber", "parliament house size name names website memberships"),
        (
            "Delegation",
            "assembly parliament seats totalSeats representative name names website memberships",
        ),
        ("SeatAllocation", "delegation chamber seats since until observed disputed"),
        ("Sightings", "first last"),
        ("Member", "name names memberships mentions"),
        (
            "Membership",
            "member organization role title onBehalfOf since until ongoing observed effectiveUntil endInference",
        ),
        ("Commission", "kind assemblies sessions stages name names website memberships"),
        (
            "Session",
            "kind number name starts ends place state assembly commission attendees decisions",
        ),
        (
            "Decision",
            "assembly kind title number status adopted session stages outgoingRelations incomingRelations",
        ),
        ("Stage", "decision position kind body session date outcome stances"),
        ("Document", "kind url file title publisher published language claimsMade mentions"),
        (
            "Claim",
            "id record property value document locator since until observed recordedAt preferred",
        ),
        ("Contradiction", "id record property claims status explanation rule"),
        (
            "Query",
            "node nodes lookup assembly assemblies state states participation participations parliament parliaments chamber chambers delegation delegations member members membership memberships commission commissions session sessions decision decisions document documents contradictions service",
        ),
        ("Service", "version revision limits counts dataLicense"),
        ("MemberConnection", "edges nodes pageInfo totalCount"),
    ];
    let record = "id slug identifiers sources claimsAbout contradictions updatedAt";
    for (name, fields) in required {
        let Some(ty) = types.iter().find(|ty| ty["name"] == name) else {
            panic!("there is no type {name}");
        };
        let has: Vec<_> = each(&ty["fields"]).filter_map(|field| field["name"].as_str()).collect();
        let plain = ["Sightings", "Claim", "Contradiction", "Query", "Service", "MemberConnection"];
        let shared = if plain.contains(&name) { "" } else { record };
        for field in fields.split(' ').chain(shared.split_whitespace()) {
            assert!(has.contains(&field), "{name}.{field} does not exist");
        }
    }
    world.end().await;
}
