//! What documents say: claims are kept, restated and withdrawn here, and what they come to is
//! written into the rows.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    Id, PartialDate, RecordKind, ValidityPeriod, claim,
    claim::Attribution,
    document, entity as registry,
    kind::{Field, Need, in_writing_order},
    site_state,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, DatabaseTransaction, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter, QuerySelect,
};

use super::{
    altered::{Altered, add, insert},
    curated,
    row::{Origin, PeriodColumns, Statement},
    validate::{Attached, Evidence, Links, Validated},
    values::columns,
};
use crate::{
    evidence::{
        contradictions,
        rule::{self, Candidate, Said},
    },
    store::{
        CHUNK, among, find,
        rows::{Records, Rows},
    },
};

/// What an import brings in, with the values that claims give in its rows.
pub struct Weighed {
    /// The records that are new.
    pub new: BTreeMap<Id, RecordKind>,
    /// The records that rows of theirs state anew.
    pub stated: HashSet<Id>,
    pub records: Records,
    pub links: Links,
    pub attached: Attached,
    /// The records whose contradictions are to be looked for, because of what is claimed of them.
    pub concerned: BTreeSet<Id>,
    pub altered: Altered,
}

/// Writes the claims of an import, and the values that they give into its rows.
pub async fn weigh(
    store: &DatabaseTransaction,
    validated: Validated,
    now: DateTime<Utc>,
) -> Result<Weighed, DbErr> {
    let Validated { new, stated, mut records, links, attached, mut evidence } = validated;
    let mut altered = Altered::default();
    let registered = new.into_iter().map(|(id, kind, slug)| registry::Model {
        id,
        kind,
        slug,
        merged_into_id: None,
        created_at: now,
        updated_at: now,
    });
    let registered: Vec<registry::Model> = registered.collect();
    let new: BTreeMap<Id, RecordKind> = registered.iter().map(|row| (row.id, row.kind)).collect();
    insert(store, registered).await?;
    let fresh: HashSet<Id> = new.keys().copied().collect();
    // Claims point at documents.
    for kind in in_writing_order().filter(|kind| kind.kind().evidence) {
        let rows = std::mem::replace(records.of_mut(kind), Rows::none(kind));
        altered.put(store, rows, &fresh).await?;
    }
    let mut judged = put(store, &mut evidence, &stated, &fresh, now, &mut altered).await?;
    judged.extend(&evidence.claimed);
    let curated = std::mem::take(&mut evidence.contradictions);
    let mut concerned: BTreeSet<Id> =
        curated.iter().filter_map(|sides| sides.row.record_id).collect();
    concerned.extend(curated.iter().flat_map(|sides| &sides.explains));
    concerned.extend(curated::put(store, curated, &mut altered).await?);
    judged.extend(concerned.iter().filter(|id| altered.has(**id, "claims")));
    let today = now.date_naive();
    judge(store, &mut records, &evidence, &stated, &judged, today, &mut altered).await?;
    concerned.extend(judged);
    Ok(Weighed { new, stated, records, links, attached, concerned, altered })
}

/// Whether claims give the value of a property where a row does not.
fn is_claimable(kind: RecordKind, property: &str) -> bool {
    kind.kind().property(property).is_some_and(|field| field.claimable)
}

/// A claim among all claims: record, document, property and value.
type Saying = (Id, Id, String, Option<String>);

fn key_of(claim: &claim::Model) -> Saying {
    (claim.record_id, claim.document_id, claim.property.clone(), claim.value.clone())
}

/// Writes claims; returns the records of which they have to be
/// judged: not new ones of which only their rows say something, whose claims are judged at once.
///
/// A row restates what it gave before: what a document that it names no longer says is taken back.
/// A `[[claim]]` restates what one gave of the same property by the same document. Neither takes
/// back what the other gave, nor what a contradiction's side did.
async fn put(
    store: &DatabaseTransaction,
    evidence: &mut Evidence,
    own: &HashSet<Id>,
    new: &HashSet<Id>,
    now: DateTime<Utc>,
    altered: &mut Altered,
) -> Result<BTreeSet<Id>, DbErr> {
    let statements = std::mem::take(&mut evidence.statements);
    let Evidence { plain, given, .. } = &*evidence;
    let mut fresh = Vec::new();
    let mut order = Vec::new();
    let mut wanted: HashMap<Saying, (RecordKind, Statement)> = HashMap::new();
    let mut withdrawn: HashSet<Saying> = HashSet::new();
    for (record, kind, said) in statements {
        if plain.contains(&record) {
            altered.add(record, "claims");
            let is_field =
                said.property == kind.kind().further_names() || is_claimable(kind, &said.property);
            let row = claim::Model { served: is_field, ..row_of(record, kind, said, now) };
            fresh.push(new_row(row));
            continue;
        }
        let key = (record, said.document, said.property.clone(), said.value.clone());
        if said.withdrawn {
            withdrawn.insert(key);
            continue;
        }
        match wanted.get_mut(&key) {
            Some((_, known)) => merge(known, said),
            None => {
                order.push(key.clone());
                wanted.insert(key, (kind, said));
            }
        }
    }
    let by_row = wanted.iter().filter(|(_, (_, said))| said.origin.row);
    let by_row: HashSet<(Id, Id)> = by_row.map(|(key, _)| (key.0, key.1)).collect();
    let by_claim = wanted.iter().filter(|(_, (_, said))| said.origin.claim);
    let by_claim: HashSet<(Id, Id, String)> =
        by_claim.map(|(key, _)| (key.0, key.1, key.2.clone())).collect();
    let owners = wanted.keys().chain(&withdrawn).map(|key| key.0).chain(own.iter().copied());
    let owners: BTreeSet<Id> = owners.filter(|id| !new.contains(id)).collect();
    let mut gone = Vec::new();
    for old in find::<claim::Entity>(store, claim::Column::RecordId, &owners).await? {
        let key = key_of(&old);
        let said = wanted.remove(&key);
        let origin = said.as_ref().map(|said| said.1.origin).unwrap_or_default();
        let place = (old.record_id, old.document_id);
        let restated = own.contains(&old.record_id) && by_row.contains(&place);
        let restated_claim = by_claim.contains(&(place.0, place.1, old.property.clone()));
        let row = claim::Model {
            by_row: origin.row || (old.by_row && !restated),
            by_claim: origin.claim
                || (old.by_claim && !restated_claim && !withdrawn.contains(&key)),
            by_side: origin.side || old.by_side,
            ..old.clone()
        };
        if !(row.by_row || row.by_claim || row.by_side) {
            altered.add(old.record_id, "claims");
            gone.push(old.id);
            continue;
        }
        let row = match said {
            Some((_, said)) => restate(row, said),
            None => row,
        };
        if row != old {
            altered.add(old.record_id, "claims");
            row.into_active_model().reset_all().update(store).await?;
        }
    }
    contradictions::remove_claims(store, &gone).await?;
    // Of new records of which only their rows say something there is nothing to weigh.
    let weighed: HashSet<Id> = wanted
        .iter()
        .filter(|(_, (_, said))| said.origin.claim || said.origin.side)
        .map(|(key, _)| key.0)
        .collect();
    let mut values: HashMap<(Id, &str), HashSet<&Option<String>>> = HashMap::new();
    for (record, _, property, value) in &order {
        values.entry((*record, property)).or_default().insert(value);
    }
    let mut judge = BTreeSet::new();
    for key in &order {
        if let Some((kind, said)) = wanted.remove(key) {
            altered.add(key.0, "claims");
            let mut row = row_of(key.0, kind, said, now);
            if new.contains(&key.0) && !weighed.contains(&key.0) {
                let served = given.get(&(key.0, key.2.clone()));
                row.served = served.is_some() && served == key.3.as_ref();
                let contested = values[&(key.0, key.2.as_str())].len() > 1;
                row.rule = (row.served && contested).then(|| rule::STATED.to_owned());
            } else {
                judge.insert(key.0);
            }
            fresh.push(new_row(row));
        }
    }
    add::<claim::Entity>(store, fresh).await?;
    judge.extend(owners.into_iter().filter(|id| altered.has(*id, "claims")));
    // And those of which more than their rows say something: a row may give less than before.
    let rest: Vec<Id> = own.iter().copied().filter(|id| !new.contains(id)).collect();
    for chunk in rest.chunks(CHUNK) {
        let claimed = claim::Entity::find()
            .select_only()
            .column(claim::Column::RecordId)
            .distinct()
            .filter(among(store, claim::Column::RecordId, chunk))
            .filter(
                Condition::any()
                    .add(claim::Column::ByClaim.eq(true))
                    .add(claim::Column::BySide.eq(true)),
            );
        judge.extend(claimed.into_tuple::<Id>().all(store).await?);
    }
    Ok(judge)
}

/// A claim whose id counts up.
fn new_row(row: claim::Model) -> claim::ActiveModel {
    let mut row = row.into_active_model().reset_all();
    row.id = sea_orm::NotSet;
    row
}

/// Two statements of the same are one, with all that either knows.
fn merge(known: &mut Statement, more: Statement) {
    known.origin = known.origin.and(more.origin);
    if more.attribution == Attribution::Value {
        known.attribution = more.attribution;
    }
    join(&mut known.locator, more.locator);
    join(&mut known.note, more.note);
    if more.period != PeriodColumns::default() {
        known.period = more.period;
    }
}

/// Both texts where they differ.
fn join(known: &mut Option<String>, more: Option<String>) {
    match (&mut *known, more) {
        (Some(text), Some(more)) if !says(text, &more) => {
            text.push_str("; ");
            text.push_str(&more);
        }
        (None, more) => *known = more,
        _ => {}
    }
}

/// Whether a text that was joined from several says all that another does.
fn says(text: &str, more: &str) -> bool {
    more.split("; ").all(|part| text.split("; ").any(|known| known == part))
}

/// A claim of the database, said again: what is said newly of it replaces what was, what is not
/// said stays.
fn restate(old: claim::Model, said: Statement) -> claim::Model {
    let text = |old: Option<String>, new: Option<String>| match (old, new) {
        (Some(old), Some(new)) if says(&old, &new) => Some(old),
        (old, new) => new.or(old),
    };
    let attribution = match said.attribution {
        Attribution::Value => Attribution::Value,
        Attribution::Record => old.attribution,
    };
    let locator = text(old.locator.clone(), said.locator);
    let note = text(old.note.clone(), said.note);
    let row = claim::Model { attribution, locator, note, ..old };
    match said.period == PeriodColumns::default() {
        true => row,
        false => with_period(row, said.period),
    }
}

fn with_period(row: claim::Model, period: PeriodColumns) -> claim::Model {
    claim::Model {
        since_earliest: period.since.0,
        since_latest: period.since.1,
        until_earliest: period.until.0,
        until_latest: period.until.1,
        observed_first_earliest: period.first.0,
        observed_first_latest: period.first.1,
        observed_last_earliest: period.last.0,
        observed_last_latest: period.last.1,
        ..row
    }
}

fn row_of(
    record_id: Id,
    record_kind: RecordKind,
    said: Statement,
    recorded_at: DateTime<Utc>,
) -> claim::Model {
    let Origin { row, claim, side } = said.origin;
    let bare = claim::Model {
        id: 0,
        record_id,
        record_kind,
        property: said.property,
        value: said.value,
        document_id: said.document,
        locator: said.locator,
        attribution: said.attribution,
        note: said.note,
        since_earliest: None,
        since_latest: None,
        until_earliest: None,
        until_latest: None,
        observed_first_earliest: None,
        observed_first_latest: None,
        observed_last_earliest: None,
        observed_last_latest: None,
        by_row: row,
        by_claim: claim,
        by_side: side,
        served: false,
        rule: None,
        served_during: None,
        recorded_at,
    };
    with_period(bare, said.period)
}

/// What the rule has to know of documents: their kinds, and the places of their sites' states.
type Documents = HashMap<Id, (document::DocumentKind, Option<i32>)>;

async fn documents(
    store: &DatabaseTransaction,
    claims: &[claim::Model],
) -> Result<Documents, DbErr> {
    let ids = claims.iter().map(|claim| claim.document_id).collect();
    let documents = find::<document::Entity>(store, document::Column::Id, &ids).await?;
    let states = documents.iter().filter_map(|document| document.site_state_id).collect();
    let states = find::<site_state::Entity>(store, site_state::Column::Id, &states).await?;
    let positions: HashMap<Id, Option<i32>> =
        states.into_iter().map(|state| (state.id, state.position)).collect();
    let known = |document: document::Model| {
        let state = document.site_state_id.and_then(|id| positions.get(&id).copied().flatten());
        (document.id, (document.kind, state))
    };
    Ok(documents.into_iter().map(known).collect())
}

/// What the claims about one property come to.
#[derive(Default)]
struct Verdict {
    /// The value of today; none where it is not for claims to say.
    value: Option<String>,
    /// Whether the data set says which, and not the rule.
    stated: bool,
    /// The values over all time, where they differ between dates: from which day, and the value.
    stretches: Vec<(NaiveDate, String)>,
    /// Whether documents differ.
    disputed: bool,
}

/// Weighs the claims of records anew: which values are preferred, when and by which rule; and writes
/// the values that follow into the rows, which are joined by those that are stored.
async fn judge(
    store: &DatabaseTransaction,
    records: &mut Records,
    evidence: &Evidence,
    own: &HashSet<Id>,
    scope: &BTreeSet<Id>,
    today: NaiveDate,
    altered: &mut Altered,
) -> Result<(), DbErr> {
    let ids: Vec<Id> = scope.iter().copied().collect();
    for chunk in ids.chunks(CHUNK) {
        let chunk: BTreeSet<Id> = chunk.iter().copied().collect();
        let claims = find::<claim::Entity>(store, claim::Column::RecordId, &chunk).await?;
        let documents = documents(store, &claims).await?;
        let mut places: BTreeMap<(Id, String), Vec<claim::Model>> = BTreeMap::new();
        for claim in claims {
            places.entry((claim.record_id, claim.property.clone())).or_default().push(claim);
        }
        let mut verdicts = Verdicts::new();
        for ((record, property), mut claims) in places {
            // What was recorded first counts first; of one import, the order must not hang on
            // files.
            claims.sort_by(|one, other| {
                (one.recorded_at, &one.value, one.document_id, one.id).cmp(&(
                    other.recorded_at,
                    &other.value,
                    other.document_id,
                    other.id,
                ))
            });
            let kind = claims[0].record_kind;
            let field = kind.kind().property(&property).filter(|field| field.claimable);
            // What the row states: in the batch, or as it was served when the row last came.
            let place = (record, property.clone());
            let given = evidence.given.get(&place).or(evidence.preferred.get(&place)).cloned();
            let stated = match given.is_some() || (own.contains(&record) && field.is_some()) {
                true => given,
                false => {
                    let served =
                        |claim: &&claim::Model| claim.served && (claim.by_row || field.is_none());
                    claims.iter().find(served).and_then(|claim| claim.value.clone())
                }
            };
            let verdict = match field {
                Some(field) => prefer(&claims, stated.as_ref(), field, &documents, today),
                None => Verdict { stated: stated.is_some(), value: stated, ..Verdict::default() },
            };
            serve(store, claims, &verdict, altered).await?;
            if let Some(field) = field {
                verdicts.entry((kind, record)).or_default().push((field, verdict));
            }
        }
        write(store, records, verdicts).await?;
    }
    Ok(())
}

/// What claims about one property come to: the value that the row states, from where no other is
/// shown any more; else what the rule picks.
fn prefer(
    claims: &[claim::Model],
    stated: Option<&String>,
    field: &Field,
    documents: &Documents,
    today: NaiveDate,
) -> Verdict {
    let mut values: Vec<(&String, Candidate)> = Vec::new();
    for claim in claims {
        let Some(value) = &claim.value else { continue };
        let observed = claim.observed().and_then(|seen| seen.first.zip(seen.last));
        let said = Said { since: claim.since(), until: claim.until(), observed };
        let known = documents.get(&claim.document_id);
        let more = Candidate {
            said: vec![said],
            site_state: known.and_then(|known| known.1),
            kinds: known.map(|known| known.0).into_iter().collect(),
        };
        match values.iter_mut().find(|known| known.0 == value) {
            Some((_, known)) => known.add(more),
            None => values.push((value, more)),
        }
    }
    if let Some(stated) = stated {
        let others = values.iter().filter(|(value, _)| *value != stated);
        let others = others.flat_map(|(_, other)| other.said.iter().filter_map(Said::shown));
        let last = others.map(|shown| shown.1).filter(|last| *last < today).max();
        let from = last.and_then(|last| last.succ_opt()).unwrap_or(entity::FIRST_DAY);
        let now = Said {
            observed: Some((PartialDate::day(from), PartialDate::day(today))),
            ..Said::default()
        };
        for (value, candidate) in &mut values {
            if *value == stated {
                candidate.add(Candidate { said: vec![now], ..Candidate::default() });
            }
        }
    }
    let candidates: Vec<Candidate> =
        values.iter().map(|(_, candidate)| candidate.clone()).collect();
    let value = |place: usize| values[place].0.clone();
    let stretches = match field.varying {
        true => rule::stretches(&candidates),
        false => Vec::new(),
    };
    let stretches: Vec<(NaiveDate, String)> =
        stretches.into_iter().map(|(from, place)| (from, value(place))).collect();
    let picked = rule::pick(&candidates, today).map(value);
    Verdict {
        stated: stated.is_some(),
        value: stated.cloned().or(picked),
        stretches: if stretches.len() > 1 { stretches } else { Vec::new() },
        disputed: !contradictions::sides(claims, false).is_empty(),
    }
}

/// Marks the claims that have the served value.
async fn serve(
    store: &DatabaseTransaction,
    claims: Vec<claim::Model>,
    verdict: &Verdict,
    altered: &mut Altered,
) -> Result<(), DbErr> {
    let Verdict { value, stated, stretches, .. } = verdict;
    let contested = claims.iter().any(|claim| claim.value != claims[0].value);
    for old in claims {
        let served = value.is_some() && old.value == *value;
        let during = match (stretches.is_empty(), &old.value) {
            (false, Some(value)) => Some(rule::during(stretches, value)),
            _ => None,
        };
        let ever = served || during.as_ref().is_some_and(|during| !during.is_empty());
        let name = if served && *stated { rule::STATED } else { rule::RULE };
        let row = claim::Model {
            served,
            served_during: during.map(|during| serde_json::json!(during).to_string()),
            rule: (ever && contested).then(|| name.to_owned()),
            ..old.clone()
        };
        if row != old {
            altered.add(old.record_id, "claims");
            row.into_active_model().reset_all().update(store).await?;
        }
    }
    Ok(())
}

/// What the claims about fields of records come to.
type Verdicts = BTreeMap<(RecordKind, Id), Vec<(&'static Field, Verdict)>>;

/// Writes verdicts into rows.
async fn write(
    store: &DatabaseTransaction,
    records: &mut Records,
    verdicts: Verdicts,
) -> Result<(), DbErr> {
    for kind in entity::kinds() {
        let ids = verdicts.range((kind.kind, Id::MIN)..=(kind.kind, Id::MAX)).map(|(key, _)| key.1);
        let ids: BTreeSet<Id> = ids.collect();
        let rows = records.of_mut(kind.kind);
        let own: HashSet<Id> = rows.ids().collect();
        let rest = ids.iter().copied().filter(|id| !own.contains(id)).collect();
        rows.join(Rows::find(store, kind.kind, "id", &rest).await?);
        let places: Vec<Id> = rows.ids().collect();
        for (at, id) in places.into_iter().enumerate() {
            let Some(verdicts) = verdicts.get(&(kind.kind, id)) else { continue };
            let mut varying = rule::Varying::new();
            for (field, verdict) in verdicts {
                if let Some(value) = &verdict.value {
                    for (column, value) in columns(field, value).unwrap_or_default() {
                        rows.set(at, &column, value)?;
                    }
                }
                if !verdict.stretches.is_empty() {
                    varying.insert(field.property(), verdict.stretches.clone());
                }
            }
            if kind.field("disputed").is_some() {
                let needed = |field: &Field| field.need == Need::RequiredOrClaimed;
                let disputed = verdicts.iter().any(|one| needed(one.0) && one.1.disputed);
                rows.set(at, "disputed", disputed.into())?;
            }
            if kind.fields.iter().any(|field| field.varying) {
                rows.set(at, "varying", rule::to_column(&varying).into())?;
            }
        }
    }
    Ok(())
}
