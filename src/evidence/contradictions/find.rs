//! Detects contradictions among claims and dates.
//!
//! Each function searches the records of a scope with a fixed number of statements. Stored
//! contradictions are only read for the properties that maintainers state to have one value.

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

/// Whether a property of a kind of record has only one value at a time.
fn is_single(kind: RecordKind, property: &str) -> bool {
    let is_total = kind == RecordKind::Delegation && property == "totalSeats";
    is_total || kind.kind().property(property).is_some_and(|field| field.single && !field.derived)
}

/// Whether the values of a property of a kind of record are slugs.
fn is_reference(kind: RecordKind, property: &str) -> bool {
    let field = kind.kind().property(property);
    field.is_some_and(|field| matches!(field.ty, Type::Reference(_)) && !field.derived)
}

/// A contradiction that was computed from the database.
pub struct Finding {
    pub kind: Kind,
    pub property: String,
    /// The records that it is about. It is stored with the first one.
    pub records: Vec<Id>,
    pub claims: Vec<Id>,
}

/// Queries the records of a scope. `{scope}` in the statement is replaced by the list of their ids.
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

/// Returns the contradictions that involve records of a scope.
pub async fn search(store: &DatabaseTransaction, scope: &[Id]) -> Result<Vec<Finding>, DbErr> {
    let mut found = Vec::new();
    let kinds = by_kind(store, scope).await?;
    outside(store, &kinds, &mut found).await?;
    dates(store, &kinds, &mut found).await?;
    disjoint_bounds(store, &kinds, &mut found).await?;
    overlaps(store, scope, &mut found).await?;
    dangling(store, scope, &mut found).await?;
    totals(store, scope, &mut found).await?;
    // The contradicting claims of a contradiction of dates are the claims of these dates.
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

/// Finds ends before starts, and sightings before the start or after the end.
async fn dates(
    store: &DatabaseTransaction,
    kinds: &ByKind,
    found: &mut Vec<Finding>,
) -> Result<(), DbErr> {
    // A membership that ends before its legislative period is reported as outside of it.
    let exception = " AND NOT (since_earliest IS NULL AND EXISTS (SELECT 1 FROM legislative_period p \
               WHERE p.id = legislative_period_id AND p.starts_earliest > until_latest))";
    for kind in entity::kinds() {
        let Some(((start, end), own)) = kind.ends().zip(kinds.get(&kind.kind)) else { continue };
        // A membership without a stated start begins with the electing session.
        let start = kind.field("effective_since").map_or(start, |field| field.name);
        let table = kind.table;
        let exception = if start == "effective_since" { exception } else { "" };
        let sql = format!(
            "SELECT id FROM {table} WHERE id IN {{scope}} AND {start}_earliest > {end}_latest{exception}"
        );
        for row in rows(store, own, &sql).await? {
            let records = vec![row.try_get("", "id")?];
            let (kind, property) = (Kind::EndBeforeStart, camel(end));
            found.push(Finding { kind, property, records, claims: Vec::new() });
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
            found.push(Finding { kind, property, records, claims: Vec::new() });
        }
    }
    Ok(())
}

/// A relation by which records of one kind bound the validity of records of another.
struct Bound {
    kind: &'static entity::Kind,
    /// The kind that bounds it.
    by: &'static entity::Kind,
    /// The join condition of a record `e` and the records `p` that bound it.
    on: String,
}

/// All bounds. `import::date` derives validity from the same relations.
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

/// The side on which a date is outside of a period.
#[derive(Clone, Copy)]
enum Side {
    Before,
    After,
}

const SIDES: [Side; 2] = [Side::Before, Side::After];

impl Side {
    /// Selects the start or the end.
    fn select<T>(self, (start, end): (T, T)) -> T {
        match self {
            Self::Before => start,
            Self::After => end,
        }
    }

    /// Returns the field with the start or the end of a kind of record.
    fn field(self, kind: &entity::Kind) -> &'static str {
        self.select(kind.ends().unwrap_or_default())
    }

    /// Returns the column with the first or last day of a bounding record.
    fn bound_column(self, kind: &entity::Kind) -> String {
        match kind.time {
            Temporality::Dates { start, end } => {
                self.select((format!("{start}_earliest"), format!("{end}_latest")))
            }
            _ => self.select(("holds_from", "holds_until")).to_owned(),
        }
    }

    /// Returns the dates of a record that can be outside on this side, the most important first.
    fn dates(self, kind: &entity::Kind) -> Vec<&'static str> {
        let mut dates = SIDES.map(|side| side.field(kind)).to_vec();
        if kind.time == Temporality::Validity {
            dates.push(self.select(("observed_first", "observed_last")));
        }
        dates
    }

    /// Returns the condition that one day is further outside than another.
    fn further(self, day: &str, other: &str) -> String {
        format!("{day} {} {other}", self.select(("<", ">")))
    }

    /// Returns the condition that a date of a record is outside of the record that bounds it.
    fn beyond(self, date: &str, by: &entity::Kind) -> String {
        let nearest = self.select(("latest", "earliest"));
        self.further(&format!("e.{date}_{nearest}"), &format!("p.{}", self.bound_column(by)))
    }
}

/// The records of a scope by kind.
type ByKind = HashMap<RecordKind, Vec<Id>>;

async fn by_kind(store: &DatabaseTransaction, scope: &[Id]) -> Result<ByKind, DbErr> {
    let mut kinds = ByKind::new();
    for row in rows(store, scope, "SELECT id, kind FROM record WHERE id IN {scope}").await? {
        kinds.entry(row.try_get("", "kind")?).or_default().push(row.try_get("", "id")?);
    }
    Ok(kinds)
}

/// Returns a statement that selects the records outside of a record that bounds them, with the
/// index of the first date that is outside on each side. Of several bounding records, the one
/// that extends furthest applies. A record without any day of existence bounds no other.
fn outside_of(Bound { kind, by, on }: &Bound) -> String {
    let (table, parent) = (kind.table, by.table);
    let [from, until] = SIDES.map(|side| side.bound_column(by));
    let is_consistent = |row: &str| format!("({row}.{from} > {row}.{until}) IS NOT TRUE");
    let conditions =
        |side: Side| side.dates(kind).into_iter().map(move |date| side.beyond(date, by));
    let first_outside = |side: Side| {
        let day = side.bound_column(by);
        let further = side.further(&format!("q.{day}"), &format!("p.{day}"));
        let whens = conditions(side)
            .enumerate()
            .map(|(at, condition)| format!("WHEN {condition} THEN {at} "));
        format!(
            "CASE WHEN EXISTS (SELECT 1 FROM {parent} q WHERE {} AND {further} AND {}) THEN NULL {}END",
            on.replace("p.", "q."),
            is_consistent("q"),
            whens.collect::<String>(),
        )
    };
    let any: Vec<String> = SIDES.into_iter().flat_map(conditions).collect();
    format!(
        "SELECT e.id AS id, p.id AS parent, {} AS early, {} AS late \
         FROM {table} e JOIN {parent} p ON {on} \
         WHERE e.id IN {{scope}} AND ({}) AND {} ORDER BY p.id",
        first_outside(Side::Before),
        first_outside(Side::After),
        any.join(" OR "),
        is_consistent("p"),
    )
}

/// Finds records that start, are seen or end outside of the period of a record that bounds them.
/// Reports each pair of a record and the source of the bound once.
async fn outside(
    store: &DatabaseTransaction,
    kinds: &ByKind,
    found: &mut Vec<Finding>,
) -> Result<(), DbErr> {
    // By side: the record, the record that bounds it, the index of the date, and its property.
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
            let first = pairs.entry((id, sources(parent))).or_insert((place, property));
            *first = (place, property).min(*first);
        }
    }
    found.extend(pairs.into_iter().map(|((id, source), (_, property))| Finding {
        kind: Kind::OutsideParent,
        property: camel(property),
        records: vec![id, source],
        claims: Vec::new(),
    }));
    Ok(())
}

/// Returns a function from a bounding record to the source of its bound: the record itself if it
/// has a date of its own on this side, else the record that it inherits the day from.
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
                side.field(kind),
                side.bound_column(by),
                side.bound_column(kind),
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
        // A cycle is an error in the data; the traversal must end.
        let up = std::iter::successors(Some(id), |id| above.get(id).copied());
        up.take(above.len() + 1).last().unwrap_or(id)
    })
}

/// Finds records that are valid on no day although none of their own dates is outside: the records
/// that bound them do not overlap.
async fn disjoint_bounds(
    store: &DatabaseTransaction,
    kinds: &ByKind,
    found: &mut Vec<Finding>,
) -> Result<(), DbErr> {
    let reported: HashSet<Id> =
        found.iter().filter_map(|one| one.records.first().copied()).collect();
    let mut empty: BTreeMap<Id, &entity::Kind> = BTreeMap::new();
    for kind in entity::kinds().filter(|kind| kind.is_temporal()) {
        let Some(own) = kinds.get(&kind.kind) else { continue };
        let table = kind.table;
        let sql =
            format!("SELECT id FROM {table} WHERE id IN {{scope}} AND holds_from > holds_until");
        for row in rows(store, own, &sql).await? {
            let id = row.try_get("", "id")?;
            if !reported.contains(&id) {
                empty.insert(id, kind);
            }
        }
    }
    let ids: BTreeSet<Id> = empty.keys().copied().collect();
    let from = sources(store, ids.clone(), Side::Before).await?;
    let until = sources(store, ids, Side::After).await?;
    for (id, kind_of) in empty {
        let mut records = vec![id];
        for source in [from(id), until(id)] {
            if !records.contains(&source) {
                records.push(source);
            }
        }
        let (kind, property) = match records.len() {
            1 => (Kind::EndBeforeStart, Side::After.field(kind_of)),
            _ => (Kind::OutsideParent, Side::Before.field(kind_of)),
        };
        found.push(Finding { kind, property: camel(property), records, claims: Vec::new() });
    }
    Ok(())
}

/// Returns all records whose validity the given records bound, directly or through other records.
pub async fn records_bounded_by(
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

/// Finds records that exclude each other and are certainly valid on the same day: two holders of an
/// exclusive role, the same membership, allocation or participation twice, and exclusive
/// participation statuses. A stated end on the day of the other's start is not an overlap.
async fn overlaps(
    store: &DatabaseTransaction,
    scope: &[Id],
    found: &mut Vec<Finding>,
) -> Result<(), DbErr> {
    let roles = EXCLUSIVE_ROLES.map(|role| format!("'{}'", role.to_value())).join(", ");
    let pairs = [
        format!(
            "membership b ON b.organization_id = a.organization_id AND b.role = a.role \
             AND a.role IN ({roles}) AND b.role IN ({roles}) AND b.member_id <> a.member_id \
             AND (a.role <> 'REPRESENTATIVE' \
               OR coalesce(b.on_behalf_of_id, 0) = coalesce(a.on_behalf_of_id, 0))"
        ),
        // Joins by member, who has few memberships: an organization or a role may have many.
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
                found.push(Finding { kind, property, records, claims: Vec::new() });
            }
        }
    }
    Ok(())
}

/// Finds claims whose value should be the slug of a record and is not.
async fn dangling(
    store: &DatabaseTransaction,
    scope: &[Id],
    found: &mut Vec<Finding>,
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
    found.extend(places.into_iter().map(|((record, property), claims)| Finding {
        kind: Kind::Dangling,
        property,
        records: vec![record],
        claims,
    }));
    Ok(())
}

/// A part of a total: a seat allocation of a delegation or a chamber of a parliament.
struct Part<'a> {
    id: Id,
    period: Period,
    property: &'static str,
    number: Option<i32>,
    /// The numbers of other dates, as stored in the column `varying`.
    varying: Option<&'a str>,
    of_chamber: bool,
}

impl Part<'_> {
    fn number(&self, date: Option<PartialDate>) -> Option<i64> {
        let number = date.and_then(|date| value_at(self.varying, self.property, date));
        number.and_then(|number| number.parse().ok()).or(self.number.map(i64::from))
    }
}

/// Finds claimed totals that differ from the sum of their parts on the day of the claim. A smaller
/// sum is a contradiction only if all parts are known.
async fn totals(
    store: &DatabaseTransaction,
    scope: &[Id],
    found: &mut Vec<Finding>,
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
    // The claims, their dates, and the parts.
    type Difference = (Vec<Id>, Vec<Option<PartialDate>>, Vec<Id>);
    let mut differences: BTreeMap<(Id, String), Difference> = BTreeMap::new();
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
        let valid: Vec<&Part<'_>> = all.filter(|part| part.period.contains(day)).collect();
        let by_chamber = valid.iter().any(|part| part.of_chamber);
        let counted: Vec<&Part<'_>> =
            valid.into_iter().filter(|part| part.of_chamber == by_chamber).collect();
        let sum: i64 = counted.iter().filter_map(|part| part.number(date)).sum();
        let is_complete = counted.iter().all(|part| part.number(date).is_some())
            && (claim.record_kind == RecordKind::Parliament
                || !by_chamber
                || counted.len() >= houses(claim.record_id));
        if !counted.is_empty() && (sum > total || (sum < total && is_complete)) {
            let place = (claim.record_id, claim.property.clone());
            let ids = || counted.iter().map(|part| part.id).collect();
            let entry = differences.entry(place).or_insert_with(|| (Vec::new(), Vec::new(), ids()));
            entry.0.push(claim.id);
            entry.1.push(date);
        }
    }
    for ((record, property), (mut claims, dates, parts)) in differences {
        let of = claim::Entity::find()
            .filter(among(store, claim::Column::RecordId, &parts))
            .filter(claim::Column::Property.is_in(["seats", "size"]));
        let is_preferred = |claim: &&claim::Model| {
            let on = |date| is_preferred_at(claim.preferred_during.as_deref(), date);
            dates.iter().any(|date| date.and_then(on).unwrap_or(claim.preferred))
        };
        let of = of.all(store).await?;
        let mut of: Vec<Id> = of.iter().filter(is_preferred).map(|claim| claim.id).collect();
        claims.sort_unstable();
        of.sort_unstable();
        claims.extend(of);
        let records = std::iter::once(record).chain(parts).collect();
        found.push(Finding { kind: Kind::Total, property, records, claims });
    }
    Ok(())
}

/// Finds properties with several values at one time.
async fn values(store: &DatabaseTransaction, scope: &[Id]) -> Result<Vec<Finding>, DbErr> {
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
        // A curated contradiction states that the property has one value.
        let is_curated = curated.contains(&place);
        if !is_single(claims[0].record_kind, &place.1) && !is_curated {
            continue;
        }
        claims.sort_by_key(|claim| claim.id);
        let sides: Vec<Id> =
            contradicting_claims(&claims, is_curated).into_iter().map(|claim| claim.id).collect();
        if !sides.is_empty() {
            let (kind, property, records) = (Kind::Values, place.1, vec![place.0]);
            found.push(Finding { kind, property, records, claims: sides });
        }
    }
    Ok(found)
}

/// Returns the claims about one property that cannot all be true. Claims of the same document
/// contradict each other only if a curated contradiction states it or the property is permanent.
pub fn contradicting_claims(claims: &[claim::Model], is_curated: bool) -> Vec<&claim::Model> {
    // A source of a whole row does not necessarily state each of its values.
    let stated: HashSet<Option<&String>> = claims
        .iter()
        .filter(|claim| claim.attribution == Attribution::Value)
        .map(|claim| claim.value.as_ref())
        .collect();
    let all: Vec<&claim::Model> = claims
        .iter()
        .filter(|claim| {
            claim.attribution == Attribution::Value || !stated.contains(&claim.value.as_ref())
        })
        .collect();
    let excluded = |one: &&&claim::Model| {
        all.iter().any(|other| {
            // A document that states both values states that both are true, unless they never change.
            let same_document_counts = is_curated || is_permanent(one);
            (same_document_counts || one.document_id != other.document_id)
                && exclude(one, other, &all)
        })
    };
    all.iter().filter(excluded).copied().collect()
}

/// Whether the property of a claim never changes, such as the date of an event or the session that
/// elected a member.
fn is_permanent(claim: &claim::Model) -> bool {
    let field = claim.record_kind.kind().property(&claim.property);
    field.is_some_and(|field| field.permanent)
}

/// Whether two claims about the same property cannot both be true: their values differ, and their
/// periods overlap. A date does not differ from a less precise date that contains it.
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
            let (one, other) = (ClaimPeriod::of(one, all), ClaimPeriod::of(other, all));
            one.reaches(&other) && other.reaches(&one)
        })
}

/// The period that a claim may apply to.
struct ClaimPeriod {
    from: NaiveDate,
    until: NaiveDate,
    /// Whether the last day is stated, so that another value may start on it.
    has_end: bool,
}

impl ClaimPeriod {
    /// Derives the period from the latest stated start and the earliest stated end; without a stated
    /// end, it lasts until the start of another value. A claim without start and end applies to the
    /// days on which its document was seen.
    fn of(claim: &claim::Model, all: &[&claim::Model]) -> Self {
        let (since, until) = (claim.since(), claim.until());
        if since.is_some() || until.is_some() {
            let from = since.map_or(FIRST_DAY, |since| since.latest());
            let others = all.iter().filter(|other| other.value != claim.value);
            let starts = others.filter_map(|other| other.since().map(|since| since.latest()));
            let next = since.and_then(|_| starts.filter(|start| *start > from).min());
            let until = until.map(|until| until.earliest()).or(next);
            return Self { from, until: until.unwrap_or(LAST_DAY), has_end: until.is_some() };
        }
        let seen = claim.observed().and_then(|seen| seen.first.zip(seen.last));
        let (from, until) =
            seen.map_or((FIRST_DAY, LAST_DAY), |(first, last)| (first.earliest(), last.latest()));
        Self { from, until, has_end: false }
    }

    /// Whether it has not ended when the other starts.
    fn reaches(&self, other: &Self) -> bool {
        other.from < self.until || (other.from == self.until && !self.has_end)
    }
}
