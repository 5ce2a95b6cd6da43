//! Contradictions among claims and dates. Knows nothing of those that are kept already, but which
//! properties the data's keepers hold to have one value.
//!
//! Everything is looked for among the records of a scope, in a few statements whatever their
//! number.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::LazyLock,
};

use chrono::NaiveDate;
use entity::{
    FIRST_DAY, Id, LAST_DAY, PartialDate, Period, RecordKind, ValidityPeriod, chamber, claim,
    claim::Attribution,
    contradiction,
    contradiction::ContradictionKind as Kind,
    delegation,
    kind::{Temporality, Type, camel},
    seat_allocation,
};
use sea_orm::{
    ActiveEnum, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait,
    QueryFilter, QueryResult, Statement,
};

use crate::{
    evidence::{
        is_preferred_at,
        validity::{EXCLUSIVE_ROLES, SENDING_STATUSES},
        value_at,
    },
    sql,
    store::{CHUNK, among, find},
};

/// Whether a property of a kind of record has one value at a time, so that two are one too many.
fn is_single(kind: RecordKind, property: &str) -> bool {
    let whole = kind == RecordKind::Delegation && property == "totalSeats";
    whole || kind.kind().property(property).is_some_and(|field| field.single && !field.derived)
}

/// Whether the values of a property of a kind of record are slugs.
fn is_reference(kind: RecordKind, property: &str) -> bool {
    let field = kind.kind().property(property);
    field.is_some_and(|field| matches!(field.ty, Type::Reference(_)) && !field.derived)
}

/// A contradiction that follows from what is in the database.
pub struct Found {
    pub kind: Kind,
    pub property: String,
    /// What it is about; the first is what it hangs on.
    pub records: Vec<Id>,
    pub claims: Vec<Id>,
}

/// Rows of a statement about the records of a scope. `{scope}` stands for them.
pub async fn rows(
    store: &DatabaseTransaction,
    scope: &[Id],
    sql: &str,
) -> Result<Vec<QueryResult>, DbErr> {
    let backend = store.get_database_backend();
    let listed = match backend {
        DbBackend::Postgres => "(SELECT unnest($1))",
        _ => "(SELECT value FROM json_each(?1))",
    };
    let values = [sql::ids(backend, scope.iter().copied())];
    let sql = sql.replace("{scope}", listed);
    store.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await
}

/// What cannot all be true of the records of a scope, and of others with them.
pub async fn search(store: &DatabaseTransaction, scope: &[Id]) -> Result<Vec<Found>, DbErr> {
    let mut found = Vec::new();
    let kinds = by_kind(store, scope).await?;
    outside(store, &kinds, &mut found).await?;
    dates(store, &kinds, &mut found).await?;
    apart(store, &kinds, &mut found).await?;
    overlaps(store, scope, &mut found).await?;
    dangling(store, scope, &mut found).await?;
    totals(store, scope, &mut found).await?;
    // The sides of what dates contradict are the claims of those dates.
    let records: BTreeSet<Id> = found.iter().flat_map(|one| &one.records).copied().collect();
    let claims = find::<claim::Entity>(store, claim::Column::RecordId, &records).await?;
    let mut by_record: HashMap<Id, Vec<&claim::Model>> = HashMap::new();
    for claim in &claims {
        by_record.entry(claim.record_id).or_default().push(claim);
    }
    for one in &mut found {
        if matches!(one.kind, Kind::Values | Kind::Total | Kind::Dangling) {
            continue;
        }
        let seen = one.kind != Kind::EndBeforeStart;
        let is_date = |claim: &claim::Model| {
            let ends = claim.record_kind.kind().ends();
            let is_end =
                ends.is_some_and(|(start, end)| [start, end].map(camel).contains(&claim.property));
            is_end || (seen && claim.property == "observed")
        };
        let sides = one.records.iter().filter_map(|record| by_record.get(record)).flatten();
        let sides = sides.filter(|claim| is_date(claim));
        one.claims = sides.map(|claim| claim.id).collect();
        one.claims.sort_unstable();
    }
    found.extend(values(store, scope).await?);
    Ok(found)
}

/// Ends before starts, and what is seen before the start or after the end.
async fn dates(
    store: &DatabaseTransaction,
    kinds: &ByKind,
    found: &mut Vec<Found>,
) -> Result<(), DbErr> {
    // Who is out before the legislative period begins lies outside of it.
    let but = " AND NOT (since_earliest IS NULL AND EXISTS (SELECT 1 FROM legislative_period p \
               WHERE p.id = legislative_period_id AND p.starts_earliest > until_latest))";
    for kind in entity::kinds() {
        let Some(((start, end), own)) = kind.ends().zip(kinds.get(&kind.kind)) else { continue };
        // Who was elected at a session begins with it.
        let start = kind.field("effective_since").map_or(start, |field| field.name);
        let table = kind.table;
        let but = if start == "effective_since" { but } else { "" };
        let sql = format!(
            "SELECT id FROM {table} WHERE id IN {{scope}} AND {start}_earliest > {end}_latest{but}"
        );
        for row in rows(store, own, &sql).await? {
            let records = vec![row.try_get("", "id")?];
            let (kind, property) = (Kind::EndBeforeStart, camel(end));
            found.push(Found { kind, property, records, claims: Vec::new() });
        }
    }
    for kind in entity::kinds().filter(|kind| kind.time == Temporality::Validity) {
        let Some(own) = kinds.get(&kind.kind) else { continue };
        let table = kind.table;
        let sql = format!(
            "SELECT id FROM {table} WHERE id IN {{scope}} \
             AND (observed_first_latest < since_earliest OR observed_last_earliest > until_latest)"
        );
        for row in rows(store, own, &sql).await? {
            let records = vec![row.try_get("", "id")?];
            let (kind, property) = (Kind::SeenOutside, "observed".to_owned());
            found.push(Found { kind, property, records, claims: Vec::new() });
        }
    }
    Ok(())
}

/// What bounds the time of records, by whatever relations their kinds are bounded by.
struct Bound {
    kind: &'static entity::Kind,
    /// The kind that bounds it.
    by: &'static entity::Kind,
    /// What joins a record `e` to those `p` that bound it.
    on: String,
}

/// All bounds; `import::date` derives the days on which records hold by the same relations.
static BOUNDS: LazyLock<Vec<Bound>> = LazyLock::new(bounds);

fn bounds() -> Vec<Bound> {
    let mut all = Vec::new();
    for kind in entity::kinds() {
        let mut bound = |by: RecordKind, on: String| {
            let by = by.kind();
            if by.time != Temporality::Timeless {
                all.push(Bound { kind, by, on });
            }
        };
        for field in kind.fields {
            match &field.ty {
                Type::Reference(reference) if reference.bounds => {
                    let on = format!("p.id = e.{}_id", field.name);
                    reference.to.kinds().into_iter().for_each(|by| bound(by, on.clone()));
                }
                Type::References(many) if many.bounds => {
                    let (table, own, other) = (many.table, many.own, many.other);
                    let on = format!("p.id IN (SELECT {other} FROM {table} WHERE {own} = e.id)");
                    bound(many.to, on);
                }
                _ => {}
            }
        }
        if kind.kind == RecordKind::Delegation {
            let statuses =
                SENDING_STATUSES.map(|status| format!("'{}'", status.to_value())).join(", ");
            let on = format!(
                "p.assembly_id = e.assembly_id AND p.status IN ({statuses}) AND p.participant_id IN \
                 (e.parliament_id, (SELECT state_id FROM parliament WHERE id = e.parliament_id))"
            );
            bound(RecordKind::Participation, on);
        }
    }
    all
}

/// The two sides on which something can be outside.
#[derive(Clone, Copy)]
enum Side {
    Before,
    After,
}

const SIDES: [Side; 2] = [Side::Before, Side::After];

impl Side {
    /// Of the start and the end, the one on this side.
    fn of<T>(self, (start, end): (T, T)) -> T {
        match self {
            Self::Before => start,
            Self::After => end,
        }
    }

    /// The date of a record that is its end on this side.
    fn own(self, kind: &entity::Kind) -> &'static str {
        self.of(kind.ends().unwrap_or_default())
    }

    /// The column of the day beyond which nothing within a record can be.
    fn day(self, kind: &entity::Kind) -> String {
        match kind.time {
            Temporality::Dates { start, end } => {
                self.of((format!("{start}_earliest"), format!("{end}_latest")))
            }
            _ => self.of(("holds_from", "holds_until")).to_owned(),
        }
    }

    /// The dates of a record that can lie outside on this side, those that count more first.
    fn dates(self, kind: &entity::Kind) -> Vec<&'static str> {
        let mut dates = SIDES.map(|side| side.own(kind)).to_vec();
        if kind.time == Temporality::Validity {
            dates.push(self.of(("observed_first", "observed_last")));
        }
        dates
    }

    /// That one column of a day lies further out than another.
    fn further(self, day: &str, other: &str) -> String {
        format!("{day} {} {other}", self.of(("<", ">")))
    }

    /// That a date of a record lies beyond the day of what bounds it.
    fn beyond(self, date: &str, by: &entity::Kind) -> String {
        let nearest = self.of(("latest", "earliest"));
        self.further(&format!("e.{date}_{nearest}"), &format!("p.{}", self.day(by)))
    }
}

/// The records of a scope by their kinds.
type ByKind = HashMap<RecordKind, Vec<Id>>;

async fn by_kind(store: &DatabaseTransaction, scope: &[Id]) -> Result<ByKind, DbErr> {
    let mut kinds = ByKind::new();
    for row in rows(store, scope, "SELECT id, kind FROM record WHERE id IN {scope}").await? {
        kinds.entry(row.try_get("", "kind")?).or_default().push(row.try_get("", "id")?);
    }
    Ok(kinds)
}

/// A statement: the records of a table with what bounds them, where they lie outside of that; on
/// each side the place among their dates of the first that does. Of several that bound, the one
/// that goes furthest counts; what has no day bounds nothing.
fn outside_of(Bound { kind, by, on }: &Bound) -> String {
    let (table, parent) = (kind.table, by.table);
    let [from, until] = SIDES.map(|side| side.day(by));
    let has_days = |row: &str| format!("({row}.{from} > {row}.{until}) IS NOT TRUE");
    let tests = |side: Side| side.dates(kind).into_iter().map(move |date| side.beyond(date, by));
    let place = |side: Side| {
        let day = side.day(by);
        let further = side.further(&format!("q.{day}"), &format!("p.{day}"));
        let whens = tests(side).enumerate().map(|(at, test)| format!("WHEN {test} THEN {at} "));
        format!(
            "CASE WHEN EXISTS (SELECT 1 FROM {parent} q WHERE {} AND {further} AND {}) THEN NULL {}END",
            on.replace("p.", "q."),
            has_days("q"),
            whens.collect::<String>(),
        )
    };
    let any: Vec<String> = SIDES.into_iter().flat_map(tests).collect();
    format!(
        "SELECT e.id AS id, p.id AS parent, {} AS early, {} AS late \
         FROM {table} e JOIN {parent} p ON {on} \
         WHERE e.id IN {{scope}} AND ({}) AND {} ORDER BY p.id",
        place(Side::Before),
        place(Side::After),
        any.join(" OR "),
        has_days("p"),
    )
}

/// What begins, is seen or ends before that which it belongs to began, or after that ended, by
/// whatever that inherits its own bounds from: each pair is found once.
async fn outside(
    store: &DatabaseTransaction,
    kinds: &ByKind,
    found: &mut Vec<Found>,
) -> Result<(), DbErr> {
    // By side: the record, what bounds it, the place of the date, and its property.
    let mut beyond: [Vec<(Id, Id, usize, &str)>; 2] = [Vec::new(), Vec::new()];
    for bound in BOUNDS.iter() {
        let Some(own) = kinds.get(&bound.kind.kind) else { continue };
        for row in rows(store, own, &outside_of(bound)).await? {
            for (at, column) in ["early", "late"].into_iter().enumerate() {
                let place = row.try_get::<Option<i32>>("", column)?;
                let Some(place) = place.and_then(|place| usize::try_from(place).ok()) else {
                    continue;
                };
                let date = SIDES[at].dates(bound.kind)[place];
                let property = if bound.kind.field(date).is_some() { date } else { "observed" };
                beyond[at].push((
                    row.try_get("", "id")?,
                    row.try_get("", "parent")?,
                    place,
                    property,
                ));
            }
        }
    }
    let mut pairs: BTreeMap<(Id, Id), (usize, &str)> = BTreeMap::new();
    for (side, beyond) in SIDES.into_iter().zip(beyond) {
        let parents = beyond.iter().map(|one| one.1).collect();
        let sources = sources(store, parents, side).await?;
        for (id, parent, place, property) in beyond {
            let known = pairs.entry((id, sources(parent))).or_insert((place, property));
            *known = (place, property).min(*known);
        }
    }
    found.extend(pairs.into_iter().map(|((id, source), (_, property))| Found {
        kind: Kind::OutsideParent,
        property: camel(property),
        records: vec![id, source],
        claims: Vec::new(),
    }));
    Ok(())
}

/// What bounds records on a side: each itself, where a date of its own does, else the one that it
/// inherits the day from.
async fn sources(
    store: &DatabaseTransaction,
    records: BTreeSet<Id>,
    side: Side,
) -> Result<impl Fn(Id) -> Id, DbErr> {
    let mut above: HashMap<Id, Id> = HashMap::new();
    let mut seen = records.clone();
    let mut reached: Vec<Id> = records.into_iter().collect();
    while !reached.is_empty() {
        let mut next = BTreeSet::new();
        let kinds = by_kind(store, &reached).await?;
        for Bound { kind, by, on } in BOUNDS.iter().filter(|bound| bound.kind.is_temporal()) {
            let Some(own) = kinds.get(&kind.kind) else { continue };
            let sql = format!(
                "SELECT e.id AS id, p.id AS parent FROM {} e JOIN {} p ON {on} \
                 WHERE e.id IN {{scope}} AND e.{}_earliest IS NULL AND p.{} = e.{} ORDER BY p.id",
                kind.table,
                by.table,
                side.own(kind),
                side.day(by),
                side.day(kind),
            );
            for row in rows(store, own, &sql).await? {
                let parent = row.try_get("", "parent")?;
                above.entry(row.try_get("", "id")?).or_insert(parent);
                next.insert(parent);
            }
        }
        reached = next.into_iter().filter(|id| seen.insert(*id)).collect();
    }
    Ok(move |id| {
        // A ring, which is the data's mistake, must end too.
        let up = std::iter::successors(Some(id), |id| above.get(id).copied());
        up.take(above.len() + 1).last().unwrap_or(id)
    })
}

/// What holds on no day though none of its own dates is to blame: the bounds that it has do not go
/// together.
async fn apart(
    store: &DatabaseTransaction,
    kinds: &ByKind,
    found: &mut Vec<Found>,
) -> Result<(), DbErr> {
    let known: HashSet<Id> = found.iter().filter_map(|one| one.records.first().copied()).collect();
    let mut apart: BTreeMap<Id, &entity::Kind> = BTreeMap::new();
    for kind in entity::kinds().filter(|kind| kind.is_temporal()) {
        let Some(own) = kinds.get(&kind.kind) else { continue };
        let table = kind.table;
        let sql =
            format!("SELECT id FROM {table} WHERE id IN {{scope}} AND holds_from > holds_until");
        for row in rows(store, own, &sql).await? {
            let id = row.try_get("", "id")?;
            if !known.contains(&id) {
                apart.insert(id, kind);
            }
        }
    }
    let ids: BTreeSet<Id> = apart.keys().copied().collect();
    let from = sources(store, ids.clone(), Side::Before).await?;
    let until = sources(store, ids, Side::After).await?;
    for (id, kind_of) in apart {
        let mut records = vec![id];
        for source in [from(id), until(id)] {
            if !records.contains(&source) {
                records.push(source);
            }
        }
        let (kind, property) = match records.len() {
            1 => (Kind::EndBeforeStart, Side::After.own(kind_of)),
            _ => (Kind::OutsideParent, Side::Before.own(kind_of)),
        };
        found.push(Found { kind, property: camel(property), records, claims: Vec::new() });
    }
    Ok(())
}

/// What lies within records, or within what lies within them: all whose time they may bound.
pub async fn bounded_by(
    store: &DatabaseTransaction,
    bounding: BTreeSet<Id>,
) -> Result<BTreeSet<Id>, DbErr> {
    let mut all = BTreeSet::new();
    let mut reached: Vec<Id> = bounding.into_iter().collect();
    while !reached.is_empty() {
        let mut next = BTreeSet::new();
        for chunk in reached.chunks(CHUNK) {
            let kinds = by_kind(store, chunk).await?;
            for Bound { kind, by, on } in BOUNDS.iter() {
                let Some(own) = kinds.get(&by.kind) else { continue };
                let (table, parent) = (kind.table, by.table);
                let sql = format!(
                    "SELECT e.id AS id FROM {parent} p JOIN {table} e ON {on} \
                     WHERE p.id IN {{scope}}"
                );
                for row in rows(store, own, &sql).await? {
                    next.insert(row.try_get("", "id")?);
                }
            }
        }
        reached = next.into_iter().filter(|id| all.insert(*id)).collect();
    }
    Ok(all)
}

/// Spells that certainly hold on the same day and exclude each other: two holders of a post that
/// one person holds; the same membership, allocation or standing twice; standings of which a
/// participant has one. The day on which one is stated to end and the other begins is not enough.
async fn overlaps(
    store: &DatabaseTransaction,
    scope: &[Id],
    found: &mut Vec<Found>,
) -> Result<(), DbErr> {
    let posts = EXCLUSIVE_ROLES.map(|role| format!("'{}'", role.to_value())).join(", ");
    let pairs = [
        format!(
            "membership b ON b.organization_id = a.organization_id AND b.role = a.role \
             AND a.role IN ({posts}) AND b.role IN ({posts}) AND b.member_id <> a.member_id \
             AND (a.role <> 'REPRESENTATIVE' \
               OR coalesce(b.on_behalf_of_id, 0) = coalesce(a.on_behalf_of_id, 0))"
        ),
        // By the member, who has few: an organization may have any number, and so has a role.
        "membership b ON b.member_id = a.member_id AND +b.organization_id = a.organization_id \
         AND coalesce(b.role, '') = a.role AND coalesce(b.title, '') = coalesce(a.title, '') \
         AND coalesce(b.on_behalf_of_id, 0) = coalesce(a.on_behalf_of_id, 0)"
            .to_owned(),
        "seat_allocation b ON b.delegation_id = a.delegation_id \
         AND coalesce(b.chamber_id, 0) = coalesce(a.chamber_id, 0)"
            .to_owned(),
        "participation b ON b.participant_id = a.participant_id AND b.assembly_id = a.assembly_id \
         AND (b.status = a.status OR (\
           a.status IN ('MEMBER', 'ASSOCIATE_MEMBER', 'OBSERVER', 'WITHDRAWN', 'NOT_MEMBER') \
           AND b.status IN ('MEMBER', 'ASSOCIATE_MEMBER', 'OBSERVER', 'WITHDRAWN', 'NOT_MEMBER')))"
            .to_owned(),
    ];
    let mut seen = HashSet::new();
    for pair in pairs {
        let table = pair.split(' ').next().unwrap_or_default();
        let sql = format!(
            "SELECT a.id AS one, b.id AS other FROM {table} a JOIN {pair} AND b.id <> a.id \
             WHERE a.id IN {{scope}} AND a.sure_from <= a.sure_until AND b.sure_from <= b.sure_until \
             AND a.sure_from <= b.sure_until AND b.sure_from <= a.sure_until \
             AND NOT (a.until_latest IS NOT NULL AND a.until_latest = b.sure_from \
               OR b.until_latest IS NOT NULL AND b.until_latest = a.sure_from)"
        );
        for row in rows(store, scope, &sql).await? {
            let (one, other): (Id, Id) = (row.try_get("", "one")?, row.try_get("", "other")?);
            let records = vec![one.max(other), one.min(other)];
            if seen.insert(records.clone()) {
                let (kind, property) = (Kind::Overlap, "since".to_owned());
                found.push(Found { kind, property, records, claims: Vec::new() });
            }
        }
    }
    Ok(())
}

/// Claims whose value should be a record's slug and is none.
async fn dangling(
    store: &DatabaseTransaction,
    scope: &[Id],
    found: &mut Vec<Found>,
) -> Result<(), DbErr> {
    let references = entity::kinds().flat_map(entity::Kind::references);
    let references: BTreeSet<String> =
        references.map(|(field, _)| format!("'{}'", field.property())).collect();
    let references: Vec<String> = references.into_iter().collect();
    let sql = format!(
        "SELECT c.id AS id, c.record_id AS record, c.record_kind AS kind, c.property AS property \
         FROM claim c WHERE c.record_id IN {{scope}} AND c.property IN ({}) \
         AND NOT EXISTS (SELECT 1 FROM record e WHERE e.slug = c.value) \
         AND NOT EXISTS (SELECT 1 FROM alias s WHERE s.slug = c.value) \
         AND c.value IS NOT NULL ORDER BY c.id",
        references.join(", ")
    );
    let mut places: BTreeMap<(Id, String), Vec<Id>> = BTreeMap::new();
    for row in rows(store, scope, &sql).await? {
        let property: String = row.try_get("", "property")?;
        if is_reference(row.try_get("", "kind")?, &property) {
            let place = (row.try_get("", "record")?, property);
            places.entry(place).or_default().push(row.try_get("", "id")?);
        }
    }
    found.extend(places.into_iter().map(|((record, property), claims)| Found {
        kind: Kind::Dangling,
        property,
        records: vec![record],
        claims,
    }));
    Ok(())
}

/// A part of a whole: its id, the days on which it holds, its number, and whether it is a
/// chamber's.
struct Part<'a> {
    id: Id,
    period: Period,
    property: &'static str,
    number: Option<i32>,
    /// The numbers of other dates.
    varying: Option<&'a str>,
    of_chamber: bool,
}

impl Part<'_> {
    fn number(&self, date: Option<PartialDate>) -> Option<i64> {
        let then = date.and_then(|date| value_at(self.varying, self.property, date));
        then.and_then(|number| number.parse().ok()).or(self.number.map(i64::from))
    }
}

/// Claimed totals that are not the sum of their parts on the day that they are about. A sum that is
/// too small says nothing where a part is not known.
async fn totals(
    store: &DatabaseTransaction,
    scope: &[Id],
    found: &mut Vec<Found>,
) -> Result<(), DbErr> {
    let ids: BTreeSet<Id> = scope.iter().copied().collect();
    let allocations =
        find::<seat_allocation::Entity>(store, seat_allocation::Column::DelegationId, &ids).await?;
    let chambers = find::<chamber::Entity>(store, chamber::Column::ParliamentId, &ids).await?;
    let mut parts: HashMap<Id, Vec<Part<'_>>> = HashMap::new();
    for row in &allocations {
        parts.entry(row.delegation_id).or_default().push(Part {
            id: row.id,
            period: Period { from: row.holds_from, until: row.holds_until },
            property: "seats",
            number: Some(row.seats),
            varying: row.varying.as_deref(),
            of_chamber: row.chamber_id.is_some(),
        });
    }
    for row in &chambers {
        parts.entry(row.parliament_id).or_default().push(Part {
            id: row.id,
            period: Period { from: row.holds_from, until: row.holds_until },
            property: "size",
            number: row.size,
            varying: row.varying.as_deref(),
            of_chamber: true,
        });
    }
    let wholes: BTreeSet<Id> = parts.keys().copied().collect();
    let delegations = find::<delegation::Entity>(store, delegation::Column::Id, &wholes).await?;
    let parliaments = delegations.iter().map(|row| row.parliament_id).collect();
    let sending =
        find::<chamber::Entity>(store, chamber::Column::ParliamentId, &parliaments).await?;
    let houses = |delegation: Id| {
        let of = delegations.iter().find(|row| row.id == delegation).map(|row| row.parliament_id);
        sending.iter().filter(|row| Some(row.parliament_id) == of).count()
    };
    let claims = find::<claim::Entity>(store, claim::Column::RecordId, &wholes).await?;
    // The claims, the dates that they are about, and the parts.
    type Differ = (Vec<Id>, Vec<Option<PartialDate>>, Vec<Id>);
    let mut differ: BTreeMap<(Id, String), Differ> = BTreeMap::new();
    for claim in &claims {
        let total = match (claim.record_kind, claim.property.as_str()) {
            (RecordKind::Delegation, "totalSeats") => claim.value.as_deref(),
            (RecordKind::Parliament, "memberCount" | "size") => claim.value.as_deref(),
            _ => None,
        };
        let Some(total) = total.and_then(|total| total.parse::<i64>().ok()) else { continue };
        let seen = claim.observed().and_then(|seen| seen.last);
        let date = seen.or(claim.until()).or(claim.since());
        let day = date.map_or(LAST_DAY, |date| date.earliest());
        let all = parts.get(&claim.record_id).into_iter().flatten();
        let then: Vec<&Part<'_>> = all.filter(|part| part.period.contains(day)).collect();
        let by_chamber = then.iter().any(|part| part.of_chamber);
        let then: Vec<&Part<'_>> =
            then.into_iter().filter(|part| part.of_chamber == by_chamber).collect();
        let sum: i64 = then.iter().filter_map(|part| part.number(date)).sum();
        let whole = then.iter().all(|part| part.number(date).is_some())
            && (claim.record_kind == RecordKind::Parliament
                || !by_chamber
                || then.len() >= houses(claim.record_id));
        if !then.is_empty() && (sum > total || (sum < total && whole)) {
            let place = (claim.record_id, claim.property.clone());
            let ids = || then.iter().map(|part| part.id).collect();
            let entry = differ.entry(place).or_insert_with(|| (Vec::new(), Vec::new(), ids()));
            entry.0.push(claim.id);
            entry.1.push(date);
        }
    }
    for ((record, property), (mut claims, dates, parts)) in differ {
        let of = claim::Entity::find()
            .filter(among(store, claim::Column::RecordId, &parts))
            .filter(claim::Column::Property.is_in(["seats", "size"]));
        let served = |claim: &&claim::Model| {
            let on = |date| is_preferred_at(claim.served_during.as_deref(), date);
            dates.iter().any(|date| date.and_then(on).unwrap_or(claim.served))
        };
        let of = of.all(store).await?;
        let mut of: Vec<Id> = of.iter().filter(served).map(|claim| claim.id).collect();
        claims.sort_unstable();
        of.sort_unstable();
        claims.extend(of);
        let records = std::iter::once(record).chain(parts).collect();
        found.push(Found { kind: Kind::Total, property, records, claims });
    }
    Ok(())
}

/// Several values for one property at one time.
async fn values(store: &DatabaseTransaction, scope: &[Id]) -> Result<Vec<Found>, DbErr> {
    let several = "SELECT record_id AS record, property AS property FROM claim \
                   WHERE record_id IN {scope} AND value IS NOT NULL \
                   GROUP BY record_id, property HAVING count(DISTINCT value) > 1";
    let mut places: BTreeSet<(Id, String)> = BTreeSet::new();
    for row in rows(store, scope, several).await? {
        places.insert((row.try_get("", "record")?, row.try_get("", "property")?));
    }
    let records: BTreeSet<Id> = places.iter().map(|place| place.0).collect();
    use contradiction::Column;
    let curated = find::<contradiction::Entity>(store, Column::RecordId, &records).await?;
    let curated: HashSet<(Id, String)> = curated
        .into_iter()
        .filter(|row| row.curated)
        .filter_map(|row| Some((row.record_id?, row.property)))
        .collect();
    let claims = find::<claim::Entity>(store, claim::Column::RecordId, &records).await?;
    let mut by_place: BTreeMap<(Id, String), Vec<claim::Model>> = BTreeMap::new();
    for claim in claims.into_iter().filter(|claim| claim.value.is_some()) {
        by_place.entry((claim.record_id, claim.property.clone())).or_default().push(claim);
    }
    let mut found = Vec::new();
    for (place, mut claims) in by_place {
        // What only the keepers hold to be one value, is one where they say so.
        let by_keepers = curated.contains(&place);
        if !is_single(claims[0].record_kind, &place.1) && !by_keepers {
            continue;
        }
        claims.sort_by_key(|claim| claim.id);
        let sides: Vec<Id> = sides(&claims, by_keepers).into_iter().map(|claim| claim.id).collect();
        if !sides.is_empty() {
            let (kind, property, records) = (Kind::Values, place.1, vec![place.0]);
            found.push(Found { kind, property, records, claims: sides });
        }
    }
    Ok(found)
}

/// The claims, of all about one property, that cannot all be true; a document's own only where the
/// keepers set them against each other.
pub fn sides(claims: &[claim::Model], by_keepers: bool) -> Vec<&claim::Model> {
    // Who stands behind a row as a whole need not say each of its values.
    let said: HashSet<Option<&String>> = claims
        .iter()
        .filter(|claim| claim.attribution == Attribution::Value)
        .map(|claim| claim.value.as_ref())
        .collect();
    let all: Vec<&claim::Model> = claims
        .iter()
        .filter(|claim| {
            claim.attribution == Attribution::Value || !said.contains(&claim.value.as_ref())
        })
        .collect();
    let excluded = |one: &&&claim::Model| {
        all.iter().any(|other| {
            // A document that says both says that both go together, unless neither ever passes.
            let apart = by_keepers || is_permanent(one);
            (apart || one.document_id != other.document_id) && exclude(one, other, &all)
        })
    };
    all.iter().filter(excluded).copied().collect()
}

/// Whether the property of a claim is the same whenever it is stated: the day of something that
/// happened, or where a member was elected.
fn is_permanent(claim: &claim::Model) -> bool {
    let field = claim.record_kind.kind().property(&claim.property);
    field.is_some_and(|field| field.permanent)
}

/// Whether two claims about the same property, among all claims about it, cannot both be true: they
/// differ, and may be about the same day. Dates that are known less and more precisely do not
/// differ.
fn exclude(one: &claim::Model, other: &claim::Model, all: &[&claim::Model]) -> bool {
    let differ = match (&one.value, &other.value) {
        (Some(one), Some(other)) => {
            let dates = one.parse::<PartialDate>().ok().zip(other.parse::<PartialDate>().ok());
            match dates.filter(|_| one.len() != other.len()) {
                Some((one, other)) => {
                    one.latest() < other.earliest() || other.latest() < one.earliest()
                }
                None => one != other,
            }
        }
        _ => false,
    };
    differ
        && (is_permanent(one) || {
            let (one, other) = (Time::of(one, all), Time::of(other, all));
            one.meets(&other) && other.meets(&one)
        })
}

/// The days that a claim may be about.
struct Time {
    from: NaiveDate,
    until: NaiveDate,
    /// Whether the last day is stated, so that another value may begin on it.
    ends: bool,
}

impl Time {
    /// By the start and the end that it states, which are counted as late and as early as they may
    /// be; a start alone lasts until another value's. Else by the days on which it is seen.
    fn of(claim: &claim::Model, all: &[&claim::Model]) -> Self {
        let (since, until) = (claim.since(), claim.until());
        if since.is_some() || until.is_some() {
            let from = since.map_or(FIRST_DAY, |since| since.latest());
            let others = all.iter().filter(|other| other.value != claim.value);
            let starts = others.filter_map(|other| other.since().map(|since| since.latest()));
            let next = since.and_then(|_| starts.filter(|start| *start > from).min());
            let until = until.map(|until| until.earliest()).or(next);
            return Self { from, until: until.unwrap_or(LAST_DAY), ends: until.is_some() };
        }
        let seen = claim.observed().and_then(|seen| seen.first.zip(seen.last));
        let (from, until) =
            seen.map_or((FIRST_DAY, LAST_DAY), |(first, last)| (first.earliest(), last.latest()));
        Self { from, until, ends: false }
    }

    /// Whether it is not over when the other begins.
    fn meets(&self, other: &Self) -> bool {
        other.from < self.until || (other.from == self.until && !self.ends)
    }
}
