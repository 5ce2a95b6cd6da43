//! Which of several claimed values a field has on a date.

use serde_json::Value;

use super::{DOCUMENTS, import_rows, rows_of};
use crate::world::{Store, World, test_each_store};

/// Documents besides those of all cases: two of the press, an act, an encyclopedia, and two pages
/// that carry an earlier and a later state of their site.
const MORE: &str = r#"
[[site_state]]
slug = "early"
name = "Early"
position = 1
sources = ["almanac"]
[[site_state]]
slug = "late"
name = "Late"
position = 2
sources = ["almanac"]
[[document]]
slug = "page-early"
kind = "PRESS"
site_state = "early"
[[document]]
slug = "page-late"
kind = "PRESS"
site_state = "late"
[[document]]
slug = "daily"
kind = "PRESS"
[[document]]
slug = "act"
kind = "ACT"
[[document]]
slug = "encyclopedia"
kind = "ENCYCLOPEDIA"
"#;

/// The row of a chamber, claims of its size, and the preferred size on each date.
const CASES: &[(&str, &str, &str)] = &[
    ("", "", "2000-07-01 -"),
    ("size=5", "", "2000-07-01 5, 2026-01-01 5"),
    // The last value observed by the date, else the first one observed after it.
    (
        "",
        "value=5 observed=2010, value=6 observed=2015 sources=gazette",
        "2000-07-01 5, 2012-07-01 5, 2015-12-31 6, 2026-01-01 6",
    ),
    (
        "",
        "value=5 observed=2010+2020, value=6 observed=2015 sources=gazette",
        "2012-07-01 5, 2016-07-01 5, 2021-07-01 5",
    ),
    // Values whose stated period does not include the date are not preferred.
    (
        "",
        "value=5 until=2014-06-01, value=6 since=2014-06-02 sources=gazette",
        "2013-07-01 5, 2014-06-01 5, 2014-06-02 6, 2026-01-01 6",
    ),
    // A later observation is preferred to an earlier start.
    ("", "value=5 observed=2024, value=6 since=2018 sources=gazette", "2020-07-01 6, 2026-01-01 5"),
    // The value of the row, after the last observation of another value.
    (
        "size=7",
        "value=5 observed=2010-05-01 sources=gazette",
        "2005-07-01 5, 2010-05-01 5, 2010-05-02 7, 2026-01-01 7",
    ),
    ("size=7", "value=5 sources=gazette", "2005-07-01 7, 2026-01-01 7"),
    // Undated: the latest site state, then the kind of document nearest to the primary source, then the
    // most documents.
    ("", "value=5 sources=page-early, value=6 sources=page-late", "2005-07-01 6, 2026-01-01 6"),
    ("", "value=5 sources=gazette, value=6 sources=act", "2005-07-01 6"),
    ("", "value=5 sources=encyclopedia, value=6 sources=gazette", "2005-07-01 6"),
    ("", "value=6 sources=gazette, value=7 sources=gazette+daily", "2005-07-01 7"),
    // If all else is equal: the first by value, regardless of order.
    ("", "value=6 sources=gazette, value=5 sources=daily", "2005-07-01 5"),
    // An unknown value is null.
    ("", "value=5 sources=gazette, unknown=true sources=act", "2005-07-01 5"),
];

async fn a_field_has_the_preferred_value_of_the_day(store: Store) {
    let texts = CASES.iter().map(|(own, claims, _)| {
        let claims = claims.split(", ").filter(|claim| !claim.is_empty());
        let claims: String = claims.map(|one| format!(", claim h property=size {one}")).collect();
        format!("parliament p, chamber h parliament=p {own}{claims}")
    });
    let texts: Vec<String> = texts.collect();
    let cases: Vec<(&str, &[&str])> = texts.iter().map(|text| (text.as_str(), &[][..])).collect();
    let rows = rows_of(&cases).concat().concat();
    let world = World::empty(store).await;
    import_rows(&world, &format!("{DOCUMENTS}{MORE}{rows}")).await;
    for (at, (_, _, expected)) in CASES.iter().enumerate() {
        let days: Vec<&str> = expected.split(", ").map(|day| &day[..10]).collect();
        let fields = days.iter().enumerate().map(|(day_at, day)| {
            format!("d{day_at}: chamber(slug: \"c{at}-h\", asOf: \"{day}\") {{ size }} ")
        });
        let data = world.data(&format!("{{ {} }}", fields.collect::<String>())).await;
        let sizes =
            days.iter().enumerate().map(
                |(day_at, day)| match &data[format!("d{day_at}")]["size"] {
                    Value::Null => format!("{day} -"),
                    size => format!("{day} {size}"),
                },
            );
        let found = sizes.collect::<Vec<_>>().join(", ");
        assert_eq!(found, *expected, "{}", texts[at]);
    }
    world.end().await;
}

test_each_store!(a_field_has_the_preferred_value_of_the_day);
