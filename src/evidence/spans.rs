//! The days on which something holds, and what follows where no document states an end.
//!
//! Being seen is evidence and no bound: what is seen on a day certainly holds then, and possibly
//! before and after. A stated end belongs to the spell; where an end is inferred from what begins
//! on a day, the spell ends the day before.

use std::{collections::HashMap, hash::Hash};

use chrono::NaiveDate;
use entity::{
    FIRST_DAY, Id, LAST_DAY, PartialDate, Period, Sightings, Temporal, Validity, ValidityPeriod,
    membership::{self, EndInference, Role},
    participation::{self, ParticipationStatus},
    seat_allocation,
};

/// The days between which an organization may exist, and with it what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    pub from: NaiveDate,
    pub until: NaiveDate,
    /// When it ended, as precisely as a document states it.
    pub ended: Option<PartialDate>,
}

impl Life {
    /// As the columns of an organization tell it.
    pub fn from_columns(
        holds: (NaiveDate, NaiveDate),
        ended: (Option<NaiveDate>, Option<NaiveDate>),
    ) -> Self {
        let ended = PartialDate::from_columns(ended.0, ended.1);
        Self { from: holds.0, until: holds.1, ended }
    }

    /// Whether it has a day: what ends before it begins contradicts itself, and bounds nothing.
    pub fn has_days(&self) -> bool {
        self.from <= self.until
    }

    /// The life of what belongs to any of several: from the first to begin to the last to end.
    pub fn any_of(lives: impl IntoIterator<Item = Self>) -> Option<Self> {
        lives.into_iter().filter(Self::has_days).reduce(|one, other| {
            let last = if other.until > one.until { other } else { one };
            Self { from: one.from.min(other.from), ..last }
        })
    }

    /// Of what nothing is known.
    pub const ANY: Self = Self { from: FIRST_DAY, until: LAST_DAY, ended: None };

    /// By its own dates; where one is not stated, by those of what it belongs to.
    pub fn new(
        founded: Option<PartialDate>,
        dissolved: Option<PartialDate>,
        within: &[Self],
    ) -> Self {
        let within = || within.iter().filter(|life| life.has_days());
        let from = within().map(|life| life.from).max().unwrap_or(FIRST_DAY);
        let outer = within().min_by_key(|life| life.until).copied().unwrap_or(Self::ANY);
        Self {
            from: founded.map_or(from, |date| date.earliest()),
            until: dissolved.map_or(outer.until, |date| date.latest()),
            ended: dissolved.or(outer.ended),
        }
    }
}

/// The roles that one person at a time holds in an organization.
pub const HELD_BY_ONE: [Role; 5] = [
    Role::Chair,
    Role::Head,
    Role::Representative,
    Role::ExecutiveSecretary,
    Role::SecretaryGeneral,
];

/// The standings in an assembly that let a parliament send a delegation.
pub const SENDS: [ParticipationStatus; 6] = [
    ParticipationStatus::Member,
    ParticipationStatus::AssociateMember,
    ParticipationStatus::Observer,
    ParticipationStatus::NotAttending,
    ParticipationStatus::Suspended,
    ParticipationStatus::Withdrawing,
];

/// The bounds that documents and inference give a spell.
struct Bounds {
    from: Option<NaiveDate>,
    until: Option<NaiveDate>,
}

/// The days on which a spell holds, within the life of what it belongs to.
fn validity(spell: &impl ValidityPeriod, bounds: &Bounds, within: Life) -> Validity {
    let (since, until) = (spell.since(), spell.until());
    let observed = spell.observed();
    let first = observed.and_then(|observed| observed.first.or(observed.last));
    let last = observed.and_then(|observed| observed.last.or(observed.first));

    let from = bounds.from.unwrap_or(within.from);
    let from = first.map_or(from, |first| first.earliest().min(from));
    let from = since.map_or(from, |since| since.earliest());
    let to = bounds.until.map_or(within.until, |until| until.min(within.until));
    let to = last.map_or(to, |last| last.latest().max(to));
    let to = until.map_or(to, |until| until.latest());

    // One spell is unbroken: it holds between any two days on which it is shown to hold.
    let shown = [since, first, last, until].into_iter().flatten();
    let shown = shown.fold(Period::NEVER, |shown, date| Period {
        from: shown.from.min(date.latest()),
        until: shown.until.max(date.earliest()),
    });
    let definite = Period { from: shown.from.max(from), until: shown.until.min(to) };
    Validity {
        possible: Period { from, until: to },
        definite: if definite.is_empty() { Period::NEVER } else { definite },
    }
}

/// What documents state of a period, whatever holds then.
struct Stated {
    since: Option<PartialDate>,
    until: Option<PartialDate>,
    observed: Option<Sightings>,
}

impl ValidityPeriod for Stated {
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

/// The days on which something holds of which nothing is special: by its stated start and end, the
/// first and the last day on which it is seen, and the time of what bounds it.
pub fn of(
    since: Option<PartialDate>,
    until: Option<PartialDate>,
    seen: Option<(PartialDate, PartialDate)>,
    within: Life,
) -> Validity {
    let observed = seen.map(|(first, last)| Sightings { first: Some(first), last: Some(last) });
    validity(&Stated { since, until, observed }, &Bounds { from: None, until: None }, within)
}

/// The days on which a standing holds in an assembly of this life.
pub fn of_participation(row: &participation::Model, within: Life) -> Validity {
    // A guest is one for the occasion.
    let days = row.observed().filter(|_| row.status == ParticipationStatus::Guest);
    let first = days.and_then(|days| days.first.or(days.last)).map(|day| day.earliest());
    let last = days.and_then(|days| days.last.or(days.first)).map(|day| day.latest());
    validity(row, &Bounds { from: first, until: last }, within)
}

/// A spell among those that pass from one to the next, by places in their list.
struct Turn {
    place: usize,
    start: PartialDate,
    /// The last that certainly began earlier.
    before: Option<usize>,
    /// The first that certainly begins later, and its start. Dates that are not known well enough
    /// to tell which is the earlier end nobody.
    next: Option<(usize, PartialDate)>,
}

/// The turns of spells that pass from one to the next within each `post`, by place and start.
fn turns<P: Eq + Hash>(spells: impl Iterator<Item = (P, usize, PartialDate)>) -> Vec<Turn> {
    let mut posts: HashMap<P, Vec<(usize, PartialDate)>> = HashMap::new();
    for (post, place, start) in spells {
        posts.entry(post).or_default().push((place, start));
    }
    let mut turns = Vec::new();
    for mut all in posts.into_values() {
        all.sort_by_key(|(place, start)| (start.earliest(), *place));
        for (at, (place, start)) in all.iter().copied().enumerate() {
            let before = all[..at].iter().rfind(|one| one.1.latest() < start.earliest());
            let next = all[at + 1..].iter().find(|one| one.1.earliest() > start.latest());
            let (before, next) = (before.map(|one| one.0), next.copied());
            turns.push(Turn { place, start, before, next });
        }
    }
    turns
}

/// The first day on which a document shows a spell to hold.
fn first_seen(spell: &impl ValidityPeriod) -> Option<PartialDate> {
    spell.observed().and_then(|observed| observed.first)
}

/// Sets the days on which seats are allocated. All allocations of a delegation have to be among
/// them; `lives` are those of the delegation and of the chamber.
///
/// A chamber fills one number of seats at a time: it passes from one to the next like a post.
pub fn settle_allocations(
    allocations: &mut [seat_allocation::Model],
    lives: impl Fn(&seat_allocation::Model) -> Life,
) {
    let dated = allocations.iter().enumerate().filter_map(|(place, row)| {
        let start = row.since().or_else(|| first_seen(row))?;
        Some(((row.delegation_id, row.chamber_id), place, start))
    });
    let mut bounds: HashMap<usize, Bounds> = HashMap::new();
    for Turn { place, start, before, next } in turns(dated) {
        let until = next.and_then(|next| next.1.latest().pred_opt());
        let from = before.map(|before| match allocations[before].until() {
            Some(until) => until.earliest(),
            None => start.earliest(),
        });
        bounds.insert(place, Bounds { from, until });
    }
    for (place, row) in allocations.iter_mut().enumerate() {
        let bounds = bounds.remove(&place).unwrap_or(Bounds { from: None, until: None });
        row.set_validity(validity(row, &bounds, lives(row)));
    }
}

/// What memberships are within: the lives of organizations, and when members died.
#[derive(Default)]
pub struct Around {
    pub organizations: HashMap<Id, Life>,
    pub deaths: HashMap<Id, PartialDate>,
    /// The dates of the sessions that elected members.
    pub elections: HashMap<Id, PartialDate>,
    /// The first and the last days of the legislative periods that members were elected for.
    pub periods: HashMap<Id, (Option<PartialDate>, Option<PartialDate>)>,
}

impl Around {
    /// The first and the last day of a membership's legislative period, as far as they are known.
    fn period_of(&self, row: &membership::Model) -> (Option<PartialDate>, Option<PartialDate>) {
        let period = row.legislative_period_id.and_then(|period| self.periods.get(&period));
        period.copied().unwrap_or_default()
    }
}

/// Sets the effective start and end of each membership and the days on which it holds. All holders
/// of a post that one person holds have to be among them.
///
/// A membership begins with the session that elected the member, or with the legislative period
/// that the member was elected for, where no start is stated, and ends with that period. A post
/// passes from one holder to the next on the day on which the next begins. A holder whose start
/// nobody states counts from the first day on which a document shows them; one without any day
/// neither ends nor is ended.
pub fn settle(memberships: &mut [membership::Model], around: &Around) {
    for row in memberships.iter_mut() {
        let elected = row.elected_at_id.and_then(|session| around.elections.get(&session)).copied();
        let elected = elected.or(around.period_of(row).0);
        (row.effective_since_earliest, row.effective_since_latest) =
            PartialDate::to_columns(row.since().or(elected));
        (row.effective_until_earliest, row.effective_until_latest) =
            (row.until_earliest, row.until_latest);
        row.end_inference = EndInference::None;
    }
    // Where the holder before is stated to have left before this one was seen.
    let mut vacant: HashMap<usize, NaiveDate> = HashMap::new();
    for Turn { place, start, before, next } in posts(memberships) {
        if let Some(before) = before
            && memberships[place].effective_since_earliest.is_none()
        {
            match memberships[before].until() {
                Some(left) => drop(vacant.insert(place, left.earliest())),
                None => {
                    let row = &mut memberships[place];
                    (row.effective_since_earliest, row.effective_since_latest) =
                        PartialDate::to_columns(Some(start));
                }
            }
        }
        let Some((next, starts)) = next else { continue };
        let successor = memberships[next].member_id;
        let row = &mut memberships[place];
        if row.until().is_none() {
            (row.effective_until_earliest, row.effective_until_latest) =
                PartialDate::to_columns(Some(starts));
            row.end_inference = match row.member_id == successor {
                true => EndInference::Reelection,
                false => EndInference::Successor,
            };
        }
    }
    for (place, row) in memberships.iter_mut().enumerate() {
        let within = around.organizations.get(&row.organization_id).copied();
        let within = within.filter(Life::has_days).unwrap_or(Life::ANY);
        end(row, around.period_of(row).1, EndInference::Term);
        end(row, within.ended, EndInference::Dissolution);
        end(row, around.deaths.get(&row.member_id).copied(), EndInference::Death);
        let passed =
            matches!(row.end_inference, EndInference::Successor | EndInference::Reelection);
        let until = row.effective_until_latest.filter(|_| row.end_inference != EndInference::None);
        let until = if passed { until.and_then(|day| day.pred_opt()) } else { until };
        let from = row.effective_since_earliest.or(vacant.get(&place).copied());
        row.set_validity(validity(row, &Bounds { from, until }, within));
    }
}

/// Ends a membership with something else that ended, where no document and nothing earlier does.
fn end(row: &mut membership::Model, date: Option<PartialDate>, inference: EndInference) {
    let Some(date) = date else { return };
    let earlier = row.effective_until_latest.is_some_and(|until| until <= date.latest());
    // What begins after that end is not ended by it: it contradicts it.
    let began = row.since().is_some_and(|since| since.earliest() > date.latest());
    if row.until().is_none() && !earlier && !began {
        (row.effective_until_earliest, row.effective_until_latest) =
            PartialDate::to_columns(Some(date));
        row.end_inference = inference;
    }
}

/// The turns of the holders of posts that one person holds.
fn posts(memberships: &[membership::Model]) -> Vec<Turn> {
    let holders = memberships.iter().enumerate();
    let holders = holders.filter(|(_, row)| HELD_BY_ONE.contains(&row.role));
    turns(holders.filter_map(|(place, row)| {
        let since =
            PartialDate::from_columns(row.effective_since_earliest, row.effective_since_latest);
        let start = since.or_else(|| first_seen(row))?;
        // Each parliament has a representative of its own, wherever they sit together.
        let behalf = row.on_behalf_of_kind.zip(row.on_behalf_of_id);
        let behalf = behalf.filter(|_| row.role == Role::Representative);
        Some(((row.organization_id, row.role, behalf), place, start))
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

    /// Who holds on a day, and how sure that is.
    fn on(rows: &[membership::Model], day: &str) -> Vec<(Id, Certainty)> {
        let certainty =
            |row: &membership::Model| Some((row.id, row.validity().certainty(date(day))?));
        rows.iter().filter_map(certainty).collect()
    }

    fn settled(mut rows: Vec<membership::Model>) -> Vec<membership::Model> {
        settle(&mut rows, &Around::default());
        rows
    }

    use Certainty::{Definite, Possible};

    #[test]
    fn a_post_passes_to_the_next_holder() {
        let rows = settled(vec![
            chair(1, Some("2006-11-16"), None, None),
            chair(2, None, None, Some("2015-11-26")),
            chair(3, Some("2016-11"), None, None),
        ]);
        assert_eq!(on(&rows, "2006-11-15"), []);
        assert_eq!(on(&rows, "2006-11-16"), [(1, Definite)]);
        assert_eq!(on(&rows, "2008-01-01"), [(1, Possible)]);
        assert_eq!(on(&rows, "2015-11-25"), [(1, Possible)]);
        assert_eq!(on(&rows, "2015-11-26"), [(2, Definite)]);
        assert_eq!(on(&rows, "2016-11-15"), [(2, Possible), (3, Possible)]);
        assert_eq!(on(&rows, "2016-12-01"), [(3, Possible)]);
        assert_eq!(rows[0].end_inference, EndInference::Successor);
        assert_eq!(rows[2].end_inference, EndInference::None);
    }

    #[test]
    fn a_stated_end_belongs_to_the_spell_and_frees_the_post() {
        let rows = settled(vec![
            chair(1, Some("1996"), Some("2001-06-30"), None),
            chair(2, None, None, Some("2005-01-01")),
        ]);
        assert_eq!(on(&rows, "1996-05-01"), [(1, Possible)]);
        assert_eq!(on(&rows, "2001-06-29"), [(1, Definite)]);
        assert_eq!(on(&rows, "2001-06-30"), [(1, Definite), (2, Possible)]);
        assert_eq!(on(&rows, "2003-01-01"), [(2, Possible)]);
        assert_eq!(rows[1].effective_since_earliest, None);
    }

    #[test]
    fn what_is_seen_holds_then_and_may_hold_before_and_after() {
        let mut row = chair(1, None, None, Some("2020-04-09"));
        row.role = Role::Member;
        let rows = settled(vec![row]);
        assert_eq!(on(&rows, "2020-04-09"), [(1, Definite)]);
        assert_eq!(on(&rows, "1990-01-01"), [(1, Possible)]);
        assert_eq!(on(&rows, "2030-01-01"), [(1, Possible)]);
        assert_eq!(on(&rows, "2020-04"), [(1, Possible)]);
    }

    #[test]
    fn ends_with_its_organization_or_its_member() {
        let ends = |organization: Option<&str>, member: Option<&str>| {
            let life = Life::new(Some(date("2000")), organization.map(date), &[]);
            let around = Around {
                organizations: HashMap::from([(1, life)]),
                deaths: member.map(|died| (1, date(died))).into_iter().collect(),
                ..Around::default()
            };
            let mut rows = vec![chair(1, None, None, Some("2005"))];
            settle(&mut rows, &around);
            let until = PartialDate::from_columns(
                rows[0].effective_until_earliest,
                rows[0].effective_until_latest,
            );
            (until.map(|until| until.to_string()), rows[0].end_inference, on(&rows, "2011").len())
        };
        assert_eq!(ends(Some("2010"), None), (Some("2010".into()), EndInference::Dissolution, 0));
        assert_eq!(ends(Some("2010"), Some("2012")).1, EndInference::Dissolution);
        assert_eq!(ends(Some("2010"), Some("2008")).1, EndInference::Death);
        assert_eq!(ends(None, None), (None, EndInference::None, 1));
    }

    #[test]
    fn begins_with_the_session_that_elected() {
        let mut row = chair(1, None, None, Some("2019-05-01"));
        row.elected_at_id = Some(7);
        let elections = HashMap::from([(7, date("2018-04"))]);
        let mut rows = vec![row];
        settle(&mut rows, &Around { elections, ..Around::default() });
        assert_eq!(on(&rows, "2018-03-31"), []);
        assert_eq!(on(&rows, "2018-04-01"), [(1, Possible)]);
        assert_eq!(on(&rows, "2019-05-01"), [(1, Definite)]);
    }

    #[test]
    fn lasts_for_its_legislative_period_where_no_date_of_its_own_is_stated() {
        let within = |since: Option<&str>, until: Option<&str>| {
            let mut row = chair(1, since, until, None);
            row.role = Role::Member;
            row.legislative_period_id = Some(5);
            let periods = HashMap::from([(5, (Some(date("2012-05-31")), Some(date("2017-05"))))]);
            let mut rows = vec![row];
            settle(&mut rows, &Around { periods, ..Around::default() });
            rows
        };
        let rows = within(None, None);
        assert_eq!(on(&rows, "2012-05-30"), []);
        assert_eq!(on(&rows, "2012-05-31"), [(1, Possible)]);
        assert_eq!(on(&rows, "2017-05-31"), [(1, Possible)]);
        assert_eq!(on(&rows, "2017-06-01"), []);
        assert_eq!(rows[0].end_inference, EndInference::Term);
        let rows = within(Some("2013-02-01"), Some("2015-01-01"));
        assert_eq!(on(&rows, "2013-01-31"), []);
        assert_eq!(on(&rows, "2015-01-01"), [(1, Definite)]);
        assert_eq!(on(&rows, "2015-01-02"), []);
        assert_eq!(rows[0].end_inference, EndInference::None);
    }

    #[test]
    fn a_life_lies_within_what_it_belongs_to() {
        let outer = Life::new(Some(date("2006-11-16")), Some(date("2030")), &[]);
        let inner = Life::new(None, None, &[outer, Life::ANY]);
        assert_eq!(inner, outer);
        let own = Life::new(Some(date("2010")), Some(date("2020-05")), &[outer]);
        assert_eq!((own.from, own.until), (date("2010").earliest(), date("2020-05").latest()));
    }
}
