//! The rule that picks the served value where documents differ, and what follows from memberships
//! whose end no document states.

use std::{cmp::Reverse, collections::HashMap};

use chrono::NaiveDate;
use entity::{
    Id, PartialDate, RecordKind, Spell,
    document::DocumentKind,
    membership::{self, EndInference, Role},
};

/// The name of the rule by which `pick` picks.
pub const RULE: &str = "latest seen, then latest state of the site, then nearest to the source, \
                        then most documents, then first recorded";
/// The rule where the data set itself says which value to serve.
pub const STATED: &str = "stated in the data set";

/// What the rule knows of one of several values.
#[derive(Clone, Debug, Default)]
pub struct Candidate {
    /// The last day on which a document shows it; else the day from which a document states it.
    pub seen: Option<NaiveDate>,
    /// The highest place among the states of its site of the pages that carry it.
    pub site_state: Option<i32>,
    /// The kinds of the documents that say so.
    pub kinds: Vec<DocumentKind>,
}

impl Candidate {
    /// What else is known of the same value.
    pub fn add(&mut self, more: Self) {
        self.seen = self.seen.max(more.seen);
        self.site_state = self.site_state.max(more.site_state);
        self.kinds.extend(more.kinds);
    }
}

/// The place of the value to serve among several.
pub fn pick(candidates: &[Candidate]) -> Option<usize> {
    let weight = |candidate: &Candidate| {
        let nearest = candidate.kinds.iter().map(|kind| distance(*kind)).min();
        let near = Reverse(nearest.unwrap_or(u8::MAX));
        (candidate.seen, candidate.site_state, near, candidate.kinds.len())
    };
    let places = candidates.iter().enumerate();
    places.max_by_key(|(place, candidate)| (weight(candidate), Reverse(*place))).map(|best| best.0)
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

/// Whether one person at a time holds a role in an organization.
pub fn held_by_one(role: Role) -> bool {
    matches!(
        role,
        Role::Chair
            | Role::Head
            | Role::Representative
            | Role::ExecutiveSecretary
            | Role::SecretaryGeneral
    )
}

/// Sets the effective end of each membership: the stated one, or the start of the next holder's
/// where one person at a time holds the post. A holder whose start nobody states counts from the
/// first day on which a document shows it; one without any day neither ends nor is ended.
pub fn infer_ends(memberships: &mut [membership::Model]) {
    let start = |row: &membership::Model| {
        row.since().or_else(|| row.observed().and_then(|observed| observed.first))
    };
    type Post = (Id, Role, Option<(RecordKind, Id)>);
    let mut posts: HashMap<Post, Vec<usize>> = HashMap::new();
    for (place, row) in memberships.iter_mut().enumerate() {
        row.effective_until_earliest = row.until_earliest;
        row.effective_until_latest = row.until_latest;
        row.end_inference = EndInference::None;
        if held_by_one(row.role) && start(row).is_some() {
            let behalf = row.on_behalf_of_kind.zip(row.on_behalf_of_id);
            posts.entry((row.organization_id, row.role, behalf)).or_default().push(place);
        }
    }
    for mut holders in posts.into_values() {
        let starts: HashMap<usize, PartialDate> = holders
            .iter()
            .filter_map(|place| Some((*place, start(&memberships[*place])?)))
            .collect();
        holders.sort_by_key(|place| (starts[place].earliest(), *place));
        for (at, place) in holders.iter().enumerate() {
            let later = |next: &&usize| starts[*next].earliest() > starts[place].earliest();
            let Some(next) = holders[at + 1..].iter().find(later) else { continue };
            let successor = memberships[*next].member_id;
            let row = &mut memberships[*place];
            if row.until().is_some() {
                continue;
            }
            row.effective_until_earliest = Some(starts[next].earliest());
            row.effective_until_latest = Some(starts[next].latest());
            row.end_inference = match row.member_id == successor {
                true => EndInference::Reelection,
                false => EndInference::Successor,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Option<NaiveDate> {
        Some(text.parse().expect("a day"))
    }

    #[test]
    fn serves_what_was_seen_last() {
        let old = Candidate { seen: day("2015-10-04"), ..Candidate::default() };
        let new = Candidate { seen: day("2024-12-16"), ..Candidate::default() };
        let undated = Candidate::default();
        assert_eq!(pick(&[old.clone(), undated.clone(), new.clone()]), Some(2));
        assert_eq!(pick(&[new, old, undated]), Some(0));
        assert_eq!(pick(&[]), None);
    }

    #[test]
    fn of_undated_ones_serves_the_latest_state_of_the_site() {
        let state = |site_state| Candidate { site_state, ..Candidate::default() };
        assert_eq!(pick(&[state(Some(1)), state(Some(3)), state(None)]), Some(1));
    }

    #[test]
    fn then_the_nearest_then_the_most_then_the_first() {
        let said =
            |kinds: &[DocumentKind]| Candidate { kinds: kinds.into(), ..Candidate::default() };
        let (press, official) = (said(&[DocumentKind::Press; 3]), said(&[DocumentKind::Official]));
        assert_eq!(pick(&[press.clone(), official.clone()]), Some(1));
        assert_eq!(pick(&[said(&[DocumentKind::Press]), press]), Some(1));
        assert_eq!(pick(&[official.clone(), official]), Some(0));
    }
}
