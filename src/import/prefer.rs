//! Writes the claims of an import, picks the preferred value of each property, and sets these values
//! in the rows of records.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    Id, PartialDate, RecordKind, ValidityPeriod, claim,
    claim::Attribution,
    document,
    kind::{Field, Requirement, in_writing_order},
    record, site_state,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, DatabaseTransaction, DbErr, EntityTrait,
    IntoActiveModel, QueryFilter, QuerySelect,
};

use super::{
    altered::{Altered, insert, insert_new},
    curated,
    row::{Origin, PeriodColumns, Statement},
    validate::{Attached, Evidence, Links, Validated},
    values::columns,
};
use crate::{
    evidence::{
        contradictions,
        preference::{self, Candidate, ClaimedPeriod},
    },
    store::{
        CHUNK, among, find,
        rows::{Records, Rows},
    },
};

/// An import whose rows have the preferred values of its claims.
pub struct Preferred {
    /// The records that are new.
    pub new: BTreeMap<Id, RecordKind>,
    /// The records that have a row in this import.
    pub stated: HashSet<Id>,
    pub records: Records,
    pub links: Links,
    pub attached: Attached,
    /// The records whose claims changed. Their contradictions are computed again.
    pub concerned: BTreeSet<Id>,
    pub altered: Altered,
}

/// Writes the claims of an import and sets the preferred values in its rows.
pub async fn prefer(
    store: &DatabaseTransaction,
    validated: Validated,
    now: DateTime<Utc>,
) -> Result<Preferred, DbErr> {
    let Validated { new, stated, mut records, links, attached, mut evidence } = validated;
    let mut altered = Altered::default();
    let registered = new.into_iter().map(|(id, kind, slug)| record::Model {
        id,
        kind,
        slug,
        merged_into_id: None,
        created_at: now,
        updated_at: now,
    });
    let registered: Vec<record::Model> = registered.collect();
    let new: BTreeMap<Id, RecordKind> = registered.iter().map(|row| (row.id, row.kind)).collect();
    insert(store, registered).await?;
    let fresh: HashSet<Id> = new.keys().copied().collect();
    // Claims reference documents.
    for kind in in_writing_order().filter(|kind| kind.kind().evidence) {
        let rows = std::mem::replace(records.of_mut(kind), Rows::empty(kind));
        altered.upsert(store, rows, &fresh).await?;
    }
    let mut to_update =
        write_claims(store, &mut evidence, &stated, &fresh, now, &mut altered).await?;
    to_update.extend(&evidence.claimed);
    let curated = std::mem::take(&mut evidence.contradictions);
    let mut concerned: BTreeSet<Id> =
        curated.iter().filter_map(|sides| sides.row.record_id).collect();
    concerned.extend(curated.iter().flat_map(|sides| &sides.explains));
    concerned.extend(curated::write_contradictions(store, curated, &mut altered).await?);
    to_update.extend(concerned.iter().filter(|id| altered.has(**id, "claims")));
    let today = now.date_naive();
    update_preferred(store, &mut records, &evidence, &stated, &to_update, today, &mut altered)
        .await?;
    concerned.extend(to_update);
    Ok(Preferred { new, stated, records, links, attached, concerned, altered })
}

/// Whether claims can state the value of a property that a row omits.
fn is_claimable(kind: RecordKind, property: &str) -> bool {
    kind.kind().property(property).is_some_and(|field| field.claimable)
}

/// The unique key of a claim: record, document, property and value.
type ClaimKey = (Id, Id, String, Option<String>);

fn claim_key(claim: &claim::Model) -> ClaimKey {
    (claim.record_id, claim.document_id, claim.property.clone(), claim.value.clone())
}

/// Writes claims. Returns the records whose preferred values must be picked again. For new records
/// whose claims all come from their rows, the preferred claims are marked here.
///
/// A row replaces the claims of its earlier version by the documents that it cites. A `[[claim]]`
/// replaces earlier `[[claim]]`s about the same property by the same document. Neither removes
/// claims of the other, or the claims of sides of contradictions.
async fn write_claims(
    store: &DatabaseTransaction,
    evidence: &mut Evidence,
    own: &HashSet<Id>,
    new: &HashSet<Id>,
    now: DateTime<Utc>,
    altered: &mut Altered,
) -> Result<BTreeSet<Id>, DbErr> {
    let statements = std::mem::take(&mut evidence.statements);
    let Evidence { plain, row_values, .. } = &*evidence;
    let mut fresh = Vec::new();
    let mut ordered_keys = Vec::new();
    let mut by_key: HashMap<ClaimKey, (RecordKind, Statement)> = HashMap::new();
    let mut withdrawn: HashSet<ClaimKey> = HashSet::new();
    for (record, kind, statement) in statements {
        if plain.contains(&record) {
            altered.add(record, "claims");
            let is_field = statement.property == kind.kind().names_property()
                || is_claimable(kind, &statement.property);
            let row =
                claim::Model { preferred: is_field, ..claim_row(record, kind, statement, now) };
            fresh.push(new_row(row));
            continue;
        }
        let key = (record, statement.document, statement.property.clone(), statement.value.clone());
        if statement.withdrawn {
            withdrawn.insert(key);
            continue;
        }
        match by_key.get_mut(&key) {
            Some((_, existing)) => merge(existing, statement),
            None => {
                ordered_keys.push(key.clone());
                by_key.insert(key, (kind, statement));
            }
        }
    }
    let by_row: HashSet<(Id, Id)> = by_key
        .iter()
        .filter(|(_, (_, statement))| statement.origin.row)
        .map(|(key, _)| (key.0, key.1))
        .collect();
    let by_claim: HashSet<(Id, Id, String)> = by_key
        .iter()
        .filter(|(_, (_, statement))| statement.origin.claim)
        .map(|(key, _)| (key.0, key.1, key.2.clone()))
        .collect();
    let owners = by_key.keys().chain(&withdrawn).map(|key| key.0).chain(own.iter().copied());
    let owners: BTreeSet<Id> = owners.filter(|id| !new.contains(id)).collect();
    let mut removed = Vec::new();
    for old in find::<claim::Entity>(store, claim::Column::RecordId, &owners).await? {
        let key = claim_key(&old);
        let statement = by_key.remove(&key).map(|(_, statement)| statement);
        let origin = statement.as_ref().map(|statement| statement.origin).unwrap_or_default();
        let restated =
            own.contains(&old.record_id) && by_row.contains(&(old.record_id, old.document_id));
        let restated_claim =
            by_claim.contains(&(old.record_id, old.document_id, old.property.clone()));
        let row = claim::Model {
            by_row: origin.row || (old.by_row && !restated),
            by_claim: origin.claim
                || (old.by_claim && !restated_claim && !withdrawn.contains(&key)),
            by_side: origin.side || old.by_side,
            ..old.clone()
        };
        if !(row.by_row || row.by_claim || row.by_side) {
            altered.add(old.record_id, "claims");
            removed.push(old.id);
            continue;
        }
        let row = match statement {
            Some(statement) => restate(row, statement),
            None => row,
        };
        if row != old {
            altered.add(old.record_id, "claims");
            row.into_active_model().reset_all().update(store).await?;
        }
    }
    contradictions::remove_claims(store, &removed).await?;
    let claimed_elsewhere: HashSet<Id> = by_key
        .iter()
        .filter(|(_, (_, statement))| statement.origin.claim || statement.origin.side)
        .map(|(key, _)| key.0)
        .collect();
    let mut values: HashMap<(Id, &str), HashSet<&Option<String>>> = HashMap::new();
    for (record, _, property, value) in &ordered_keys {
        values.entry((*record, property)).or_default().insert(value);
    }
    let mut to_update = BTreeSet::new();
    for key in &ordered_keys {
        if let Some((kind, statement)) = by_key.remove(key) {
            altered.add(key.0, "claims");
            let mut row = claim_row(key.0, kind, statement, now);
            if new.contains(&key.0) && !claimed_elsewhere.contains(&key.0) {
                // The row states the value: no rule has to pick one.
                let preferred = row_values.get(&(key.0, key.2.clone()));
                row.preferred = preferred.is_some() && preferred == key.3.as_ref();
                let contested = values[&(key.0, key.2.as_str())].len() > 1;
                row.rule = (row.preferred && contested).then(|| preference::STATED_RULE.to_owned());
            } else {
                to_update.insert(key.0);
            }
            fresh.push(new_row(row));
        }
    }
    insert_new::<claim::Entity>(store, fresh).await?;
    to_update.extend(owners.into_iter().filter(|id| altered.has(*id, "claims")));
    // A row may omit a value of its earlier version, so other claims can become preferred.
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
        to_update.extend(claimed.into_tuple::<Id>().all(store).await?);
    }
    Ok(to_update)
}

/// A new claim: the database assigns its id.
fn new_row(row: claim::Model) -> claim::ActiveModel {
    let mut row = row.into_active_model().reset_all();
    row.id = sea_orm::NotSet;
    row
}

/// Merges two statements with the same key.
fn merge(statement: &mut Statement, other: Statement) {
    statement.origin = statement.origin.and(other.origin);
    if other.attribution == Attribution::Value {
        statement.attribution = other.attribution;
    }
    append(&mut statement.locator, other.locator);
    append(&mut statement.note, other.note);
    if other.period != PeriodColumns::default() {
        statement.period = other.period;
    }
}

/// Appends a string of parts separated by `;`, unless the first string contains all of them.
fn append(text: &mut Option<String>, other: Option<String>) {
    match (&mut *text, other) {
        (Some(text), Some(other)) if !contains_parts(text, &other) => {
            text.push_str("; ");
            text.push_str(&other);
        }
        (None, other) => *text = other,
        _ => {}
    }
}

/// Whether a string of parts separated by `;` contains all parts of another.
fn contains_parts(text: &str, other: &str) -> bool {
    other.split("; ").all(|part| text.split("; ").any(|own| own == part))
}

/// Updates a stored claim by a statement. Keeps the values that the statement omits.
fn restate(old: claim::Model, statement: Statement) -> claim::Model {
    let merged = |old: Option<String>, new: Option<String>| match (old, new) {
        (Some(old), Some(new)) if contains_parts(&old, &new) => Some(old),
        (old, new) => new.or(old),
    };
    let attribution = match statement.attribution {
        Attribution::Value => Attribution::Value,
        Attribution::Record => old.attribution,
    };
    let locator = merged(old.locator.clone(), statement.locator);
    let note = merged(old.note.clone(), statement.note);
    let row = claim::Model { attribution, locator, note, ..old };
    if statement.period == PeriodColumns::default() {
        row
    } else {
        with_period(row, statement.period)
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

fn claim_row(
    record_id: Id,
    record_kind: RecordKind,
    statement: Statement,
    recorded_at: DateTime<Utc>,
) -> claim::Model {
    let Origin { row, claim, side } = statement.origin;
    let without_period = claim::Model {
        id: 0,
        record_id,
        record_kind,
        property: statement.property,
        value: statement.value,
        document_id: statement.document,
        locator: statement.locator,
        attribution: statement.attribution,
        note: statement.note,
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
        preferred: false,
        rule: None,
        preferred_during: None,
        recorded_at,
    };
    with_period(without_period, statement.period)
}

/// The kind of each document, and the position of its site state. The rule of preference uses both.
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
    let entry = |document: document::Model| {
        let state = document.site_state_id.and_then(|id| positions.get(&id).copied().flatten());
        (document.id, (document.kind, state))
    };
    Ok(documents.into_iter().map(entry).collect())
}

/// The preferred value of one property.
#[derive(Default)]
struct Preference {
    /// The value that is preferred today, if a claim states one.
    value: Option<String>,
    /// Whether the data set states the preferred value. Otherwise a rule picked it.
    stated: bool,
    /// The first day and the value of each period, if the preferred value changes over time.
    periods: Vec<(NaiveDate, String)>,
    /// Whether documents state different values.
    disputed: bool,
}

/// Picks the preferred values of records from all of their claims, marks these claims, and sets the
/// values in the rows. Adds the stored rows of the records to `records`.
async fn update_preferred(
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
        let mut by_property: BTreeMap<(Id, String), Vec<claim::Model>> = BTreeMap::new();
        for claim in claims {
            by_property.entry((claim.record_id, claim.property.clone())).or_default().push(claim);
        }
        let mut preferences = Preferences::new();
        for ((record, property), mut claims) in by_property {
            // Earlier claims are first. Within one import, the order must not depend on the order of
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
            // The value of the row in this import, or the preferred value of the stored row.
            let key = (record, property.clone());
            let imported = evidence.row_values.get(&key).or(evidence.preferred.get(&key)).cloned();
            let has_row = own.contains(&record) && field.is_some();
            let stated = if imported.is_some() || has_row {
                imported
            } else {
                let is_stated =
                    |claim: &&claim::Model| claim.preferred && (claim.by_row || field.is_none());
                claims.iter().find(is_stated).and_then(|claim| claim.value.clone())
            };
            let preference = match field {
                Some(field) => preference(&claims, stated.as_ref(), field, &documents, today),
                None => {
                    Preference { stated: stated.is_some(), value: stated, ..Preference::default() }
                }
            };
            mark_preferred(store, claims, &preference, altered).await?;
            if let Some(field) = field {
                preferences.entry((kind, record)).or_default().push((field, preference));
            }
        }
        set_values(store, records, preferences).await?;
    }
    Ok(())
}

/// Picks the preferred value of a property: the value that the row states, otherwise the value that
/// the rule picks. The period of the value of the row starts after the last day on which a document
/// shows another value.
fn preference(
    claims: &[claim::Model],
    stated: Option<&String>,
    field: &Field,
    documents: &Documents,
    today: NaiveDate,
) -> Preference {
    let mut values: Vec<(&String, Candidate)> = Vec::new();
    for claim in claims {
        let Some(value) = &claim.value else { continue };
        let observed = claim.observed().and_then(|seen| seen.first.zip(seen.last));
        let period = ClaimedPeriod { since: claim.since(), until: claim.until(), observed };
        let document = documents.get(&claim.document_id);
        let candidate = Candidate {
            periods: vec![period],
            site_state: document.and_then(|document| document.1),
            document_kinds: document.map(|document| document.0).into_iter().collect(),
        };
        match values.iter_mut().find(|(other, _)| *other == value) {
            Some((_, existing)) => existing.add(candidate),
            None => values.push((value, candidate)),
        }
    }
    if let Some(stated) = stated {
        let others = values.iter().filter(|(value, _)| *value != stated);
        let others =
            others.flat_map(|(_, other)| other.periods.iter().filter_map(ClaimedPeriod::evidence));
        let last = others.map(|period| period.until).filter(|last| *last < today).max();
        let from = last.and_then(|last| last.succ_opt()).unwrap_or(entity::FIRST_DAY);
        let now = ClaimedPeriod {
            observed: Some((PartialDate::day(from), PartialDate::day(today))),
            ..ClaimedPeriod::default()
        };
        for (value, candidate) in &mut values {
            if *value == stated {
                candidate.add(Candidate { periods: vec![now], ..Candidate::default() });
            }
        }
    }
    let candidates: Vec<Candidate> =
        values.iter().map(|(_, candidate)| candidate.clone()).collect();
    let value = |index: usize| values[index].0.clone();
    let mut periods: Vec<(NaiveDate, String)> = Vec::new();
    if field.varying {
        let preferred = preference::preferred_periods(&candidates);
        periods.extend(preferred.into_iter().map(|(from, index)| (from, value(index))));
    }
    if periods.len() == 1 {
        periods.clear();
    }
    let picked = preference::prefer(&candidates, today).map(value);
    Preference {
        stated: stated.is_some(),
        value: stated.cloned().or(picked),
        periods,
        disputed: !contradictions::contradicting_claims(claims, false).is_empty(),
    }
}

/// Marks the claims that have the preferred value.
async fn mark_preferred(
    store: &DatabaseTransaction,
    claims: Vec<claim::Model>,
    preference: &Preference,
    altered: &mut Altered,
) -> Result<(), DbErr> {
    let Preference { value, stated, periods, .. } = preference;
    let contested = claims.iter().any(|claim| claim.value != claims[0].value);
    for old in claims {
        let preferred = value.is_some() && old.value == *value;
        let during = old.value.as_ref().filter(|_| !periods.is_empty());
        let during = during.map(|value| preference::periods_of(periods, value));
        let ever = preferred || during.as_ref().is_some_and(|during| !during.is_empty());
        let name = if preferred && *stated { preference::STATED_RULE } else { preference::RULE };
        let row = claim::Model {
            preferred,
            preferred_during: during.map(|during| serde_json::json!(during).to_string()),
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

/// The preferred values of the fields of records.
type Preferences = BTreeMap<(RecordKind, Id), Vec<(&'static Field, Preference)>>;

/// Sets preferred values in rows.
async fn set_values(
    store: &DatabaseTransaction,
    records: &mut Records,
    preferences: Preferences,
) -> Result<(), DbErr> {
    for kind in entity::kinds() {
        let ids = preferences.range((kind.kind, Id::MIN)..=(kind.kind, Id::MAX));
        let ids: BTreeSet<Id> = ids.map(|(key, _)| key.1).collect();
        let rows = records.of_mut(kind.kind);
        let own: HashSet<Id> = rows.ids().collect();
        let missing = ids.iter().copied().filter(|id| !own.contains(id)).collect();
        rows.join(Rows::find(store, kind.kind, "id", &missing).await?);
        let ids: Vec<Id> = rows.ids().collect();
        for (index, id) in ids.into_iter().enumerate() {
            let Some(preferences) = preferences.get(&(kind.kind, id)) else { continue };
            let mut varying = preference::VaryingValues::new();
            for (field, preference) in preferences {
                if let Some(value) = &preference.value {
                    for (column, value) in columns(field, value).unwrap_or_default() {
                        rows.set(index, &column, value)?;
                    }
                }
                if !preference.periods.is_empty() {
                    varying.insert(field.property(), preference.periods.clone());
                }
            }
            if kind.field("disputed").is_some() {
                let is_needed = |field: &Field| field.requirement == Requirement::RequiredOrClaimed;
                let disputed = preferences
                    .iter()
                    .any(|(field, preference)| is_needed(field) && preference.disputed);
                rows.set(index, "disputed", disputed.into())?;
            }
            if kind.fields.iter().any(|field| field.varying) {
                rows.set(index, "varying", preference::to_column(&varying).into())?;
            }
        }
    }
    Ok(())
}
