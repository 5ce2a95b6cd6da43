//! Claims of a property over several imports: merged, restated and withdrawn.

use assembly_graph::import::{self, File};

use super::{file, import_rows};
use crate::world::{Store, World, now, test_each_store};

const BASE: &str = r#"
document = [{ slug = "almanac", kind = "OFFICIAL" }, { slug = "gazette", kind = "PRESS" }]
parliament = [{ slug = "p", name = "Parliament", sources = ["almanac"] }]
"#;

/// The rows of consecutive imports about a chamber: its row (`chamber`), claims of its size (`claim`) and
/// sides of a contradiction about it (`side`). Then the result: the value of the field, and each claim:
/// value, document, locator, note, whether it is preferred.
const CASES: &[(&str, &[&[&str]], &str)] = &[
    // A row.
    ("a row makes claims by its sources", &[&["chamber size = 5"]], "5: 5 almanac preferred"),
    (
        "a changed row replaces its former claim",
        &[&["chamber size = 5"], &["chamber size = 6"]],
        "6: 6 almanac preferred",
    ),
    (
        "a row with another source keeps the values of its former source",
        &[&["chamber size = 5"], &["chamber size = 6, sources = ['gazette']"]],
        "6: 5 almanac, 6 gazette preferred",
    ),
    ("a row without the value removes its claim", &[&["chamber size = 5"], &["chamber"]], "null:"),
    (
        "a row adds a locator, and keeps it",
        &[
            &["chamber size = 5"],
            &["chamber size = 5, sources = ['almanac#line 3']"],
            &["chamber size = 5"],
        ],
        "5: 5 almanac (line 3) preferred",
    ),
    // A claim.
    (
        "a claim states a value that the row does not have",
        &[&["chamber", "claim value = 5"]],
        "5: 5 almanac preferred",
    ),
    (
        "claims of several documents are kept",
        &[&["chamber", "claim value = 5", "claim value = 6, sources = ['gazette']"]],
        "5: 5 almanac preferred, 6 gazette",
    ),
    (
        "a claim of the same document replaces its former claim",
        &[&["chamber", "claim value = 5"], &["claim value = 6"]],
        "6: 6 almanac preferred",
    ),
    (
        "equal claims with different notes are merged",
        &[&["chamber", "claim value = 5, note = 'a'"], &["claim value = 5, note = 'b'"]],
        "5: 5 almanac [b] preferred",
    ),
    (
        "equal claims of one import are merged with both notes",
        &[&["chamber", "claim value = 5, note = 'a'", "claim value = 5, note = 'b'"]],
        "5: 5 almanac [a; b] preferred",
    ),
    (
        "a withdrawn claim is removed",
        &[
            &["chamber", "claim value = 5", "claim value = 6, sources = ['gazette']"],
            &["claim value = 5, withdrawn = true"],
        ],
        "6: 6 gazette preferred",
    ),
    (
        "withdrawing a missing claim changes nothing",
        &[&["chamber", "claim value = 5"], &["claim value = 7, withdrawn = true"]],
        "5: 5 almanac preferred",
    ),
    (
        "a claim of an unknown value is not preferred",
        &[&["chamber", "claim unknown = true"]],
        "null: - almanac",
    ),
    // A row and a claim.
    (
        "the value of the row is preferred to that of a claim",
        &[&["chamber size = 5", "claim value = 6, sources = ['gazette']"]],
        "5: 5 almanac preferred, 6 gazette",
    ),
    (
        "equal values of a row and a claim are merged",
        &[&["chamber size = 5", "claim value = 5, note = 'a'"]],
        "5: 5 almanac [a] preferred",
    ),
    (
        "a row without its former value keeps the value of a claim",
        &[&["chamber size = 5", "claim value = 5"], &["chamber"]],
        "5: 5 almanac preferred",
    ),
    (
        "a withdrawn claim keeps the value of the row",
        &[&["chamber size = 5", "claim value = 5"], &["claim value = 5, withdrawn = true"]],
        "5: 5 almanac preferred",
    ),
    (
        "a restated claim keeps the value of the row",
        &[&["chamber size = 5", "claim value = 5"], &["claim value = 6"]],
        "5: 5 almanac preferred, 6 almanac",
    ),
    (
        "an exported claim of a row is a claim of the row",
        &[&["chamber", "claim value = 5, origin = 'ROW'"], &["chamber"]],
        "null:",
    ),
    // Sides of a contradiction.
    ("sides are claims", &[&["chamber", "side 5 6"]], "5: 5 almanac preferred, 6 gazette"),
    (
        "a removed side is removed from the claims",
        &[&["chamber", "side 5 6"], &["side 5 7"]],
        "5: 5 almanac preferred, 7 gazette",
    ),
    (
        "a removed side keeps the value of a claim",
        &[&["chamber", "claim value = 6, sources = ['gazette']", "side 5 6"], &["side 5 7"]],
        "5: 5 almanac preferred, 6 gazette, 7 gazette",
    ),
];

/// A row of a case, written out.
fn file_of_case(case: usize, place: usize, short: &str) -> File {
    let name = format!("f{case}-{place}");
    let chamber = format!("c{case}");
    let (what, keys) = short.split_once(' ').unwrap_or((short, ""));
    let more = |keys: &str| if keys.is_empty() { String::new() } else { format!(", {keys}") };
    let row = match what {
        "chamber" => {
            format!("chamber slug = '{chamber}', parliament = 'p', name = 'x'{}", more(keys))
        }
        "claim" => format!("claim record = '{chamber}', property = 'size'{}", more(keys)),
        _ => {
            let (one, other) = keys.split_once(' ').unwrap();
            format!(
                "contradiction slug = 'x{case}', record = '{chamber}', property = 'size', claims = [\
                 {{ value = {one}, sources = ['almanac'] }}, {{ value = {other}, sources = ['gazette'] }}]"
            )
        }
    };
    file(&name, &row)
}

async fn claims_are_merged_restated_and_withdrawn(store: Store) {
    let world = World::empty(store).await;
    import_rows(&world, BASE).await;
    let steps = CASES.iter().map(|case| case.1.len()).max().unwrap();
    for step in 0..steps {
        let rows = CASES.iter().enumerate().flat_map(|(case, (_, imports, _))| {
            let rows = imports.get(step).copied().unwrap_or_default().iter().enumerate();
            rows.map(move |(place, row)| file_of_case(case, place, row))
        });
        let rows: Vec<File> = rows.collect();
        import::import(&world.database, &rows, now()).await.unwrap();
    }
    for (case, (name, _, expected)) in CASES.iter().enumerate() {
        let query = format!(
            "{{ chamber(slug: \"c{case}\") {{ size claimsAbout(property: [\"size\"]) {{
                value locator note preferred document {{ slug }} }} }} }}"
        );
        let data = world.data(&query).await;
        let claims = data["chamber"]["claimsAbout"].as_array().unwrap().iter().map(|claim| {
            let text = |key: &str, open: &str, close: &str| {
                let text = claim[key].as_str();
                text.map(|text| format!(" {open}{text}{close}")).unwrap_or_default()
            };
            format!(
                "{} {}{}{}{}",
                claim["value"].as_str().unwrap_or("-"),
                claim["document"]["slug"].as_str().unwrap(),
                text("locator", "(", ")"),
                text("note", "[", "]"),
                if claim["preferred"] == true { " preferred" } else { "" },
            )
        });
        let mut claims: Vec<String> = claims.collect();
        claims.sort();
        let found = format!("{}: {}", data["chamber"]["size"], claims.join(", "));
        assert_eq!(found.trim_end(), *expected, "{name}");
    }
    world.end().await;
}

test_each_store!(claims_are_merged_restated_and_withdrawn);
