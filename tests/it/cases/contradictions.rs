//! Contradictions: values at the same time, totals, offices with two holders, observations outside of a
//! period, dangling references.

use std::collections::BTreeSet;

use super::{Case, DOCUMENTS, expected, found, import_rows, rows, rows_of};
use crate::world::{Store, World, test_each_store};

const CASES: &[Case] = &[
    // Values without dates apply to each date.
    (
        "parliament p, chamber h parliament=p, claim h property=size value=5, \
         claim h property=size value=6 sources=gazette",
        &["VALUES size h = 5 6"],
    ),
    (
        "parliament p, chamber h parliament=p size=5, claim h property=size value=5 sources=gazette",
        &[],
    ),
    (
        "parliament p, chamber h parliament=p size=5, claim h property=size value=6 sources=gazette",
        &["VALUES size h = 5 6"],
    ),
    // Two values of one document contradict each other only if the property never changes.
    (
        "parliament p, chamber h parliament=p, claim h property=size value=5, claim h property=size value=6",
        &[],
    ),
    (
        "parliament p, chamber h parliament=p, claim h property=founded value=1990, \
         claim h property=founded value=1991",
        &["VALUES founded h = 1990 1991"],
    ),
    // The sources of a row need not be the sources of each of its values.
    (
        "parliament p, chamber h parliament=p size=5 sources=almanac+gazette, \
         claim h property=size value=6 sources=gazette",
        &["VALUES size h = 5 6"],
    ),
    // What is derived is no value that a row could have.
    (
        "parliament p, member m, membership s member=m organization=p, \
         claim s property=state value=xx, claim s property=state value=yy sources=gazette, \
         claim s property=effectiveSince value=2001, \
         claim s property=effectiveSince value=2002 sources=gazette",
        &[],
    ),
    // Names and free words go together.
    (
        "parliament p, chamber h parliament=p, claim h property=motto value=a, \
         claim h property=motto value=b sources=gazette",
        &[],
    ),
    // Periods that are stated.
    (
        "parliament p, chamber h parliament=p, claim h property=size value=5 since=2010, \
         claim h property=size value=6 since=2015 sources=gazette",
        &[],
    ),
    (
        "parliament p, chamber h parliament=p, claim h property=size value=5 since=2010 until=2015, \
         claim h property=size value=6 since=2015 sources=gazette",
        &[],
    ),
    (
        "parliament p, chamber h parliament=p, claim h property=size value=5 since=2010 until=2016, \
         claim h property=size value=6 since=2014 sources=gazette",
        &["VALUES size h = 5 6"],
    ),
    (
        "parliament p, chamber h parliament=p, claim h property=size value=5 until=2014, \
         claim h property=size value=6 since=2015 sources=gazette",
        &[],
    ),
    (
        "parliament p, chamber h parliament=p, claim h property=size value=5 since=2010, \
         claim h property=size value=6 since=2010 sources=gazette",
        &["VALUES size h = 5 6"],
    ),
    // Days of sight.
    (
        "parliament p, chamber h parliament=p, claim h property=size value=5 observed=2010, \
         claim h property=size value=6 observed=2015 sources=gazette",
        &[],
    ),
    (
        "parliament p, chamber h parliament=p, claim h property=size value=5 observed=2010, \
         claim h property=size value=6 observed=2010-05-01 sources=gazette",
        &["VALUES size h = 5 6"],
    ),
    (
        "parliament p, chamber h parliament=p, claim h property=size value=5 observed=2010+2012, \
         claim h property=size value=6 observed=2012+2014 sources=gazette",
        &["VALUES size h = 5 6"],
    ),
    (
        "parliament p, chamber h parliament=p, claim h property=size value=5 observed=2010, \
         claim h property=size value=6 sources=gazette",
        &["VALUES size h = 5 6"],
    ),
    (
        "parliament p, chamber h parliament=p, claim h property=size value=5 since=2010, \
         claim h property=size value=6 observed=2005 sources=gazette",
        &[],
    ),
    (
        "parliament p, chamber h parliament=p, claim h property=size value=5 since=2010, \
         claim h property=size value=6 observed=2012 sources=gazette",
        &["VALUES size h = 5 6"],
    ),
    (
        "parliament p, chamber h parliament=p, claim h property=size value=5 since=2010 until=2011, \
         claim h property=size value=6 observed=2012 sources=gazette",
        &[],
    ),
    // Dates that are known less and more precisely.
    (
        "parliament p, chamber h parliament=p, claim h property=founded value=1990, \
         claim h property=founded value=1990-05-01 sources=gazette",
        &[],
    ),
    (
        "parliament p, chamber h parliament=p, claim h property=founded value=1991, \
         claim h property=founded value=1990-05-01 sources=gazette",
        &["VALUES founded h = 1990-05-01 1991"],
    ),
    (
        "parliament p, chamber h parliament=p, claim h property=founded value=1990-05, \
         claim h property=founded value=1990-06 sources=gazette",
        &["VALUES founded h = 1990-05 1990-06"],
    ),
    // What is the same for ever is so whatever the time of a claim.
    (
        "parliament p, chamber h parliament=p, claim h property=founded value=1990 observed=2000, \
         claim h property=founded value=1991 observed=2010 sources=gazette",
        &["VALUES founded h = 1990 1991"],
    ),
    // Totals.
    (
        "assembly a, parliament p, chamber l parliament=p, chamber u parliament=p, \
         delegation d assembly=a parliament=p, seat_allocation i delegation=d chamber=l seats=6, \
         seat_allocation j delegation=d chamber=u seats=4, claim d property=total_seats value=10",
        &[],
    ),
    (
        "assembly a, parliament p, chamber l parliament=p, chamber u parliament=p, \
         delegation d assembly=a parliament=p, seat_allocation i delegation=d chamber=l seats=6, \
         seat_allocation j delegation=d chamber=u seats=4, claim d property=total_seats value=9",
        &["TOTAL totalSeats d i j = 4 6 9"],
    ),
    // A sum with a missing part may be too small.
    (
        "assembly a, parliament p, chamber l parliament=p, chamber u parliament=p, \
         delegation d assembly=a parliament=p, seat_allocation i delegation=d chamber=l seats=6, \
         claim d property=total_seats value=10",
        &[],
    ),
    (
        "assembly a, parliament p, chamber l parliament=p, chamber u parliament=p, \
         delegation d assembly=a parliament=p, seat_allocation i delegation=d chamber=l seats=6, \
         claim d property=total_seats value=5",
        &["TOTAL totalSeats d i = 5 6"],
    ),
    // Parts of the day that the total is of.
    (
        "assembly a, parliament p, chamber l parliament=p, delegation d assembly=a parliament=p, \
         seat_allocation i delegation=d chamber=l seats=6 since=2000 until=2009, \
         seat_allocation j delegation=d chamber=l seats=8 since=2010, \
         claim d property=total_seats value=6 observed=2005",
        &[],
    ),
    (
        "parliament p, chamber l parliament=p size=60, chamber u parliament=p size=40, \
         claim p property=size value=99",
        &["TOTAL size p l u = 40 60 99"],
    ),
    (
        "parliament p, chamber l parliament=p size=60, chamber u parliament=p, \
         claim p property=size value=99",
        &[],
    ),
    // And their values of that day.
    (
        "parliament p, chamber l parliament=p, claim l property=size value=60 observed=2005, \
         claim l property=size value=80 observed=2015 sources=gazette, \
         claim p property=size value=60 observed=2005",
        &[],
    ),
    (
        "parliament p, chamber l parliament=p, claim l property=size value=60 observed=2005, \
         claim l property=size value=80 observed=2015 sources=gazette, \
         claim p property=size value=80 observed=2005",
        &["TOTAL size p l = 60 80"],
    ),
    // A post that one person holds.
    (
        "assembly a, member m, member n, membership s member=m organization=a role=CHAIR since=2000 until=2006, \
         membership t member=n organization=a role=CHAIR since=2005 observed=2008",
        &["OVERLAP since t s"],
    ),
    (
        "assembly a, member m, member n, \
         membership s member=m organization=a role=CHAIR since=2000 until=2006-05-01, \
         membership t member=n organization=a role=CHAIR since=2006-05-01",
        &[],
    ),
    (
        "assembly a, member m, member n, membership s member=m organization=a role=MEMBER since=2000 until=2006, \
         membership t member=n organization=a role=MEMBER since=2005 observed=2008",
        &[],
    ),
    (
        "assembly a, member m, member n, parliament p, parliament q, \
         membership s member=m organization=a role=REPRESENTATIVE on_behalf_of=p since=2000 until=2006, \
         membership t member=n organization=a role=REPRESENTATIVE on_behalf_of=q since=2002 until=2006",
        &[],
    ),
    // The same twice, and standings that exclude each other.
    (
        "assembly a, member m, membership s member=m organization=a since=2000 until=2006, \
         membership t member=m organization=a since=2005 until=2008",
        &["OVERLAP since t s"],
    ),
    (
        "assembly a, state x code=XA, participation s assembly=a participant=x since=2000 until=2006, \
         participation t assembly=a participant=x status=OBSERVER since=2005 until=2008",
        &["OVERLAP since t s"],
    ),
    (
        "assembly a, state x code=XB, participation s assembly=a participant=x since=2000 until=2006, \
         participation t assembly=a participant=x status=PARTNER since=2005 until=2008",
        &[],
    ),
    (
        "assembly a, parliament p, delegation d assembly=a parliament=p, \
         seat_allocation i delegation=d since=2000 until=2006, \
         seat_allocation j delegation=d since=2005 until=2008",
        &["OVERLAP since j i"],
    ),
    // Sightings outside of a period, and ends before starts.
    (
        "assembly a, member m, membership s member=m organization=a since=2010 observed=2009",
        &["SEEN_OUTSIDE observed s"],
    ),
    (
        "assembly a, member m, membership s member=m organization=a until=2010 observed=2009+2011",
        &["SEEN_OUTSIDE observed s"],
    ),
    ("assembly a, member m, membership s member=m organization=a since=2010 observed=2010", &[]),
    (
        "assembly a, member m, membership s member=m organization=a since=2010-06 until=2010-05",
        &["END_BEFORE_START until s"],
    ),
    ("assembly a, member m, membership s member=m organization=a since=2010-06 until=2010", &[]),
    ("member m born=1990 died=1989", &["END_BEFORE_START died m"]),
    ("assembly a founded=1990 dissolved=1989", &["END_BEFORE_START dissolved a"]),
    // References.
    (
        "assembly a, member m, membership s member=m organization=a, \
         claim s property=elected_at value=unknown",
        &["DANGLING electedAt s"],
    ),
];

async fn contradictions_are_found(store: Store) {
    let (rows, expected) = (rows_of(CASES).concat(), expected(CASES));
    let (claims, records): (Vec<String>, Vec<String>) =
        rows.into_iter().partition(|row| row.starts_with("[[claim]]"));
    let at_once = World::empty(store).await;
    import_rows(&at_once, &format!("{DOCUMENTS}{}{}", records.concat(), claims.concat())).await;
    assert_eq!(found(&at_once).await, expected);
    at_once.end().await;
    // The claims later, one half after the other.
    let by_and_by = World::empty(store).await;
    import_rows(&by_and_by, &format!("{DOCUMENTS}{}", records.concat())).await;
    let (some, others) = claims.split_at(claims.len() / 2);
    for claims in [others, some] {
        import_rows(&by_and_by, &claims.concat()).await;
    }
    assert_eq!(found(&by_and_by).await, expected);
    // And gone with them.
    let withdrawn = claims.iter().map(|claim| format!("{claim}withdrawn = true\n"));
    import_rows(&by_and_by, &withdrawn.collect::<String>()).await;
    let of_rows =
        |one: &String| !["VALUES", "TOTAL", "DANGLING"].iter().any(|kind| one.starts_with(kind));
    let left: BTreeSet<String> = expected.iter().filter(|one| of_rows(one)).cloned().collect();
    assert_eq!(found(&by_and_by).await, left);
    by_and_by.end().await;
}

test_each_store!(contradictions_are_found);

/// The assemblies of a contradiction are those to which its records belong, directly or through other
/// records.
async fn a_contradiction_has_the_assemblies_of_its_records(store: Store) {
    const SHORT: &str = "state s code=XX, assembly a, assembly b, \
        participation t assembly=a participant=s, parliament p state=s, chamber h parliament=p, \
        legislative_period l organization=h, claim l property=starts value=2001, \
        claim l property=starts value=2002 sources=gazette, \
        commission c assemblies=b, session n commission=c, \
        attendance d session=n attendee=s, claim d property=attendee value=nobody, \
        member m, membership r member=m organization=h, claim r property=area value=x, \
        claim r property=area value=y sources=gazette, claim m property=born value=1950, \
        claim m property=born value=1951 sources=gazette";
    let world = World::empty(store).await;
    import_rows(&world, &format!("{DOCUMENTS}{}", rows("c0", SHORT).concat())).await;
    let data = world
        .data(
            "{ a: contradictions(assembly: \"c0-a\") { nodes { records { slug } property } }
            b: contradictions(assembly: \"c0-b\") { nodes { records { slug } property } } }",
        )
        .await;
    let about = |assembly: &str| -> BTreeSet<String> {
        let nodes = data[assembly]["nodes"].as_array().unwrap().iter();
        nodes.map(|one| format!("{} {}", one["records"][0]["slug"], one["property"])).collect()
    };
    let expected = ["l\" \"starts\"", "m\" \"born\"", "r\" \"area\""];
    assert_eq!(about("a"), expected.map(|one| format!("\"c0-{one}")).into());
    assert_eq!(about("b"), ["\"c0-d\" \"attendee\"".to_owned()].into());
    world.end().await;
}

test_each_store!(a_contradiction_has_the_assemblies_of_its_records);
