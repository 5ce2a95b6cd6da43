//! Computed contradictions: each kind is found in synthetic data, and removed when the data no longer
//! contradicts itself.

use assembly_graph::import::{self, Applied, File};
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::{Value, json};

use crate::world::{Store, World, now, test_each_store};

const BASE: &str = r#"
[[document]]
slug = "almanac"
kind = "OFFICIAL"
[[document]]
slug = "gazette"
kind = "PRESS"
[[assembly]]
slug = "assembly"
name = "Assembly"
founded = "2000"
sources = ["almanac"]
[[state]]
slug = "xx"
code = "XX"
name = "Exland"
sources = ["almanac"]
[[parliament]]
slug = "parliament"
state = "xx"
name = "Parliament"
sources = ["almanac"]
[[chamber]]
slug = "lower"
parliament = "parliament"
name = "Lower House"
size = 100
sources = ["almanac"]
[[chamber]]
slug = "upper"
parliament = "parliament"
name = "Upper House"
size = 50
sources = ["almanac"]
[[delegation]]
slug = "delegation"
assembly = "assembly"
parliament = "parliament"
name = "Delegation"
sources = ["almanac"]
[[seat_allocation]]
slug = "lower-seats"
delegation = "delegation"
chamber = "lower"
seats = 6
sources = ["almanac"]
[[seat_allocation]]
slug = "upper-seats"
delegation = "delegation"
chamber = "upper"
seats = 4
sources = ["almanac"]
[[participation]]
slug = "standing"
assembly = "assembly"
participant = "xx"
status = "MEMBER"
since = "2001-03-01"
observed = "2020-01-01"
sources = ["almanac"]
[[member]]
slug = "ann"
name = "Ann"
sources = ["almanac"]
[[member]]
slug = "bob"
name = "Bob"
sources = ["almanac"]
[[membership]]
slug = "ann-chair"
member = "ann"
organization = "assembly"
role = "CHAIR"
since = "2002-01-01"
until = "2006-01-01"
sources = ["almanac"]
[[membership]]
slug = "bob-chair"
member = "bob"
organization = "assembly"
role = "CHAIR"
since = "2006-01-01"
sources = ["gazette"]
"#;

async fn import_text(world: &World, texts: &[&str]) -> Applied {
    let files = texts.iter().enumerate();
    let files: Vec<File> = files
        .map(|(at, text)| File { name: format!("{at}.toml").into(), text: (*text).to_owned() })
        .collect();
    import::import(&world.database, &files, now()).await.unwrap()
}

/// All contradictions: kind, property, records and the values of the claims.
async fn found(world: &World) -> Vec<Value> {
    let data = world
        .data(
            "{ contradictions(first: 100) { nodes {
                slug kind status property computed curated records { slug } assemblies { slug }
                claims { property value } } } }",
        )
        .await;
    data["contradictions"]["nodes"].as_array().unwrap().clone()
}

/// Kind, property, records and claimed values of the only contradiction that importing `more` adds.
async fn one(store: Store, more: &str) -> (String, String, Vec<String>, Vec<String>) {
    let world = World::empty(store).await;
    import_text(&world, &[BASE]).await;
    assert_eq!(found(&world).await, Vec::<Value>::new(), "the sound data contradicts nothing");
    // An import of all data into an empty database has the same result as two imports.
    import_text(&world, &[more]).await;
    let all = found(&world).await;
    assert_eq!(all.len(), 1, "{all:#?}");
    let other = World::empty(store).await;
    let restated: Vec<String> = slugs(more);
    let rest = without(BASE, &restated);
    import_text(&other, &[&rest, more]).await;
    let texts = |all: &[Value]| all.iter().map(|one| one["records"].clone()).collect::<Vec<_>>();
    assert_eq!(texts(&found(&other).await), texts(&all));
    assert_eq!(import_text(&other, &[&rest, more]).await, Applied::default());
    // Restoring the data removes the contradiction.
    import_text(&world, &[BASE]).await;
    let still = found(&world).await;
    let one = &all[0];
    assert_eq!(one["status"], "OPEN");
    assert_eq!((&one["computed"], &one["curated"]), (&json!(true), &json!(false)));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let list = |key: &str, field: &str| {
        one[key].as_array().unwrap().iter().map(|entry| text(&entry[field])).collect::<Vec<_>>()
    };
    let response = (
        text(&one["kind"]),
        text(&one["property"]),
        list("records", "slug"),
        list("claims", "value"),
    );
    // A claim remains; importing a row again replaces its dates.
    if !more.contains("[[claim]]") && restated.iter().all(|slug| BASE.contains(slug.as_str())) {
        assert_eq!(still, Vec::<Value>::new(), "{response:?}");
    }
    for record in list("records", "slug") {
        let edge = world
            .data(&format!("{{ contradictions(record: \"{record}\") {{ totalCount }} }}"))
            .await;
        let left = i32::from(!still.is_empty());
        assert_eq!(edge["contradictions"]["totalCount"], left, "{record}");
    }
    world.end().await;
    other.end().await;
    response
}

fn slugs(text: &str) -> Vec<String> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("slug = "));
    lines.map(|slug| slug.trim_matches('"').to_owned()).collect()
}

/// The rows of a file without those of some slugs.
fn without(text: &str, slugs: &[String]) -> String {
    let rows = text
        .split("\n[[")
        .filter(|row| !slugs.iter().any(|slug| row.contains(&format!("slug = \"{slug}\"\n"))));
    rows.collect::<Vec<_>>().join("\n[[")
}

fn expected(
    kind: &str,
    property: &str,
    records: &[&str],
    claims: &[&str],
) -> (String, String, Vec<String>, Vec<String>) {
    let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect();
    (kind.to_owned(), property.to_owned(), texts(records), texts(claims))
}

async fn two_values_of_a_property_at_the_same_time_contradict(store: Store) {
    let got = one(
        store,
        "[[claim]]\nrecord = \"lower-seats\"\nproperty = \"seats\"\nvalue = 7\n\
                   sources = [\"gazette\"]\n",
    )
    .await;
    assert_eq!(got, expected("VALUES", "seats", &["lower-seats"], &["6", "7"]));
}

test_each_store!(two_values_of_a_property_at_the_same_time_contradict);

async fn values_of_different_times_and_precisions_do_not_contradict(store: Store) {
    let world = World::empty(store).await;
    let claim = |property: &str, value: &str, rest: &str| {
        format!(
            "[[claim]]\nrecord = \"lower\"\nproperty = \"{property}\"\nvalue = \"{value}\"\n\
             sources = [\"gazette\"]\n{rest}\n"
        )
    };
    let sizes = BASE.replace("size = 100\n", "");
    let then = claim("size", "100", "observed = \"2001\"");
    let later = claim("size", "120", "observed = \"2011-05\"");
    let dates = claim("founded", "1990", "") + &claim("founded", "1990-05-01", "");
    import_text(&world, &[&sizes, &then, &later, &dates]).await;
    assert_eq!(found(&world).await, Vec::<Value>::new());
    let data = world
        .data(
            "{ then: chamber(slug: \"lower\", asOf: \"2010-12-31\") { size claimsAbout(property: \
             [\"size\"]) { value preferred rule } } now: chamber(slug: \"lower\") { size \
             claimsAbout(property: [\"size\"]) { value preferred } } }",
        )
        .await;
    let rule = assembly_graph::evidence::preference::RULE;
    assert_eq!(
        data,
        json!({
            "then": { "size": 100, "claimsAbout": [
                { "value": "100", "preferred": true, "rule": rule },
                { "value": "120", "preferred": false, "rule": rule },
            ] },
            "now": { "size": 120, "claimsAbout": [
                { "value": "100", "preferred": false },
                { "value": "120", "preferred": true },
            ] },
        })
    );
    world.end().await;
}

test_each_store!(values_of_different_times_and_precisions_do_not_contradict);

async fn two_holders_of_an_exclusive_office_contradict(store: Store) {
    let got = one(
        store,
        "[[membership]]\nslug = \"bob-chair\"\nmember = \"bob\"\n\
                   organization = \"assembly\"\nrole = \"CHAIR\"\nsince = \"2005-06-01\"\n\
                   observed = \"2005-09-01\"\nsources = [\"gazette\"]\n",
    )
    .await;
    let claims = ["2002-01-01", "2006-01-01", "2005-06-01"];
    assert_eq!(got, expected("OVERLAP", "since", &["bob-chair", "ann-chair"], &claims));
}

test_each_store!(two_holders_of_an_exclusive_office_contradict);

async fn a_member_with_the_status_not_member_contradicts(store: Store) {
    let got = one(
        store,
        "[[participation]]\nslug = \"no-standing\"\nassembly = \"assembly\"\n\
                   participant = \"xx\"\nstatus = \"NOT_MEMBER\"\nobserved = \"2010-01-01\"\n\
                   observed_sources = [\"gazette\"]\nsources = [\"gazette\"]\n",
    )
    .await;
    let (kind, property, records, _) = &got;
    assert_eq!((kind.as_str(), property.as_str()), ("OVERLAP", "since"));
    assert_eq!(*records, ["no-standing", "standing"]);
}

test_each_store!(a_member_with_the_status_not_member_contradicts);

async fn an_end_before_a_start_contradicts(store: Store) {
    let got = one(
        store,
        "[[membership]]\nslug = \"bob-chair\"\nmember = \"bob\"\n\
                   organization = \"assembly\"\nrole = \"CHAIR\"\nsince = \"2010-06-01\"\n\
                   until = \"2010-05\"\nsources = [\"gazette\"]\n",
    )
    .await;
    let claims = ["2010-06-01", "2010-05"];
    assert_eq!(got, expected("END_BEFORE_START", "until", &["bob-chair"], &claims));
}

test_each_store!(an_end_before_a_start_contradicts);

async fn an_observation_before_the_start_contradicts(store: Store) {
    let got = one(
        store,
        "[[participation]]\nslug = \"standing\"\nassembly = \"assembly\"\n\
                   participant = \"xx\"\nstatus = \"MEMBER\"\nsince = \"2001-03-01\"\n\
                   observed = \"2001-02\"\nsources = [\"almanac\"]\n",
    )
    .await;
    let (kind, property, records, _) = &got;
    assert_eq!((kind.as_str(), property.as_str()), ("SEEN_OUTSIDE", "observed"));
    assert_eq!(*records, ["standing"]);
}

test_each_store!(an_observation_before_the_start_contradicts);

async fn a_period_outside_of_its_parent_contradicts(store: Store) {
    let got = one(
        store,
        "[[participation]]\nslug = \"standing\"\nassembly = \"assembly\"\n\
                   participant = \"xx\"\nstatus = \"MEMBER\"\nsince = \"1999-12-31\"\n\
                   sources = [\"almanac\"]\n",
    )
    .await;
    let claims = ["2000", "1999-12-31"];
    assert_eq!(got, expected("OUTSIDE_PARENT", "since", &["standing", "assembly"], &claims));
}

test_each_store!(a_period_outside_of_its_parent_contradicts);

async fn a_total_that_differs_from_the_sum_of_its_parts_contradicts(store: Store) {
    let got = one(
        store,
        "[[claim]]\nrecord = \"delegation\"\nproperty = \"total_seats\"\nvalue = 11\n\
                   sources = [\"gazette\"]\n",
    )
    .await;
    let records = ["delegation", "lower-seats", "upper-seats"];
    assert_eq!(got, expected("TOTAL", "totalSeats", &records, &["11", "6", "4"]));
}

test_each_store!(a_total_that_differs_from_the_sum_of_its_parts_contradicts);

async fn a_reference_to_a_missing_record_contradicts(store: Store) {
    let got = one(
        store,
        "[[claim]]\nrecord = \"bob-chair\"\nproperty = \"elected_at\"\n\
                   value = \"5th-plenary\"\nsources = [\"gazette\"]\n",
    )
    .await;
    assert_eq!(got, expected("DANGLING", "electedAt", &["bob-chair"], &["5th-plenary"]));
}

test_each_store!(a_reference_to_a_missing_record_contradicts);

async fn an_explanation_is_attached_to_the_contradictions_that_it_explains(store: Store) {
    let world = World::empty(store).await;
    let more = "[[claim]]\nrecord = \"lower-seats\"\nproperty = \"seats\"\nvalue = 7\n\
                sources = [\"gazette\"]\n\
                [[contradiction]]\nslug = \"seats\"\nrecord = \"delegation\"\n\
                property = \"seats\"\nstatus = \"EXPLAINED\"\nexplanation = \"A slip.\"\n\
                explains = [\"lower-seats\"]\nclaims = [\n\
                { value = \"6 + 4\", sources = [\"almanac\"] },\n\
                { value = \"7 + 4\", sources = [\"gazette\"] },\n]\n";
    import_text(&world, &[BASE, more]).await;
    let query = "{ seatAllocation(slug: \"lower-seats\") { contradictions { slug kind status
                 explanation computed curated explainedBy { slug } } }
                 assembly(slug: \"assembly\") { slug }
                 contradictions(assembly: \"assembly\", filter: { status: { eq: EXPLAINED } }) { totalCount } }";
    let data = world.data(query).await;
    assert_eq!(
        data["seatAllocation"]["contradictions"],
        json!([
            { "slug": "seats", "kind": "VALUES", "status": "EXPLAINED", "explanation": "A slip.",
              "computed": true, "curated": true, "explainedBy": null },
            { "slug": "values--lower-seats--seats", "kind": "VALUES", "status": "EXPLAINED",
              "explanation": "A slip.", "computed": true, "curated": false,
              "explainedBy": { "slug": "seats" } },
        ])
    );
    assert_eq!(data["contradictions"]["totalCount"], 2);
    assert_eq!(import_text(&world, &[BASE, more]).await, Applied::default());
    // `explains` gives the computed contradiction its explanation.
    let status = "{ contradiction(slug: \"values--lower-seats--seats\") { status } }";
    let silent = more.replace("explains = [\"lower-seats\"]\n", "");
    for (text, expected) in [(silent.as_str(), "OPEN"), (more, "EXPLAINED")] {
        let (_, contradiction) = text.split_once("[[contradiction]]").unwrap();
        import_text(&world, &[&format!("[[contradiction]]{contradiction}")]).await;
        assert_eq!(world.data(status).await["contradiction"]["status"], expected);
    }
    world.end().await;
}

test_each_store!(an_explanation_is_attached_to_the_contradictions_that_it_explains);

/// Data derived by another version of the rules is derived again when the database is opened.
async fn data_derived_by_older_rules_is_derived_again(store: Store) {
    let world = World::built_in(store).await;
    assert!(import::derive(&world.database, now()).await.unwrap().is_some());
    assert_eq!(import::derive(&world.database, now()).await.unwrap(), None);
    let sound = world.fingerprint().await;
    for spoil in [
        "UPDATE membership SET holds_from = '0001-01-01', effective_until_earliest = NULL, \
         effective_until_latest = NULL, end_inference = 'NONE'",
        "DELETE FROM contradiction_claim WHERE contradiction_id IN \
         (SELECT id FROM contradiction WHERE NOT curated)",
        "DELETE FROM contradiction_record WHERE contradiction_id IN \
         (SELECT id FROM contradiction WHERE NOT curated)",
        "DELETE FROM contradiction_assembly",
        "DELETE FROM contradiction WHERE NOT curated",
        "UPDATE contradiction SET computed = false",
        "UPDATE claim SET rule = NULL, preferred_during = NULL",
        "UPDATE chamber SET varying = NULL, size = NULL WHERE varying IS NOT NULL",
        "UPDATE term SET folded = 'x', words = 'x ~x'",
        "UPDATE derivation SET version = 0",
    ] {
        world.database.execute_unprepared(spoil).await.unwrap();
    }
    assert!(import::derive(&world.database, now()).await.unwrap().unwrap().updated > 0);
    let repaired = world.fingerprint().await;
    // Computed contradictions get new ids, and each change is recorded.
    let count =
        |all: &[String]| -> Vec<usize> { all.iter().map(|table| table.lines().count()).collect() };
    let changes = |all: &[usize]| all.iter().sum::<usize>();
    assert!(changes(&count(&repaired)) > changes(&count(&sound)));
    for (was, is) in sound.iter().zip(&repaired) {
        let table = was.split(':').next().unwrap();
        if !table.starts_with("contradiction") && !["change", "record"].contains(&table) {
            assert!(was == is, "{table} differs");
        }
    }
    let left = entity::contradiction::Entity::find().all(&world.database).await.unwrap();
    assert_eq!(left.len(), 41);
    assert!(left.iter().all(|row| row.computed));
    world.end().await;
}

test_each_store!(data_derived_by_older_rules_is_derived_again);

/// Importing each file of the built-in data set again, without the others, changes nothing.
async fn importing_a_part_of_the_data_again_changes_nothing(store: Store) {
    let world = World::built_in(store).await;
    let before = world.fingerprint().await;
    for file in import::built_in().chunks(1) {
        let applied = import::import(&world.database, file, now()).await.unwrap();
        assert_eq!(applied, Applied::default(), "{} on {store:?}", file[0].name);
    }
    assert!(world.fingerprint().await == before, "something was written");
    world.end().await;
}

test_each_store!(importing_a_part_of_the_data_again_changes_nothing);

/// Imports each row of `BASE` and more separately, in several orders. Except for ids and timestamps, the
/// result equals that of one import.
async fn derived_data_does_not_depend_on_the_order_of_imports(store: Store) {
    let more = r#"
[[membership]]
slug = "ann-first"
member = "ann"
organization = "delegation"
role = "HEAD"
observed = "2003-05-01"
sources = ["almanac"]
[[membership]]
slug = "bob-later"
member = "bob"
organization = "delegation"
role = "HEAD"
observed = "2007"
sources = ["gazette"]
[[membership]]
slug = "ann-deputy"
member = "ann"
organization = "lower"
role = "MEMBER"
since = "2001"
sources = ["gazette"]
[[claim]]
record = "upper"
property = "dissolved"
value = "2012"
sources = ["gazette"]
[[claim]]
record = "lower-seats"
property = "seats"
value = 8
observed = "2015-06-01"
sources = ["gazette"]
[[claim]]
record = "delegation"
property = "total_seats"
value = 11
sources = ["gazette"]
[[claim]]
record = "ann"
property = "died"
value = "2010-02"
sources = ["gazette"]
[[claim]]
record = "bob-chair"
property = "elected_at"
value = "plenary"
sources = ["gazette"]
[[session]]
slug = "plenary"
kind = "PLENARY"
name = "Plenary"
starts = "2006-01-01"
assembly = "assembly"
sources = ["almanac"]
"#;
    let text = format!("{BASE}{more}");
    let rows: Vec<String> = text
        .split("\n[[")
        .filter(|row| row.contains("]]"))
        .map(|row| {
            let row = row.trim_start_matches('\n').trim_start_matches("[[");
            format!("[[{row}\n")
        })
        .collect();
    let whole = World::empty(store).await;
    import_text(&whole, &[&text]).await;
    let expected = derived(&whole).await;
    assert!(expected.iter().any(|line| line.contains("DEATH")), "{expected:#?}");
    let mut seed = 7u64;
    for _ in 0..4 {
        // Rows in a random order; a row with an unknown reference is imported later.
        let mut left: Vec<&String> = rows.iter().collect();
        let world = World::empty(store).await;
        while !left.is_empty() {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let at = usize::try_from(seed >> 33).unwrap() % left.len();
            let file = File { name: "row.toml".into(), text: left[at].clone() };
            if import::import(&world.database, &[file], now()).await.is_ok() {
                left.remove(at);
            }
        }
        assert_eq!(derived(&world).await, expected);
        assert_eq!(import_text(&world, &[&text]).await, Applied::default());
        world.end().await;
    }
    whole.end().await;
}

test_each_store!(derived_data_does_not_depend_on_the_order_of_imports);

/// All derived data without ids: slugs of records, and complete contradictions and claims.
async fn derived(world: &World) -> Vec<String> {
    let data = world
        .data(
            "{ memberships(history: true) { nodes { slug effectiveSince effectiveUntil endInference
                certainty } }
            delegations(history: true) { nodes { slug dissolved totalSeats
                seats(history: true) { slug seats certainty disputed } } }
            chambers(history: true) { nodes { slug dissolved size } }
            participations(history: true) { nodes { slug certainty } }
            members { nodes { slug died claimsAbout { property value preferred rule attribution } } }
            contradictions(first: 100) { nodes { slug kind property status rule computed curated
                records { slug } assemblies { slug } claims { property value preferred rule } } } }",
        )
        .await;
    let mut lines: Vec<String> = data
        .as_object()
        .unwrap()
        .values()
        .flat_map(|list| list["nodes"].as_array().unwrap())
        .map(|node| {
            let mut node = node.clone();
            // Sides are listed in the order in which they were recorded.
            for list in ["claims", "assemblies", "seats"] {
                if let Some(list) = node.get_mut(list).and_then(Value::as_array_mut) {
                    list.sort_by_key(ToString::to_string);
                }
            }
            node.to_string()
        })
        .collect();
    lines.sort();
    lines
}

/// Importing one of the records of a contradiction again, without the others, keeps the contradiction.
async fn importing_one_of_its_records_again_keeps_a_contradiction(store: Store) {
    let world = World::empty(store).await;
    let early = BASE.replace("since = \"2002-01-01\"", "since = \"1999-01-01\"");
    import_text(&world, &[&early]).await;
    let before = found(&world).await;
    assert_eq!(before.len(), 1, "{before:#?}");
    for row in early.split("\n[[").filter(|row| row.contains("]]")) {
        let row = format!("[[{}\n", row.trim_start_matches('\n').trim_start_matches("[["));
        assert_eq!(import_text(&world, &[&row]).await, Applied::default(), "{row}");
        assert_eq!(found(&world).await, before, "{row}");
    }
    world.end().await;
}

test_each_store!(importing_one_of_its_records_again_keeps_a_contradiction);
