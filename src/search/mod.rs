//! Search: records by their texts, in whatever script and spelling.
//!
//! The store finds texts that may be meant, so many and no more; which of them come first is
//! decided here, the same for both stores. Knows nothing of how records are shown.

use std::{collections::HashMap, ops::Range};

use entity::{Id, RecordKind, kind::Group, term};
use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::QueryResult;

use crate::graph::{
    Result,
    batch::{Of, Question},
    keyset::{By, Order, OrderKey, Place},
    snapshot::Snapshot,
    table::Table,
};

mod candidates;
mod words;

pub use words::{Match, Sought, indexed};

/// Which records are called so: one statement.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Search {
    pub sought: Sought,
    /// Only records of these kinds; of all where nothing is said.
    pub kinds: Option<Vec<RecordKind>>,
}

/// A record that is called so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    pub id: Id,
    pub kind: RecordKind,
    /// The texts that match, the best first.
    pub texts: Vec<Text>,
    standing: Standing,
}

/// A text of a record that matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    pub property: String,
    pub value: String,
    pub language: Option<String>,
    /// Whether all of it is meant, letter by letter.
    pub is_named: bool,
}

/// By what hits are put in order: how closely the best text matches, how much such a text counts,
/// how long it is, and what the record is.
type Standing = (i64, i64, i64, i64);

/// The most texts that are told of one record.
const MAX_TEXTS: usize = 5;

/// Of records alike by their texts, which come first: bodies, persons, what happens, and those that
/// tell of them.
pub fn precedence(kind: RecordKind) -> i64 {
    let kind = kind.kind();
    match kind {
        _ if kind.is(Group::Represented) => 0,
        _ if kind.is(Group::Actor) => 1,
        _ if !kind.evidence => 2,
        _ => TELLS,
    }
}

/// The precedence of what only tells of other records.
const TELLS: i64 = 3;

/// How closely a text of a record of some precedence matches. Papers are full of the names of
/// others: they come after all those, unless what is looked for is all that they are called.
fn closeness(how: Match, precedence: i64) -> i64 {
    match how {
        Match::Named | Match::Whole => how as i64,
        _ if precedence == TELLS => how as i64 + Match::Sounds as i64,
        _ => how as i64,
    }
}

impl Question for Search {
    type Answer = Vec<Hit>;

    fn answer<'a>(
        &'a self,
        snapshot: &'a Snapshot,
        _: &'a [Of],
    ) -> BoxFuture<'a, Result<HashMap<Of, Vec<Hit>>>> {
        async move {
            let rows = snapshot.query(&candidates::statement(self, snapshot.backend())).await?;
            let found = rows.iter().map(|row| self.read(row)).collect::<Result<Vec<_>>>()?;
            let hits = ranked(found.into_iter().flatten());
            Ok(HashMap::from([(Of::All, hits)]))
        }
        .boxed()
    }

    fn nothing() -> Vec<Hit> {
        Vec::new()
    }
}

impl Search {
    /// The order of the hits. They are no rows of a table: the names of the columns are only those
    /// of the list, for its cursors. What is looked for is the first, and the same for all of them.
    pub fn order() -> Order {
        const COLUMNS: &[By] = &[
            By::text("search"),
            By::number("match"),
            By::number("rank"),
            By::number("length"),
            By::number("kind"),
        ];
        Order { table: Table::of::<term::Entity>(), columns: COLUMNS.into() }
    }

    /// What tells this list from those of other searches.
    pub fn key(&self) -> OrderKey {
        let kinds = self.kinds.as_ref().map(|kinds| format!("{kinds:?} "));
        OrderKey::Text(format!("{}{}", kinds.unwrap_or_default(), self.sought.text))
    }

    /// The place of a hit in the order.
    pub fn place(&self, hit: &Hit) -> Place {
        let (how, rank, length, kind) = hit.standing;
        let numbers = [how, rank, length, kind].map(OrderKey::Number);
        let keys = [self.key()].into_iter().chain(numbers).collect();
        Self::order().place(keys, hit.id)
    }

    /// The words of a text that are meant, by their places in code points.
    pub fn places(&self, text: &Text) -> Vec<Range<usize>> {
        if text.is_named {
            let all = 0..text.value.chars().count();
            return Vec::from([all]);
        }
        self.sought.places(&text.value)
    }

    /// A text that the store found, as a hit of its own; none where it does not match after all.
    fn read(&self, row: &QueryResult) -> Result<Option<Hit>> {
        let (kind, folded): (RecordKind, String) =
            (row.try_get("", "record_kind")?, row.try_get("", "folded")?);
        // What was found by the whole of a name that is not folded has no folded text.
        let how = match folded.is_empty() {
            true => Some(Match::Named),
            false => self.sought.match_of(&folded, &row.try_get::<String>("", "words")?),
        };
        let Some(how) = how else { return Ok(None) };
        let rank: i32 = row.try_get("", "rank")?;
        let length = i64::try_from(folded.len()).unwrap_or(i64::MAX);
        let text = Text {
            property: row.try_get("", "property")?,
            value: row.try_get("", "value")?,
            language: row.try_get("", "language")?,
            is_named: how == Match::Named,
        };
        let precedence = precedence(kind);
        let standing = (closeness(how, precedence), rank.into(), length, precedence);
        Ok(Some(Hit { id: row.try_get("", "record_id")?, kind, texts: vec![text], standing }))
    }
}

/// One hit a record, the best first.
fn ranked(found: impl Iterator<Item = Hit>) -> Vec<Hit> {
    let mut found: Vec<Hit> = found.collect();
    found.sort_by(|one, other| {
        let key = |hit: &Hit| (hit.standing, hit.id, hit.texts[0].value.clone());
        key(one).cmp(&key(other))
    });
    let mut places: HashMap<Id, usize> = HashMap::new();
    let mut hits: Vec<Hit> = Vec::new();
    for hit in found {
        let place = *places.entry(hit.id).or_insert(hits.len());
        match hits.get_mut(place) {
            None => hits.push(hit),
            Some(best) => best.texts.extend(hit.texts),
        }
    }
    for hit in &mut hits {
        let mut known = Vec::new();
        hit.texts.retain(|text| {
            let is_new = !known.contains(&text.value);
            known.push(text.value.clone());
            is_new
        });
        hit.texts.truncate(MAX_TEXTS);
    }
    hits
}
