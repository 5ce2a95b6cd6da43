//! The state of the data, for its keepers: what there is, what lacks a source, what contradicts,
//! what is covered on a date.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use entity::{
    Id, PartialDate, RecordKind, commission, contradiction,
    contradiction::{ContradictionKind, ContradictionStatus},
    delegation, entity as registry, membership, seat_allocation,
};
use sea_orm::{
    ActiveEnum, ColumnTrait, DatabaseConnection, DbErr, EntityTrait, FromQueryResult, Iterable,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    prelude::Expr,
    sea_query::{ExprTrait, Query},
};
use serde::Serialize;

use crate::{
    evidence::{seats, spans::HELD_BY_ONE},
    store,
};

/// What is the matter with the data on a date.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The number of the last change.
    pub revision: Id,
    pub as_of: NaiveDate,
    /// Records by kind.
    pub counts: BTreeMap<String, u64>,
    pub claims: u64,
    /// Slugs of records that no document supports.
    pub without_sources: Vec<String>,
    /// How many contradictions there are of each kind.
    pub contradictions: BTreeMap<String, ByStatus>,
    /// Those that nobody has explained.
    pub open: Vec<Contradiction>,
    /// Those about the order of dates, explained or not.
    pub out_of_order: Vec<Contradiction>,
    pub delegations: Vec<Coverage>,
    pub commissions: Vec<Coverage>,
}

#[derive(Debug, Default, Serialize)]
pub struct ByStatus {
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

/// Who is known of a body on the date.
#[derive(Debug, Serialize)]
pub struct Coverage {
    pub slug: String,
    /// The seats that documents give it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seats: Option<i32>,
    /// Persons that documents name in it.
    pub named: u64,
    /// Whether one of them leads it or speaks for it.
    pub led: bool,
}

/// The kinds of contradiction that come of dates or references, and so most likely of a mistake.
const UNSOUND: [ContradictionKind; 5] = [
    ContradictionKind::EndBeforeStart,
    ContradictionKind::SeenOutside,
    ContradictionKind::OutsideParent,
    ContradictionKind::Overlap,
    ContradictionKind::Dangling,
];

impl Report {
    /// Whether every record has a source, and no date or reference is wrong without a word why.
    pub fn is_sound(&self) -> bool {
        let unsound = UNSOUND.map(|kind| kind.to_value());
        self.without_sources.is_empty() && !self.open.iter().any(|one| unsound.contains(&one.kind))
    }
}

/// Looks the whole database through.
pub async fn report(database: &DatabaseConnection, as_of: NaiveDate) -> Result<Report, DbErr> {
    let mut report = Report {
        revision: store::revision(database).await?,
        as_of,
        counts: BTreeMap::new(),
        claims: entity::claim::Entity::find().count(database).await?,
        without_sources: without_sources(database).await?,
        contradictions: BTreeMap::new(),
        open: Vec::new(),
        out_of_order: Vec::new(),
        delegations: Vec::new(),
        commissions: Vec::new(),
    };
    let counts: Vec<(RecordKind, i64)> = registry::Entity::find()
        .select_only()
        .column(registry::Column::Kind)
        .column_as(registry::Column::Id.count(), "count")
        .group_by(registry::Column::Kind)
        .into_tuple()
        .all(database)
        .await?;
    for kind in RecordKind::iter() {
        let count = counts.iter().find(|count| count.0 == kind).map_or(0, |count| count.1);
        report.counts.insert(kind.to_value(), count.unsigned_abs());
    }
    let contradictions = contradiction::Entity::find().order_by_asc(contradiction::Column::Id);
    for row in contradictions.all(database).await? {
        let by_status = report.contradictions.entry(row.kind.to_value()).or_default();
        match row.status {
            ContradictionStatus::Open => by_status.open += 1,
            ContradictionStatus::Explained => by_status.explained += 1,
        }
        let told = || Contradiction {
            slug: row.slug.clone(),
            kind: row.kind.to_value(),
            status: row.status.to_value(),
            property: row.property.clone(),
            about: row.about.clone(),
        };
        if row.status == ContradictionStatus::Open {
            report.open.push(told());
        }
        if UNSOUND.contains(&row.kind) && row.kind != ContradictionKind::Dangling {
            report.out_of_order.push(told());
        }
    }
    cover(database, &mut report).await?;
    Ok(report)
}

async fn without_sources(database: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    // Not by `NOT IN`: PostgreSQL would look all citations through for each record.
    let cited = Query::select()
        .expr(Expr::val(1))
        .from(entity::citation::Entity)
        .and_where(
            Expr::col((entity::citation::Entity, entity::citation::Column::RecordId))
                .equals((registry::Entity, registry::Column::Id)),
        )
        .take();
    registry::Entity::find()
        .select_only()
        .column(registry::Column::Slug)
        .filter(registry::Column::Kind.ne(RecordKind::Document))
        .filter(registry::Column::MergedIntoId.is_null())
        .filter(Expr::exists(cited).not())
        .order_by_asc(registry::Column::Id)
        .into_tuple()
        .all(database)
        .await
}

/// How many different members a body has, and how many memberships in a leading role.
#[derive(FromQueryResult)]
struct Named {
    organization_id: Id,
    named: i64,
    led: i64,
}

async fn cover(database: &DatabaseConnection, report: &mut Report) -> Result<(), DbErr> {
    use membership::Column;
    let day = report.as_of;
    let leads = Column::Role.is_in(HELD_BY_ONE);
    let named = membership::Entity::find()
        .select_only()
        .column(Column::OrganizationId)
        .column_as(Column::MemberId.into_expr().count_distinct(), "named")
        .column_as(Expr::case(leads, 1).finally(Expr::null()).count(), "led")
        .filter(Column::OrganizationKind.is_in([RecordKind::Delegation, RecordKind::Commission]))
        .filter(Column::HoldsFrom.lte(day).and(Column::HoldsUntil.gte(day)))
        .group_by(Column::OrganizationId);
    let named: Vec<Named> = named.into_model().all(database).await?;
    let named: HashMap<Id, Named> =
        named.into_iter().map(|row| (row.organization_id, row)).collect();
    let coverage = |id: Id, slug: String, seats: Option<i32>| {
        let known = named.get(&id);
        Coverage {
            slug,
            seats,
            named: known.map_or(0, |known| known.named.unsigned_abs()),
            led: known.is_some_and(|known| known.led > 0),
        }
    };
    let mut seats: HashMap<Id, Vec<seat_allocation::Model>> = HashMap::new();
    for row in seat_allocation::Entity::find().all(database).await? {
        seats.entry(row.delegation_id).or_default().push(row);
    }
    let date = PartialDate::day(day);
    let seats = |delegation: Id| seats::total(seats.get(&delegation)?, date);
    let delegations = delegation::Entity::find()
        .filter(delegation::Column::HoldsFrom.lte(day))
        .filter(delegation::Column::HoldsUntil.gte(day))
        .order_by_asc(delegation::Column::Id);
    for row in delegations.all(database).await? {
        report.delegations.push(coverage(row.id, row.slug, seats(row.id)));
    }
    let commissions = commission::Entity::find()
        .filter(commission::Column::HoldsFrom.lte(day))
        .filter(commission::Column::HoldsUntil.gte(day))
        .order_by_asc(commission::Column::Id);
    for row in commissions.all(database).await? {
        report.commissions.push(coverage(row.id, row.slug, None));
    }
    Ok(())
}
