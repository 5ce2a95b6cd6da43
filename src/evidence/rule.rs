//! The rule that picks the served value where documents differ.

use std::{cmp::Reverse, collections::BTreeMap};

use chrono::NaiveDate;
use entity::{FIRST_DAY, LAST_DAY, PartialDate, document::DocumentKind};

/// The name of the rule by which `pick` picks.
pub const RULE: &str = "valid at the date, then latest seen, then latest state of the site, then \
                        nearest to the source, then most documents, then first recorded";
/// The rule where the data set itself says which value to serve.
pub const STATED: &str = "stated in the data set";

/// What the rule knows of one of several values: all that is said for it.
#[derive(Clone, Debug, Default)]
pub struct Candidate {
    pub said: Vec<Said>,
    /// The highest place among the states of its site of the pages that carry it.
    pub site_state: Option<i32>,
    /// The kinds of the documents that say so.
    pub kinds: Vec<DocumentKind>,
}

/// When one claim says that a value holds, and when a document shows it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Said {
    pub since: Option<PartialDate>,
    pub until: Option<PartialDate>,
    /// The first and the last day on which a document shows it.
    pub observed: Option<(PartialDate, PartialDate)>,
}

impl Said {
    /// Whether it may be valid on a day, by the start and the end that it states.
    fn valid(&self, day: NaiveDate) -> bool {
        self.since.is_none_or(|since| since.earliest() <= day)
            && self.until.is_none_or(|until| until.latest() >= day)
    }

    /// The days between which it is shown: from the first on which it is seen or stated to begin or
    /// to end, to the last.
    pub fn shown(&self) -> Option<(NaiveDate, NaiveDate)> {
        let seen = self.observed.map(|(first, last)| [first.latest(), last.latest()]);
        let begun = self.since.map(|since| since.latest());
        let ended = self.until.map(|until| until.earliest());
        let days = || seen.into_iter().flatten().chain(begun).chain(ended);
        days().min().zip(days().max())
    }

    /// The days on which the judgement of it changes.
    fn turns(&self) -> impl Iterator<Item = NaiveDate> {
        let after = self.until.and_then(|until| until.latest().succ_opt());
        let shown = self.shown();
        [self.since.map(|since| since.earliest()), after, shown.map(|s| s.0), shown.map(|s| s.1)]
            .into_iter()
            .flatten()
    }
}

impl Candidate {
    /// What else is known of the same value.
    pub fn add(&mut self, more: Self) {
        self.said.extend(more.said);
        self.site_state = self.site_state.max(more.site_state);
        self.kinds.extend(more.kinds);
    }

    /// What the rule weighs, the weightiest first. Nothing is shown after a day by what came
    /// later; where nothing came before, the first that came later is nearest.
    fn weight(&self, day: NaiveDate) -> impl Ord {
        let valid = self.said.is_empty() || self.said.iter().any(|said| said.valid(day));
        let shown = || self.said.iter().filter(|said| said.valid(day)).filter_map(Said::shown);
        let before = shown().filter(|shown| shown.0 <= day).map(|shown| shown.1.min(day)).max();
        let after = shown().map(|shown| Reverse(shown.0)).max();
        let nearest = self.kinds.iter().map(|kind| distance(*kind)).min();
        let near = Reverse(nearest.unwrap_or(u8::MAX));
        (valid, before, after.filter(|_| before.is_none()), self.site_state, near, self.kinds.len())
    }
}

/// The place of the value to serve on a day, among several.
pub fn pick(candidates: &[Candidate], day: NaiveDate) -> Option<usize> {
    let places = candidates.iter().enumerate();
    places
        .max_by_key(|(place, candidate)| (candidate.weight(day), Reverse(*place)))
        .map(|best| best.0)
}

/// The values to serve over all time: from which day, and the place of the value.
pub fn stretches(candidates: &[Candidate]) -> Vec<(NaiveDate, usize)> {
    let said = candidates.iter().flat_map(|candidate| &candidate.said);
    let mut days: Vec<NaiveDate> = said.flat_map(Said::turns).collect();
    days.push(FIRST_DAY);
    days.sort_unstable();
    days.dedup();
    let mut stretches: Vec<(NaiveDate, usize)> = Vec::new();
    for day in days {
        if let Some(place) = pick(candidates, day)
            && stretches.last().is_none_or(|last| last.1 != place)
        {
            stretches.push((day, place));
        }
    }
    stretches
}

/// How far from the fact a kind of document stands.
fn distance(kind: DocumentKind) -> u8 {
    match kind {
        DocumentKind::Official | DocumentKind::Act => 0,
        DocumentKind::LegalDatabase | DocumentKind::Dataset => 1,
        DocumentKind::Press => 2,
        DocumentKind::Mirror => 3,
        DocumentKind::Encyclopedia => 4,
    }
}

/// The values of a record's properties that differ between dates, as its row keeps them: from
/// which day, and the value.
pub type Varying = BTreeMap<String, Vec<(NaiveDate, String)>>;

/// As a row keeps it; nothing where no property varies.
pub fn to_column(varying: &Varying) -> Option<String> {
    (!varying.is_empty()).then(|| serde_json::json!(varying).to_string())
}

/// The value of a property on a date, where it differs between dates.
pub fn value_at(varying: Option<&str>, property: &str, date: PartialDate) -> Option<String> {
    let mut varying: Varying = serde_json::from_str(varying?).ok()?;
    let stretches = varying.remove(property)?;
    stretches.into_iter().rfind(|(from, _)| *from <= date.latest()).map(|(_, value)| value)
}

/// The days on which the value of a property changes.
pub fn turns(varying: Option<&str>, property: &str) -> Vec<NaiveDate> {
    let varying: Option<Varying> = varying.and_then(|varying| serde_json::from_str(varying).ok());
    let stretches = varying.and_then(|mut varying| varying.remove(property)).unwrap_or_default();
    stretches.into_iter().map(|(from, _)| from).collect()
}

/// The days during which a value is served, first and last, as its claims keep them.
pub fn during(stretches: &[(NaiveDate, String)], value: &str) -> Vec<(NaiveDate, NaiveDate)> {
    let ends = stretches[1..].iter().map(|next| next.0.pred_opt().unwrap_or(FIRST_DAY));
    let ends = ends.chain([LAST_DAY]);
    let own = stretches.iter().zip(ends).filter(|(stretch, _)| stretch.1 == value);
    own.map(|(stretch, end)| (stretch.0, end)).collect()
}

/// Whether a claim's value is served on a date; none where that does not differ between dates.
pub fn served_at(during: Option<&str>, date: PartialDate) -> Option<bool> {
    let during: Vec<(NaiveDate, NaiveDate)> = serde_json::from_str(during?).ok()?;
    Some(during.iter().any(|(from, until)| (*from..=*until).contains(&date.latest())))
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
        Candidate { said: vec![Said { observed, ..Said::default() }], ..Candidate::default() }
    }

    fn said(since: Option<&str>, until: Option<&str>) -> Candidate {
        let (since, until) = (since.map(date), until.map(date));
        let said = Said { since, until, observed: None };
        Candidate { said: vec![said], ..Candidate::default() }
    }

    const TODAY: &str = "2026-01-01";

    #[test]
    fn serves_what_was_seen_last() {
        let (old, new, undated) = (seen("2015-10-04"), seen("2024-12-16"), Candidate::default());
        assert_eq!(pick(&[old.clone(), undated.clone(), new.clone()], day(TODAY)), Some(2));
        assert_eq!(pick(&[new, old, undated], day(TODAY)), Some(0));
        assert_eq!(pick(&[], day(TODAY)), None);
    }

    #[test]
    fn serves_what_was_seen_last_by_the_date_else_what_was_seen_first_after() {
        let all = [seen("2017"), seen("2021"), Candidate::default()];
        assert_eq!(pick(&all, day("2018-01-01")), Some(0));
        assert_eq!(pick(&all, day("2010-01-01")), Some(0));
        assert_eq!(pick(&all, day("2021-12-31")), Some(1));
        assert_eq!(stretches(&all), [(FIRST_DAY, 0), (day("2021-12-31"), 1)]);
    }

    #[test]
    fn does_not_serve_what_is_stated_not_to_hold_then() {
        let all = [said(None, Some("2021-11-28")), said(Some("2021-11-28"), None)];
        assert_eq!(pick(&all, day("2020-01-01")), Some(0));
        assert_eq!(pick(&all, day("2022-01-01")), Some(1));
        // What is stated to begin and seen later is shown in between.
        let both = Said {
            since: Some(date("2021-11-28")),
            until: None,
            observed: Some((date("2024-12-16"), date("2024-12-16"))),
        };
        let all = [Candidate { said: vec![both], ..Candidate::default() }, seen("2015-10-04")];
        assert_eq!(stretches(&all), [(FIRST_DAY, 1), (day("2021-11-28"), 0)]);
        // A later sight of another value outweighs an older start.
        let all = [said(Some("2018"), None), seen("2024")];
        assert_eq!(pick(&all, day(TODAY)), Some(1));
    }

    #[test]
    fn of_undated_ones_serves_the_latest_state_of_the_site() {
        let state = |site_state| Candidate { site_state, ..Candidate::default() };
        let all = [state(Some(1)), state(Some(3)), state(None)];
        assert_eq!(pick(&all, day(TODAY)), Some(1));
        assert_eq!(stretches(&all), [(FIRST_DAY, 1)]);
    }

    #[test]
    fn then_the_nearest_then_the_most_then_the_first() {
        let said =
            |kinds: &[DocumentKind]| Candidate { kinds: kinds.into(), ..Candidate::default() };
        let (press, official) = (said(&[DocumentKind::Press; 3]), said(&[DocumentKind::Official]));
        assert_eq!(pick(&[press.clone(), official.clone()], day(TODAY)), Some(1));
        assert_eq!(pick(&[said(&[DocumentKind::Press]), press], day(TODAY)), Some(1));
        assert_eq!(pick(&[official.clone(), official], day(TODAY)), Some(0));
    }

    #[test]
    fn what_differs_between_dates_is_read_back() {
        let stretches = vec![(FIRST_DAY, "120".to_owned()), (day("2021-11-28"), "90".to_owned())];
        let column = to_column(&BTreeMap::from([("size".to_owned(), stretches.clone())]));
        let value = |on| value_at(column.as_deref(), "size", date(on));
        assert_eq!(value("2021-11-27").as_deref(), Some("120"));
        assert_eq!(value("2021-11-28").as_deref(), Some("90"));
        assert_eq!(value_at(column.as_deref(), "website", date(TODAY)), None);
        assert_eq!(to_column(&Varying::new()), None);
        assert_eq!(during(&stretches, "120"), [(FIRST_DAY, day("2021-11-27"))]);
        let column = serde_json::json!(during(&stretches, "90")).to_string();
        assert_eq!(served_at(Some(&column), date("2020")), Some(false));
        assert_eq!(served_at(Some(&column), date("2022")), Some(true));
        assert_eq!(served_at(None, date("2022")), None);
    }
}
