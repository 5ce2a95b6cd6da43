//! The rule that selects the preferred value of a property if documents differ.

use std::{cmp::Reverse, collections::BTreeMap};

use chrono::NaiveDate;
use entity::{FIRST_DAY, LAST_DAY, PartialDate, Period, document::DocumentKind};

/// The name of the rule that [`prefer`] implements.
pub const RULE: &str = "valid at the date, then latest seen, then latest state of the site, then \
                        nearest to the source, then most documents, then first recorded";
/// The name of the rule if the data set states the preferred value.
pub const STATED_RULE: &str = "stated in the data set";

/// One of several values of a property, with the evidence for it.
#[derive(Clone, Debug, Default)]
pub struct Candidate {
    pub periods: Vec<ClaimedPeriod>,
    /// The number of the latest state of its site in which a page with the value appears.
    pub site_state: Option<i32>,
    /// The kinds of the documents that claim the value.
    pub document_kinds: Vec<DocumentKind>,
}

/// The validity period that one claim states for a value, and its sightings.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClaimedPeriod {
    pub since: Option<PartialDate>,
    pub until: Option<PartialDate>,
    /// The first and the last day on which a document shows the value.
    pub observed: Option<(PartialDate, PartialDate)>,
}

impl ClaimedPeriod {
    /// Whether the stated start and end allow the value to be valid on a day.
    fn is_valid_on(&self, day: NaiveDate) -> bool {
        self.since.is_none_or(|since| since.earliest() <= day)
            && self.until.is_none_or(|until| until.latest() >= day)
    }

    /// Returns the period from the first to the last day with evidence: a sighting, the stated
    /// start or the stated end.
    pub fn evidence(&self) -> Option<Period> {
        let seen = self.observed.map(|(first, last)| [first.latest(), last.latest()]);
        let start = self.since.map(|since| since.latest());
        let end = self.until.map(|until| until.earliest());
        let days = || seen.into_iter().flatten().chain(start).chain(end);
        let (from, until) = days().min().zip(days().max())?;
        Some(Period { from, until })
    }

    /// Returns the days on which the rank of the value changes.
    fn change_dates(&self) -> impl Iterator<Item = NaiveDate> {
        let start = self.since.map(|since| since.earliest());
        let after_end = self.until.and_then(|until| until.latest().succ_opt());
        let evidence = self.evidence();
        let (from, until) =
            (evidence.map(|period| period.from), evidence.map(|period| period.until));
        [start, after_end, from, until].into_iter().flatten()
    }
}

impl Candidate {
    /// Adds evidence for the same value.
    pub fn add(&mut self, more: Self) {
        self.periods.extend(more.periods);
        self.site_state = self.site_state.max(more.site_state);
        self.document_kinds.extend(more.document_kinds);
    }

    /// Returns the rank of the value on a day, by the criteria of [`RULE`]. Evidence from after the
    /// day counts only if there is no evidence from before it; the earliest is then the nearest.
    fn rank(&self, day: NaiveDate) -> impl Ord {
        let valid = || self.periods.iter().filter(|period| period.is_valid_on(day));
        let is_valid = self.periods.is_empty() || valid().next().is_some();
        let evidence = || valid().filter_map(ClaimedPeriod::evidence);
        let before = evidence()
            .filter(|period| period.from <= day)
            .map(|period| period.until.min(day))
            .max();
        let after = evidence().map(|period| Reverse(period.from)).max();
        let distance = self.document_kinds.iter().map(|kind| distance_to_source(*kind)).min();
        (
            is_valid,
            before,
            after.filter(|_| before.is_none()),
            self.site_state,
            Reverse(distance.unwrap_or(u8::MAX)),
            self.document_kinds.len(),
        )
    }
}

/// Returns the index of the preferred value on a day.
pub fn prefer(candidates: &[Candidate], day: NaiveDate) -> Option<usize> {
    let ranked = candidates
        .iter()
        .enumerate()
        .max_by_key(|(index, candidate)| (candidate.rank(day), Reverse(*index)));
    ranked.map(|(index, _)| index)
}

/// Returns the preferred values over all time, each as its first day and the index of the value.
pub fn preferred_periods(candidates: &[Candidate]) -> Vec<(NaiveDate, usize)> {
    let claimed = candidates.iter().flat_map(|candidate| &candidate.periods);
    let mut days: Vec<NaiveDate> = claimed.flat_map(ClaimedPeriod::change_dates).collect();
    days.push(FIRST_DAY);
    days.sort_unstable();
    days.dedup();
    let mut periods: Vec<(NaiveDate, usize)> = Vec::new();
    for day in days {
        if let Some(index) = prefer(candidates, day)
            && periods.last().is_none_or(|last| last.1 != index)
        {
            periods.push((day, index));
        }
    }
    periods
}

/// Returns the distance of a kind of document from the primary source.
fn distance_to_source(kind: DocumentKind) -> u8 {
    match kind {
        DocumentKind::Official | DocumentKind::Act => 0,
        DocumentKind::LegalDatabase | DocumentKind::Dataset => 1,
        DocumentKind::Press => 2,
        DocumentKind::Mirror => 3,
        DocumentKind::Encyclopedia => 4,
    }
}

/// The preferred values of the properties of a record that change over time: by property, the
/// first day of each value and the value. Stored in the column `varying`.
pub type VaryingValues = BTreeMap<String, Vec<(NaiveDate, String)>>;

/// Returns the value of the column `varying`: `None` if no property changes over time.
pub fn to_column(values: &VaryingValues) -> Option<String> {
    (!values.is_empty()).then(|| serde_json::json!(values).to_string())
}

/// Returns the preferred value of a property as of a date, if it changes over time.
pub fn value_at(varying: Option<&str>, property: &str, date: PartialDate) -> Option<String> {
    let mut values: VaryingValues = serde_json::from_str(varying?).ok()?;
    let periods = values.remove(property)?;
    periods.into_iter().rfind(|(from, _)| *from <= date.latest()).map(|(_, value)| value)
}

/// Returns the days on which the preferred value of a property changes.
pub fn change_dates(varying: Option<&str>, property: &str) -> Vec<NaiveDate> {
    let values: Option<VaryingValues> =
        varying.and_then(|varying| serde_json::from_str(varying).ok());
    let periods = values.and_then(|mut values| values.remove(property)).unwrap_or_default();
    periods.into_iter().map(|(from, _)| from).collect()
}

/// Returns the periods in which `value` is preferred, each as its first and last day, for the
/// column `preferred_during` of its claims.
pub fn periods_of(values: &[(NaiveDate, String)], value: &str) -> Vec<(NaiveDate, NaiveDate)> {
    let ends = values
        .iter()
        .skip(1)
        .map(|(next, _)| next.pred_opt().unwrap_or(FIRST_DAY))
        .chain([LAST_DAY]);
    let periods = values.iter().zip(ends).filter(|((_, other), _)| other == value);
    periods.map(|((from, _), until)| (*from, until)).collect()
}

/// Whether the value of a claim is preferred as of a date. Returns `None` if the preferred value
/// does not change over time.
pub fn is_preferred_at(preferred_during: Option<&str>, date: PartialDate) -> Option<bool> {
    let periods: Vec<(NaiveDate, NaiveDate)> = serde_json::from_str(preferred_during?).ok()?;
    Some(periods.iter().any(|(from, until)| (*from..=*until).contains(&date.latest())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn date(text: &str) -> PartialDate {
        text.parse().expect("a date")
    }

    fn seen(on: &str) -> Candidate {
        let observed = Some((date(on), date(on)));
        let period = ClaimedPeriod { observed, ..ClaimedPeriod::default() };
        Candidate { periods: vec![period], ..Candidate::default() }
    }

    fn stated(since: Option<&str>, until: Option<&str>) -> Candidate {
        let (since, until) = (since.map(date), until.map(date));
        let period = ClaimedPeriod { since, until, observed: None };
        Candidate { periods: vec![period], ..Candidate::default() }
    }

    const TODAY: &str = "2026-01-01";

    #[test]
    fn prefers_the_value_seen_last() {
        let (old, new, undated) = (seen("2015-10-04"), seen("2024-12-16"), Candidate::default());
        assert_eq!(prefer(&[old.clone(), undated.clone(), new.clone()], day(TODAY)), Some(2));
        assert_eq!(prefer(&[new, old, undated], day(TODAY)), Some(0));
        assert_eq!(prefer(&[], day(TODAY)), None);
    }

    #[test]
    fn prefers_the_last_sighting_before_the_date_else_the_first_after_it() {
        let all = [seen("2017"), seen("2021"), Candidate::default()];
        assert_eq!(prefer(&all, day("2018-01-01")), Some(0));
        assert_eq!(prefer(&all, day("2010-01-01")), Some(0));
        assert_eq!(prefer(&all, day("2021-12-31")), Some(1));
        assert_eq!(preferred_periods(&all), [(FIRST_DAY, 0), (day("2021-12-31"), 1)]);
    }

    #[test]
    fn does_not_prefer_a_value_outside_its_stated_period() {
        let all = [stated(None, Some("2021-11-28")), stated(Some("2021-11-28"), None)];
        assert_eq!(prefer(&all, day("2020-01-01")), Some(0));
        assert_eq!(prefer(&all, day("2022-01-01")), Some(1));
        // A stated start and a later sighting are evidence for the days between them.
        let both = ClaimedPeriod {
            since: Some(date("2021-11-28")),
            until: None,
            observed: Some((date("2024-12-16"), date("2024-12-16"))),
        };
        let all = [Candidate { periods: vec![both], ..Candidate::default() }, seen("2015-10-04")];
        assert_eq!(preferred_periods(&all), [(FIRST_DAY, 1), (day("2021-11-28"), 0)]);
        // A later sighting of another value ranks above an earlier start.
        let all = [stated(Some("2018"), None), seen("2024")];
        assert_eq!(prefer(&all, day(TODAY)), Some(1));
    }

    #[test]
    fn prefers_the_latest_state_of_the_site_among_undated_values() {
        let state = |site_state| Candidate { site_state, ..Candidate::default() };
        let all = [state(Some(1)), state(Some(3)), state(None)];
        assert_eq!(prefer(&all, day(TODAY)), Some(1));
        assert_eq!(preferred_periods(&all), [(FIRST_DAY, 1)]);
    }

    #[test]
    fn prefers_the_nearest_source_then_most_documents_then_the_first() {
        let claimed = |kinds: &[DocumentKind]| Candidate {
            document_kinds: kinds.into(),
            ..Candidate::default()
        };
        let (press, official) =
            (claimed(&[DocumentKind::Press; 3]), claimed(&[DocumentKind::Official]));
        assert_eq!(prefer(&[press.clone(), official.clone()], day(TODAY)), Some(1));
        assert_eq!(prefer(&[claimed(&[DocumentKind::Press]), press], day(TODAY)), Some(1));
        assert_eq!(prefer(&[official.clone(), official], day(TODAY)), Some(0));
    }

    #[test]
    fn reads_varying_values_back() {
        let values = vec![(FIRST_DAY, "120".to_owned()), (day("2021-11-28"), "90".to_owned())];
        let column = to_column(&BTreeMap::from([("size".to_owned(), values.clone())]));
        let value = |on| value_at(column.as_deref(), "size", date(on));
        assert_eq!(value("2021-11-27").as_deref(), Some("120"));
        assert_eq!(value("2021-11-28").as_deref(), Some("90"));
        assert_eq!(value_at(column.as_deref(), "website", date(TODAY)), None);
        assert_eq!(to_column(&VaryingValues::new()), None);
        assert_eq!(periods_of(&values, "120"), [(FIRST_DAY, day("2021-11-27"))]);
        let column = serde_json::json!(periods_of(&values, "90")).to_string();
        assert_eq!(is_preferred_at(Some(&column), date("2020")), Some(false));
        assert_eq!(is_preferred_at(Some(&column), date("2022")), Some(true));
        assert_eq!(is_preferred_at(None, date("2022")), None);
    }
}
