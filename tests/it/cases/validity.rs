//! The validity periods of records and their certainty: from their own dates, from the records that
//! they belong to, and from their successors.

use super::{DOCUMENTS, camel, import_rows, rows_of};
use crate::world::{Store, World, test_each_store};

/// Rows, a record among them, and on which days it is there: `D` for certain, `P` possibly, `-`
/// not. Of a membership, also its effective end and what that follows from.
const CASES: &[(&str, &str, &str)] = &[
    // By its own dates.
    (
        "assembly o, member m, membership s member=m organization=o since=2000-05-01 until=2005-05-01",
        "membership s",
        "2000-04-30 -, 2000-05-01 D, 2003-01-01 D, 2005-05-01 D, 2005-05-02 -: 2005-05-01 NONE",
    ),
    (
        "assembly o, member m, membership s member=m organization=o since=2000-05-01",
        "membership s",
        "2000-04-30 -, 2000-05-01 D, 2000-05-02 P, 2030-01-01 P: NONE",
    ),
    (
        "assembly o, member m, membership s member=m organization=o until=2005",
        "membership s",
        "1900-01-01 P, 2005-12-31 P, 2006-01-01 -: 2005 NONE",
    ),
    (
        "assembly o, member m, membership s member=m organization=o since=2000 until=2002",
        "membership s",
        "1999-12-31 -, 2000-12-30 P, 2000-12-31 D, 2002-01-01 D, 2002-01-02 P, 2003-01-01 -: 2002 NONE",
    ),
    (
        "assembly o, member m, membership s member=m organization=o observed=2010+2012",
        "membership s",
        "1900-01-01 P, 2010-12-30 P, 2010-12-31 D, 2012-01-01 D, 2012-01-02 P, 2030-01-01 P: NONE",
    ),
    (
        "assembly o, member m, membership s member=m organization=o",
        "membership s",
        "1900-01-01 P: NONE",
    ),
    // Within the life of its organization, of the person and of the period.
    (
        "assembly o founded=2000 dissolved=2010, member m, membership s member=m organization=o",
        "membership s",
        "1999-12-31 -, 2000-01-01 P, 2010-12-31 P, 2011-01-01 -: 2010 DISSOLUTION",
    ),
    (
        "parliament p founded=2000, chamber h parliament=p, commission o chamber=h, member m, \
         membership s member=m organization=o",
        "membership s",
        "1999-12-31 -, 2000-01-01 P: NONE",
    ),
    (
        "assembly o, member m died=2008-03, membership s member=m organization=o since=2000-01-01",
        "membership s",
        "2000-01-01 D, 2008-03-31 P, 2008-04-01 -: 2008-03 DEATH",
    ),
    (
        "parliament o, legislative_period t organization=o starts=2000-05-01 ends=2004-05-01, member m, \
         membership s member=m organization=o legislative_period=t",
        "membership s",
        "2000-04-30 -, 2000-05-01 P, 2004-05-01 P, 2004-05-02 -: 2004-05-01 TERM",
    ),
    (
        "parliament o dissolved=2003, legislative_period t organization=o ends=2004, member m, \
         membership s member=m organization=o legislative_period=t",
        "membership s",
        "2003-12-31 P, 2004-01-01 -: 2003 DISSOLUTION",
    ),
    // A sight counts wherever it lies.
    (
        "assembly o founded=2000, member m, membership s member=m organization=o observed=1999",
        "membership s",
        "1998-12-31 -, 1999-06-01 P, 2000-06-01 P: NONE",
    ),
    // An election is a start.
    (
        "assembly o, session e starts=2005-05-01, member m, \
         membership s member=m organization=o elected_at=e observed=2007-01-01",
        "membership s",
        "2005-04-30 -, 2005-05-01 P, 2007-01-01 D, 2008-01-01 P: NONE",
    ),
    // A post passes from one holder to the next.
    (
        "assembly o, member m, member n, membership s member=m organization=o role=CHAIR since=2000-01-01, \
         membership t member=n organization=o role=CHAIR since=2005-05-01",
        "membership s",
        "2000-01-01 D, 2005-04-30 P, 2005-05-01 -: 2005-05-01 SUCCESSOR",
    ),
    (
        "assembly o, member m, membership s member=m organization=o role=CHAIR since=2000-01-01, \
         membership t member=m organization=o role=CHAIR since=2005-05-01",
        "membership s",
        "2005-04-30 P, 2005-05-01 -: 2005-05-01 REELECTION",
    ),
    (
        "assembly o, member m, member n, \
         membership s member=m organization=o role=CHAIR since=2000-01-01 until=2004-01-01, \
         membership t member=n organization=o role=CHAIR observed=2005-05-01",
        "membership t",
        "2003-12-31 -, 2004-01-01 P, 2005-05-01 D, 2006-01-01 P: NONE",
    ),
    (
        "assembly o, member m, member n, membership s member=m organization=o since=2000-01-01, \
         membership t member=n organization=o since=2005-05-01",
        "membership s",
        "2010-01-01 P: NONE",
    ),
    // Organizations within others.
    (
        "parliament p founded=2000 dissolved=2010, chamber h parliament=p",
        "chamber h",
        "1999-12-31 -, 2000-01-01 P, 2010-12-31 P, 2011-01-01 -",
    ),
    (
        "parliament p founded=2000 dissolved=2010, chamber h parliament=p founded=2003-05",
        "chamber h",
        "2003-04-30 -, 2003-05-01 P, 2010-12-31 P, 2011-01-01 -",
    ),
    (
        "assembly a founded=2000 dissolved=2005, assembly b founded=2003 dissolved=2010, \
         commission c assemblies=a+b",
        "commission c",
        "1999-12-31 -, 2000-01-01 P, 2010-12-31 P, 2011-01-01 -",
    ),
    (
        "commission u founded=2000, commission c under=u",
        "commission c",
        "1999-12-31 -, 2000-01-01 P",
    ),
    (
        "political_group g founded=2000 dissolved=2001",
        "politicalGroup g",
        "1999-12-31 -, 2000-01-01 P, 2002-01-01 -",
    ),
    // A delegation is sent while a standing sends it.
    (
        "assembly a, state x code=XA, parliament p state=x, \
         participation s assembly=a participant=x since=2000 until=2005, delegation d assembly=a parliament=p",
        "delegation d",
        "1999-12-31 -, 2000-01-01 P, 2005-12-31 P, 2006-01-01 -",
    ),
    (
        "assembly a, parliament p, participation s assembly=a participant=p status=PARTNER until=2005, \
         delegation d assembly=a parliament=p",
        "delegation d",
        "1900-01-01 P, 2030-01-01 P",
    ),
    // What ends before it begins bounds nothing.
    (
        "parliament p founded=2005 dissolved=2000, chamber h parliament=p",
        "chamber h",
        "1900-01-01 P, 2030-01-01 P",
    ),
    // Standings.
    (
        "assembly a founded=2000, state x code=XB, participation s assembly=a participant=x observed=2010-05-01",
        "participation s",
        "1999-12-31 -, 2000-01-01 P, 2010-05-01 D, 2030-01-01 P",
    ),
    (
        "assembly a, state x code=XC, participation s assembly=a participant=x status=GUEST observed=2010-05-01",
        "participation s",
        "2010-04-30 -, 2010-05-01 D, 2010-05-02 -",
    ),
    (
        "assembly a, parliament p dissolved=2010, participation s assembly=a participant=p since=2000-01-01",
        "participation s",
        "2000-01-01 D, 2010-12-31 P, 2011-01-01 -",
    ),
    // A chamber fills one number of seats at a time.
    (
        "assembly a, parliament p, delegation d assembly=a parliament=p, \
         seat_allocation i delegation=d since=2000-01-01, seat_allocation j delegation=d since=2010-01-01",
        "seatAllocation i",
        "2000-01-01 D, 2009-12-31 P, 2010-01-01 -",
    ),
    (
        "assembly a, parliament p, delegation d assembly=a parliament=p, \
         seat_allocation i delegation=d until=2005-01-01, seat_allocation j delegation=d observed=2010-01-01",
        "seatAllocation j",
        "2009-12-31 P, 2010-01-01 D, 2011-01-01 P",
    ),
    (
        "assembly a, parliament p, chamber h parliament=p founded=2003, delegation d assembly=a parliament=p, \
         seat_allocation i delegation=d chamber=h",
        "seatAllocation i",
        "2002-12-31 -, 2003-01-01 P",
    ),
];

async fn records_exist_in_the_validity_period_of_their_dates_and_bounds(store: Store) {
    let cases: Vec<(&str, &[&str])> = CASES.iter().map(|case| (case.0, &[][..])).collect();
    let rows = rows_of(&cases).concat().concat();
    let world = World::empty(store).await;
    import_rows(&world, &format!("{DOCUMENTS}{rows}")).await;
    let mut wrong = Vec::new();
    for (at, (rows, record, expected)) in CASES.iter().enumerate() {
        let (field, slug) = record.split_once(' ').unwrap();
        let (days, _) = expected.split_once(": ").unwrap_or((expected, ""));
        let days: Vec<&str> = days.split(", ").map(|day| &day[..10]).collect();
        let found = existence(&world, field, &format!("c{at}-{slug}"), &days).await;
        if found != *expected {
            wrong.push(format!("{rows}\n    expected {expected}\n    found    {found}"));
        }
    }
    world.end().await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

test_each_store!(records_exist_in_the_validity_period_of_their_dates_and_bounds);

/// The certainty with which a record exists on each of some days, in the notation of the cases.
async fn existence(world: &World, field: &str, slug: &str, days: &[&str]) -> String {
    let holds = ["membership", "participation", "seatAllocation"].contains(&field);
    let end = if field == "membership" { "effectiveUntil endInference" } else { "" };
    let lists = match field {
        "politicalGroup" => "politicalGroups".to_owned(),
        field => camel(&format!("{field}s")),
    };
    let fields = days.iter().enumerate().map(|(at, day)| {
        if holds {
            format!("d{at}: {field}(slug: \"{slug}\", asOf: \"{day}\") {{ certainty {end} }} ")
        } else {
            let filter = format!("filter: {{ slug: {{ eq: \"{slug}\" }} }}");
            format!("d{at}: {lists}(asOf: \"{day}\", {filter}) {{ totalCount }} ")
        }
    });
    let data = world.data(&format!("{{ {} }}", fields.collect::<String>())).await;
    let on = |at: usize| {
        let found = &data[format!("d{at}")];
        match (found["certainty"].as_str(), found["totalCount"].as_u64()) {
            (Some("DEFINITE"), _) => "D",
            (Some(_), _) | (None, Some(1)) => "P",
            _ => "-",
        }
    };
    let days = days.iter().enumerate().map(|(at, day)| format!("{day} {}", on(at)));
    let days = days.collect::<Vec<_>>().join(", ");
    let text = |key: &str| data["d0"][key].as_str().map(str::to_owned);
    let end: Vec<String> =
        ["effectiveUntil", "endInference"].into_iter().filter_map(text).collect();
    if end.is_empty() { days } else { format!("{days}: {}", end.join(" ")) }
}
