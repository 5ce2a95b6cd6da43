//! Validation of each key of the rows of a data set.

use std::collections::BTreeMap;

use assembly_graph::import::{self, File, ImportError};
use serde_json::Value;

use super::{camel, file, import_rows};
use crate::world::{Store, World, now, test_each_store};

/// The records to which the rows of the cases refer.
const BASE: &str = r#"
document = [{ slug = "almanac", kind = "OFFICIAL" }, { slug = "gazette", kind = "PRESS" }]
state = [{ slug = "x", code = "XX", name = "Exland", sources = ["almanac"] }]
parliament = [{ slug = "p", name = "Parliament", sources = ["almanac"] }]
chamber = [{ slug = "h", parliament = "p", name = "House", sources = ["almanac"] }]
assembly = [{ slug = "a", name = "Assembly", sources = ["almanac"] }]
delegation = [{ slug = "d", assembly = "a", parliament = "p", name = "D", sources = ["almanac"] }]
member = [{ slug = "m", name = "Ann", sources = ["almanac"] }]
decision = [{ slug = "act", assembly = "a", kind = "DECISION", title = "Act", status = "ADOPTED", sources = ["almanac"] }]
stage = [{ slug = "step", decision = "act", position = 1, kind = "READING", sources = ["almanac"] }]
"#;

/// Rows without slugs and sources, and their errors.
const WRONG: &[(&str, &[&str])] = &[
    // Texts.
    ("member name = ''", &["`name` is empty; omit it if the value is unknown"]),
    ("member name = 5", &["`name` must be a string, not an integer"]),
    ("member", &["`name` is missing; it must be a string"]),
    ("member name = 'x', note = true", &["`note` must be a string, not true or false"]),
    // Numbers.
    (
        "chamber parliament = 'p', name = 'x', size = -1",
        &["`size` must be between 0 and 2147483647, got -1"],
    ),
    (
        "chamber parliament = 'p', name = 'x', size = 2147483648",
        &["`size` must be between 0 and 2147483647, got 2147483648"],
    ),
    (
        "chamber parliament = 'p', name = 'x', size = 1.5",
        &["`size` must be an integer of at least 0, not a float"],
    ),
    (
        "chamber parliament = 'p', name = 'x', size = 99999999999999999999",
        &["`size` must be an integer of at least 0, not an integer out of range"],
    ),
    (
        "chamber parliament = 'p', name = 'x', size = '100'",
        &["`size` must be an integer of at least 0, not a string"],
    ),
    (
        "membership member = 'm', organization = 'h', role = 'MEMBER', term = 0",
        &["`term` must be between 1 and 2147483647, got 0"],
    ),
    (
        "seat_allocation delegation = 'd'",
        &["`seats` is missing; it must be an integer, in the row or in a claim"],
    ),
    (
        "site_state name = 'x', position = 'first'",
        &["`position` must be an integer of at least 0, not a string"],
    ),
    // Flags.
    (
        "session kind = 'PLENARY', name = 'x', planned = 'yes'",
        &["`planned` must be true or false, not a string"],
    ),
    // Dates.
    (
        "member name = 'x', born = '1970-02-30'",
        &["`born`: `1970-02-30` is not a date; a date is a year, a month or a day, such as 2022, \
         2022-12 or 2022-12-05"],
    ),
    (
        "member name = 'x', born = 1970",
        &["`born` must be a date in quotes, such as \"2022-12-05\", not an integer"],
    ),
    (
        "member name = 'x', born = 1970-01-01",
        &["`born` must be a date in quotes, such as \"2022-12-05\", not a TOML date (write \
         dates in quotes)"],
    ),
    (
        "member name = 'x', born = ''",
        &[
            "`born`: `` is not a date; a date is a year, a month or a day, such as 2022, 2022-12 or \
         2022-12-05",
        ],
    ),
    // Words.
    (
        "membership member = 'm', organization = 'h', role = 'BOSS'",
        &["`role` must be one of CHAIR, FIRST_DEPUTY_CHAIR, DEPUTY_CHAIR, HEAD, DEPUTY_HEAD, \
         REPRESENTATIVE, EXECUTIVE_SECRETARY, DEPUTY_EXECUTIVE_SECRETARY, SECRETARY_GENERAL, \
         DEPUTY_SECRETARY_GENERAL, COORDINATOR, MEMBER, EXPERT, OFFICIAL, not `BOSS`"],
    ),
    (
        "membership member = 'm', organization = 'h'",
        &["`role` is missing; it must be one of CHAIR, FIRST_DEPUTY_CHAIR, DEPUTY_CHAIR, HEAD, \
         DEPUTY_HEAD, REPRESENTATIVE, EXECUTIVE_SECRETARY, DEPUTY_EXECUTIVE_SECRETARY, \
         SECRETARY_GENERAL, DEPUTY_SECRETARY_GENERAL, COORDINATOR, MEMBER, EXPERT, OFFICIAL"],
    ),
    (
        "chamber parliament = 'p', name = 'x', house = 1",
        &["`house` must be one of LOWER, UPPER, SINGLE, UNKNOWN, not an integer"],
    ),
    // Slugs.
    ("chamber name = 'x'", &["`parliament` is missing; it must be the slug of a parliament"]),
    (
        "chamber parliament = 'missing', name = 'x'",
        &["`parliament`: no record has the slug `missing`"],
    ),
    (
        "chamber parliament = 'x', name = 'x'",
        &["`parliament` must be the slug of a parliament; `x` is a state"],
    ),
    (
        "chamber parliament = 7, name = 'x'",
        &["`parliament` must be the slug of a parliament, not an integer"],
    ),
    (
        "membership member = 'm', role = 'MEMBER'",
        &[
            "`organization` is missing; it must be the slug of an assembly, a parliament, a chamber, a \
         delegation, a commission or a political_group",
        ],
    ),
    (
        "participation assembly = 'a', participant = 'm', status = 'MEMBER'",
        &[
            "`participant` must be the slug of an assembly, a state or a parliament; `m` is a member",
        ],
    ),
    (
        "commission kind = 'JOINT', name = 'x', assemblies = 'a'",
        &["`assemblies` must be a list of slugs, not a string"],
    ),
    (
        "commission kind = 'JOINT', name = 'x', assemblies = ['a', 'p', 'b']",
        &[
            "`assemblies` must be the slug of an assembly; `p` is a parliament",
            "`assemblies`: no record has the slug `b`",
        ],
    ),
    // Periods.
    (
        "participation assembly = 'a', participant = 'x', status = 'MEMBER', observed = \
         ['2020', '2019']",
        &["`observed`: the first date, 2020, is after the last date, 2019"],
    ),
    (
        "participation assembly = 'a', participant = 'x', status = 'MEMBER', observed = \
         ['2018', '2019', '2020']",
        &["`observed` must be one date, or a list of the first and the last date"],
    ),
    (
        "participation assembly = 'a', participant = 'x', status = 'MEMBER', observed = []",
        &["`observed` must be one date, or a list of the first and the last date"],
    ),
    (
        "participation assembly = 'a', participant = 'x', status = 'MEMBER', observed = \
         2020",
        &["`observed` must be a date in quotes, such as \"2022-12-05\", not an integer"],
    ),
    (
        "participation assembly = 'a', participant = 'x', status = 'MEMBER', until = '2020', \
         ongoing = true",
        &["`until` is not allowed with `ongoing = true`"],
    ),
    (
        "legislative_period organization = 'p', name = 'x', starts = '2020', ends = '2019'",
        &["`ends` is before `starts`"],
    ),
    (
        "session kind = 'PLENARY', name = 'x', starts = '2020-05-02', ends = '2020-05-01'",
        &["`ends` is before `starts`"],
    ),
    // Names, identifiers, other slugs, facts.
    (
        "member name = 'x', names = 'y'",
        &["`names` must be a list of tables with `value`, `language` and `kind`, not a string"],
    ),
    (
        "member name = 'x', names = ['y']",
        &["`names` must be a list of tables with `value`, `language` and `kind`, not a string"],
    ),
    (
        "member name = 'x', names = [{ language = 'en' }]",
        &["`value` is missing; it must be a string"],
    ),
    (
        "member name = 'x', names = [{ value = 'y', kind = 'PET' }]",
        &["`kind` must be one of MAIN, OFFICIAL, SHORT, ACRONYM, NATIVE, VARIANT, FORMER, \
         DRAFT, not `PET`"],
    ),
    ("member name = 'x', names = [{ value = 'y', sort = 'PET' }]", &["`names` has no key `sort`"]),
    (
        "member name = 'x', identifiers = 'Q1'",
        &["`identifiers` must be a table such as { wikidata = \"Q1\" }, not a string"],
    ),
    (
        "member name = 'x', identifiers = { wikidata = { id = 'Q1' } }",
        &["`identifiers` must be a string, not a table"],
    ),
    ("member name = 'x', aliases = 'y'", &["`aliases` must be a list of slugs, not a string"]),
    ("member name = 'x', aliases = [5]", &["`aliases` must be a list of slugs, not an integer"]),
    (
        "member name = 'x', aliases = ['No Alias']",
        &["`No Alias` is not a valid slug; use a-z, 0-9 and single hyphens between them"],
    ),
    ("member name = 'x', aliases = ['m']", &["`m` is a slug of another record in the database"]),
    ("member name = 'x', facts = 5", &["`facts` must be a table, not an integer"]),
    (
        "member name = 'x', facts = { height = { cm = 170 } }",
        &["`height` must be a string, an integer, true or false, not a table"],
    ),
    // Sources.
    (
        "member name = 'x', sources = []",
        &["`sources` is missing; it must be a list with the slug of at least one document"],
    ),
    (
        "member name = 'x', sources = 'almanac'",
        &[
            "`sources` is missing; it must be a list with the slug of at least one document",
            "`sources` must be a list of slugs of documents, not a string",
        ],
    ),
    (
        "member name = 'x', sources = ['x']",
        &[
            "`sources` is missing; it must be a list with the slug of at least one document",
            "`sources` must be the slug of a document; `x` is a state",
        ],
    ),
    (
        "member name = 'x', sources = ['almanach#line 3']",
        &[
            "`sources` is missing; it must be a list with the slug of at least one document",
            "`sources`: no record has the slug `almanach`; did you mean `almanac`?",
        ],
    ),
    (
        "member name = 'x', born_sources = ['almanac']",
        &["`born_sources` is allowed only with `born`"],
    ),
    (
        "member name = 'x', note_sources = ['almanac'], note = 'y'",
        &["`member` has no key `note_sources`; did you mean `note`?"],
    ),
    // Keys, slugs and tables.
    ("member name = 'x', colour = 'blue'", &["`member` has no key `colour`"]),
    (
        "member slug = 'No Slug', name = 'x'",
        &["`No Slug` is not a valid slug; use a-z, 0-9 and single hyphens between them"],
    ),
    ("member slug = 'x', name = 'x'", &["`x` is a state in the database, not a member"]),
    ("planet name = 'x'", &["unknown table `planet`"]),
    // What only one record may hold, and what goes together.
    (
        "state code = 'xx', name = 'x'",
        &["`code` must be an ISO 3166-1 code of two uppercase letters, not `xx`"],
    ),
    ("state code = 'XX', name = 'x'", &["the code `XX` is already used by `x`"]),
    (
        "delegation assembly = 'a', parliament = 'p', name = 'x'",
        &["the combination of `parliament` and `assembly` is already used by `d`"],
    ),
    (
        "stage decision = 'act', position = 0, kind = 'READING'",
        &["`position` must be between 1 and 2147483647, got 0"],
    ),
    (
        "decision kind = 'DECISION', title = 'x', status = 'ADOPTED'",
        &["`assembly` or `state` is required"],
    ),
    (
        "decision_relation subject = 'act', object = 'act', kind = 'AMENDS'",
        &["`subject` and `object` must differ"],
    ),
    ("document kind = 'PRESS', sources = ['almanac']", &[]),
    // Claims.
    (
        "claim property = 'size', value = 5",
        &["`record` is missing; it must be the slug of a record"],
    ),
    ("claim record = 'h', value = 5", &["`property` is missing; it must be a string"]),
    (
        "claim record = 'h', property = 'size'",
        &["`value` is missing; it must be a string or an integer"],
    ),
    (
        "claim record = 'h', property = 'size', value = ['5']",
        &["`value` must be a string or an integer, not a list"],
    ),
    (
        "claim record = 'h', property = 'size', value = 5, unknown = true",
        &["`value` is not allowed with `unknown = true`"],
    ),
    (
        "claim record = 'h', property = 'size', value = 'many'",
        &["`value`: the `size` of a chamber must be an integer of at least 0"],
    ),
    (
        "claim record = 'h', property = 'founded', value = 'long ago'",
        &["`value`: the `founded` of a chamber must be a date, such as \"2022\" or \
         \"2022-12-05\""],
    ),
    (
        "claim record = 'h', property = 'house', value = 'TOP'",
        &["`value`: the `house` of a chamber must be a value of its enum"],
    ),
    (
        "claim record = 'd', property = 'seats', value = 5",
        &["`value`: the `seats` of a delegation must be a sum of the seats of its \
         chambers, such as \"7 + 4\"; a single number is a value of `total_seats`"],
    ),
    (
        "claim record = 'd', property = 'total_seats', value = 'many'",
        &["`value`: the `totalSeats` of a delegation must be an integer of at least 0"],
    ),
    (
        "claim record = 'h', property = 'size', value = 5, ongoing = true",
        &["`claim` has no key `ongoing`"],
    ),
    (
        "claim record = 'h', property = 'size', value = 5, since = '2020', until = '2019'",
        &["`until` is before `since`"],
    ),
    (
        "claim record = 'h', property = 'size', value = 5, origin = 'GUESS'",
        &["`origin` must be one of CLAIM, ROW, SIDE, not `GUESS`"],
    ),
    (
        "claim record = 'h', property = 'size', value = 5, attribution = 1",
        &["`attribution` must be one of VALUE, RECORD, not an integer"],
    ),
    (
        "claim record = 'h', property = 'size', value = 5, withdrawn = 'yes'",
        &["`withdrawn` must be true or false, not a string"],
    ),
    (
        "claim record = 'h', property = 'size', value = 5, sources = []",
        &["`sources` is missing; it must be a list with the slug of at least one document"],
    ),
    // Contradictions.
    (
        "contradiction record = 'h', property = 'size', claims = [{ value = 5, sources = \
         ['almanac'] }]",
        &["`claims` must be a list of at least two tables, each `{ value, sources }`"],
    ),
    (
        "contradiction record = 'h', property = 'size', claims = 'both'",
        &[
            "`claims` must be a list of at least two tables, each `{ value, sources }`",
            "`claims` must be a list of tables with `value` and `sources`, not a string",
        ],
    ),
    (
        "contradiction record = 'h', property = 'size', claims = ['5', { value = 5 }, { \
         value = 5, sources = ['almanac'], by = 'x' }]",
        &[
            "`claims` has no key `by`",
            "`claims` must be a list of at least two tables, each `{ value, sources }`",
            "`claims` must be a list of tables with `value` and `sources`, not a string",
            "a claim must have a `value` and `sources`",
        ],
    ),
    (
        "contradiction record = 'h', property = 'size', preferred = 5, claims = [{ value = 5, \
         sources = ['almanac'] }, { value = 6, sources = ['gazette'] }]",
        &[
            "`preferred` is not allowed for `size`: the row of the record states the preferred value",
        ],
    ),
    (
        "contradiction record = 'h', property = 'motto', preferred = 'c', claims = [{ value = \
         'a', sources = ['almanac'] }, { value = 'b', sources = ['gazette'] }]",
        &["`preferred` must be a value of `claims`"],
    ),
    (
        "contradiction record = 'h', property = 'motto', explains = ['none'], status = \
         'SOLVED', claims = [{ value = 'a', sources = ['almanac'] }, { value = 'b', sources = \
         ['gazette'] }]",
        &[
            "`explains`: no record has the slug `none`",
            "`status` must be one of OPEN, EXPLAINED, not `SOLVED`",
        ],
    ),
];

/// The messages of each file of a data set that is rejected, without lists of allowed names.
async fn problems(world: &World, files: &[File]) -> BTreeMap<String, Vec<String>> {
    let refused = import::import(&world.database, files, now()).await.unwrap_err();
    let ImportError::Invalid(problems) = refused else { panic!("{refused}") };
    let mut by_file: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for problem in problems {
        let message = problem.message.split(" (allowed ").next().unwrap_or_default().to_owned();
        by_file.entry(problem.file.to_string()).or_default().push(message);
    }
    by_file
}

#[tokio::test]
async fn an_invalid_value_is_reported_with_the_allowed_values() {
    let world = World::empty(Store::Sqlite).await;
    import_rows(&world, BASE).await;
    let files: Vec<File> =
        WRONG.iter().enumerate().map(|(at, (row, _))| file(&format!("r{at}"), row)).collect();
    let mut problems = problems(&world, &files).await;
    let mut wrong = Vec::new();
    for ((row, expected), file) in WRONG.iter().zip(&files) {
        let found = problems.remove(&*file.name).unwrap_or_default();
        if found != *expected {
            wrong.push(format!("    (\"{row}\", &{found:?}),"));
        }
    }
    world.end().await;
    assert!(wrong.is_empty(), "other messages:\n{}", wrong.join("\n"));
}

/// Rows, a query of each, and its result.
const RIGHT: &[(&str, &str, &str)] = &[
    // Texts and numbers are kept as they are written.
    ("member name = ' Ann '", "name", r#"{ "name": " Ann " }"#),
    ("chamber parliament = 'p', name = 'x', size = 0", "size", r#"{ "size": 0 }"#),
    (
        "membership member = 'm', organization = 'h', role = 'MEMBER', term = 2, area = 'North'",
        "role term area title",
        r#"{ "role": "MEMBER", "term": 2, "area": "North", "title": null }"#,
    ),
    // Where a word or a flag is omitted, it is the default.
    (
        "chamber parliament = 'p', name = 'x'",
        "house size",
        r#"{ "house": "UNKNOWN", "size": null }"#,
    ),
    (
        "parliament name = 'x'",
        "structure state { code }",
        r#"{ "structure": "UNKNOWN", "state": null }"#,
    ),
    ("session kind = 'PLENARY', name = 'x'", "planned", r#"{ "planned": false }"#),
    ("session kind = 'PLENARY', name = 'x', planned = true", "planned", r#"{ "planned": true }"#),
    (
        "decision assembly = 'a', kind = 'APPEAL', title = 'x', status = 'DRAFT'",
        "titleGiven",
        r#"{ "titleGiven": true }"#,
    ),
    // Dates are as precise as they are written.
    ("member name = 'x', born = '1970'", "born", r#"{ "born": "1970" }"#),
    ("member name = 'x', born = '1970-02'", "born", r#"{ "born": "1970-02" }"#),
    ("member name = 'x', born = '1970-02-28'", "born", r#"{ "born": "1970-02-28" }"#),
    (
        "legislative_period organization = 'p', name = 'x', starts = '2020', ends = '2020'",
        "starts ends",
        r#"{ "starts": "2020", "ends": "2020" }"#,
    ),
    // One day of sight is the first and the last.
    (
        "participation assembly = 'a', participant = 'x', status = 'GUEST', observed = '2019'",
        "since until ongoing observed { first last }",
        r#"{ "since": null, "until": null, "ongoing": false,
             "observed": { "first": "2019", "last": "2019" } }"#,
    ),
    (
        "participation assembly = 'a', participant = 'p', status = 'PARTNER', since = '2017', \
         ongoing = true, observed = ['2018', '2020-05']",
        "since ongoing observed { first last }",
        r#"{ "since": "2017", "ongoing": true, "observed": { "first": "2018", "last": "2020-05" } }"#,
    ),
    // Slugs lead to records.
    (
        "commission kind = 'JOINT', name = 'x', assemblies = ['a'], chamber = 'h'",
        "assemblies { slug } chamber { slug } under { slug }",
        r#"{ "assemblies": [{ "slug": "a" }], "chamber": { "slug": "h" }, "under": null }"#,
    ),
    // Names, identifiers and facts.
    (
        "member name = 'Ann', names = [{ value = 'Энн', language = 'ru' }, { value = 'A', kind = 'SHORT' }]",
        "name names { value language kind }",
        r#"{ "name": "Ann", "names": [
             { "value": "Энн", "language": "ru", "kind": "VARIANT" },
             { "value": "A", "language": null, "kind": "SHORT" }] }"#,
    ),
    (
        "member name = 'x', identifiers = { register = ['a', 'b'], wikidata = 7 }",
        "identifiers { scheme value }",
        r#"{ "identifiers": [{ "scheme": "register", "value": "a" },
             { "scheme": "register", "value": "b" }, { "scheme": "wikidata", "value": "7" }] }"#,
    ),
    (
        "member name = 'x', facts = { shoe_size = 43, hobbies = ['chess', 'go'], retired = true }",
        "claimsAbout(property: [\"shoeSize\", \"hobbies\", \"retired\"]) { property value preferred }",
        r#"{ "claimsAbout": [{ "property": "hobbies", "value": "chess", "preferred": false },
             { "property": "hobbies", "value": "go", "preferred": false },
             { "property": "retired", "value": "true", "preferred": false },
             { "property": "shoeSize", "value": "43", "preferred": false }] }"#,
    ),
    // What supports the row claims each value; sources of a key claim its value alone.
    (
        "member name = 'x', born = '1970', born_sources = ['gazette#line 9'], sources = ['almanac#line 3']",
        "sources { slug } claimsAbout { property value locator attribution preferred document { slug } }",
        r#"{ "sources": [{ "slug": "almanac" }], "claimsAbout": [
             { "property": "born", "value": "1970", "locator": "line 9", "attribution": "VALUE",
               "preferred": true, "document": { "slug": "gazette" } },
             { "property": "name", "value": "x", "locator": "line 3", "attribution": "RECORD",
               "preferred": true, "document": { "slug": "almanac" } }] }"#,
    ),
    (
        "membership member = 'm', organization = 'a', role = 'CHAIR', note = 'x', \
         organization_sources = ['gazette'], observed = '2020', observed_sources = ['gazette']",
        "claimsAbout(property: [\"organization\", \"observed\", \"note\", \"member\"]) { property value }",
        r#"{ "claimsAbout": [{ "property": "observed", "value": "2020" },
             { "property": "organization", "value": "a" }] }"#,
    ),
    // A document is its own source.
    (
        "document kind = 'ACT', title = 'x', published = '2020-05'",
        "published extent sources { title }",
        r#"{ "published": "2020-05", "extent": null, "sources": [{ "title": "x" }] }"#,
    ),
    ("site_state name = 'x', position = 3", "position", r#"{ "position": 3 }"#),
];

async fn a_valid_value_is_imported(store: Store) {
    let world = World::empty(store).await;
    import_rows(&world, BASE).await;
    let files: Vec<File> =
        RIGHT.iter().enumerate().map(|(at, case)| file(&format!("r{at}"), case.0)).collect();
    import::import(&world.database, &files, now()).await.unwrap();
    let fields = RIGHT.iter().enumerate().map(|(at, (row, selection, _))| {
        let table = camel(row.split(' ').next().unwrap());
        format!("r{at}: {table}(slug: \"r{at}\") {{ {selection} }} ")
    });
    let data = world.data(&format!("{{ {} }}", fields.collect::<String>())).await;
    for (at, (row, _, expected)) in RIGHT.iter().enumerate() {
        let mut expected: Value = serde_json::from_str(expected).unwrap();
        let mut found = data[format!("r{at}")].clone();
        // Claims have the order in which their keys are read.
        for value in [&mut found, &mut expected] {
            if let Some(claims) = value.get_mut("claims").and_then(Value::as_array_mut) {
                claims.sort_by_key(Value::to_string);
            }
        }
        assert_eq!(found, expected, "{row}");
    }
    world.end().await;
}

test_each_store!(a_valid_value_is_imported);
