//! A record whose period is outside of the period that bounds it is a contradiction, not just invisible.

use std::collections::BTreeSet;

use entity::contradiction::ContradictionKind as Kind;
use sea_orm::{ActiveEnum, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Statement};

use super::{Case, DOCUMENTS, expected, found, import_rows, rows_of};
use crate::world::{Store, World, test_each_store};

/// Rows, and the contradictions among them: kind (`OUTSIDE_PARENT` if omitted), property, records.
const CASES: &[Case] = &[
    // Each relation, on either side.
    ("parliament p dissolved=2000, chamber c parliament=p founded=2001", &["founded c p"]),
    ("parliament p founded=2000, chamber c parliament=p dissolved=1999", &["dissolved c p"]),
    ("commission p dissolved=2000, commission c under=p founded=2001", &["founded c p"]),
    (
        "parliament p, chamber h parliament=p dissolved=2000, commission c chamber=h founded=2001",
        &["founded c h"],
    ),
    ("assembly a dissolved=2000, commission c assemblies=a founded=2001", &["founded c a"]),
    (
        "assembly a founded=2000, state x code=XA, participation s assembly=a participant=x since=1999",
        &["since s a"],
    ),
    (
        "assembly a, parliament p dissolved=2000, participation s assembly=a participant=p since=2010",
        &["since s p"],
    ),
    (
        "assembly a, assembly b dissolved=2000, participation s assembly=a participant=b observed=2010",
        &["observed s b"],
    ),
    (
        "assembly a dissolved=2000, parliament p, delegation d assembly=a parliament=p founded=2001",
        &["founded d a"],
    ),
    (
        "assembly a, parliament p founded=2000, delegation d assembly=a parliament=p dissolved=1999",
        &["dissolved d p"],
    ),
    (
        "assembly a, state x code=XB, parliament p state=x, \
         participation s assembly=a participant=x until=2000, \
         delegation d assembly=a parliament=p founded=2001",
        &["founded d s"],
    ),
    (
        "assembly a, parliament p, participation s assembly=a participant=p since=2000, \
         delegation d assembly=a parliament=p dissolved=1999",
        &["dissolved d s"],
    ),
    (
        "assembly a, parliament p, delegation d assembly=a parliament=p dissolved=2000, \
         seat_allocation n delegation=d since=2001",
        &["since n d"],
    ),
    (
        "assembly a, parliament p, chamber h parliament=p founded=2000, \
         delegation d assembly=a parliament=p, seat_allocation n delegation=d chamber=h until=1999",
        &["until n h"],
    ),
    (
        "parliament p dissolved=2000, legislative_period t organization=p starts=2001",
        &["starts t p"],
    ),
    (
        "parliament p, chamber h parliament=p founded=2000, \
         legislative_period t organization=h ends=1999",
        &["ends t h"],
    ),
    (
        "assembly o dissolved=2000, member m, membership s member=m organization=o since=2001",
        &["since s o"],
    ),
    (
        "commission o dissolved=2000, member m, membership s member=m organization=o since=2001",
        &["since s o"],
    ),
    (
        "parliament o dissolved=2000, member m, membership s member=m organization=o observed=2001",
        &["observed s o"],
    ),
    (
        "parliament p, chamber o parliament=p dissolved=2000, member m, \
         membership s member=m organization=o since=2001",
        &["since s o"],
    ),
    (
        "assembly a, parliament p, delegation o assembly=a parliament=p founded=2000, member m, \
         membership s member=m organization=o until=1999",
        &["until s o"],
    ),
    (
        "political_group o founded=2000, member m, membership s member=m organization=o until=1999",
        &["until s o"],
    ),
    (
        "assembly o, member m died=2000, membership s member=m organization=o since=2001",
        &["since s m"],
    ),
    (
        "assembly o, member m born=2000, membership s member=m organization=o until=1999",
        &["until s m"],
    ),
    (
        "parliament o, legislative_period t organization=o starts=2000 ends=2004, member m, \
         membership s member=m organization=o legislative_period=t since=2005",
        &["since s t"],
    ),
    (
        "parliament o, legislative_period t organization=o starts=2000, member m, \
         membership s member=m organization=o legislative_period=t until=1999",
        &["until s t"],
    ),
    (
        "parliament o, legislative_period t organization=o ends=2004, session e starts=2005, \
         member m, membership s member=m organization=o legislative_period=t elected_at=e",
        &["since s t"],
    ),
    (
        "assembly o, session e starts=2005, member m, \
         membership s member=m organization=o elected_at=e until=2004",
        &["END_BEFORE_START until s"],
    ),
    // Of several it is enough to be within one.
    (
        "assembly a dissolved=2000, assembly b dissolved=2010, commission c assemblies=a+b founded=2005",
        &[],
    ),
    (
        "assembly a dissolved=2000, assembly b dissolved=2010, commission c assemblies=a+b founded=2011",
        &["founded c b"],
    ),
    (
        "assembly a founded=2000, assembly b founded=2010, commission c assemblies=a+b dissolved=1999",
        &["dissolved c a"],
    ),
    (
        "assembly a, parliament p, participation s assembly=a participant=p until=2000, \
         participation r assembly=a participant=p since=2001 until=2010 status=OBSERVER, \
         delegation d assembly=a parliament=p founded=2005",
        &[],
    ),
    (
        "assembly a, parliament p, participation s assembly=a participant=p until=2000, \
         participation r assembly=a participant=p since=2001 until=2010 status=OBSERVER, \
         delegation d assembly=a parliament=p founded=2011",
        &["founded d r"],
    ),
    (
        "assembly a, parliament p, participation s assembly=a participant=p until=2000 status=PARTNER, \
         delegation d assembly=a parliament=p founded=2001",
        &[],
    ),
    // What is inherited is found once, with what it is inherited from.
    (
        "parliament p dissolved=2000, chamber h parliament=p, commission c chamber=h founded=2001",
        &["founded c p"],
    ),
    (
        "assembly a, parliament p dissolved=2000, chamber h parliament=p, \
         delegation d assembly=a parliament=p, \
         seat_allocation n delegation=d chamber=h since=2001",
        &["since n p"],
    ),
    (
        "assembly a dissolved=2000, state x code=XC, parliament p state=x, \
         participation s assembly=a participant=x, delegation d assembly=a parliament=p founded=2001, \
         member m, membership e member=m organization=d since=2003",
        &["founded d a"],
    ),
    (
        "parliament p founded=2000, chamber h parliament=p founded=2010, commission c chamber=h, \
         commission u under=c, member m, membership s member=m organization=u since=2005",
        &["since s h"],
    ),
    // Two bounds that do not go together.
    (
        "assembly a, parliament p, chamber h parliament=p dissolved=2000, \
         delegation d assembly=a parliament=p founded=2001, \
         seat_allocation n delegation=d chamber=h",
        &["since n d h"],
    ),
    (
        "assembly o founded=2000, member m died=1999, membership s member=m organization=o",
        &["since s o m"],
    ),
    // What has no day contradicts itself, and bounds nothing.
    (
        "parliament p founded=2001 dissolved=2000, chamber c parliament=p founded=1999",
        &["END_BEFORE_START dissolved p"],
    ),
    (
        "parliament p dissolved=2000, legislative_period t organization=p starts=2001, member m, \
         membership s member=m organization=p legislative_period=t",
        &["starts t p"],
    ),
    (
        "assembly o, member m born=2001 died=2000, membership s member=m organization=o since=2005",
        &["END_BEFORE_START died m"],
    ),
    // Dates that are known less precisely may lie within.
    ("parliament p dissolved=2000-05, chamber c parliament=p founded=2000", &[]),
    ("parliament p dissolved=2000, chamber c parliament=p founded=2000-12-31", &[]),
];

/// Rows that hold on no day: how many, and those of which no contradiction says why.
#[derive(Debug, Default)]
pub struct Hidden {
    pub all: usize,
    pub silent: Vec<String>,
}

pub async fn hidden(world: &World) -> Hidden {
    let kinds = [Kind::EndBeforeStart, Kind::SeenOutside, Kind::OutsideParent];
    let explained = entity::contradiction::Entity::find()
        .filter(entity::contradiction::Column::Kind.is_in(kinds.map(|kind| kind.to_value())));
    let explained = explained.all(&world.database).await.unwrap();
    let explained: BTreeSet<_> = explained.iter().filter_map(|row| row.record_id).collect();
    let mut hidden = Hidden::default();
    for kind in entity::kinds().filter(|kind| kind.is_temporal()) {
        let table = kind.table;
        let sql = format!("SELECT id, slug FROM {table} WHERE holds_from > holds_until");
        let backend = world.database.get_database_backend();
        let rows = world.database.query_all_raw(Statement::from_string(backend, sql));
        for row in rows.await.unwrap() {
            hidden.all += 1;
            if !explained.contains(&row.try_get("", "id").unwrap()) {
                hidden
                    .silent
                    .push(format!("{table} {}", row.try_get::<String>("", "slug").unwrap()));
            }
        }
    }
    hidden
}

/// A row without its dates.
fn undated(row: &str) -> String {
    let keys =
        ["founded", "dissolved", "since", "until", "observed", "born", "died", "starts", "ends"];
    let dated = |line: &&str| keys.iter().any(|key| line.starts_with(&format!("{key} = ")));
    row.lines().filter(|line| !dated(line)).flat_map(|line| [line, "\n"]).collect()
}

async fn periods_outside_of_their_parents_are_found_for_each_relation(store: Store) {
    let (cases, expected) = (rows_of(CASES), expected(CASES));
    let rows = cases.concat();
    let bare: String = rows.iter().map(|row| undated(row)).collect();
    let longest = cases.iter().map(Vec::len).max().unwrap();
    let at_once = World::empty(store).await;
    import_rows(&at_once, &format!("{DOCUMENTS}{}", rows.concat())).await;
    assert_eq!(found(&at_once).await, expected);
    assert_eq!(hidden(&at_once).await.silent, Vec::<String>::new());
    at_once.end().await;
    // The dates row by row: those of bounded records first, those of the bounds after them.
    let by_and_by = World::empty(store).await;
    import_rows(&by_and_by, &format!("{DOCUMENTS}{bare}")).await;
    assert_eq!(found(&by_and_by).await, BTreeSet::new());
    for place in (0..longest).rev() {
        let rows: Vec<_> = cases.iter().filter_map(|rows| rows.get(place)).cloned().collect();
        import_rows(&by_and_by, &rows.concat()).await;
    }
    assert_eq!(found(&by_and_by).await, expected);
    assert_eq!(hidden(&by_and_by).await.silent, Vec::<String>::new());
    // And no longer, when the rows no longer say so.
    import_rows(&by_and_by, &bare).await;
    assert_eq!(found(&by_and_by).await, BTreeSet::new());
    by_and_by.end().await;
}

test_each_store!(periods_outside_of_their_parents_are_found_for_each_relation);
