//! Import of data sets: imports are atomic and idempotent.

use assembly_graph::import::{self, Applied, File, ImportError};
use serde_json::json;

use crate::world::{Store, World, now, test_each_store};

fn file(name: &str, text: &str) -> File {
    File { name: name.into(), text: text.to_owned() }
}

const VALID: &str = r#"
[[document]]
slug = "almanac"
kind = "OFFICIAL"
url = "https://example.org/almanac"

[[document]]
slug = "gazette"
kind = "PRESS"

[[state]]
slug = "xx"
code = "XX"
name = "Exland"
names = [{ value = "Republic of Exland", language = "en", kind = "OFFICIAL" }]
identifiers = { "iso-3166-1-alpha-2" = "XX" }
sources = ["almanac#line 3"]

[[parliament]]
slug = "xx-parliament"
state = "xx"
name = "Parliament of Exland"
structure = "UNICAMERAL"
sources = ["almanac"]

[[chamber]]
slug = "xx-diet"
aliases = ["old-diet"]
parliament = "xx-parliament"
name = "Diet"
house = "SINGLE"
sources = ["almanac", "gazette"]

[[claim]]
record = "xx-diet"
property = "size"
value = 100
observed = "2001"
sources = ["almanac"]

[[claim]]
record = "xx-diet"
property = "size"
value = 120
observed = "2011-05"
sources = ["gazette#page 2"]

[[contradiction]]
slug = "diet-size"
record = "xx-diet"
property = "size"
claims = [{ value = "100", sources = ["almanac"] }, { value = 120, sources = ["gazette"] }]
"#;

async fn importing_a_data_set_twice_changes_nothing(store: Store) {
    let world = World::empty(store).await;
    let files = [file("sound.toml", VALID)];
    let first = import::import(&world.database, &files, now()).await.unwrap();
    assert_eq!((first.created, first.updated), (5, 0));
    let before = world.fingerprint().await;
    let later = now() + chrono::Days::new(1);
    let again = import::import(&world.database, &files, later).await.unwrap();
    assert_eq!(again, Applied::default());
    assert!(world.fingerprint().await == before, "something was written");
    let data = world
        .data(
            r#"{ chamber(slug: "old-diet") {
                slug size
                claimsAbout(property: ["size"]) { value preferred locator observed { first last } }
                contradictions { slug status rule claims { value preferred } }
            } service { revision } }"#,
        )
        .await;
    assert_eq!(
        data,
        json!({
            "chamber": {
                "slug": "xx-diet",
                "size": 120,
                "claimsAbout": [
                    { "value": "100", "preferred": false, "locator": null,
                      "observed": { "first": "2001", "last": "2001" } },
                    { "value": "120", "preferred": true, "locator": "page 2",
                      "observed": { "first": "2011-05", "last": "2011-05" } },
                ],
                "contradictions": [{
                    "slug": "diet-size",
                    "status": "OPEN",
                    "rule": assembly_graph::evidence::preference::RULE,
                    "claims": [
                        { "value": "100", "preferred": false },
                        { "value": "120", "preferred": true },
                    ],
                }],
            },
            "service": { "revision": 5 },
        })
    );
    world.end().await;
}

test_each_store!(importing_a_data_set_twice_changes_nothing);

async fn an_edited_row_updates_one_record(store: Store) {
    let world = World::empty(store).await;
    import::import(&world.database, &[file("a.toml", VALID)], now()).await.unwrap();
    let later = now() + chrono::Days::new(1);
    let edited =
        VALID.replace("\"Diet\"", "\"Great Diet\"").replace("value = 120\n", "value = 130\n");
    let edited = edited.replace("value = 120,", "value = 130,");
    let applied = import::import(&world.database, &[file("a.toml", &edited)], later).await;
    let applied = applied.unwrap();
    assert_eq!((applied.created, applied.updated), (0, 1));
    let data = world
        .data(
            r#"{ chamber(slug: "xx-diet") { name size updatedAt claimsAbout(property: ["size"]) { value }
                 parliament { updatedAt state { updatedAt } } } service { revision } }"#,
        )
        .await;
    assert_eq!(
        data,
        json!({
            "chamber": {
                "name": "Great Diet",
                "size": 130,
                "updatedAt": "2026-01-02T00:00:00.000Z",
                "claimsAbout": [{ "value": "100" }, { "value": "130" }],
                // The chamber refers to its parliament, and by the derived field `state` to its state.
                "parliament": {
                    "updatedAt": "2026-01-02T00:00:00.000Z",
                    "state": { "updatedAt": "2026-01-02T00:00:00.000Z" },
                },
            },
            "service": { "revision": 6 },
        })
    );
    world.end().await;
}

test_each_store!(an_edited_row_updates_one_record);

async fn timestamps_have_milliseconds_on_each_database(store: Store) {
    for (recorded, expected) in [
        ("2026-01-01T12:30:00Z", "2026-01-01T12:30:00.000Z"),
        ("2026-01-01T12:30:00.1Z", "2026-01-01T12:30:00.100Z"),
        // Truncated, not rounded, because rounding could yield the next day.
        ("2026-01-01T23:59:59.999999999Z", "2026-01-01T23:59:59.999Z"),
        ("2026-01-01T12:30:00.123456+03:00", "2026-01-01T09:30:00.123Z"),
    ] {
        let world = World::empty(store).await;
        let recorded = recorded.parse().unwrap();
        import::import(&world.database, &[file("a.toml", VALID)], recorded).await.unwrap();
        let data = world
            .data(r#"{ chamber(slug: "xx-diet") { updatedAt claimsAbout { recordedAt } } }"#)
            .await;
        assert_eq!(data["chamber"]["updatedAt"], expected, "{store:?}");
        assert_eq!(data["chamber"]["claimsAbout"][0]["recordedAt"], expected, "{store:?}");
        world.end().await;
    }
}

test_each_store!(timestamps_have_milliseconds_on_each_database);

/// Twelve errors in three files.
fn invalid_files() -> [File; 3] {
    let first = r#"
[[document]]
slug = "almanac"
kind = "OFICIAL"

[[state]]
slug = "xx"
code = "xx"
name = "Exland"
sources = ["almanac"]

[[state]]
slug = "yy"
code = "YY"
name = ""
sources = ["almanack"]
"#;
    let second = r#"
[[member]]
slug = "Ann Other"
name = "Ann Other"
sources = ["almanac"]

[[membership]]
slug = "ann-xx"
member = "xx"
organization = "xx-parliament"
role = "MEMBER"
since = "2022-13"
sources = ["almanac"]

[[parliament]]
slug = "xx-parliament"
state = "xx"
name = "Parliament"
colour = "blue"
sources = ["almanac"]
"#;
    let third = r#"
[[state]]
slug = "xx"
code = "XX"
name = "Exland again"
sources = ["almanac"]

[[chamber]]
slug = "xx-diet"
parliament = "xx-parliament"
name = "Diet"
size = "many"
"#;
    [file("one.toml", first), file("two.toml", second), file("three.toml", third)]
}

async fn all_errors_are_reported_and_nothing_is_written(store: Store) {
    let world = World::built_in(store).await;
    let before = world.fingerprint().await;
    let refused = import::import(&world.database, &invalid_files(), now()).await.unwrap_err();
    let ImportError::Invalid(problems) = &refused else { panic!("{refused}") };
    let without_list = |problem: String| problem.split(" (allowed ").next().map(str::to_owned);
    let errors: Vec<String> =
        problems.iter().map(ToString::to_string).filter_map(without_list).collect();
    let expected = [
        "one.toml:4: document almanac: `kind` must be one of OFFICIAL, PRESS, ENCYCLOPEDIA, \
         LEGAL_DATABASE, MIRROR, ACT, DATASET, not `OFICIAL`",
        "one.toml:8: state xx: `code` must be an ISO 3166-1 code of two uppercase letters, not `xx`",
        "one.toml:15: state yy: `name` is empty; omit it if the value is unknown",
        "one.toml:16: state yy: `sources`: no record has the slug `almanack`; did you mean `almanac`?",
        "one.toml:12: state yy: `sources` is missing; it must be a list with the slug of at least \
         one document",
        "three.toml:3: state xx: the slug `xx` is already used at one.toml:7",
        "three.toml:8: chamber xx-diet: `sources` is missing; it must be a list with the slug of at least \
         one document",
        "three.toml:12: chamber xx-diet: `size` must be an integer of at least 0, not a string",
        "two.toml:3: member Ann Other: `Ann Other` is not a valid slug; use a-z, 0-9 and \
         single hyphens between them",
        "two.toml:9: membership ann-xx: `member` must be the slug of a member; `xx` is a state",
        "two.toml:12: membership ann-xx: `since`: `2022-13` is not a date; a date is a year, a \
         month or a day, such as 2022, 2022-12 or 2022-12-05",
        "two.toml:19: parliament xx-parliament: `parliament` has no key `colour`",
    ];
    let mut expected: Vec<String> = expected.iter().map(|line| (*line).to_owned()).collect();
    let mut sorted = errors.clone();
    expected.sort();
    sorted.sort();
    assert_eq!(sorted, expected, "{refused}");
    assert!(refused.to_string().ends_with("12 problems; nothing was imported"));
    assert!(world.fingerprint().await == before, "something was written");
    world.end().await;
}

test_each_store!(all_errors_are_reported_and_nothing_is_written);

async fn invalid_toml_is_reported_with_its_line(store: Store) {
    let world = World::empty(store).await;
    let files =
        [file("broken.toml", "[[state]]\nslug = \"xx\ncode = 1\n"), file("loose.toml", "a = 1\n")];
    let refused = import::import(&world.database, &files, now()).await.unwrap_err();
    let errors = refused.to_string();
    assert!(errors.contains("broken.toml:2: invalid TOML"), "{errors}");
    assert!(errors.contains("loose.toml:1: unknown table `a`"), "{errors}");
    world.end().await;
}

test_each_store!(invalid_toml_is_reported_with_its_line);

async fn every_record_of_the_built_in_data_set_has_a_source(store: Store) {
    let world = World::built_in(store).await;
    let sql = "SELECT slug FROM record WHERE kind <> 'DOCUMENT' AND id NOT IN \
               (SELECT record_id FROM citation)";
    let backend = sea_orm::ConnectionTrait::get_database_backend(&world.database);
    let statement = sea_orm::Statement::from_string(backend, sql);
    let bare = sea_orm::ConnectionTrait::query_all_raw(&world.database, statement).await.unwrap();
    assert_eq!(bare.len(), 0);
    let again = import::import(&world.database, &import::built_in(), now()).await.unwrap();
    assert_eq!(again, Applied::default());
    world.end().await;
}

test_each_store!(every_record_of_the_built_in_data_set_has_a_source);

/// Imports the valid data set, then an edited version of it, and returns the changes.
async fn corrected(store: Store, more: &str, edit: impl Fn(&str) -> String) -> (World, Applied) {
    let world = World::empty(store).await;
    import::import(&world.database, &[file("a.toml", VALID)], now()).await.unwrap();
    let files = [file("a.toml", &format!("{}{more}", edit(VALID)))];
    let applied = import::import(&world.database, &files, now()).await.unwrap();
    (world, applied)
}

async fn a_value_corrected_by_another_document_is_preferred(store: Store) {
    let edit = |text: &str| {
        text.replace("name = \"Exland\"", "name = \"Ex\"").replace("almanac#line 3", "gazette")
    };
    let (world, applied) = corrected(store, "", edit).await;
    assert_eq!((applied.created, applied.updated), (0, 1));
    let data = world
        .data("{ state(code: \"xx\") { name claimsAbout(property: [\"name\"]) { value preferred document { slug } } } }")
        .await;
    assert_eq!(
        data["state"],
        json!({ "name": "Ex", "claimsAbout": [
            { "value": "Exland", "preferred": false, "document": { "slug": "almanac" } },
            { "value": "Ex", "preferred": true, "document": { "slug": "gazette" } },
        ] })
    );
    world.end().await;
}

test_each_store!(a_value_corrected_by_another_document_is_preferred);

async fn a_claim_row_changes_nothing_else(store: Store) {
    let world = World::empty(store).await;
    import::import(&world.database, &[file("a.toml", VALID)], now()).await.unwrap();
    let query = "{ chamber(slug: \"xx-diet\") { size claimsAbout { property value preferred } contradictions { rule } } }";
    let before = world.data(query).await;
    let claim = "[[claim]]\nrecord = \"xx-diet\"\nproperty = \"motto\"\nvalue = \"On\"\nsources = [\"almanac\"]\n";
    let applied = import::import(&world.database, &[file("b.toml", claim)], now()).await.unwrap();
    assert_eq!((applied.created, applied.updated), (0, 1));
    let mut after = world.data(query).await;
    let claims = after["chamber"]["claimsAbout"].as_array_mut().unwrap();
    assert_eq!(
        claims.pop().unwrap(),
        json!({ "property": "motto", "value": "On", "preferred": false })
    );
    assert_eq!(after, before);
    world.end().await;
}

test_each_store!(a_claim_row_changes_nothing_else);

async fn a_new_alias_updates_the_record(store: Store) {
    let edit = |text: &str| text.replace("[\"old-diet\"]", "[\"old-diet\", \"older-diet\"]");
    let (world, applied) = corrected(store, "", edit).await;
    assert_eq!((applied.created, applied.updated), (0, 1));
    let data = world.data("{ chamber(slug: \"older-diet\") { slug } }").await;
    assert_eq!(data["chamber"]["slug"], "xx-diet");
    world.end().await;
}

test_each_store!(a_new_alias_updates_the_record);

async fn stages_can_be_reordered(store: Store) {
    let act = "[[decision]]\nslug = \"act\"\nstate = \"xx\"\nkind = \"NATIONAL_ACT\"\ntitle = \"Act\"\nstatus = \"ADOPTED\"\nsources = [\"almanac\"]\n";
    let stage = |slug: &str, position: u8| {
        format!(
            "[[stage]]\nslug = \"{slug}\"\ndecision = \"act\"\nposition = {position}\nkind = \"READING\"\nsources = [\"almanac\"]\n"
        )
    };
    let world = World::empty(store).await;
    let text =
        |one, other| format!("{VALID}{act}{}{}", stage("first", one), stage("second", other));
    import::import(&world.database, &[file("a.toml", &text(1, 2))], now()).await.unwrap();
    let swapped = [file("a.toml", &text(2, 1))];
    let applied = import::import(&world.database, &swapped, now()).await.unwrap();
    assert_eq!((applied.created, applied.updated), (0, 2));
    let data = world.data("{ decision(slug: \"act\") { stages { slug position } } }").await;
    assert_eq!(
        data["decision"]["stages"],
        json!([{ "slug": "second", "position": 1 }, { "slug": "first", "position": 2 }])
    );
    let refused = import::import(&world.database, &[file("a.toml", &text(1, 1))], now()).await;
    let errors = refused.unwrap_err().to_string();
    assert!(errors.contains("position 1 of the decision is already used by `first`"), "{errors}");
    let refused = import::import(&world.database, &[file("a.toml", &text(0, 1))], now()).await;
    assert!(refused.unwrap_err().to_string().contains("`position` must be between 1 and"));
    world.end().await;
}

test_each_store!(stages_can_be_reordered);

/// Concurrent imports wait for each other.
async fn concurrent_imports_are_serialized(store: Store) {
    let world = World::empty(store).await;
    let imports = (0..4).map(|_| async {
        import::import(&world.database, &[file("a.toml", VALID)], now()).await.unwrap()
    });
    let applied = futures_util::future::join_all(imports).await;
    let created: usize = applied.iter().map(|applied| applied.created).sum();
    assert_eq!(created, 5);
    world.end().await;
}

test_each_store!(concurrent_imports_are_serialized);

async fn documents_of_a_data_set_have_mentions(store: Store) {
    let world = World::built_in(store).await;
    let set = |place: &str| {
        let text = format!(
            "[[document]]\nslug = \"leaflet\"\nkind = \"PRESS\"\n\
             mentions = [\"ru#{place}\", \"csto-pa\", \"leonid-kalashnikov\"]\n"
        );
        [file("set.toml", &text)]
    };
    let first = import::import(&world.database, &set("line 3"), now()).await.unwrap();
    assert_eq!((first.created, first.updated), (1, 0));
    let again = import::import(&world.database, &set("line 3"), now()).await.unwrap();
    assert_eq!(again, Applied::default());
    let moved = import::import(&world.database, &set("lines 3, 9"), now()).await.unwrap();
    assert_eq!((moved.created, moved.updated), (0, 1));
    let query = r#"{ document(slug: "leaflet") { mentions { nodes { slug } } }
        member(slug: "leonid-kalashnikov") { mentions { nodes { slug } } } }"#;
    let data = world.data(query).await;
    let named = data["document"]["mentions"]["nodes"].as_array().unwrap();
    assert_eq!(named.len(), 3);
    let naming = data["member"]["mentions"]["nodes"].as_array().unwrap();
    assert!(naming.contains(&json!({ "slug": "leaflet" })));
    world.end().await;
}

test_each_store!(documents_of_a_data_set_have_mentions);
