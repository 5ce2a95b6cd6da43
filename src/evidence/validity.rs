//! Derives the days on which records are valid, including ends that no document states.
//!
//! A sighting is evidence, not a bound: a record is certainly valid on the day of a sighting, and
//! possibly before and after it. A stated end is the last day of the period. An end that is
//! inferred from a successor's start is the day before that start.

use std::{collections::HashMap, hash::Hash};

use chrono::NaiveDate;
use entity::{
    FIRST_DAY, Id, LAST_DAY, PartialDate, Period, Sightings, Temporal, Validity, ValidityPeriod,
    membership::{self, EndInference, Role},
    participation::{self, ParticipationStatus},
    seat_allocation,
};

/// The period in which an organization may exist. It bounds the records that belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Existence {
    pub from: NaiveDate,
    pub until: NaiveDate,
    /// The stated end, with the precision that the document states.
    pub ended: Option<PartialDate>,
}

impl Existence {
    /// The existence of a record without any known date.
    pub const UNBOUNDED: Self = Self { from: FIRST_DAY, until: LAST_DAY, ended: None };

    /// Derives the existence from the record's own dates. A date that is not stated is the
    /// narrowest one of the records in `outer` that it belongs to.
    pub fn new(
        founded: Option<PartialDate>,
        dissolved: Option<PartialDate>,
        outer: &[Self],
    ) -> Self {
        let bounds = || outer.iter().filter(|existence| existence.is_consistent());
        let first = bounds().map(|existence| existence.from).max().unwrap_or(FIRST_DAY);
        let last =
            bounds().min_by_key(|existence| existence.until).copied().unwrap_or(Self::UNBOUNDED);
        Self {
            from: founded.map_or(first, |date| date.earliest()),
            until: dissolved.map_or(last.until, |date| date.latest()),
            ended: dissolved.or(last.ended),
        }
    }

    /// Reads the existence from the columns of an organization.
    pub fn from_columns(
        period: Period,
        (ended_earliest, ended_latest): (Option<NaiveDate>, Option<NaiveDate>),
    ) -> Self {
        let ended = PartialDate::from_columns(ended_earliest, ended_latest);
        Self { from: period.from, until: period.until, ended }
    }

    /// Whether the start is not after the end. An inconsistent existence bounds no other record.
    pub fn is_consistent(&self) -> bool {
        self.from <= self.until
    }

    /// Returns the period from the earliest start to the latest end, or `None` if no existence is
    /// consistent.
    pub fn union(existences: impl IntoIterator<Item = Self>) -> Option<Self> {
        existences.into_iter().filter(Self::is_consistent).reduce(|one, other| {
            let last = if other.until > one.until { other } else { one };
            Self { from: one.from.min(other.from), ..last }
        })
    }
}

/// The roles that one person at a time holds in an organization.
pub const EXCLUSIVE_ROLES: [Role; 5] = [
    Role::Chair,
    Role::Head,
    Role::Representative,
    Role::ExecutiveSecretary,
    Role::SecretaryGeneral,
];

/// The participation statuses with which a parliament sends a delegation to an assembly.
pub const SENDING_STATUSES: [ParticipationStatus; 6] = [
    ParticipationStatus::Member,
    ParticipationStatus::AssociateMember,
    ParticipationStatus::Observer,
    ParticipationStatus::NotAttending,
    ParticipationStatus::Suspended,
    ParticipationStatus::Withdrawing,
];

/// The inferred start and end of a validity period.
#[derive(Default)]
struct Bounds {
    from: Option<NaiveDate>,
    until: Option<NaiveDate>,
}

/// Derives the validity of a record within the existence of the organization it belongs to.
///
/// A stated date takes precedence over a sighting, a sighting over an inferred bound.
fn validity(period: &impl ValidityPeriod, bounds: &Bounds, outer: Existence) -> Validity {
    let (since, until) = (period.since(), period.until());
    let observed = period.observed();
    let first_seen = observed.and_then(|observed| observed.first.or(observed.last));
    let last_seen = observed.and_then(|observed| observed.last.or(observed.first));

    let inferred_from = bounds.from.unwrap_or(outer.from);
    let inferred_until = bounds.until.map_or(outer.until, |until| until.min(outer.until));
    let possible = Period {
        from: match (since, first_seen) {
            (Some(since), _) => since.earliest(),
            (None, Some(seen)) => seen.earliest().min(inferred_from),
            (None, None) => inferred_from,
        },
        until: match (until, last_seen) {
            (Some(until), _) => until.latest(),
            (None, Some(seen)) => seen.latest().max(inferred_until),
            (None, None) => inferred_until,
        },
    };

    // A period has no gaps: the record is valid between any two days with evidence.
    let evidence = [since, first_seen, last_seen, until].into_iter().flatten();
    let proven = evidence.fold(Period::NEVER, |proven, date| Period {
        from: proven.from.min(date.latest()),
        until: proven.until.max(date.earliest()),
    });
    let definite =
        Period { from: proven.from.max(possible.from), until: proven.until.min(possible.until) };
    Validity { possible, definite: if definite.is_empty() { Period::NEVER } else { definite } }
}

/// A validity period without a record.
struct StatedPeriod {
    since: Option<PartialDate>,
    until: Option<PartialDate>,
    observed: Option<Sightings>,
}

impl ValidityPeriod for StatedPeriod {
    fn since(&self) -> Option<PartialDate> {
        self.since
    }

    fn until(&self) -> Option<PartialDate> {
        self.until
    }

    fn observed(&self) -> Option<Sightings> {
        self.observed
    }
}

/// Derives the validity of a record of a kind without rules of its own, from its stated start and
/// end and the first and last day on which it was seen.
pub fn derive(
    since: Option<PartialDate>,
    until: Option<PartialDate>,
    seen: Option<(PartialDate, PartialDate)>,
    outer: Existence,
) -> Validity {
    let observed = seen.map(|(first, last)| Sightings { first: Some(first), last: Some(last) });
    validity(&StatedPeriod { since, until, observed }, &Bounds::default(), outer)
}

/// Derives the validity of a participation in an assembly with this existence.
pub fn derive_participation(row: &participation::Model, outer: Existence) -> Validity {
    // A guest participates only on the days on which a document shows it.
    let seen = row.observed().filter(|_| row.status == ParticipationStatus::Guest);
    let first = seen.and_then(|seen| seen.first.or(seen.last));
    let last = seen.and_then(|seen| seen.last.or(seen.first));
    let bounds =
        Bounds { from: first.map(|date| date.earliest()), until: last.map(|date| date.latest()) };
    validity(row, &bounds, outer)
}

/// A record in a sequence of records that succeed each other. Records are identified by their
/// index in the list.
struct Succession {
    index: usize,
    start: PartialDate,
    /// The last record that certainly began earlier.
    predecessor: Option<usize>,
    /// The first record that certainly begins later, and its start. Records whose starts overlap
    /// do not succeed each other.
    successor: Option<(usize, PartialDate)>,
}

/// Orders records by start within each group `G`, and finds their predecessors and successors.
fn successions<G: Eq + Hash>(
    starts: impl Iterator<Item = (G, usize, PartialDate)>,
) -> Vec<Succession> {
    let mut groups: HashMap<G, Vec<(usize, PartialDate)>> = HashMap::new();
    for (group, index, start) in starts {
        groups.entry(group).or_default().push((index, start));
    }
    let mut successions = Vec::new();
    for mut group in groups.into_values() {
        group.sort_by_key(|(index, start)| (start.earliest(), *index));
        for (position, (index, start)) in group.iter().copied().enumerate() {
            let (earlier, later) = (&group[..position], &group[position + 1..]);
            let predecessor = earlier.iter().rfind(|other| other.1.latest() < start.earliest());
            let successor = later.iter().find(|other| other.1.earliest() > start.latest());
            successions.push(Succession {
                index,
                start,
                predecessor: predecessor.map(|(index, _)| *index),
                successor: successor.copied(),
            });
        }
    }
    successions
}

/// Returns the first day on which a document shows a record.
fn first_seen(period: &impl ValidityPeriod) -> Option<PartialDate> {
    period.observed().and_then(|observed| observed.first)
}

/// Sets the validity of seat allocations. `allocations` must contain all allocations of each
/// delegation; `outer` returns the existence of an allocation's delegation and chamber.
///
/// A chamber has one number of seats at a time: each allocation ends the day before the next one
/// starts.
pub fn derive_allocations(
    allocations: &mut [seat_allocation::Model],
    outer: impl Fn(&seat_allocation::Model) -> Existence,
) {
    let starts = allocations.iter().enumerate().filter_map(|(index, row)| {
        let start = row.since().or_else(|| first_seen(row))?;
        Some(((row.delegation_id, row.chamber_id), index, start))
    });
    let mut bounds: HashMap<usize, Bounds> = HashMap::new();
    for Succession { index, start, predecessor, successor } in successions(starts) {
        let from = predecessor.map(|predecessor| {
            allocations[predecessor].until().map_or(start.earliest(), |until| until.earliest())
        });
        let until = successor.and_then(|(_, start)| start.latest().pred_opt());
        bounds.insert(index, Bounds { from, until });
    }
    for (index, row) in allocations.iter_mut().enumerate() {
        let bounds = bounds.remove(&index).unwrap_or_default();
        row.set_validity(validity(row, &bounds, outer(row)));
    }
}

/// The dates of other records that the validity of memberships depends on, by record.
#[derive(Default)]
pub struct MembershipContext {
    pub organizations: HashMap<Id, Existence>,
    pub deaths: HashMap<Id, PartialDate>,
    /// The dates of the sessions that elected members.
    pub elections: HashMap<Id, PartialDate>,
    /// The start and the end of the legislative periods that members were elected for.
    pub periods: HashMap<Id, (Option<PartialDate>, Option<PartialDate>)>,
}

impl MembershipContext {
    /// Returns the start and the end of a membership's legislative period, each if known.
    fn period_of(&self, row: &membership::Model) -> (Option<PartialDate>, Option<PartialDate>) {
        let period = row.legislative_period_id.and_then(|period| self.periods.get(&period));
        period.copied().unwrap_or_default()
    }
}

/// Sets the effective start and end of memberships, and their validity. `memberships` must contain
/// all holders of each exclusive role.
///
/// A membership without a stated start begins with the session that elected the member, else with
/// the legislative period, and ends with that period. A holder of an exclusive role is succeeded by
/// the next one on the day on which the next one begins. A holder without a start begins on the
/// first day on which a document shows it; one without any day has no successor or predecessor.
pub fn derive_memberships(memberships: &mut [membership::Model], context: &MembershipContext) {
    for row in memberships.iter_mut() {
        let elected =
            row.elected_at_id.and_then(|session| context.elections.get(&session)).copied();
        let start = row.since().or(elected).or(context.period_of(row).0);
        (row.effective_since_earliest, row.effective_since_latest) = PartialDate::to_columns(start);
        (row.effective_until_earliest, row.effective_until_latest) =
            (row.until_earliest, row.until_latest);
        row.end_inference = EndInference::None;
    }
    // The days since which roles are vacant, by the membership that begins after them: the
    // predecessor has a stated end, and the holder has no start.
    let mut vacant: HashMap<usize, NaiveDate> = HashMap::new();
    for Succession { index, start, predecessor, successor } in role_successions(memberships) {
        if let Some(predecessor) = predecessor
            && memberships[index].effective_since_earliest.is_none()
        {
            if let Some(end) = memberships[predecessor].until() {
                vacant.insert(index, end.earliest());
            } else {
                let row = &mut memberships[index];
                (row.effective_since_earliest, row.effective_since_latest) =
                    PartialDate::to_columns(Some(start));
            }
        }
        let Some((successor, next_start)) = successor else { continue };
        let successor_member = memberships[successor].member_id;
        let row = &mut memberships[index];
        if row.until().is_none() {
            (row.effective_until_earliest, row.effective_until_latest) =
                PartialDate::to_columns(Some(next_start));
            row.end_inference = if row.member_id == successor_member {
                EndInference::Reelection
            } else {
                EndInference::Successor
            };
        }
    }
    for (index, row) in memberships.iter_mut().enumerate() {
        let organization = context.organizations.get(&row.organization_id).copied();
        let outer = organization.filter(Existence::is_consistent).unwrap_or(Existence::UNBOUNDED);
        infer_end(row, context.period_of(row).1, EndInference::Term);
        infer_end(row, outer.ended, EndInference::Dissolution);
        infer_end(row, context.deaths.get(&row.member_id).copied(), EndInference::Death);
        let until = match row.end_inference {
            EndInference::None => None,
            EndInference::Successor | EndInference::Reelection => {
                row.effective_until_latest.and_then(|day| day.pred_opt())
            }
            _ => row.effective_until_latest,
        };
        let from = row.effective_since_earliest.or(vacant.get(&index).copied());
        row.set_validity(validity(row, &Bounds { from, until }, outer));
    }
}

/// Ends a membership on `date`, unless it has a stated or an earlier end, or begins after `date`: a
/// later start contradicts the date.
fn infer_end(row: &mut membership::Model, date: Option<PartialDate>, inference: EndInference) {
    let Some(date) = date else { return };
    let ends_earlier = row.effective_until_latest.is_some_and(|until| until <= date.latest());
    let begins_later = row.since().is_some_and(|since| since.earliest() > date.latest());
    if row.until().is_none() && !ends_earlier && !begins_later {
        (row.effective_until_earliest, row.effective_until_latest) =
            PartialDate::to_columns(Some(date));
        row.end_inference = inference;
    }
}

/// Finds the predecessors and successors of the holders of exclusive roles.
fn role_successions(memberships: &[membership::Model]) -> Vec<Succession> {
    let holders =
        memberships.iter().enumerate().filter(|(_, row)| EXCLUSIVE_ROLES.contains(&row.role));
    successions(holders.filter_map(|(index, row)| {
        let since =
            PartialDate::from_columns(row.effective_since_earliest, row.effective_since_latest);
        let start = since.or_else(|| first_seen(row))?;
        // Each parliament has its own representative in an organization.
        let behalf = row.on_behalf_of_kind.zip(row.on_behalf_of_id);
        let behalf = behalf.filter(|_| row.role == Role::Representative);
        Some(((row.organization_id, row.role, behalf), index, start))
    }))
}

#[cfg(test)]
mod tests {
    use entity::{Certainty, RecordKind};

    use super::*;

    fn date(text: &str) -> PartialDate {
        text.parse().expect("a date")
    }

    fn chair(
        id: Id,
        since: Option<&str>,
        until: Option<&str>,
        seen: Option<&str>,
    ) -> membership::Model {
        let (since, until, seen) =
            [since, until, seen].map(|text| PartialDate::to_columns(text.map(date))).into();
        membership::Model {
            id,
            slug: format!("chair-{id}"),
            member_id: id,
            organization_id: 1,
            organization_kind: RecordKind::Assembly,
            role: Role::Chair,
            title: None,
            on_behalf_of_id: None,
            on_behalf_of_kind: None,
            elected_at_id: None,
            legislative_period_id: None,
            state_id: None,
            area: None,
            term: None,
            note: None,
            since_earliest: since.0,
            since_latest: since.1,
            until_earliest: until.0,
            until_latest: until.1,
            ongoing: false,
            observed_first_earliest: seen.0,
            observed_first_latest: seen.1,
            observed_last_earliest: seen.0,
            observed_last_latest: seen.1,
            effective_since_earliest: None,
            effective_since_latest: None,
            effective_until_earliest: None,
            effective_until_latest: None,
            end_inference: EndInference::None,
            holds_from: FIRST_DAY,
            holds_until: LAST_DAY,
            sure_from: LAST_DAY,
            sure_until: FIRST_DAY,
        }
    }

    /// Returns the memberships that are valid on a day, and their certainty.
    fn valid_on(rows: &[membership::Model], day: &str) -> Vec<(Id, Certainty)> {
        let certainty =
            |row: &membership::Model| Some((row.id, row.validity().certainty(date(day))?));
        rows.iter().filter_map(certainty).collect()
    }

    fn derived(mut rows: Vec<membership::Model>) -> Vec<membership::Model> {
        derive_memberships(&mut rows, &MembershipContext::default());
        rows
    }

    use Certainty::{Definite, Possible};

    #[test]
    fn a_successor_ends_the_membership_of_its_predecessor() {
        let rows = derived(vec![
            chair(1, Some("2006-11-16"), None, None),
            chair(2, None, None, Some("2015-11-26")),
            chair(3, Some("2016-11"), None, None),
        ]);
        assert_eq!(valid_on(&rows, "2006-11-15"), []);
        assert_eq!(valid_on(&rows, "2006-11-16"), [(1, Definite)]);
        assert_eq!(valid_on(&rows, "2008-01-01"), [(1, Possible)]);
        assert_eq!(valid_on(&rows, "2015-11-25"), [(1, Possible)]);
        assert_eq!(valid_on(&rows, "2015-11-26"), [(2, Definite)]);
        assert_eq!(valid_on(&rows, "2016-11-15"), [(2, Possible), (3, Possible)]);
        assert_eq!(valid_on(&rows, "2016-12-01"), [(3, Possible)]);
        assert_eq!(rows[0].end_inference, EndInference::Successor);
        assert_eq!(rows[2].end_inference, EndInference::None);
    }

    #[test]
    fn a_stated_end_is_the_last_day_and_leaves_the_role_vacant() {
        let rows = derived(vec![
            chair(1, Some("1996"), Some("2001-06-30"), None),
            chair(2, None, None, Some("2005-01-01")),
        ]);
        assert_eq!(valid_on(&rows, "1996-05-01"), [(1, Possible)]);
        assert_eq!(valid_on(&rows, "2001-06-29"), [(1, Definite)]);
        assert_eq!(valid_on(&rows, "2001-06-30"), [(1, Definite), (2, Possible)]);
        assert_eq!(valid_on(&rows, "2003-01-01"), [(2, Possible)]);
        assert_eq!(rows[1].effective_since_earliest, None);
    }

    #[test]
    fn a_sighting_is_definite_and_the_days_around_it_are_possible() {
        let mut row = chair(1, None, None, Some("2020-04-09"));
        row.role = Role::Member;
        let rows = derived(vec![row]);
        assert_eq!(valid_on(&rows, "2020-04-09"), [(1, Definite)]);
        assert_eq!(valid_on(&rows, "1990-01-01"), [(1, Possible)]);
        assert_eq!(valid_on(&rows, "2030-01-01"), [(1, Possible)]);
        assert_eq!(valid_on(&rows, "2020-04"), [(1, Possible)]);
    }

    #[test]
    fn a_dissolution_or_a_death_ends_a_membership() {
        let ends = |organization: Option<&str>, member: Option<&str>| {
            let existence = Existence::new(Some(date("2000")), organization.map(date), &[]);
            let context = MembershipContext {
                organizations: HashMap::from([(1, existence)]),
                deaths: member.map(|died| (1, date(died))).into_iter().collect(),
                ..MembershipContext::default()
            };
            let mut rows = vec![chair(1, None, None, Some("2005"))];
            derive_memberships(&mut rows, &context);
            let until = PartialDate::from_columns(
                rows[0].effective_until_earliest,
                rows[0].effective_until_latest,
            );
            (
                until.map(|until| until.to_string()),
                rows[0].end_inference,
                valid_on(&rows, "2011").len(),
            )
        };
        assert_eq!(ends(Some("2010"), None), (Some("2010".into()), EndInference::Dissolution, 0));
        assert_eq!(ends(Some("2010"), Some("2012")).1, EndInference::Dissolution);
        assert_eq!(ends(Some("2010"), Some("2008")).1, EndInference::Death);
        assert_eq!(ends(None, None), (None, EndInference::None, 1));
    }

    #[test]
    fn an_election_begins_a_membership() {
        let mut row = chair(1, None, None, Some("2019-05-01"));
        row.elected_at_id = Some(7);
        let elections = HashMap::from([(7, date("2018-04"))]);
        let mut rows = vec![row];
        derive_memberships(
            &mut rows,
            &MembershipContext { elections, ..MembershipContext::default() },
        );
        assert_eq!(valid_on(&rows, "2018-03-31"), []);
        assert_eq!(valid_on(&rows, "2018-04-01"), [(1, Possible)]);
        assert_eq!(valid_on(&rows, "2019-05-01"), [(1, Definite)]);
    }

    #[test]
    fn a_membership_without_dates_lasts_for_its_legislative_period() {
        let within = |since: Option<&str>, until: Option<&str>| {
            let mut row = chair(1, since, until, None);
            row.role = Role::Member;
            row.legislative_period_id = Some(5);
            let periods = HashMap::from([(5, (Some(date("2012-05-31")), Some(date("2017-05"))))]);
            let mut rows = vec![row];
            derive_memberships(
                &mut rows,
                &MembershipContext { periods, ..MembershipContext::default() },
            );
            rows
        };
        let rows = within(None, None);
        assert_eq!(valid_on(&rows, "2012-05-30"), []);
        assert_eq!(valid_on(&rows, "2012-05-31"), [(1, Possible)]);
        assert_eq!(valid_on(&rows, "2017-05-31"), [(1, Possible)]);
        assert_eq!(valid_on(&rows, "2017-06-01"), []);
        assert_eq!(rows[0].end_inference, EndInference::Term);
        let rows = within(Some("2013-02-01"), Some("2015-01-01"));
        assert_eq!(valid_on(&rows, "2013-01-31"), []);
        assert_eq!(valid_on(&rows, "2015-01-01"), [(1, Definite)]);
        assert_eq!(valid_on(&rows, "2015-01-02"), []);
        assert_eq!(rows[0].end_inference, EndInference::None);
    }

    #[test]
    fn an_existence_without_dates_is_that_of_the_outer_record() {
        let outer = Existence::new(Some(date("2006-11-16")), Some(date("2030")), &[]);
        let inner = Existence::new(None, None, &[outer, Existence::UNBOUNDED]);
        assert_eq!(inner, outer);
        let own = Existence::new(Some(date("2010")), Some(date("2020-05")), &[outer]);
        assert_eq!((own.from, own.until), (date("2010").earliest(), date("2020-05").latest()));
    }
}
