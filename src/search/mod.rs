//! Searches records by names and other texts, across scripts and spellings.
//!
//! The database returns a limited number of candidates; ranking them here gives the same order on
//! SQLite and PostgreSQL.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use entity::{Id, RecordKind, kind::Group, term};
use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::QueryResult;

use crate::graph::{
    Result,
    batch::{BatchQuery, Of},
    keyset::{By, Order, OrderKey, Place},
    snapshot::Snapshot,
    table::Table,
};

mod candidates;
mod words;

pub use words::{Match, SearchTerms, index_words};

/// A search for records: one statement.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Search {
    pub terms: SearchTerms,
    /// The kinds of the records, or `None` for all kinds.
    pub kinds: Option<Vec<RecordKind>>,
}

/// A record in the search results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    pub id: Id,
    pub kind: RecordKind,
    /// The matching texts, the best match first.
    pub texts: Vec<Text>,
    rank: Rank,
}

/// The matching text of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    pub property: String,
    pub value: String,
    pub language: Option<String>,
    /// Whether the text is an identifier or a slug that equals the query.
    pub is_identifier: bool,
}

/// The rank of a hit, the lowest first: the match of the best text, its search rank, its length, and
/// the precedence of the kind of record.
type Rank = (i64, i64, i64, i64);

/// The maximum number of texts that are returned for one record.
const MAX_TEXTS: usize = 5;

/// Returns the precedence of a kind of record among equal matches: organizations, persons, other
/// records, and evidence such as documents last.
pub fn precedence(kind: RecordKind) -> i64 {
    let kind = kind.kind();
    match kind {
        _ if kind.is(Group::Represented) => 0,
        _ if kind.is(Group::Actor) => 1,
        _ if !kind.evidence => 2,
        _ => EVIDENCE_PRECEDENCE,
    }
}

/// The precedence of kinds of record that are evidence for others.
const EVIDENCE_PRECEDENCE: i64 = 3;

/// Returns the rank of a match. The title of a document often contains the names of other records:
/// it ranks after all of them, unless the whole title matches.
fn match_rank(matched: Match, precedence: i64) -> i64 {
    match matched {
        Match::Identifier | Match::Whole => matched as i64,
        _ if precedence == EVIDENCE_PRECEDENCE => matched as i64 + Match::Sounds as i64,
        _ => matched as i64,
    }
}

impl BatchQuery for Search {
    type Output = Vec<Hit>;

    fn load<'a>(
        &'a self,
        snapshot: &'a Snapshot,
        _: &'a [Of],
    ) -> BoxFuture<'a, Result<HashMap<Of, Vec<Hit>>>> {
        async move {
            let rows = snapshot.query(&candidates::statement(self, snapshot.backend())).await?;
            let candidates = rows.iter().map(|row| self.read(row)).collect::<Result<Vec<_>>>()?;
            let hits = rank_hits(candidates.into_iter().flatten());
            Ok(HashMap::from([(Of::All, hits)]))
        }
        .boxed()
    }

    fn empty() -> Vec<Hit> {
        Vec::new()
    }
}

impl Search {
    /// Returns the order of the hits. Hits are not rows of a table: the columns appear only in
    /// cursors. The first one identifies the search and is the same for all hits.
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

    /// Returns the cursor key that identifies this search.
    pub fn key(&self) -> OrderKey {
        let kinds = self.kinds.as_ref().map(|kinds| format!("{kinds:?} "));
        OrderKey::Text(format!("{}{}", kinds.unwrap_or_default(), self.terms.text))
    }

    /// Returns the position of a hit, for its cursor.
    pub fn place(&self, hit: &Hit) -> Place {
        let (matched, rank, length, kind) = hit.rank;
        let numbers = [matched, rank, length, kind].map(OrderKey::Number);
        let keys = [self.key()].into_iter().chain(numbers).collect();
        Self::order().place(keys, hit.id)
    }

    /// Returns the ranges of the matching words of `text`, in code points.
    pub fn matching_ranges(&self, text: &Text) -> Vec<Range<usize>> {
        if text.is_identifier {
            let all = 0..text.value.chars().count();
            return Vec::from([all]);
        }
        self.terms.matching_ranges(&text.value)
    }

    /// Reads a candidate. Returns `None` if it does not match: the database compares less exactly.
    fn read(&self, row: &QueryResult) -> Result<Option<Hit>> {
        let (kind, folded): (RecordKind, String) =
            (row.try_get("", "record_kind")?, row.try_get("", "folded")?);
        // A candidate that was found by a slug or an identifier has no folded text.
        let matched = if folded.is_empty() {
            Some(Match::Identifier)
        } else {
            self.terms.match_of(&folded, &row.try_get::<String>("", "words")?)
        };
        let Some(matched) = matched else { return Ok(None) };
        let rank: i32 = row.try_get("", "rank")?;
        let length = i64::try_from(folded.len()).unwrap_or(i64::MAX);
        let text = Text {
            property: row.try_get("", "property")?,
            value: row.try_get("", "value")?,
            language: row.try_get("", "language")?,
            is_identifier: matched == Match::Identifier,
        };
        let precedence = precedence(kind);
        let rank = (match_rank(matched, precedence), rank.into(), length, precedence);
        Ok(Some(Hit { id: row.try_get("", "record_id")?, kind, texts: vec![text], rank }))
    }
}

/// Sorts candidates by rank and merges those of the same record.
fn rank_hits(candidates: impl Iterator<Item = Hit>) -> Vec<Hit> {
    let mut candidates: Vec<Hit> = candidates.collect();
    candidates.sort_by(|one, other| {
        let key = |hit: &Hit| (hit.rank, hit.id, hit.texts[0].value.clone());
        key(one).cmp(&key(other))
    });
    let mut indexes: HashMap<Id, usize> = HashMap::new();
    let mut hits: Vec<Hit> = Vec::new();
    for hit in candidates {
        let index = *indexes.entry(hit.id).or_insert(hits.len());
        match hits.get_mut(index) {
            None => hits.push(hit),
            Some(best) => best.texts.extend(hit.texts),
        }
    }
    for hit in &mut hits {
        let mut values = HashSet::new();
        hit.texts.retain(|text| values.insert(text.value.clone()));
        hit.texts.truncate(MAX_TEXTS);
    }
    hits
}
