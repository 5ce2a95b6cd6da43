//! Reports on the data for its maintainers: record counts, records without sources, contradictions, and
//! coverage on a date.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use entity::{
    Id, PartialDate, RecordKind, commission, contradiction,
    contradiction::{ContradictionKind, ContradictionStatus},
    delegation, membership, record, seat_allocation,
};
use sea_orm::{
    ActiveEnum, ColumnTrait, DatabaseConnection, DbErr, EntityTrait, FromQueryResult, Iterable,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    prelude::Expr,
    sea_query::{ExprTrait, Query},
};
use serde::Serialize;

use crate::{
    evidence::{seats, validity::EXCLUSIVE_ROLES},
    store,
};

/// The state of the data on a date.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The id of the last change.
    pub revision: Id,
    pub as_of: NaiveDate,
    /// The number of records by kind.
    pub records: BTreeMap<String, u64>,
    /// The number of claims.
    pub claims: u64,
    /// The slugs of records that cite no document.
    pub without_sources: Vec<String>,
    /// The number of contradictions by kind.
    pub contradictions: BTreeMap<String, StatusCounts>,
    /// Contradictions without an explanation.
    pub open: Vec<Contradiction>,
    /// Contradictions of dates, open and explained.
    pub date_contradictions: Vec<Contradiction>,
    pub delegations: Vec<Coverage>,
    pub commissions: Vec<Coverage>,
}

/// The number of contradictions by status.
#[derive(Debug, Default, Serialize)]
pub struct StatusCounts {
    pub open: u64,
    pub explained: u64,
}

#[derive(Debug, Serialize)]
pub struct Contradiction {
    pub slug: String,
    pub kind: String,
    pub status: String,
    pub property: String,
    pub about: Option<String>,
}

/// The known members of a body on the date.
#[derive(Debug, Serialize)]
pub struct Coverage {
    pub slug: String,
    /// The number of seats, if a document states it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seats: Option<i32>,
    /// The number of known members.
    pub members: u64,
    /// Whether a chair or another head is known.
    pub has_leader: bool,
}

/// The kinds of contradictions of dates or references. They are probably mistakes in the data.
const PROBLEM_KINDS: [ContradictionKind; 5] = [
    ContradictionKind::EndBeforeStart,
    ContradictionKind::SeenOutside,
    ContradictionKind::OutsideParent,
    ContradictionKind::Overlap,
    ContradictionKind::Dangling,
];

impl Report {
    /// The number of records without sources, and of unexplained contradictions of dates or
    /// references.
    pub fn problem_count(&self) -> usize {
        let kinds = PROBLEM_KINDS.map(|kind| kind.to_value());
        let open = self.open.iter().filter(|contradiction| kinds.contains(&contradiction.kind));
        self.without_sources.len() + open.count()
    }
}

/// Checks the whole database.
pub async fn report(database: &DatabaseConnection, as_of: NaiveDate) -> Result<Report, DbErr> {
    let mut report = Report {
        revision: store::revision(database).await?,
        as_of,
        records: BTreeMap::new(),
        claims: entity::claim::Entity::find().count(database).await?,
        without_sources: without_sources(database).await?,
        contradictions: BTreeMap::new(),
        open: Vec::new(),
        date_contradictions: Vec::new(),
        delegations: Vec::new(),
        commissions: Vec::new(),
    };
    let counts: Vec<(RecordKind, i64)> = record::Entity::find()
        .select_only()
        .column(record::Column::Kind)
        .column_as(record::Column::Id.count(), "count")
        .group_by(record::Column::Kind)
        .into_tuple()
        .all(database)
        .await?;
    for kind in RecordKind::iter() {
        let count = counts.iter().find(|count| count.0 == kind).map_or(0, |count| count.1);
        report.records.insert(kind.to_value(), count.unsigned_abs());
    }
    let contradictions = contradiction::Entity::find().order_by_asc(contradiction::Column::Id);
    for row in contradictions.all(database).await? {
        let by_status = report.contradictions.entry(row.kind.to_value()).or_default();
        match row.status {
            ContradictionStatus::Open => by_status.open += 1,
            ContradictionStatus::Explained => by_status.explained += 1,
        }
        let contradiction = || Contradiction {
            slug: row.slug.clone(),
            kind: row.kind.to_value(),
            status: row.status.to_value(),
            property: row.property.clone(),
            about: row.about.clone(),
        };
        if row.status == ContradictionStatus::Open {
            report.open.push(contradiction());
        }
        if PROBLEM_KINDS.contains(&row.kind) && row.kind != ContradictionKind::Dangling {
            report.date_contradictions.push(contradiction());
        }
    }
    add_coverage(database, &mut report).await?;
    Ok(report)
}

async fn without_sources(database: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    // With `NOT IN`, PostgreSQL would scan all citations for each record.
    let cited = Query::select()
        .expr(Expr::val(1))
        .from(entity::citation::Entity)
        .and_where(
            Expr::col((entity::citation::Entity, entity::citation::Column::RecordId))
                .equals((record::Entity, record::Column::Id)),
        )
        .take();
    record::Entity::find()
        .select_only()
        .column(record::Column::Slug)
        .filter(record::Column::Kind.ne(RecordKind::Document))
        .filter(record::Column::MergedIntoId.is_null())
        .filter(Expr::exists(cited).not())
        .order_by_asc(record::Column::Id)
        .into_tuple()
        .all(database)
        .await
}

/// The number of distinct members of a body, and of its memberships with a leading role.
#[derive(FromQueryResult)]
struct MemberCounts {
    organization_id: Id,
    members: i64,
    leaders: i64,
}

async fn add_coverage(database: &DatabaseConnection, report: &mut Report) -> Result<(), DbErr> {
    use membership::Column;
    let as_of = report.as_of;
    let is_leader = Column::Role.is_in(EXCLUSIVE_ROLES);
    let select = membership::Entity::find()
        .select_only()
        .column(Column::OrganizationId)
        .column_as(Column::MemberId.into_expr().count_distinct(), "members")
        .column_as(Expr::case(is_leader, 1).finally(Expr::null()).count(), "leaders")
        .filter(Column::OrganizationKind.is_in([RecordKind::Delegation, RecordKind::Commission]))
        .filter(Column::HoldsFrom.lte(as_of).and(Column::HoldsUntil.gte(as_of)))
        .group_by(Column::OrganizationId);
    let rows: Vec<MemberCounts> = select.into_model().all(database).await?;
    let counts: HashMap<Id, MemberCounts> =
        rows.into_iter().map(|row| (row.organization_id, row)).collect();
    let coverage = |id: Id, slug: String, seats: Option<i32>| {
        let counts = counts.get(&id);
        Coverage {
            slug,
            seats,
            members: counts.map_or(0, |counts| counts.members.unsigned_abs()),
            has_leader: counts.is_some_and(|counts| counts.leaders > 0),
        }
    };
    let mut allocations: HashMap<Id, Vec<seat_allocation::Model>> = HashMap::new();
    for row in seat_allocation::Entity::find().all(database).await? {
        allocations.entry(row.delegation_id).or_default().push(row);
    }
    let date = PartialDate::day(as_of);
    let seats = |delegation: Id| seats::total(allocations.get(&delegation)?, date);
    let delegations = delegation::Entity::find()
        .filter(delegation::Column::HoldsFrom.lte(as_of))
        .filter(delegation::Column::HoldsUntil.gte(as_of))
        .order_by_asc(delegation::Column::Id);
    for row in delegations.all(database).await? {
        report.delegations.push(coverage(row.id, row.slug, seats(row.id)));
    }
    let commissions = commission::Entity::find()
        .filter(commission::Column::HoldsFrom.lte(as_of))
        .filter(commission::Column::HoldsUntil.gte(as_of))
        .order_by_asc(commission::Column::Id);
    for row in commissions.all(database).await? {
        report.commissions.push(coverage(row.id, row.slug, None));
    }
    Ok(())
}
