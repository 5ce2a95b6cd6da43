//! The composition of a delegation over time.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
};

use async_graphql::{ComplexObject, Enum, SimpleObject, Union};
use chrono::NaiveDate;
use entity::{FIRST_DAY, Id, LAST_DAY, PartialDate, Period, Temporal, membership::Role};

use super::{delegation::Delegation, group::Group, object::Object};
use crate::{
    evidence::{
        self,
        seats::{rank, seats_on, total},
    },
    graph::{
        AsOf, Day, Node,
        counts::GroupCount,
        keyset::{By, Order, OrderKey, Window},
        page::PageInfo,
    },
};

pub type Membership = Object<entity::membership::Entity>;
pub type SeatAllocation = Object<entity::seat_allocation::Entity>;

/// Part of the composition of a delegation.
#[derive(Clone, Union)]
pub enum CompositionPart {
    SeatAllocation(SeatAllocation),
    Membership(Membership),
}

/// Period in which neither the seats nor the members of a delegation change. Its items are read as
/// of its first day, or its last day if the first is unknown; removed items as of the preceding
/// period.
#[derive(SimpleObject)]
pub struct CompositionPeriod {
    /// First day. Null if unknown.
    since: Option<Day>,
    /// Last day. Null if unknown.
    until: Option<Day>,
    /// Seat allocations that are definitely or possibly valid.
    seats: Vec<SeatAllocation>,
    /// Total number of seats. If a chamber has several possible allocations, the definite one
    /// counts, otherwise the latest. Null if no document states the number.
    total_seats: Option<i32>,
    /// Plenipotentiary representative. Null if none is known.
    representative: Option<Membership>,
    /// Memberships in any role.
    memberships: Vec<Membership>,
    /// Items that the preceding period does not have, or has with a different number of seats.
    added: Vec<CompositionPart>,
    /// Items of the preceding period that this one does not have, or has with a different number of
    /// seats.
    removed: Vec<CompositionPart>,
}

/// Page of a list, as a Relay connection.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct CompositionPeriodConnection {
    /// Items of the page, each with its cursor.
    edges: Vec<CompositionPeriodEdge>,
    /// Items of the page.
    nodes: Vec<Arc<CompositionPeriod>>,
    /// Information about the page, for pagination.
    page_info: PageInfo,
    /// Total number of items in the list.
    total_count: usize,
    #[graphql(skip)]
    all: Arc<Composition>,
}

/// Keys by which the items of the list can be grouped. New values may be added.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub enum CompositionGroupKey {
    /// By `totalSeats`.
    TotalSeats,
}

#[ComplexObject]
impl CompositionPeriodConnection {
    /// Groups of all items in the list by a key, the largest first.
    async fn groups(
        &self,
        #[graphql(desc = "Key to group by.")] by: CompositionGroupKey,
    ) -> Vec<Group> {
        let CompositionGroupKey::TotalSeats = by;
        let mut totals: BTreeMap<Option<i32>, i64> = BTreeMap::new();
        for period in self.all.periods(0, usize::MAX) {
            *totals.entry(period.total_seats).or_default() += 1;
        }
        let mut groups: Vec<(Option<i32>, i64)> = totals.into_iter().collect();
        groups.sort_by_key(|(_, count)| Reverse(*count));
        let group = |(seats, count): (Option<i32>, i64)| {
            let key = seats.map(|seats| seats.to_string());
            Group::from((GroupCount { key, record: None, count }, AsOf::today(self.all.today)))
        };
        groups.into_iter().map(group).collect()
    }
}

/// Item of a page, with its cursor.
#[derive(SimpleObject)]
pub struct CompositionPeriodEdge {
    /// Cursor of the item, for `after` and `before`.
    cursor: String,
    /// Item of the list.
    node: Arc<CompositionPeriod>,
}

/// Returns the definite holder of a post, otherwise the one who began or was observed last.
pub fn current(holders: Vec<Membership>) -> Option<Membership> {
    holders
        .into_iter()
        .max_by_key(|holder| rank(holder.row.validity(), holder.row.id, holder.as_of.date()))
}

/// Returns the last holder of a post.
pub fn last(holders: Vec<Membership>) -> Option<Membership> {
    let rank = |holder: &Membership| (holder.row.holds_until, holder.row.holds_from, holder.row.id);
    holders.into_iter().max_by_key(rank)
}

/// Returns the number of different persons.
pub fn count_persons(members: &[Membership]) -> usize {
    members.iter().map(|member| member.row.member_id).collect::<HashSet<Id>>().len()
}

/// The parts of a delegation and the days on which they change.
pub struct Composition {
    delegation: Id,
    seats: Vec<SeatAllocation>,
    members: Vec<Membership>,
    /// The changes by the first day of the period that they begin.
    changes: BTreeMap<NaiveDate, Change>,
    today: NaiveDate,
}

/// The parts that a period adds to the preceding one and removes from it.
#[derive(Default)]
struct Change {
    added: Vec<Part>,
    removed: Vec<Part>,
}

/// The index of a part in `seats` or `members` of the [`Composition`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Seats(usize),
    Member(usize),
}

impl Composition {
    pub fn new(
        delegation: Id,
        seats: Vec<SeatAllocation>,
        members: Vec<Membership>,
        today: NaiveDate,
    ) -> Self {
        let mut changes: BTreeMap<NaiveDate, Change> = BTreeMap::new();
        let mut add = |part: Part, period: Period| {
            if period.is_empty() {
                return;
            }
            changes.entry(period.from).or_default().added.push(part);
            if let Some(after) = period.until.succ_opt().filter(|day| *day <= LAST_DAY) {
                changes.entry(after).or_default().removed.push(part);
            }
        };
        for (at, seats) in seats.iter().enumerate() {
            // A change of the number of seats begins a new part.
            let Period { mut from, until } = seats.row.validity().possible;
            let seats_on = |day| seats_on(&seats.row, PartialDate::day(day));
            for day in evidence::preference::change_dates(seats.row.varying.as_deref(), "seats") {
                let before = day.pred_opt().filter(|before| from <= *before && day <= until);
                if let Some(before) = before.filter(|before| seats_on(*before) != seats_on(day)) {
                    add(Part::Seats(at), Period { from, until: before });
                    from = day;
                }
            }
            add(Part::Seats(at), Period { from, until });
        }
        for (at, member) in members.iter().enumerate() {
            add(Part::Member(at), member.row.validity().possible);
        }
        Self { delegation, seats, members, changes, today }
    }

    /// Returns the order of periods, for cursors. Periods are not rows of a table, so the name of the
    /// column only identifies the list.
    pub fn order() -> Order {
        const SINCE: &[By] = &[By::text("composition since")];
        Order { table: Delegation::table(), columns: SINCE.into() }
    }

    /// Returns a page of the periods in chronological order.
    pub fn page(self: Arc<Self>, window: &Window) -> CompositionPeriodConnection {
        let order = Self::order();
        let position = |since: &NaiveDate| {
            order.place(vec![OrderKey::Text(since.to_string())], self.delegation)
        };
        let positions: Vec<_> = self.changes.keys().map(position).collect();
        let (page, more) = window.cut(&positions);
        let cursors = positions[page.clone()].iter().map(ToString::to_string);
        let nodes = self.periods(page.start, page.end).into_iter().map(Arc::new);
        let edges: Vec<CompositionPeriodEdge> = cursors
            .zip(nodes)
            .map(|(cursor, node)| CompositionPeriodEdge { cursor, node })
            .collect();
        let ends = edges
            .first()
            .zip(edges.last())
            .map(|(first, last)| (first.cursor.clone(), last.cursor.clone()));
        CompositionPeriodConnection {
            page_info: PageInfo::of(window, more, ends),
            nodes: edges.iter().map(|edge| edge.node.clone()).collect(),
            edges,
            total_count: positions.len(),
            all: self,
        }
    }

    /// Returns the periods with the indexes from `start` to before `end`. Applies the changes in order,
    /// because each period depends on the preceding one.
    fn periods(&self, start: usize, end: usize) -> Vec<CompositionPeriod> {
        let ends = self.changes.keys().skip(1).filter_map(NaiveDate::pred_opt).chain([LAST_DAY]);
        let mut present: BTreeSet<Part> = BTreeSet::new();
        let mut before = AsOf::today(self.today);
        let mut periods = Vec::new();
        for (at, ((&since, change), until)) in self.changes.iter().zip(ends).enumerate().take(end) {
            for part in &change.removed {
                present.remove(part);
            }
            present.extend(&change.added);
            let as_of = AsOf::stated(match (since, until) {
                (FIRST_DAY, LAST_DAY) => self.today,
                (FIRST_DAY, until) => until,
                (since, _) => since,
            });
            if at >= start {
                periods.push(self.period((since, until), &present, change, (before, as_of)));
            }
            before = as_of;
        }
        periods
    }

    fn period(
        &self,
        (since, until): (NaiveDate, NaiveDate),
        present: &BTreeSet<Part>,
        change: &Change,
        (before, now): (AsOf, AsOf),
    ) -> CompositionPeriod {
        let (mut seats, mut memberships) = (Vec::new(), Vec::new());
        for part in present {
            match self.part(*part, now) {
                CompositionPart::SeatAllocation(part) => seats.push(part),
                CompositionPart::Membership(part) => memberships.push(part),
            }
        }
        let is_representative =
            |membership: &&Membership| membership.row.role == Role::Representative;
        // A part whose start is unknown is not an addition.
        let added = if since == FIRST_DAY { &[] } else { change.added.as_slice() };
        CompositionPeriod {
            since: (since != FIRST_DAY).then(|| since.into()),
            until: (until != LAST_DAY).then(|| until.into()),
            total_seats: total(seats.iter().map(|part| &*part.row), now.date()),
            representative: current(
                memberships.iter().filter(is_representative).cloned().collect(),
            ),
            seats,
            memberships,
            added: added.iter().map(|part| self.part(*part, now)).collect(),
            removed: change.removed.iter().map(|part| self.part(*part, before)).collect(),
        }
    }

    /// Returns a part as of a date.
    fn part(&self, part: Part, as_of: AsOf) -> CompositionPart {
        match part {
            Part::Seats(at) => SeatAllocation { as_of, ..self.seats[at].clone() }.into(),
            Part::Member(at) => Membership { as_of, ..self.members[at].clone() }.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use entity::{RecordKind, membership, membership::EndInference, seat_allocation};

    use super::*;
    use crate::graph::List;

    const TODAY: &str = "2026-01-01";

    fn day(text: &str) -> NaiveDate {
        match text {
            "" => FIRST_DAY,
            ".." => LAST_DAY,
            text => text.parse().expect("a day"),
        }
    }

    /// An allocation that is definite as long as it is possible, or never definite.
    fn allocation(
        id: Id,
        chamber_id: Option<Id>,
        seats: i32,
        (from, until): (&str, &str),
        is_definite: bool,
    ) -> seat_allocation::Model {
        let possible = Period { from: day(from), until: day(until) };
        let definite = if is_definite { possible } else { Period::NEVER };
        seat_allocation::Model {
            id,
            slug: format!("seats-{id}"),
            delegation_id: 1,
            chamber_id,
            seats,
            disputed: false,
            note: None,
            since_earliest: None,
            since_latest: None,
            until_earliest: None,
            until_latest: None,
            ongoing: false,
            observed_first_earliest: None,
            observed_first_latest: None,
            observed_last_earliest: None,
            observed_last_latest: None,
            holds_from: possible.from,
            holds_until: possible.until,
            sure_from: definite.from,
            sure_until: definite.until,
            varying: None,
        }
    }

    fn membership(id: Id, (from, until): (NaiveDate, NaiveDate)) -> Membership {
        let row = membership::Model {
            id,
            slug: format!("membership-{id}"),
            member_id: id,
            organization_id: 1,
            organization_kind: RecordKind::Delegation,
            role: Role::Member,
            title: None,
            on_behalf_of_id: None,
            on_behalf_of_kind: None,
            elected_at_id: None,
            legislative_period_id: None,
            state_id: None,
            area: None,
            term: None,
            note: None,
            since_earliest: None,
            since_latest: None,
            until_earliest: None,
            until_latest: None,
            ongoing: false,
            observed_first_earliest: None,
            observed_first_latest: None,
            observed_last_earliest: None,
            observed_last_latest: None,
            effective_since_earliest: None,
            effective_since_latest: None,
            effective_until_earliest: None,
            effective_until_latest: None,
            end_inference: EndInference::None,
            holds_from: from,
            holds_until: until,
            sure_from: LAST_DAY,
            sure_until: FIRST_DAY,
        };
        Membership { row: Arc::new(row), as_of: AsOf::today(day(TODAY)) }
    }

    fn composition(seats: Vec<seat_allocation::Model>, members: &[(&str, &str)]) -> Composition {
        let as_of = AsOf::today(day(TODAY));
        let seats = seats.into_iter().map(|row| SeatAllocation { row: Arc::new(row), as_of });
        let members = members.iter().zip(1..);
        let members = members.map(|((from, until), id)| membership(id, (day(from), day(until))));
        Composition::new(1, seats.collect(), members.collect(), day(TODAY))
    }

    fn names(parts: &[CompositionPart]) -> String {
        let parts = parts.iter().map(|part| match part {
            CompositionPart::SeatAllocation(part) => {
                format!("{}", seats_on(&part.row, part.as_of.date()))
            }
            CompositionPart::Membership(part) => format!("m{}", part.row.id),
        });
        parts.collect::<Vec<_>>().join(" ")
    }

    /// One line per period: its days, seats, members, added and removed parts.
    fn lines(composition: &Composition) -> Vec<String> {
        let date = |day: &Option<Day>| match day {
            Some(day) => day.0.to_string(),
            None => String::new(),
        };
        let line = |period: &CompositionPeriod| {
            let parts = period.memberships.iter().cloned().map(CompositionPart::from);
            format!(
                "{}..{} {} [{}] +[{}] -[{}]",
                date(&period.since),
                date(&period.until),
                period.total_seats.map_or("?".to_owned(), |seats| seats.to_string()),
                names(&parts.collect::<Vec<_>>()),
                names(&period.added),
                names(&period.removed),
            )
        };
        composition.periods(0, usize::MAX).iter().map(line).collect()
    }

    #[test]
    fn a_composition_without_parts_has_no_periods() {
        assert_eq!(lines(&composition(vec![], &[])), Vec::<String>::new());
        // A part that is valid on no day does not count.
        let never = composition(vec![], &[("2010-01-02", "2010-01-01")]);
        assert_eq!(lines(&never), Vec::<String>::new());
    }

    #[test]
    fn a_part_is_added_and_removed() {
        assert_eq!(lines(&composition(vec![], &[("", "..")])), [".. ? [m1] +[] -[]"]);
        assert_eq!(
            lines(&composition(vec![], &[("2010-01-01", "2012-12-31")])),
            ["2010-01-01..2012-12-31 ? [m1] +[m1] -[]", "2013-01-01.. ? [] +[] -[m1]"],
        );
    }

    #[test]
    fn adjacent_parts_change_on_one_day() {
        assert_eq!(
            lines(&composition(vec![], &[("", "2009-12-31"), ("2010-01-01", "..")])),
            ["..2009-12-31 ? [m1] +[] -[]", "2010-01-01.. ? [m2] +[m2] -[m1]"],
        );
    }

    #[test]
    fn overlapping_parts_share_a_period() {
        let seats = vec![allocation(9, Some(2), 5, ("", ".."), true)];
        assert_eq!(
            lines(&composition(seats, &[("", "2012-12-31"), ("2010-01-01", "..")])),
            [
                "..2009-12-31 5 [m1] +[] -[]",
                "2010-01-01..2012-12-31 5 [m1 m2] +[m2] -[]",
                "2013-01-01.. 5 [m2] +[] -[m1]",
            ],
        );
    }

    #[test]
    fn a_different_number_of_seats_is_a_change() {
        let mut seats = allocation(9, Some(2), 7, ("2000-01-01", "2020-12-31"), true);
        let varying = [("0001-01-01", "5"), ("2005-01-01", "5"), ("2010-01-01", "7")];
        let varying = varying.map(|(from, seats)| (day(from), seats.to_owned())).to_vec();
        seats.varying =
            evidence::preference::to_column(&BTreeMap::from([("seats".to_owned(), varying)]));
        assert_eq!(
            lines(&composition(vec![seats], &[])),
            [
                "2000-01-01..2009-12-31 5 [] +[5] -[]",
                "2010-01-01..2020-12-31 7 [] +[7] -[5]",
                "2021-01-01.. ? [] +[] -[7]",
            ],
        );
    }

    #[test]
    fn alternative_allocations_are_not_added() {
        let total_of =
            |rows: &[seat_allocation::Model]| total(rows, "2012".parse().expect("a date"));
        let allocation = |id, chamber, seats, from, is_definite| {
            allocation(id, chamber, seats, (from, ".."), is_definite)
        };
        assert_eq!(total_of(&[]), None);
        assert_eq!(total_of(&[allocation(1, Some(8), 3, "2013-01-01", true)]), None, "not yet");
        let (one, other) =
            (allocation(1, Some(8), 3, "", true), allocation(2, Some(9), 4, "", false));
        assert_eq!(total_of(&[one.clone(), other.clone()]), Some(7), "two chambers");
        let later = allocation(3, Some(8), 10, "2001-01-01", false);
        assert_eq!(
            total_of(&[later.clone(), one.clone(), other]),
            Some(7),
            "the definite one counts"
        );
        let last = allocation(4, Some(8), 20, "2002-01-01", false);
        assert_eq!(total_of(&[last, later]), Some(20), "otherwise the latest");
        let whole = allocation(5, None, 50, "", true);
        assert_eq!(
            total_of(&[whole.clone(), one]),
            Some(3),
            "a chamber has precedence over the parliament as a whole"
        );
        assert_eq!(total_of(&[whole]), Some(50));
    }

    fn list(first: Option<i32>, after: Option<String>, last: Option<i32>) -> List {
        List { first, after, last, ..List::default() }
    }

    #[test]
    fn thousands_of_memberships_are_paginated() {
        // Each overlaps the next two.
        let start = |at: usize| FIRST_DAY + chrono::Days::new(10 * at as u64 + 1);
        let members: Vec<Membership> = (0..5000)
            .map(|at| membership(at as Id, (start(at), start(at + 2) + chrono::Days::new(3))))
            .collect();
        let all = Arc::new(Composition::new(1, Vec::new(), members, day(TODAY)));
        let page = |list: List| {
            all.clone().page(&list.check(&Composition::order()).expect("good arguments"))
        };
        let first_day =
            |page: &CompositionPeriodConnection| page.nodes.first().and_then(|period| period.since);
        let mut count = 0;
        let mut cursor = None;
        loop {
            let page = page(list(Some(100), cursor, None));
            assert_eq!(page.total_count, 10_000);
            count += page.nodes.len();
            cursor = page.edges.last().map(|edge| edge.cursor.clone());
            if page.nodes.len() < 100 {
                break;
            }
            assert!(page.nodes[3].memberships.len() <= 3);
        }
        assert_eq!(count, 10_000);
        let (first, last) = (page(list(None, None, None)), page(list(None, None, Some(1))));
        assert_eq!(first.nodes.len(), 20);
        assert_eq!(first_day(&first), Some(start(0).into()));
        assert_eq!(names(&last.nodes[0].removed), "m4999");
    }
}
