//! Import of Popolo JSON: imports are atomic and idempotent, and contradicting values are kept as claims.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use assembly_graph::import::{
    Applied, ImportError,
    popolo::{self, Options, Report, Tally},
};
use serde_json::{Value, json};

use crate::world::{Store, World, now, test_each_store};

/// A folder for the files of one test, removed at the end.
pub struct Files(PathBuf);

impl Files {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("popolo_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    pub fn folder(&self) -> PathBuf {
        self.0.clone()
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

async fn import(world: &World, path: PathBuf, options: &Options) -> Result<Report, ImportError> {
    popolo::import(&world.database, &[path], options, now(), |_| {}).await
}

/// A synthetic file of one legislature.
pub fn diet() -> Value {
    json!({
        "meta": { "sources": ["https://example.org/diet"] },
        "persons": [
            { "id": "person/1", "name": "Ana  Bell", "birth_date": "1960-02-03", "gender": "female",
              "identifiers": [{ "scheme": "wikidata", "identifier": "Q901" }],
              "other_names": [
                  { "name": "Ана Белл", "lang": "ru", "note": "multilingual" },
                  { "name": "A. Bell", "lang": "tj" }],
              "sources": [{ "url": "https://example.org/ana" }] },
            { "id": "person/2", "name": "Bo Carr", "birth_date": "1971" },
            { "id": "person/3", "given_name": "Cy", "family_name": "Dahl" }
        ],
        "organizations": [
            { "id": "legislature", "name": "Diet", "classification": "legislature", "seats": 99 },
            { "id": "green", "name": "Green Party", "classification": "party",
              "links": [{ "note": "website", "url": "https://example.org/green" }] },
            { "id": "unknown", "name": "Unknown", "classification": "party" }
        ],
        "events": [
            { "id": "term/5", "classification": "legislative period", "name": "Fifth term",
              "organization_id": "legislature", "start_date": "2012-05-31", "end_date": "2017" }
        ],
        "areas": [{ "id": "area/1", "name": "North  Shore", "type": "constituency" }],
        "memberships": [
            { "person_id": "person/1", "organization_id": "legislature", "role": "member",
              "on_behalf_of_id": "green", "legislative_period_id": "term/5", "area_id": "area/1" },
            { "person_id": "person/2", "organization_id": "legislature", "role": "member",
              "on_behalf_of_id": "unknown", "legislative_period_id": "term/5",
              "start_date": "2013-01-10" },
            { "person_id": "person/3", "organization_id": "legislature", "role": "speaker",
              "legislative_period_id": "term/5", "end_date": "2014" }
        ]
    })
}

/// A later version of the file, in which all ids of persons are different.
fn later() -> Value {
    let mut later = diet();
    for (at, id) in ["0ab", "1bc", "2cd"].into_iter().enumerate() {
        let person = &mut later["persons"][at];
        let former = person["id"].as_str().unwrap().trim_start_matches("person/").to_owned();
        let legacy = json!({ "scheme": "everypolitician_legacy", "identifier": former });
        match person["identifiers"].as_array_mut() {
            Some(all) => all.push(legacy),
            None => person["identifiers"] = json!([legacy]),
        }
        person["id"] = json!(id);
        later["memberships"][at]["person_id"] = json!(id);
    }
    later["persons"].as_array_mut().unwrap().push(json!({ "id": "3de", "name": "Di Eck" }));
    later
}

fn new(new: usize, existing: usize) -> Tally {
    Tally { new, existing }
}

const ALL: &str = "{
    parliaments { nodes { slug name state { code } claimsAbout(property: [\"size\"]) { value }
        legislativePeriods { nodes { name starts ends } } } }
    politicalGroups { nodes { name website } }
    members { nodes { slug name born names { value language } identifiers { scheme value }
        claimsAbout { property value locator note document { title kind } }
        memberships(asOf: \"2013-06-01\") { nodes {
            role title area since until effectiveSince effectiveUntil endInference certainty
            onBehalfOf { name } legislativePeriod { name } organization { name } } } } }
}";

async fn popolo_is_imported_as_records_and_claims(store: Store) {
    let (world, files) = (World::empty(store).await, Files::new());
    let path = files.write("diet.json", diet().to_string());
    let report = import(&world, path, &Options::default()).await.unwrap();
    assert_eq!((report.persons, report.organizations), (new(3, 0), new(2, 0)));
    assert_eq!((report.periods, report.memberships), (new(1, 0), new(3, 0)));
    let remarks: Vec<&str> = report.remarks.iter().map(|remark| remark.message.as_str()).collect();
    assert_eq!(
        remarks,
        [
            "`tj` is not a language tag; the name is imported without one",
            "is a placeholder for an unknown group; 1 memberships are imported without a group",
        ]
    );
    let data = world.data(ALL).await;
    assert_eq!(
        data["parliaments"]["nodes"],
        json!([{ "slug": "diet", "name": "Diet", "state": null,
            "claimsAbout": [{ "value": "99" }],
            "legislativePeriods": { "nodes": [
                { "name": "Fifth term", "starts": "2012-05-31", "ends": "2017" }] } }])
    );
    assert_eq!(
        data["politicalGroups"]["nodes"],
        json!([{ "name": "Green Party", "website": "https://example.org/green" }])
    );
    let members = data["members"]["nodes"].as_array().unwrap();
    assert_eq!(members.len(), 3);
    assert_eq!(members[0]["slug"], "ana-bell");
    assert_eq!(
        members[0]["names"],
        json!([
        { "value": "Ана Белл", "language": "ru" }, { "value": "A. Bell", "language": null }])
    );
    assert_eq!(
        members[0]["identifiers"],
        json!([
        { "scheme": "popolo:diet", "value": "person/1" },
        { "scheme": "wikidata", "value": "Q901" }])
    );
    let document = json!({ "title": "Popolo data on Diet (diet): 3 persons", "kind": "DATASET" });
    assert_eq!(
        members[0]["claimsAbout"],
        json!([
        { "property": "name", "value": "Ana Bell", "locator": "/persons/0",
          "note": "after https://example.org/ana", "document": document },
        { "property": "born", "value": "1960-02-03", "locator": "/persons/0", "note": null,
          "document": document },
        { "property": "gender", "value": "female", "locator": "/persons/0", "note": null,
          "document": document }])
    );
    assert_eq!(
        members[0]["memberships"]["nodes"],
        json!([{
        "role": "MEMBER", "title": null, "area": "North Shore", "since": null, "until": null,
        "effectiveSince": "2012-05-31", "effectiveUntil": "2017", "endInference": "TERM",
        "certainty": "POSSIBLE", "onBehalfOf": { "name": "Green Party" },
        "legislativePeriod": { "name": "Fifth term" }, "organization": { "name": "Diet" } }])
    );
    assert_eq!(members[1]["memberships"]["nodes"][0]["onBehalfOf"], Value::Null);
    assert_eq!(members[1]["memberships"]["nodes"][0]["since"], "2013-01-10");
    let speaker = &members[2]["memberships"]["nodes"][0];
    assert_eq!((&speaker["role"], &speaker["title"]), (&json!("CHAIR"), &json!("speaker")));
    assert_eq!((&speaker["until"], &speaker["endInference"]), (&json!("2014"), &json!("NONE")));
    world.end().await;
}

test_each_store!(popolo_is_imported_as_records_and_claims);

async fn importing_a_file_again_changes_nothing(store: Store) {
    let (world, files) = (World::empty(store).await, Files::new());
    let path = files.write("diet.json", diet().to_string());
    import(&world, path, &Options::default()).await.unwrap();
    let before = world.fingerprint().await;
    // The file, and a compressed copy with another name.
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(diet().to_string().as_bytes()).unwrap();
    files.write("more/again.json.gz", encoder.finish().unwrap());
    let report = import(&world, files.folder(), &Options::default()).await.unwrap();
    assert_eq!((report.files, report.already_imported), (2, 2));
    assert_eq!(report.applied, Applied::default());
    assert!(world.fingerprint().await == before, "something was written");
    world.end().await;
}

test_each_store!(importing_a_file_again_changes_nothing);

async fn members_are_matched_when_all_ids_change(store: Store) {
    for (first, second) in [(diet(), later()), (later(), diet())] {
        let (world, files) = (World::empty(store).await, Files::new());
        let one = files.write("one.json", first.to_string());
        let other = files.write("two.json", second.to_string());
        import(&world, one, &Options::default()).await.unwrap();
        let report = import(&world, other, &Options::default()).await.unwrap();
        assert_eq!(report.persons.existing, 3);
        assert_eq!(report.memberships, new(0, 3));
        let count = "{ members { totalCount } memberships { totalCount }
            parliaments { totalCount } legislativePeriods { totalCount }
            politicalGroups { totalCount } }";
        let data = world.data(count).await;
        assert_eq!(data["members"]["totalCount"], 4);
        assert_eq!(data["memberships"]["totalCount"], 0, "no membership is current");
        assert_eq!(data["parliaments"]["totalCount"], 1);
        assert_eq!(data["legislativePeriods"]["totalCount"], 1);
        assert_eq!(data["politicalGroups"]["totalCount"], 1);
        let all = world.data("{ memberships(history: true) { totalCount } }").await;
        assert_eq!(all["memberships"]["totalCount"], 3);
        // No value differs: claims are added, and the later version has one more person.
        let altered = report.applied;
        assert_eq!(altered.confirmed, altered.updated - usize::from(second == later()) * 3);
        world.end().await;
    }
}

test_each_store!(members_are_matched_when_all_ids_change);

/// A later version has different ids, names, parties, periods, areas and start dates.
async fn different_values_of_a_later_version_are_kept_as_claims(store: Store) {
    let (world, files) = (World::empty(store).await, Files::new());
    let then = Options { captured: Some("2015-09".parse().unwrap()), ..Options::default() };
    let since = Options { captured: Some("2015-11-29".parse().unwrap()), ..Options::default() };
    import(&world, files.write("a.json", diet().to_string()), &then).await.unwrap();
    let mut later = later();
    later["persons"][0]["birth_date"] = json!("1961-02-03");
    later["persons"][1]["birth_date"] = json!("1971-08-09");
    later["persons"][1]["name"] = json!("CARR Bo");
    later["organizations"][1]["id"] = json!("7");
    later["memberships"][0]["on_behalf_of_id"] = json!("7");
    later["events"][0]["id"] = json!("term/2012");
    later["areas"][0]["name"] = json!("Northern Shore");
    for at in 0..3 {
        later["memberships"][at]["legislative_period_id"] = json!("term/2012");
    }
    later["memberships"][1]["start_date"] = json!("2013-01-12");
    later["memberships"][1]["on_behalf_of_id"] = json!("7");
    let report = import(&world, files.write("b.json", later.to_string()), &since).await.unwrap();
    assert_eq!(report.persons, new(1, 3));
    assert_eq!((report.organizations, report.periods), (new(0, 2), new(0, 1)));
    assert_eq!(report.memberships, new(0, 3));
    let data = world
        .data(
            "{ contradictions { nodes { kind property record { slug }
                claims { value preferred observed { last } document { file } } } }
            member(slug: \"ana-bell\") { born }
            bo: member(slug: \"bo-carr\") { name born names { value }
                memberships(history: true) { nodes { since onBehalfOf { name } } } } }",
        )
        .await;
    let side = |value: &str, served: bool, last: &str, file: &str| {
        json!({ "value": value, "preferred": served, "observed": { "last": last },
            "document": { "file": file } })
    };
    let nodes = data["contradictions"]["nodes"].as_array().unwrap();
    let of = |property: &str| {
        let mut all = nodes.iter().filter(|node| node["property"] == property);
        let one = all.next().unwrap();
        assert!(all.next().is_none(), "{property} contradicts once");
        assert_eq!(one["kind"], "VALUES");
        one["claims"].clone()
    };
    assert_eq!(nodes.len(), 3);
    // The value of the later file is preferred.
    assert_eq!(
        of("born"),
        json!([
            side("1960-02-03", false, "2015-09", "a.json"),
            side("1961-02-03", true, "2015-11-29", "b.json")
        ])
    );
    assert_eq!(
        of("since"),
        json!([
            side("2013-01-10", false, "2015-09", "a.json"),
            side("2013-01-12", true, "2015-11-29", "b.json")
        ])
    );
    assert_eq!(
        of("area"),
        json!([
            side("North Shore", false, "2015-09", "a.json"),
            side("Northern Shore", true, "2015-11-29", "b.json")
        ])
    );
    assert_eq!(data["member"]["born"], "1961-02-03");
    // A more precise date, a name in another order and a new party are not contradictions.
    assert_eq!(
        data["bo"],
        json!({ "name": "Bo Carr", "born": "1971-08-09",
        "names": [{ "value": "CARR Bo" }],
        "memberships": { "nodes": [
            { "since": "2013-01-12", "onBehalfOf": { "name": "Green Party" } }] } })
    );
    world.end().await;
}

test_each_store!(different_values_of_a_later_version_are_kept_as_claims);

async fn members_of_two_sources_are_matched_by_wikidata_item_only(store: Store) {
    let (world, files) = (World::empty(store).await, Files::new());
    import(&world, files.write("diet.json", diet().to_string()), &Options::default())
        .await
        .unwrap();
    // Another source uses the same ids for other persons. One person has the same Wikidata item.
    let mut senate = diet();
    senate["organizations"][0]["name"] = json!("Senate");
    for (at, name) in ["Ana Bell-Moss", "Someone Else", "Yet Another"].into_iter().enumerate() {
        senate["persons"][at]["name"] = json!(name);
    }
    senate["persons"][1]["birth_date"] = json!("1950");
    let report =
        import(&world, files.write("senate.json", senate.to_string()), &Options::default())
            .await
            .unwrap();
    assert_eq!(report.persons, new(2, 1));
    assert_eq!((report.organizations, report.periods), (new(2, 0), new(1, 0)));
    let data = world
        .data(
            "{ lookup(scheme: \"wikidata\", value: \"Q901\") { ... on Member { name
                names { value } identifiers { scheme value }
                memberships(history: true) { nodes { organization { name } } } } }
            members { totalCount } politicalGroups { nodes { slug } } }",
        )
        .await;
    assert_eq!(data["lookup"]["name"], "Ana Bell");
    assert_eq!(
        data["lookup"]["memberships"]["nodes"],
        json!([
        { "organization": { "name": "Diet" } }, { "organization": { "name": "Senate" } }])
    );
    assert_eq!(
        data["lookup"]["identifiers"],
        json!([
        { "scheme": "popolo:diet", "value": "person/1" },
        { "scheme": "wikidata", "value": "Q901" },
        { "scheme": "popolo:senate", "value": "person/1" }])
    );
    assert_eq!(data["members"]["totalCount"], 5);
    let slugs = data["politicalGroups"]["nodes"].as_array().unwrap();
    assert_eq!(slugs.len(), 2);
    assert_eq!(slugs[0]["slug"], "green-party");
    assert!(slugs[1]["slug"].as_str().unwrap().starts_with("green-party-"));
    world.end().await;
}

test_each_store!(members_of_two_sources_are_matched_by_wikidata_item_only);

/// Each invalid entry is reported, and kept as a claim or skipped.
async fn invalid_entries_are_reported_and_kept_or_skipped(store: Store) {
    let (world, files) = (World::empty(store).await, Files::new());
    let mut dirty = diet();
    dirty["persons"] = json!([
        { "id": "1", "name": "Ann", "birth_date": "1960", "identifiers": [{ "scheme": "wikidata", "identifier": "Q7" }] },
        { "id": "1", "name": "Ann", "birth_date": "1970" },
        { "id": "2", "name": "Anna", "birth_date": "1980", "identifiers": [{ "scheme": "wikidata", "identifier": "Q7" }] },
        { "id": "3", "name": "Ben", "birth_date": "2000", "death_date": "1990" },
        { "id": "4", "name": "Cid", "birth_date": "12 May 1950" },
        { "id": "5", "name": ["no", "name"] },
        { "name": "Nobody" }
    ]);
    dirty["memberships"] = json!([
        { "person_id": "1", "organization_id": "legislature", "start_date": "2015", "end_date": "2012" },
        { "person_id": "1", "organization_id": "legislature", "start_date": "2015", "end_date": "2012" },
        { "person_id": "3", "organization_id": "legislature", "on_behalf_of_id": "absent" },
        { "person_id": "4", "organization_id": "legislature", "legislative_period_id": "term/9",
          "area_id": "area/9", "post_id": "post/9" },
        { "person_id": "99", "organization_id": "legislature" },
        { "person_id": "4", "organization_id": "absent" },
        { "organization_id": "legislature" },
        { "person_id": "4" }
    ]);
    let path = files.write("dirty.json", dirty.to_string());
    let report = import(&world, path.clone(), &Options::default()).await.unwrap();
    let name = path.display().to_string();
    let remarks = report.remarks.iter().map(ToString::to_string);
    let remarks: Vec<String> = remarks.map(|remark| remark.replace(&name, "dirty.json")).collect();
    assert_eq!(
        remarks,
        [
            "dirty.json: persons[1] Ann: an earlier entry is the same person, by id or Wikidata item; merged",
            "dirty.json: persons[2] Anna: an earlier entry is the same person, by id or Wikidata item; merged",
            "dirty.json: persons[3] Ben: the end, 1990, is before the start, 2000; both are kept",
            "dirty.json: persons[4] Cid: `birth_date` is not a date: 12 May 1950; skipped",
            "dirty.json: persons[5] 5: it has no name; skipped",
            "dirty.json: persons[6] Nobody: it has neither an id nor a Wikidata item; skipped",
            "dirty.json: memberships[0] 1 in legislature: the end, 2012, is before the start, 2015; both are kept",
            "dirty.json: memberships[1] 1 in legislature: the end, 2012, is before the start, 2015; both are kept",
            "dirty.json: memberships[2] 3 in legislature: `on_behalf_of_id` is not the id of an entry of the file: absent; imported as a claim",
            "dirty.json: memberships[3] 4 in legislature: `legislative_period_id` is not the id of an entry of the file: term/9; imported as a claim",
            "dirty.json: memberships[3] 4 in legislature: `post_id` is not the id of an entry of the file: post/9; skipped",
            "dirty.json: memberships[3] 4 in legislature: `area_id` is not the id of an entry of the file: area/9; skipped",
            "dirty.json: memberships[4] 99 in legislature: `person_id` is not the id of a person in the file; skipped",
            "dirty.json: memberships[5] 4 in absent: `organization_id` is not the id of an organization in the file; skipped",
            "dirty.json: memberships[6] legislature: it has no `person_id`; skipped",
            "dirty.json: memberships[7] 4: it has no `organization_id`; skipped",
            "dirty.json: memberships[1] 1 in legislature: an earlier entry is equal; skipped",
            "dirty.json: organization unknown: is a placeholder for an unknown group; 0 memberships are imported without a group",
        ]
    );
    let data = world
        .data("{ contradictions { nodes { kind property record { slug } claims { value } } } }")
        .await;
    let mut found: Vec<(String, String, usize)> = data["contradictions"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| {
            let text = |key: &str| node[key].as_str().unwrap().to_owned();
            (text("kind"), text("property"), node["claims"].as_array().unwrap().len())
        })
        .collect();
    found.sort();
    let is = |kind: &str, property: &str, sides| (kind.to_owned(), property.to_owned(), sides);
    assert_eq!(
        found,
        [
            is("DANGLING", "legislativePeriod", 1),
            is("DANGLING", "onBehalfOf", 1),
            is("END_BEFORE_START", "died", 2),
            is("END_BEFORE_START", "until", 2),
            is("VALUES", "born", 3),
        ]
    );
    // With `strict`, the import is rejected.
    let fresh = World::empty(store).await;
    let before = fresh.fingerprint().await;
    let strict = Options { strict: true, ..Options::default() };
    let error = import(&fresh, path, &strict).await.unwrap_err().to_string();
    assert!(error.ends_with("18 problems; nothing was imported"), "{error}");
    assert!(fresh.fingerprint().await == before, "something was written");
    fresh.end().await;
    world.end().await;
}

test_each_store!(invalid_entries_are_reported_and_kept_or_skipped);

async fn invalid_files_are_rejected_and_nothing_is_written(store: Store) {
    let (world, files) = (World::empty(store).await, Files::new());
    let good = files.write("good.json", diet().to_string());
    let before = world.fingerprint().await;
    let cases: [(&str, &[u8], &str); 9] = [
        ("empty.json", b" \n", "is empty"),
        ("text.json", b"hello", "is not Popolo: line 1, column 1"),
        ("cut.json", b"{ \"persons\": [{ \"id\": \"1\"", "is not Popolo: line 1"),
        ("other.json", b"{ \"countries\": [] }", "no list `persons`"),
        ("list.json", b"[{ \"id\": 1 }]", "no list `persons`"),
        ("kinds.json", b"{ \"persons\": { \"a\": 1 } }", "expected a list"),
        ("utf8.json", b"{ \"persons\": [{ \"name\": \"\xff\" }] }", "is not Popolo: line 1"),
        ("cut.json.gz", b"\x1f\x8b\x08\x00\x00", "unexpected end of file"),
        ("bits.json.gz", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff", ""),
    ];
    for (name, bytes, message) in cases {
        let bad = files.write(&format!("bad/{name}"), bytes);
        let paths = [good.clone(), bad.clone()];
        let options = Options::default();
        let error = popolo::import(&world.database, &paths, &options, now(), |_| {}).await;
        let error = error.unwrap_err().to_string();
        assert!(error.contains(name) && error.contains(message), "{name}: {error}");
        assert!(error.ends_with("1 problem; nothing was imported"), "{name}: {error}");
    }
    let deep = format!("{{ \"persons\": [{}", "[".repeat(100_000));
    let deep = files.write("bad/deep.json", deep);
    let error = import(&world, deep, &Options::default()).await.unwrap_err().to_string();
    assert!(error.contains("is not Popolo"), "{error}");
    let gone = import(&world, files.folder().join("gone.json"), &Options::default()).await;
    assert!(matches!(gone, Err(ImportError::Unreadable { .. })));
    let state = Options { state: Some("zz".to_owned()), ..Options::default() };
    let error = import(&world, good.clone(), &state).await.unwrap_err().to_string();
    assert!(error.contains("No state in the database has the code `ZZ`"), "{error}");
    fs::create_dir_all(files.folder().join("nothing")).unwrap();
    let nothing = import(&world, files.folder().join("nothing"), &Options::default()).await;
    assert!(nothing.unwrap_err().to_string().contains("no .json"));
    assert!(world.fingerprint().await == before, "something was written");
    // Other files of a folder are reported and skipped.
    fs::remove_dir_all(files.folder().join("bad")).unwrap();
    files.write("countries.json", "[{ \"name\": \"Exland\" }]");
    let report = import(&world, files.folder(), &Options::default()).await.unwrap();
    assert_eq!((report.files, report.persons), (1, new(3, 0)));
    assert!(report.remarks[0].message.ends_with("skipped"), "{:?}", report.remarks);
    world.end().await;
}

test_each_store!(invalid_files_are_rejected_and_nothing_is_written);

async fn a_dry_run_writes_nothing_and_returns_the_same_report(store: Store) {
    let (world, files) = (World::built_in(store).await, Files::new());
    let path = files.write("diet.json", diet().to_string());
    let before = world.fingerprint().await;
    let dry = Options { dry_run: true, ..Options::default() };
    let remark = import(&world, path.clone(), &dry).await.unwrap();
    assert!(world.fingerprint().await == before, "something was written");
    assert_eq!(import(&world, path, &Options::default()).await.unwrap(), remark);
    world.end().await;
}

test_each_store!(a_dry_run_writes_nothing_and_returns_the_same_report);

/// The values of an existing chamber and a member with the same name are unchanged; the values of the
/// file are added as claims.
async fn popolo_is_merged_with_existing_records(store: Store) {
    let (world, files) = (World::built_in(store).await, Files::new());
    let mut file = diet();
    file["organizations"][0] = json!({ "id": "legislature", "name": "National Assembly",
        "classification": "legislature", "seats": 131,
        "identifiers": [{ "scheme": "wikidata", "identifier": "Q1337463" }] });
    file["persons"][0]["name"] = json!("Viktor Kogut");
    let report = import(&world, files.write("am.json", file.to_string()), &Options::default())
        .await
        .unwrap();
    assert_eq!((report.organizations, report.persons), (new(1, 1), new(3, 0)));
    let data = world
        .data(
            "{ chamber(slug: \"am-national-assembly\") { name size
                legislativePeriods { nodes { name } }
                contradictions { property status claims { value preferred } } }
            member(slug: \"viktor-kogut\") { memberships(history: true) { totalCount } }
            other: member(slug: \"viktor-kogut-q901\") { name memberships(history: true) {
                nodes { organization { slug } } } } }",
        )
        .await;
    let chamber = &data["chamber"];
    assert_eq!(chamber["size"], 107);
    assert_eq!(chamber["name"], "National Assembly of the Republic of Armenia");
    assert_eq!(chamber["legislativePeriods"]["nodes"], json!([{ "name": "Fifth term" }]));
    let sizes = chamber["contradictions"].as_array().unwrap();
    let sizes = sizes.iter().find(|one| one["property"] == "size").unwrap();
    assert_eq!(
        sizes["claims"].as_array().unwrap().last().unwrap(),
        &json!({ "value": "131", "preferred": false })
    );
    assert_eq!(data["member"]["memberships"]["totalCount"], 2, "an equal name is not a match");
    assert_eq!(
        data["other"]["memberships"]["nodes"],
        json!([{ "organization": { "slug": "am-national-assembly" } }])
    );
    world.end().await;
}

test_each_store!(popolo_is_merged_with_existing_records);

/// A state is matched by its code, and a delegation by its parliament and assembly.
async fn records_are_matched_by_unique_fields(store: Store) {
    let (world, files) = (World::built_in(store).await, Files::new());
    let exported = |slug: &str| json!([{ "scheme": "assembly-graph", "identifier": slug }]);
    let file = json!({
        "areas": [{ "id": "belarus", "identifier": "BY", "name": "Belarus" }],
        "organizations": [
            { "id": "belarus", "name": "Belarus", "classification": "state",
              "identifiers": exported("other-state") },
            { "id": "assembly", "name": "Assembly", "classification": "assembly",
              "identifiers": exported("csto-pa") },
            { "id": "parliament", "name": "Parliament", "classification": "parliament",
              "identifiers": exported("parliament-by") },
            { "id": "delegation", "name": "Belarusian Delegation",
              "classification": "delegation", "parent_id": "parliament",
              "assembly_id": "assembly", "identifiers": exported("other-delegation") }
        ]
    });
    let path = files.write("by.json", file.to_string());
    let report = import(&world, path, &Options::default()).await.unwrap();
    assert_eq!(report.organizations, new(0, 4), "{:?}", report.remarks);
    let data = world
        .data(
            "{ state(code: \"BY\") { slug names { value } }
            assembly(slug: \"csto-pa\") { delegations(filter: { parliament:
                { slug: { eq: \"parliament-by\" } } }) { nodes { slug names { value } } } } }",
        )
        .await;
    assert_eq!(data["state"]["slug"], "by");
    let delegations = &data["assembly"]["delegations"]["nodes"];
    assert_eq!(delegations.as_array().unwrap().len(), 1, "{delegations}");
    assert_eq!(delegations[0]["slug"], "csto-pa-delegation-by");
    world.end().await;
}

test_each_store!(records_are_matched_by_unique_fields);

/// Returns all imported data except ids and times: records, claims and preferred values.
async fn snapshot(world: &World) -> Value {
    world
        .data(
            "{ members(first: 100) { nodes { slug name born names { value }
                claimsAbout { property value preferred locator document { file } }
                memberships(history: true) { nodes { slug role area since until
                    legislativePeriod { slug name } onBehalfOf { slug } } } } }
            parliaments { nodes { slug name claimsAbout { property value preferred } } }
            politicalGroups { nodes { slug name claimsAbout { property value preferred } } }
            legislativePeriods { nodes { slug name claimsAbout { property value preferred } } }
            contradictions(first: 100) { nodes { slug claims { value preferred } } } }",
        )
        .await
}

/// Three versions of a source, between which all ids of persons, groups and periods change.
fn versions() -> [Value; 3] {
    let first = diet();
    let mut second = later();
    second["organizations"][1]["id"] = json!("7");
    second["memberships"][0]["on_behalf_of_id"] = json!("7");
    second["events"][0]["id"] = json!("term/2012");
    for at in 0..3 {
        second["memberships"][at]["legislative_period_id"] = json!("term/2012");
    }
    second["persons"][0]["birth_date"] = json!("1961-02-03");
    second["persons"][1]["name"] = json!("CARR Bo");
    let mut third = second.clone();
    // Another group with the same name.
    let more = json!({ "id": "8", "name": "Green Party", "classification": "party" });
    third["organizations"].as_array_mut().unwrap().push(more);
    third["memberships"][1]["on_behalf_of_id"] = json!("8");
    [first, second, third]
}

async fn one_import_equals_several(store: Store) {
    let files = Files::new();
    let paths: Vec<PathBuf> = versions()
        .iter()
        .enumerate()
        .map(|(at, version)| files.write(&format!("{at}.json"), version.to_string()))
        .collect();
    let apart = World::empty(store).await;
    for path in &paths {
        import(&apart, path.clone(), &Options::default()).await.unwrap();
    }
    let expected = snapshot(&apart).await;
    assert_eq!(expected["members"]["nodes"].as_array().unwrap().len(), 4);
    assert_eq!(expected["politicalGroups"]["nodes"].as_array().unwrap().len(), 2);
    assert_eq!(expected["legislativePeriods"]["nodes"].as_array().unwrap().len(), 1);
    for batch_size in [None, Some(1), Some(3)] {
        let options = Options { batch_size, ..Options::default() };
        let world = World::empty(store).await;
        popolo::import(&world.database, &paths, &options, now(), |_| {}).await.unwrap();
        assert_eq!(snapshot(&world).await, expected, "batch size {batch_size:?}");
        world.end().await;
    }
    apart.end().await;
}

test_each_store!(one_import_equals_several);

async fn a_reformatted_file_adds_no_duplicates(store: Store) {
    let (world, files) = (World::empty(store).await, Files::new());
    let mut file = diet();
    // A duplicate entry, and an organization without an id.
    let twice = file["memberships"][0].clone();
    file["memberships"].as_array_mut().unwrap().push(twice);
    let nobody = json!({ "id": "", "name": "Nobody's Party", "classification": "party" });
    file["organizations"].as_array_mut().unwrap().push(nobody);
    import(&world, files.write("a.json", file.to_string()), &Options::default()).await.unwrap();
    let pretty = serde_json::to_string_pretty(&file).unwrap();
    let report = import(&world, files.write("b.json", pretty), &Options::default()).await.unwrap();
    assert_eq!((report.persons, report.memberships), (new(0, 3), new(0, 3)));
    assert_eq!((report.organizations, report.periods), (new(0, 2), new(0, 1)));
    assert_eq!(report.applied.created, 1, "the file itself");
    assert_eq!(report.applied.updated, report.applied.confirmed);
    // A file without persons is matched by its organizations.
    let mut bodies = file.clone();
    for list in ["persons", "memberships"] {
        bodies[list] = json!([]);
    }
    let path = files.write("bodies.json", bodies.to_string());
    let report = import(&world, path, &Options::default()).await.unwrap();
    assert_eq!((report.organizations, report.periods), (new(0, 2), new(0, 1)));
    world.end().await;
}

test_each_store!(a_reformatted_file_adds_no_duplicates);

async fn consecutive_memberships_are_separate_records(store: Store) {
    let (world, files) = (World::empty(store).await, Files::new());
    let file = |since: &str, until: &str| {
        let mut file = diet();
        file["memberships"] = json!([{ "person_id": "person/1",
            "organization_id": "legislature", "start_date": since, "end_date": until }]);
        file.to_string()
    };
    for (name, since, until) in [
        ("a.json", "2010", "2014"),
        ("b.json", "2014-06", "2018"),
        ("c.json", "2019", "2020"),
        ("d.json", "2019-01-08", "2020"),
    ] {
        import(&world, files.write(name, file(since, until)), &Options::default()).await.unwrap();
    }
    let data = world
        .data(
            "{ member(slug: \"ana-bell\") { memberships(history: true) { nodes {
                since until contradictions { kind } } } } }",
        )
        .await;
    let membership =
        |since: &str, until: &str| json!({ "since": since, "until": until, "contradictions": [] });
    let nodes = data["member"]["memberships"]["nodes"].as_array().unwrap();
    assert_eq!(nodes.len(), 3);
    assert_eq!(nodes[..2], [membership("2010", "2014"), membership("2014-06", "2018")]);
    assert_eq!(nodes[2]["until"], "2020");
    world.end().await;
}

test_each_store!(consecutive_memberships_are_separate_records);

async fn one_source_may_have_several_legislatures(store: Store) {
    let (world, files) = (World::empty(store).await, Files::new());
    let legislature = |name: &str, item: &str, group: &str| {
        let mut file = diet();
        file["organizations"][0]["name"] = json!(name);
        file["organizations"][0]["identifiers"] =
            json!([{ "scheme": "wikidata", "identifier": item }]);
        file["organizations"][1]["id"] = json!(group);
        file["memberships"][0]["on_behalf_of_id"] = json!(group);
        file
    };
    // Both houses have the same members, and remain two parliaments.
    let house = legislature("House", "Q900021", "g1");
    let senate = legislature("Senate", "Q900022", "g2");
    for (name, file) in [("house.json", house), ("senate.json", senate)] {
        import(&world, files.write(name, file.to_string()), &Options::default()).await.unwrap();
    }
    let data = world
        .data(
            "{ parliaments { nodes { slug identifiers { scheme value } } }
            politicalGroups { nodes { name } } }",
        )
        .await;
    assert_eq!(data["parliaments"]["nodes"].as_array().unwrap().len(), 2);
    assert_eq!(data["politicalGroups"]["nodes"].as_array().unwrap().len(), 2);
    world.end().await;

    // With one source, parties with the same name in two legislatures are two groups.
    let world = World::empty(store).await;
    let options = Options { source: Some("almanac".to_owned()), ..Options::default() };
    for (at, name) in ["Aland", "Bland"].into_iter().enumerate() {
        let mut file = legislature(name, &format!("Q90003{at}"), &format!("{name}/green"));
        file["organizations"][0]["id"] = json!(format!("{name}/legislature"));
        for one in 0..3 {
            file["persons"][one]["id"] = json!(format!("{name}/{one}"));
            file["persons"][one].as_object_mut().unwrap().remove("identifiers");
            file["memberships"][one]["person_id"] = json!(format!("{name}/{one}"));
            file["memberships"][one]["organization_id"] = json!(format!("{name}/legislature"));
        }
        file["events"][0]["organization_id"] = json!(format!("{name}/legislature"));
        file["events"][0]["id"] = json!(format!("{name}/term"));
        let path = files.write(&format!("{name}.json"), file.to_string());
        import(&world, path, &options).await.unwrap();
    }
    let groups = world.data("{ politicalGroups { totalCount } }").await;
    assert_eq!(groups["politicalGroups"]["totalCount"], 2);
    world.end().await;
}

test_each_store!(one_source_may_have_several_legislatures);

/// Control characters, SQL, cycles, duplicate ids and very large inputs.
async fn malformed_files_are_imported_or_reported(store: Store) {
    let (world, files) = (World::empty(store).await, Files::new());
    let mut file = diet();
    file["persons"][0]["name"] = json!("Ana\u{0}\u{1b}[31m Bell");
    file["persons"][1]["name"] = json!("x".repeat(100_000));
    file["persons"][2]["identifiers"] = json!([
        { "scheme": "assembly-graph", "identifier": "bad \"slug\"\n" },
        { "scheme": "isni", "identifier": "'; DROP TABLE member; --" }]);
    // A group and a legislature with one id, a chamber of it, and two states with one code.
    let organizations = json!([
        { "id": "x", "name": "Party X", "classification": "party" },
        { "id": "x", "name": "Parliament X", "classification": "parliament" },
        { "id": "y", "name": "House of X", "classification": "lower house", "parent_id": "x" },
        { "id": "cycle", "name": "Cycle", "classification": "committee", "parent_id": "elcyc" },
        { "id": "elcyc", "name": "Elcyc", "classification": "committee", "parent_id": "cycle" },
        { "id": "s1", "name": "Sland", "classification": "state",
          "identifiers": [{ "scheme": "assembly-graph", "identifier": "s1" }] },
        { "id": "s2", "name": "Tland", "classification": "state",
          "identifiers": [{ "scheme": "assembly-graph", "identifier": "s2" }] },
        { "id": "d", "name": "Delegation", "classification": "delegation", "parent_id": "x",
          "assembly_id": "x",
          "identifiers": [{ "scheme": "assembly-graph", "identifier": "d" }] },
        { "id": "legislature", "name": "Diet", "classification": "legislature", "seats": -5 }
    ]);
    file["organizations"] = organizations;
    file["areas"] = json!([{ "id": "s1", "identifier": "SS" }, { "id": "s2", "identifier": "SS" }]);
    let path = files.write("hostile.json", file.to_string());
    let report = import(&world, path, &Options::default()).await.unwrap();
    let messages: Vec<&str> = report.remarks.iter().map(|remark| remark.message.as_str()).collect();
    for part in
        ["is not a valid slug", "`seats` is not an integer", "a delegation needs", "it has no name"]
    {
        assert!(messages.iter().any(|remark| remark.contains(part)), "{part}: {messages:?}");
    }
    let data = world
        .data(
            "{ members { nodes { name slug } } states { nodes { slug code } }
            chambers { nodes { name parliament { name } } } }",
        )
        .await;
    assert_eq!(
        data["members"]["nodes"],
        json!([
        { "name": "Ana [31m Bell", "slug": "ana-31m-bell" },
        { "name": "Cy Dahl", "slug": "cy-dahl" }])
    );
    assert_eq!(data["states"]["nodes"], json!([{ "slug": "s1", "code": "SS" }]));
    assert_eq!(
        data["chambers"]["nodes"],
        json!([
        { "name": "House of X", "parliament": { "name": "Parliament X" } }])
    );

    // A small compressed file with a very long list.
    use std::io::Write;
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    bomb.write_all(b"{ \"persons\": [{}").unwrap();
    for _ in 0..4_100 {
        bomb.write_all(",{}".repeat(100).as_bytes()).unwrap();
    }
    bomb.write_all(b"] }").unwrap();
    let path = files.write("bomb.json.gz", bomb.finish().unwrap());
    let error = import(&world, path, &Options::default()).await.unwrap_err().to_string();
    assert!(error.contains("a list has more than 400000 entries"), "{error}");

    // One person with many memberships.
    let mut many = diet();
    let one = |at: usize| {
        json!({ "person_id": "person/1", "organization_id": "legislature",
            "label": format!("Seat {at}") })
    };
    many["memberships"] = (0..1_500).map(one).collect();
    let path = files.write("many.json", many.to_string());
    let report = import(&world, path, &Options::default()).await.unwrap();
    // The first one may be the existing membership without a title.
    assert_eq!(report.memberships, new(999, 1));
    assert!(report.remarks.iter().any(|remark| remark.message.contains("1500 memberships")));
    world.end().await;
}

test_each_store!(malformed_files_are_imported_or_reported);
