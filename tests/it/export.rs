//! Exports, and round trips through each format.

use std::{collections::BTreeSet, fs, path::Path};

use assembly_graph::{
    export::{Export, ExportError, Format, Options, Output},
    import::{self, File, ImportError, keys::Table},
};
use entity::{
    RecordEntity, Visitor, claim, contradiction,
    kind::{Field, Temporality, Type},
};
use sea_orm::{ConnectionTrait, EntityTrait, IdenStatic, Iterable};
use serde_json::{Value, json};

use crate::{
    queries::differing_results,
    world::{Store, World, now, test_each_store},
};

/// The text of an export, and the size of its largest chunk.
async fn pieces(world: &World, format: Format, options: &Options) -> (String, usize) {
    let export = Export::begin(&world.database, options.clone()).await.unwrap();
    write(&export, format).await
}

async fn write(export: &Export, format: Format) -> (String, usize) {
    let (mut out, mut pieces) = Output::new();
    let writing = async {
        export.write(format, &mut out).await.unwrap();
        drop(out);
    };
    let reading = async {
        let (mut bytes, mut largest) = (Vec::new(), 0);
        while let Some(piece) = pieces.recv().await {
            largest = largest.max(piece.len());
            bytes.extend(piece);
        }
        (bytes, largest)
    };
    let ((), (bytes, largest)) = tokio::join!(writing, reading);
    (String::from_utf8(bytes).unwrap(), largest)
}

async fn text_with(world: &World, format: Format, options: &Options) -> String {
    pieces(world, format, options).await.0
}

async fn text(world: &World, format: Format) -> String {
    text_with(world, format, &Options::default()).await
}

/// All tables as CSV, in files of their names.
async fn tables(world: &World) -> Vec<File> {
    let mut files = Vec::new();
    for table in Table::all() {
        files.push(file(&format!("{}.csv", table.name()), text(world, Format::Csv(table)).await));
    }
    files
}

fn file(name: &str, text: impl Into<String>) -> File {
    File { name: name.into(), text: text.into() }
}

async fn lines(world: &World) -> Vec<File> {
    vec![file("all.jsonl", text(world, Format::Jsonl).await)]
}

fn options(as_of: Option<&str>, assembly: Option<&str>) -> Options {
    Options {
        as_of: as_of.map(|date| date.parse().unwrap()),
        assembly: assembly.map(str::to_owned),
    }
}

/// A new database into which files are imported.
async fn import_into_new(store: Store, files: &[File]) -> World {
    let world = World::empty(store).await;
    if let Err(refused) = import::import(&world.database, files, now()).await {
        panic!("{refused}");
    }
    world
}

/// The first difference between two databases, if any.
async fn difference(one: &World, other: &World) -> Option<String> {
    let (one, other) = (one.fingerprint().await, other.fingerprint().await);
    let rows = one.iter().zip(&other).find(|(one, other)| one != other);
    let (one, other) = rows?;
    let mut lines = one.lines().zip(other.lines());
    Some(match lines.find(|(one, other)| one != other) {
        Some((one, other)) => format!("{one}\n{other}"),
        None => format!("{} and {} lines", one.lines().count(), other.lines().count()),
    })
}

async fn the_built_in_data_set_round_trips(store: Store) {
    let world = World::built_in(store).await;
    for files in [lines(&world).await, tables(&world).await] {
        let again = import_into_new(store, &files).await;
        assert_eq!(difference(&world, &again).await, None, "{}", files[0].name);
        let wrong = differing_results(&again, false).await;
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        again.end().await;
    }
    world.end().await;
}

test_each_store!(the_built_in_data_set_round_trips);

/// The sample has no claims, and the export states this too.
async fn the_sample_data_set_round_trips(store: Store) {
    let world = World::sample(store).await;
    for files in [lines(&world).await, tables(&world).await] {
        let again = World::empty(store).await;
        let then = chrono::DateTime::UNIX_EPOCH;
        import::import(&again.database, &files, then).await.unwrap();
        assert_eq!(difference(&world, &again).await, None);
        again.end().await;
    }
    world.end().await;
}

test_each_store!(the_sample_data_set_round_trips);

async fn importing_the_export_of_a_database_changes_nothing(store: Store) {
    let world = World::built_in(store).await;
    for files in [lines(&world).await, tables(&world).await] {
        let applied = import::import(&world.database, &files, now()).await.unwrap();
        assert_eq!(applied, import::Applied::default());
    }
    world.end().await;
}

test_each_store!(importing_the_export_of_a_database_changes_nothing);

/// Claims of each origin.
const TANGLED: [&str; 4] = [
    r#"
[[document]]
slug = "almanac"
kind = "OFFICIAL"

[[document]]
slug = "gazette"
kind = "PRESS"
sources = ["almanac"]

[[state]]
slug = "xx"
code = "XX"
name = "Exland"
names = [
  { value = "Exland", language = "en", kind = "OFFICIAL", sources = ["gazette#page 9"] },
  { value = "Republic, \"the\" of Exland", sources = ["almanac#line 4", "gazette"] },
  { value = "Ex;land", language = "ru" },
]
identifiers = { wikidata = ["Q1", "Q2"], iso = "007" }
facts = { motto = ["On; on", "TRUE", "007"], is_island = true, since_when = 1900 }
sources = ["almanac#line 3", "gazette#line 1; line 2"]

[[parliament]]
slug = "xx-parliament"
state = "xx"
name = "Parliament of Exland"
sources = ["almanac#line 5", "almanac#line 6"]

[[chamber]]
slug = "xx-diet"
aliases = ["old-diet", "older-diet"]
parliament = "xx-parliament"
parliament_sources = ["gazette#line 2"]
name = "Diet"
house = "UNKNOWN"
size = 100
size_sources = ["gazette"]
website = "diet.example"
facts = { website = "www.diet.example", size = 90 }
sources = ["almanac", "gazette#line 8"]

[[claim]]
record = "xx-diet"
property = "size"
value = 120
observed = ["2001", "2002-05"]
note = "with the guests"
sources = ["almanac#line 12"]

[[claim]]
record = "xx-diet"
property = "name"
value = "Diet"
since = "1999"
sources = ["almanac#line 13", "gazette#line 8"]

[[claim]]
record = "xx"
property = "motto"
value = "On; on"
sources = ["gazette#line 2; line 3"]

[[claim]]
record = "xx"
property = "anthem"
unknown = true
sources = ["gazette"]

[[contradiction]]
slug = "diet-size"
record = "xx-diet"
property = "size"
explains = ["xx-parliament"]
claims = [
  { value = "100", sources = ["gazette#line 70", "almanac"] },
  { value = 120, sources = ["almanac#line 12"] },
]

[[contradiction]]
slug = "motto"
record = "xx"
property = "motto"
status = "EXPLAINED"
topic = "mottoes"
about = "The motto of Exland"
explanation = "One, then\nthe other."
preferred = "TRUE"
claims = [
  { value = "On; on", sources = ["gazette#line 9"] },
  { value = "TRUE", sources = ["almanac#line 3"] },
]
"#,
    // The row is restated by another document: its earlier values stay with the first.
    r#"
[[state]]
slug = "xx"
code = "XX"
name = "Ex"
sources = ["gazette#line 20"]

[[document]]
slug = "yearbook"
kind = "ACT"

[[chamber]]
slug = "xx-diet"
parliament = "xx-parliament"
name = "Great Diet"
size = 110
website = "diet.example"
sources = ["yearbook#line 1"]
"#,
    r#"
[[claim]]
record = "xx-diet"
property = "size"
value = 120
withdrawn = true
sources = ["almanac"]

[[claim]]
record = "xx-diet"
property = "name"
value = "Diet"
withdrawn = true
sources = ["almanac"]
"#,
    r#"
[[member]]
slug = "ann"
name = "Ann"
sources = ["yearbook"]

[[membership]]
slug = "ann-diet"
member = "ann"
organization = "old-diet"
organization_sources = ["yearbook#line 2"]
role = "CHAIR"
observed = ["2020", "2021"]
observed_sources = ["yearbook#line 3"]
since = "2019-05"
ongoing = true
sources = ["yearbook", "almanac"]
"#,
];

/// What is known of claims, organizations and contradictions; without ids that count up.
async fn sightings(world: &World) -> Vec<String> {
    let store = &world.database;
    let mut all = Vec::new();
    for row in claim::Entity::find().all(store).await.unwrap() {
        all.push(format!("{:?}", claim::Model { id: 0, ..row }));
    }
    for row in contradiction::Entity::find().all(store).await.unwrap() {
        all.push(format!("{:?}", contradiction::Model { id: 0, explained_by_id: None, ..row }));
    }
    macro_rules! rows {
        ($($table:ident)*) => {
            $(for row in entity::$table::Entity::find().all(store).await.unwrap() {
                all.push(format!("{row:?}"));
            })*
        };
    }
    rows! { state parliament chamber member membership document citation mention alias }
    all.sort();
    all
}

/// Only order may differ, and ids that count up.
async fn the_result_of_several_imports_round_trips(store: Store) {
    let world = World::empty(store).await;
    for (at, text) in TANGLED.iter().enumerate() {
        let files = [file(&format!("{at}.toml"), *text)];
        if let Err(refused) = import::import(&world.database, &files, now()).await {
            panic!("{refused}");
        }
    }
    let sorted = async |world: &World| {
        let text = text(world, Format::Jsonl).await;
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let (before, knows) = (sorted(&world).await, sightings(&world).await);
    for files in [lines(&world).await, tables(&world).await] {
        let again = import_into_new(store, &files).await;
        let knows_again = sightings(&again).await;
        for (one, other) in knows.iter().zip(&knows_again) {
            assert_eq!(one, other, "{}", files[0].text);
        }
        assert_eq!(knows_again.len(), knows.len());
        assert_eq!(sorted(&again).await, before, "{}", files[0].name);
        again.end().await;
    }
    world.end().await;
}

test_each_store!(the_result_of_several_imports_round_trips);

async fn an_export_is_a_snapshot(store: Store) {
    let world = World::built_in(store).await;
    let before = text(&world, Format::Jsonl).await;
    let export = Export::begin(&world.database, Options::default()).await.unwrap();
    let more = "[[document]]\nslug = \"almanac\"\nkind = \"OFFICIAL\"\n";
    import::import(&world.database, &[file("more.toml", more)], now()).await.unwrap();
    assert_eq!(export.revision(), 1058);
    assert!(write(&export, Format::Jsonl).await.0 == before);
    drop(export);
    assert!(text(&world, Format::Jsonl).await.contains("\"almanac\""));
    world.end().await;
}

test_each_store!(an_export_is_a_snapshot);

async fn the_slug_of_a_merged_record_is_an_alias_of_the_remaining_record(store: Store) {
    let world = World::sample(store).await;
    let merge = "UPDATE record SET merged_into_id = (SELECT id FROM record WHERE slug = 'member-1') \
                 WHERE slug = 'member-2'";
    world.database.execute_unprepared(merge).await.unwrap();
    let query = "{ member(slug: \"member-2\") { slug } membership(slug: \"membership-2-0\") { member { slug } } }";
    for files in [lines(&world).await, tables(&world).await] {
        let again = import_into_new(store, &files).await;
        let expected = json!({
            "member": { "slug": "member-1" },
            "membership": { "member": { "slug": "member-1" } },
        });
        assert_eq!(again.data(query).await, expected);
        again.end().await;
    }
    world.end().await;
}

test_each_store!(the_slug_of_a_merged_record_is_an_alias_of_the_remaining_record);

async fn exports(world: &World) -> Vec<String> {
    let mut all = vec![text(world, Format::Popolo).await];
    all.extend(lines(world).await.into_iter().map(|file| file.text));
    all.extend(tables(world).await.into_iter().map(|file| file.text));
    let limits = options(Some("2015-11-26"), Some("csto-pa"));
    all.push(text_with(world, Format::Popolo, &limits).await);
    all.push(text_with(world, Format::Jsonl, &limits).await);
    all
}

/// The bytes depend neither on the import nor on the store.
async fn exports_of_equal_data_are_equal(store: Store) {
    let world = World::built_in(Store::Sqlite).await;
    let expected = exports(&world).await;
    world.end().await;
    // Imported here, not copied.
    let world = World::empty(store).await;
    import::import(&world.database, &import::built_in(), now()).await.unwrap();
    assert!(exports(&world).await == expected, "other bytes on {store:?}");
    world.end().await;
}

test_each_store!(exports_of_equal_data_are_equal);

/// The order in which identifiers were added is not part of the data.
async fn exports_do_not_depend_on_the_order_of_identifiers(store: Store) {
    let state = |identifiers: &str| {
        let text = format!(
            "[[document]]\nslug = \"almanac\"\nkind = \"OFFICIAL\"\n\n\
             [[state]]\nslug = \"xx\"\ncode = \"XX\"\nname = \"Exland\"\n\
             identifiers = {{ {identifiers} }}\nsources = [\"almanac\"]\n"
        );
        file("all.toml", text)
    };
    let world = import_into_new(store, &[state("wikidata = [\"Q1\"]")]).await;
    let all = [state("wikidata = [\"Q1\"], iso = [\"007\", \"001\"]")];
    import::import(&world.database, &all, now()).await.unwrap();
    let again = import_into_new(store, &lines(&world).await).await;
    let of = async |world: &World| {
        let document = text(world, Format::Popolo).await;
        let document: Value = serde_json::from_str(&document).unwrap();
        document["organizations"].clone()
    };
    let (before, after) = (of(&world).await, of(&again).await);
    assert_eq!(before, after);
    assert_eq!(before[0]["identifiers"].as_array().map(Vec::len), Some(4));
    again.end().await;
    world.end().await;
}

test_each_store!(exports_do_not_depend_on_the_order_of_identifiers);

/// A chunk is sent when it is full. It exceeds the size by at most one row.
#[tokio::test]
async fn chunks_have_a_bounded_size() {
    let world = World::built_in(Store::Sqlite).await;
    for format in [Format::Popolo, Format::Jsonl, Format::Csv(Table::Claim)] {
        let (text, largest) = pieces(&world, format, &Options::default()).await;
        let longest = text.lines().map(str::len).max().unwrap_or_default();
        assert!(largest <= (64 << 10) + longest + 2, "{largest} bytes at once");
    }
    world.end().await;
}

const DATES: [&str; 6] =
    ["1990-01-01", "2003-05-01", "2006-11-16", "2015-11-26", "2022-06-06", "2026-01-01"];

/// A query of the records of a date.
fn holding(date: &str) -> String {
    format!(
        r#"{{
            assembly(slug: "csto-pa", asOf: "{date}") {{
                slug website
                memberships(first: 100) {{ nodes {{ slug role certainty member {{ slug }} }} }}
                participations(first: 100) {{ nodes {{ slug status certainty }} }}
                delegations(first: 100) {{ nodes {{
                    slug totalSeats
                    seats {{ slug seats chamber {{ slug size website }} }}
                    memberships(first: 100) {{ nodes {{ slug }} }}
                }} }}
                commissions(first: 100) {{ nodes {{ slug memberships(first: 100) {{ nodes {{ slug }} }} }} }}
            }}
        }}"#
    )
}

async fn an_export_as_of_a_date_contains_only_what_holds_on_it(store: Store) {
    let world = World::built_in(store).await;
    let whole = text(&world, Format::Jsonl).await.lines().count();
    for (at, date) in DATES.into_iter().enumerate() {
        let limits = options(Some(date), (at % 2 == 0).then_some("csto-pa"));
        let rows = text_with(&world, Format::Jsonl, &limits).await;
        assert!(rows.lines().count() < whole, "{date}: nothing was omitted");
        let again = import_into_new(store, &[file("then.jsonl", rows)]).await;
        let query = holding(date);
        // Before it was founded, it is returned only by its slug.
        let expected = if date < "2006-11-16" {
            json!({ "assembly": null })
        } else {
            world.data(&query).await
        };
        assert_eq!(again.data(&query).await, expected, "{date}");
        again.end().await;
    }
    world.end().await;
}

test_each_store!(an_export_as_of_a_date_contains_only_what_holds_on_it);

async fn an_export_of_an_assembly_contains_exactly_what_it_refers_to(store: Store) {
    let world = World::built_in(store).await;
    let limits = options(None, Some("csto-pa"));
    let rows = text_with(&world, Format::Jsonl, &limits).await;
    let again = import_into_new(store, &[file("one.jsonl", rows)]).await;
    let query = r#"{ assembly(slug: "csto-pa") {
        name seat claimsAbout { value document { slug url siteState { slug } } }
        contradictions { slug claims { value } }
        memberships(first: 100, history: true) { nodes { slug title sources { slug } } }
        participations(first: 100, history: true) { nodes { slug participant { __typename } } }
        sessions(first: 100) { nodes { slug name } }
        decisions(first: 100) { nodes { slug title stages { slug outcome } } }
    } }"#;
    assert_eq!(again.data(query).await, world.data(query).await);
    let counts = "{ assemblies(first: 100) { nodes { slug } } decisions { totalCount } }";
    let counts = again.data(counts).await;
    assert!(counts["assemblies"]["nodes"].as_array().unwrap().len() < 8, "{counts}");
    again.end().await;
    world.end().await;
}

test_each_store!(an_export_of_an_assembly_contains_exactly_what_it_refers_to);

async fn an_unknown_assembly_is_an_error(store: Store) {
    let world = World::built_in(store).await;
    let refused = Export::begin(&world.database, options(None, Some("cstopa"))).await.err();
    let refused = refused.unwrap();
    assert!(matches!(refused, ExportError::UnknownAssembly { .. }));
    assert!(refused.to_string().contains("csto-pa, ipa-cis"), "{refused}");
    world.end().await;
}

test_each_store!(an_unknown_assembly_is_an_error);

/// Dangling references in the lists of a Popolo document.
fn dangling(document: &Value) -> Vec<String> {
    let ids = |list: &str| -> BTreeSet<&str> {
        let all = document[list].as_array().unwrap();
        all.iter().map(|one| one["id"].as_str().unwrap()).collect()
    };
    let (persons, organizations, areas) = (ids("persons"), ids("organizations"), ids("areas"));
    let mut dangling = Vec::new();
    let mut check = |known: &BTreeSet<&str>, id: &Value| {
        if let Some(id) = id.as_str()
            && !known.contains(id)
        {
            dangling.push(id.to_owned());
        }
    };
    for list in ["persons", "organizations", "memberships", "events"] {
        for one in document[list].as_array().unwrap() {
            for key in ["parent_id", "organization_id", "on_behalf_of_id", "assembly_id"] {
                check(&organizations, &one[key]);
            }
            for id in one["assembly_ids"].as_array().into_iter().flatten() {
                check(&organizations, id);
            }
            check(&organizations, &one["member"]["id"]);
            check(&persons, &one["person_id"]);
            check(&areas, &one["area_id"]);
            for one in one["attendees"].as_array().into_iter().flatten() {
                check(&persons, &one["id"]);
            }
        }
    }
    dangling
}

async fn popolo_is_valid_and_has_no_dangling_references(store: Store) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let schema = fs::read_to_string(folder.join("tests/popolo/schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let valid = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let formats = fs::read_to_string(folder.join("docs/formats.md")).unwrap();
    for world in [World::built_in(store).await, World::sample(store).await] {
        let mut all = vec![Options::default()];
        all.extend(DATES.map(|date| options(Some(date), None)));
        if store == Store::Sqlite {
            let assembly =
                if all_slugs(&world).await.contains("csto-pa") { "csto-pa" } else { "assembly-1" };
            all.extend(DATES.map(|date| options(Some(date), Some(assembly))));
        }
        for limits in all {
            let text = text_with(&world, Format::Popolo, &limits).await;
            let document: Value = serde_json::from_str(&text).unwrap();
            if let Some(error) = valid.iter_errors(&document).next() {
                panic!("{limits:?}: {}: {error}", error.instance_path());
            }
            assert_eq!(dangling(&document), Vec::<String>::new(), "{limits:?}");
            // Properties that are not in the specification are documented as extensions.
            for (list, class) in [
                ("persons", "person"),
                ("organizations", "organization"),
                ("memberships", "membership"),
                ("events", "event"),
                ("areas", "area"),
            ] {
                for one in document[list].as_array().unwrap() {
                    for field in one.as_object().unwrap().keys() {
                        let known = &schema["$defs"][class]["properties"][field];
                        let documented = formats.contains(&format!("| `{class}.{field}` |"));
                        assert!(!known.is_null() || documented, "{class}.{field}");
                    }
                }
            }
        }
        world.end().await;
    }
}

test_each_store!(popolo_is_valid_and_has_no_dangling_references);

async fn all_slugs(world: &World) -> BTreeSet<String> {
    let rows = entity::record::Entity::find().all(&world.database).await.unwrap();
    rows.into_iter().map(|row| row.slug).collect()
}

#[tokio::test]
async fn popolo_contains_persons_organizations_and_memberships() {
    let world = World::built_in(Store::Sqlite).await;
    let document: Value = serde_json::from_str(&text(&world, Format::Popolo).await).unwrap();
    let one = |list: &str, id: &str| {
        let all = document[list].as_array().unwrap();
        all.iter().find(|one| one["id"] == id).cloned().unwrap_or_default()
    };
    assert_eq!(
        document["meta"],
        json!({
            "generator": concat!("assembly-graph ", env!("CARGO_PKG_VERSION")),
            "revision": 1058, "as_of": null, "assembly": null,
        })
    );
    let member = one("persons", "sergei-pospelov");
    assert_eq!(member["other_names"][1], json!({ "name": "Sergei POSPELOV", "note": "variant" }));
    assert_eq!(
        member["identifiers"][0],
        json!({ "scheme": "assembly-graph", "identifier": "sergei-pospelov" })
    );
    assert_eq!(member["sources"][0]["note"], "pacsto-electoral-sovereignty-workshop#line 15");
    let chamber = one("organizations", "by-house-of-representatives");
    assert_eq!(chamber["classification"], "chamber");
    assert_eq!(
        (&chamber["parent_id"], &chamber["area_id"]),
        (&json!("parliament-by"), &json!("by"))
    );
    assert_eq!((&chamber["house"], &chamber["seats"]), (&json!("lower"), &json!(110)));
    let delegation = one("organizations", "csto-pa-delegation-kg");
    assert_eq!(delegation["assembly_id"], "csto-pa");
    assert_eq!(delegation["parent_id"], "parliament-kg");
    assert_eq!(one("areas", "kg")["identifier"], "KG");
    let chair = one("memberships", "vyacheslav-volodin-csto-pa-chair-2016");
    assert_eq!(chair["role"], "chair");
    assert_eq!(chair["label"], "Chairman of the CSTO PA");
    assert_eq!((&chair["start_date"], &chair["end_date"]), (&json!("2016-11"), &Value::Null));
    let standings = document["memberships"].as_array().unwrap();
    let standing = standings.iter().find(|one| one["member"]["id"] == "kg").unwrap();
    assert_eq!(standing["member"]["classification"], "state");
    let events = document["events"].as_array().unwrap();
    assert!(
        events.iter().any(|one| one["attendees"].as_array().is_some_and(|all| !all.is_empty()))
    );
    world.end().await;
}

/// The reader of rows knows every key that exports write.
#[tokio::test]
async fn every_exported_key_is_imported() {
    let mut rows = String::new();
    for table in Table::all() {
        let name = table.name();
        let mut row = serde_json::Map::new();
        row.insert("table".to_owned(), name.into());
        for (column, _) in table.cells() {
            row.insert(column, json!({}));
        }
        if table != Table::Claim {
            row.insert("slug".to_owned(), format!("a-{}", rows.lines().count()).into());
        }
        rows.push_str(&format!("{}\n", Value::from(row)));
    }
    let world = World::empty(Store::Sqlite).await;
    let refused = import::import(&world.database, &[file("all.jsonl", rows)], now()).await;
    let Err(ImportError::Invalid(problems)) = refused else { panic!("nothing was wrong") };
    let unknown: Vec<String> = problems
        .iter()
        .filter(|problem| problem.message.contains("has no key"))
        .map(ToString::to_string)
        // `…_sources` are read only if the value is set.
        .filter(|problem| !problem.contains("_sources`"))
        .collect();
    assert_eq!(unknown, Vec::<String>::new());
    world.end().await;
}

/// A new column belongs to a field, or is listed here as derived from others.
#[test]
fn every_column_of_a_record_is_exported() {
    const DERIVED: [&str; 9] = [
        "id",
        "slug",
        "ended_earliest",
        "ended_latest",
        "holds_from",
        "holds_until",
        "sure_from",
        "sure_until",
        "varying",
    ];
    struct Columns;
    impl Visitor for Columns {
        type Output = Vec<&'static str>;

        fn visit<E: RecordEntity>(self) -> Self::Output {
            E::Column::iter().map(|column| column.as_str()).collect()
        }
    }
    for kind in entity::kinds() {
        let columns = kind.kind.visit(Columns);
        let described: Vec<String> = kind.fields.iter().flat_map(columns_of).collect();
        let mut implied: Vec<&str> = match kind.time {
            Temporality::Timeless | Temporality::Dates { .. } => vec![],
            Temporality::Existence => {
                vec!["holds_from", "holds_until", "ended_earliest", "ended_latest"]
            }
            Temporality::Validity => vec!["holds_from", "holds_until", "sure_from", "sure_until"],
        };
        implied.extend(kind.fields.iter().any(|field| field.varying).then_some("varying"));
        for column in implied {
            assert!(columns.contains(&column), "{}: there is no column {column}", kind.table);
        }
        for column in &columns {
            let known = described.iter().any(|own| own == column) || DERIVED.contains(column);
            assert!(known, "{}: no field has the column {column}", kind.table);
        }
        for column in &described {
            let exists = columns.contains(&column.as_str());
            assert!(exists, "{}: there is no column {column}", kind.table);
        }
    }
}

/// The columns that a field has in the table of its kind.
fn columns_of(field: &Field) -> Vec<String> {
    let ends = |name: &str| ["earliest", "latest"].map(|end| format!("{name}_{end}")).to_vec();
    match &field.ty {
        Type::Date => ends(field.name),
        Type::Sightings => {
            ["first", "last"].map(|end| ends(&format!("{}_{end}", field.name))).concat()
        }
        Type::Reference(reference) if reference.to.kind().is_some() => {
            vec![format!("{}_id", field.name)]
        }
        Type::Reference(_) => vec![format!("{}_id", field.name), format!("{}_kind", field.name)],
        Type::References(_) => Vec::new(),
        _ => vec![field.name.to_owned()],
    }
}

#[tokio::test]
async fn csv_saved_by_a_spreadsheet_is_imported() {
    let world = World::empty(Store::Sqlite).await;
    let files = [
        file(
            "document.csv",
            "\u{feff}slug;kind;title\r\nd;OFFICIAL;\"0012; \"\"TRUE\"\"\r\nnext\"\r\n;;\r\n",
        ),
        file(
            "state.csv",
            "slug,code,name,sources,order\nno,NO,TRUE,\"[\"\"d\"\"]\",2\nna,NA,007,\"[\"\"d\"\"]\",1\n",
        ),
        file(
            "session.csv",
            "slug\tkind\tname\tnumber\tplanned\tsources\ns\tPLENARY\t12\t12\tTRUE\t[\"d\"]\n",
        ),
    ];
    if let Err(refused) = import::import(&world.database, &files, now()).await {
        panic!("{refused}");
    }
    let data = world
        .data("{ document(slug: \"d\") { title } states { nodes { code name } } session(slug: \"s\") { name number planned } }")
        .await;
    assert_eq!(data["document"]["title"], "0012; \"TRUE\"\r\nnext");
    assert_eq!(data["session"], json!({ "name": "12", "number": 12, "planned": true }));
    // By their places, not by their lines.
    assert_eq!(
        data["states"]["nodes"],
        json!([{ "code": "NA", "name": "007" }, { "code": "NO", "name": "TRUE" }])
    );
    world.end().await;
}

#[tokio::test]
async fn an_invalid_row_is_reported_with_its_line() {
    let world = World::empty(Store::Sqlite).await;
    let files = [
        file(
            "a.jsonl",
            "{\"table\":\"document\",\"slug\":\"d\",\"kind\":\"OFFICIAL\"}\n\n[1]\n{\"table\":\"state\",\n{\"slug\":\"x\"}\n\
             {\"table\":\"state\",\"slug\":\"xx\",\"code\":null,\"name\":1.5,\"sources\":[\"d\"]}\n",
        ),
        file("member.csv", "slug,nam,name\nann,x,Ann,more\nbob,,Bob\n"),
        file("people.csv", "slug\nann\n"),
        file("session.csv", "slug,slug,number,sources\ns,s,many,\"[\"\n"),
        file("stage.csv", ""),
    ];
    let refused = import::import(&world.database, &files, now()).await.unwrap_err().to_string();
    for line in [
        "a.jsonl:3: a line must be an object, such as {\"table\": \"member\", ...}",
        "a.jsonl:4: invalid JSON: EOF while parsing a value at column 17",
        "a.jsonl:5: `table` is missing; it must be the name of a table, such as \"member\"",
        "a.jsonl:6: state xx: `code` must be a string, not null (omit the key)",
        "a.jsonl:6: state xx: `name` must be a string, not a float",
        "member.csv:1: `member` has no key `nam`; did you mean `name`? (allowed keys: slug, name,",
        "member.csv:2: 4 cells, but the first line has 3 columns",
        "member.csv:3: member bob: `sources` is missing; it must be a list with the slug of at least one document",
        "people.csv:1: the file name must be the name of a table, such as member.csv: unknown table `people` (allowed tables: assembly, state,",
        "session.csv:1: the column `slug` is repeated",
        "session.csv:2: session s: `number` must be an integer of at least 0, not a string",
        "session.csv:2: `sources` must be JSON: EOF while parsing a list",
        "stage.csv:1: the file is empty; its first line must contain the column names",
    ] {
        assert!(refused.contains(line), "{line}\nis missing in\n{refused}");
    }
    world.end().await;
}
