//! Converts records to rows of the data set. Importing the rows restores the same records.
//!
//! A row contains the values of a record, and its `sources` imply a claim for each value. Claims
//! that the `sources` do not imply - claims about one value only, or from an earlier version of the
//! row - are exported as `<key>_sources` and as `[[claim]]` rows.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::{
    Id, PartialDate, RecordKind, ValidityPeriod, claim,
    claim::Attribution,
    contradiction,
    contradiction::ContradictionStatus,
    contradiction_claim, contradiction_record,
    kind::{Field, Requirement, Type, snake},
    name::NameKind,
};
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Value, json};

use super::{
    record::{Chunk, FieldValue, Reader, Record, Slugs},
    scope::Ids,
};
use crate::{evidence::preference, import::keys::Table, store::find};

/// The maximum number of claims in memory.
const MAX_CLAIMS: u64 = 2_000;
/// The maximum number of contradictions in memory.
const MAX_CONTRADICTIONS: u64 = 200;

/// A row of a table, its keys in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub table: Table,
    /// The position among all rows of the table.
    pub order: Id,
    pub keys: Vec<(String, Value)>,
}

/// Serializes a row as one object, with `table` as its first key.
impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.keys.len() + 1))?;
        map.serialize_entry("table", &self.table.name())?;
        for (key, value) in &self.keys {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

/// Reads rows in chunks: records in the order of their ids, then claims, then contradictions.
pub struct Rows<'a> {
    reader: Reader<'a>,
    tables: Vec<Table>,
    last: Id,
    /// The records whose rows do not imply all of their claims. `None` for the rows of one table, which
    /// are read without the rows of other tables.
    partial: Option<Ids>,
}

impl<'a> Rows<'a> {
    /// The rows of all tables.
    pub fn all(reader: Reader<'a>) -> Self {
        // The kind is ignored: the records of all kinds are read together.
        let tables = vec![Table::Contradiction, Table::Claim, Table::Records(RecordKind::Document)];
        Self { reader, tables, last: 0, partial: Some(Ids::default()) }
    }

    /// The rows of one table.
    pub fn of_table(reader: Reader<'a>, table: Table) -> Self {
        Self { reader, tables: vec![table], last: 0, partial: None }
    }

    /// The next rows. Returns `None` after the last.
    pub async fn next(&mut self) -> Result<Option<Vec<Row>>, DbErr> {
        while let Some(table) = self.tables.last().copied() {
            let rows = match table {
                Table::Records(kind) => self.records(kind).await?,
                Table::Claim => self.claims().await?,
                Table::Contradiction => self.contradictions().await?,
            };
            if rows.is_some() {
                return Ok(rows);
            }
            self.tables.pop();
            self.last = 0;
        }
        Ok(None)
    }

    async fn records(&mut self, kind: RecordKind) -> Result<Option<Vec<Row>>, DbErr> {
        let kind = self.partial.is_none().then_some(kind);
        let Some(chunk) = self.reader.after(kind, self.last).await? else { return Ok(None) };
        self.last = chunk.last;
        let mut rows = Vec::new();
        for record in &chunk.records {
            let plan = Plan::of(record, &chunk.slugs)?;
            if let Some(partial) = &mut self.partial
                && !plan.unimplied.is_empty()
            {
                partial.insert(record.id);
            }
            rows.push(row(record, &chunk.slugs, plan)?);
        }
        Ok(Some(rows))
    }

    async fn claims(&mut self) -> Result<Option<Vec<Row>>, DbErr> {
        let rows = claim::Entity::find()
            .filter(claim::Column::Id.gt(self.last))
            .order_by_asc(claim::Column::Id)
            .limit(MAX_CLAIMS)
            .all(self.reader.store)
            .await?;
        let Some(last) = rows.last() else { return Ok(None) };
        self.last = last.id;
        let claims: Vec<&claim::Model> = rows
            .iter()
            .filter(|row| self.has(row))
            .filter(|row| {
                let is_partial = self.partial.as_ref().is_none_or(|ids| ids.has(row.record_id));
                row.by_claim || is_partial
            })
            .collect();
        let owners: BTreeSet<Id> = claims.iter().map(|row| row.record_id).collect();
        let chunk = self.reader.find(&owners).await?;
        let plans = plans(&chunk)?;
        let mut claim_rows: Vec<ClaimRow> = Vec::new();
        for row in claims {
            let Some(plan) = plans.get(&row.record_id) else { continue };
            let slug = chunk.slugs.slug(row.record_id)?;
            for part in plan.parts(row) {
                let source = source(chunk.slugs.slug(row.document_id)?, part.locator);
                let claim_row = ClaimRow {
                    slug: slug.to_owned(),
                    claim: row.clone(),
                    origin: part.origin,
                    sources: vec![source],
                    has_details: part.has_details,
                };
                match claim_rows.last_mut() {
                    Some(previous) if previous.differs_only_in_sources(&claim_row) => {
                        previous.sources.extend(claim_row.sources);
                    }
                    _ => claim_rows.push(claim_row),
                }
            }
        }
        Ok(Some(claim_rows.into_iter().map(ClaimRow::into_row).collect()))
    }

    /// Whether a claim is exported.
    fn has(&self, claim: &claim::Model) -> bool {
        self.reader.scope.has(claim.record_id) && self.reader.scope.has(claim.document_id)
    }

    async fn contradictions(&mut self) -> Result<Option<Vec<Row>>, DbErr> {
        let Reader { store, scope } = self.reader;
        let found = contradiction::Entity::find()
            .filter(Condition::all().add(contradiction::Column::Id.gt(self.last)))
            .filter(contradiction::Column::Curated.eq(true))
            .order_by_asc(contradiction::Column::Id)
            .limit(MAX_CONTRADICTIONS)
            .all(store)
            .await?;
        let Some(last) = found.last() else { return Ok(None) };
        self.last = last.id;
        let exported: Vec<_> =
            found.into_iter().filter(|row| row.record_id.is_some_and(|id| scope.has(id))).collect();
        let ids: BTreeSet<Id> = exported.iter().map(|row| row.id).collect();
        let column = contradiction_claim::Column::ContradictionId;
        let mut links = find::<contradiction_claim::Entity>(store, column, &ids).await?;
        links.retain(|link| link.curated);
        links.sort_by_key(|link| (link.contradiction_id, link.position));
        let column = contradiction_record::Column::ContradictionId;
        let mut about = find::<contradiction_record::Entity>(store, column, &ids).await?;
        about.retain(|link| scope.has(link.record_id));
        about.sort_by_key(|link| (link.contradiction_id, link.position));
        let owners: BTreeSet<Id> = exported.iter().filter_map(|row| row.record_id).collect();
        let mut chunk = self.reader.find(&owners).await?;
        chunk.slugs.add(store, about.iter().map(|link| link.record_id)).await?;
        let plans = plans(&chunk)?;
        let claims: HashMap<Id, &claim::Model> = chunk
            .records
            .iter()
            .flat_map(|record| &record.claims)
            .map(|row| (row.id, row))
            .collect();
        let mut rows = Vec::new();
        for row in exported {
            let Some(owner) = row.record_id else { continue };
            let sides = links.iter().filter(|link| link.contradiction_id == row.id);
            let mut values: Vec<(&str, Vec<String>)> = Vec::new();
            let mut preferred = None;
            for claim in sides.filter_map(|link| claims.get(&link.claim_id)) {
                let Some(value) = claim.value.as_deref() else { continue };
                let locator = plans.get(&owner).and_then(|plan| plan.side_locator(claim));
                let source = source(chunk.slugs.slug(claim.document_id)?, locator);
                match values.last_mut().filter(|last| last.0 == value) {
                    Some(last) => last.1.push(source),
                    None => values.push((value, vec![source])),
                }
                preferred = preferred.or(claim.preferred.then_some(value));
            }
            let kind = row.record_kind.unwrap_or(RecordKind::Document);
            let preferred = preferred.filter(|_| {
                !kind.kind().property(&row.property).is_some_and(|field| field.claimable)
            });
            if values.len() < 2 {
                continue;
            }
            let explains: Vec<&str> = about
                .iter()
                .filter(|link| link.contradiction_id == row.id && link.record_id != owner)
                .map(|link| chunk.slugs.slug(link.record_id))
                .collect::<Result<_, _>>()?;
            let mut keys = Keys::default();
            keys.add("slug", row.slug.as_str());
            keys.add("record", chunk.slugs.slug(owner)?);
            keys.add("property", snake(&row.property));
            keys.add_optional("topic", row.topic.as_deref());
            keys.add_optional("about", row.about.as_deref());
            if row.status != ContradictionStatus::Open {
                keys.add("status", row.status.to_value());
            }
            keys.add_optional("explanation", row.explanation.as_deref());
            keys.add_optional("preferred", preferred);
            keys.add_optional("explains", (!explains.is_empty()).then_some(explains));
            let claims: Vec<Value> = values
                .into_iter()
                .map(|(value, sources)| json!({ "value": value, "sources": sources }))
                .collect();
            keys.add("claims", claims);
            rows.push(Row { table: Table::Contradiction, order: row.id, keys: keys.0 });
        }
        Ok(Some(rows))
    }
}

fn plans(chunk: &Chunk) -> Result<HashMap<Id, Plan>, DbErr> {
    let plan = |record: &Record| Ok((record.id, Plan::of(record, &chunk.slugs)?));
    chunk.records.iter().map(plan).collect()
}

/// The keys of a row.
#[derive(Default)]
struct Keys(Vec<(String, Value)>);

impl Keys {
    fn add(&mut self, key: impl Into<String>, value: impl Into<Value>) {
        self.0.push((key.into(), value.into()));
    }

    fn add_optional(&mut self, key: impl Into<String>, value: Option<impl Into<Value>>) {
        self.0.extend(value.map(|value| (key.into(), value.into())));
    }
}

/// A source: the slug of a document, and a locator in it.
pub fn source(slug: &str, locator: Option<&str>) -> String {
    match locator {
        Some(locator) => format!("{slug}#{locator}"),
        None => slug.to_owned(),
    }
}

/// The row of a record.
fn row(record: &Record, slugs: &Slugs, plan: Plan) -> Result<Row, DbErr> {
    let mut keys = Keys::default();
    keys.add("slug", record.slug.as_str());
    for (key, field_value) in &record.fields {
        if !plan.omitted.contains(key.name) {
            let value = value(key, field_value, slugs)?;
            keys.add_optional(key.name, value);
        }
    }
    let other_names =
        record.names.iter().zip(&plan.names).map(|((value, language, kind), sources)| {
            let mut name = serde_json::Map::new();
            name.insert("value".to_owned(), value.as_str().into());
            if let Some(language) = language {
                name.insert("language".to_owned(), language.as_str().into());
            }
            if *kind != NameKind::Variant {
                name.insert("kind".to_owned(), kind.to_value().into());
            }
            if !sources.is_empty() {
                name.insert("sources".to_owned(), sources.as_slice().into());
            }
            Value::from(name)
        });
    let other_names: Vec<Value> = other_names.collect();
    let mentions: Vec<String> = record
        .mentions
        .iter()
        .map(|(id, locator)| Ok(source(slugs.slug(*id)?, locator.as_deref())))
        .collect::<Result<_, DbErr>>()?;
    keys.add_optional("mentions", (!mentions.is_empty()).then_some(mentions));
    keys.add_optional("names", (!other_names.is_empty()).then_some(other_names));
    let mut schemes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (scheme, value) in &record.identifiers {
        schemes.entry(scheme).or_default().push(value);
    }
    keys.add_optional("identifiers", table(schemes));
    let aliases = record.aliases.clone();
    keys.add_optional("aliases", (!aliases.is_empty()).then_some(aliases));
    let facts = plan
        .facts
        .iter()
        .map(|(key, values)| (key.as_str(), values.iter().map(String::as_str).collect::<Vec<_>>()));
    keys.add_optional("facts", table(facts.collect()));
    let sources: Vec<String> = record
        .citations
        .iter()
        .map(|document| {
            let locator = plan.locators.get(document).and_then(Option::as_deref);
            Ok(source(slugs.slug(*document)?, locator))
        })
        .collect::<Result<_, DbErr>>()?;
    keys.add_optional("sources", (!sources.is_empty()).then_some(sources));
    for (key, sources) in plan.sources {
        keys.add(format!("{key}_sources"), sources);
    }
    Ok(Row { table: Table::Records(record.kind), order: record.id, keys: keys.0 })
}

/// A table whose values are lists. A list of one item is written as the item.
fn table(all: BTreeMap<&str, Vec<&str>>) -> Option<Value> {
    let one = |values: Vec<&str>| match values.as_slice() {
        [value] => Value::from(*value),
        _ => Value::from(values),
    };
    let table: serde_json::Map<String, Value> =
        all.into_iter().map(|(key, values)| (key.to_owned(), one(values))).collect();
    (!table.is_empty()).then(|| table.into())
}

/// The value of a key. Returns `None` for the default, which is omitted.
fn value(key: &Field, field_value: &FieldValue, slugs: &Slugs) -> Result<Option<Value>, DbErr> {
    Ok(Some(match field_value {
        FieldValue::Text(text) => text.as_str().into(),
        FieldValue::Number(number) => (*number).into(),
        FieldValue::Flag(flag) if matches!(key.ty, Type::Flag(if_omitted) if if_omitted == *flag) =>
        {
            return Ok(None);
        }
        FieldValue::Flag(flag) => (*flag).into(),
        FieldValue::Date(date) => date.to_string().into(),
        FieldValue::Record(id) => slugs.slug(*id)?.into(),
        FieldValue::Records(ids) => ids
            .iter()
            .map(|id| Ok(slugs.slug(*id)?.into()))
            .collect::<Result<Vec<Value>, DbErr>>()?
            .into(),
        FieldValue::Days(first, last) => days_value(*first, *last),
    }))
}

/// One day, or the first and the last of several.
fn days_value(first: PartialDate, last: PartialDate) -> Value {
    if first == last {
        first.to_string().into()
    } else {
        json!([first.to_string(), last.to_string()])
    }
}

/// The value of a field as a claim states it.
fn claim_value(value: &FieldValue, slugs: &Slugs) -> Result<Option<String>, DbErr> {
    Ok(match value {
        FieldValue::Text(text) => Some(text.clone()),
        FieldValue::Number(number) => Some(number.to_string()),
        FieldValue::Date(date) => Some(date.to_string()),
        FieldValue::Record(id) => Some(slugs.slug(*id)?.to_owned()),
        FieldValue::Days(first, last) if first == last => Some(first.to_string()),
        FieldValue::Days(first, last) => Some(format!("{first}/{last}")),
        FieldValue::Flag(_) | FieldValue::Records(_) => None,
    })
}

/// Which claims of a record its row implies, and which have rows of their own.
#[derive(Debug, Default)]
struct Plan {
    /// The locators of the `sources` of the row, by document.
    locators: HashMap<Id, Option<String>>,
    /// Keys that are omitted, because claims state their values or they have the default.
    omitted: BTreeSet<&'static str>,
    /// The values of `<key>_sources`.
    sources: Vec<(&'static str, Vec<String>)>,
    facts: BTreeMap<String, Vec<String>>,
    /// The sources of each of the other names.
    names: Vec<Vec<String>>,
    /// The claims that the row implies, with the locators that it implies for them.
    implied: HashMap<Id, Option<String>>,
    /// The claims of the imported row that the exported row does not imply.
    unimplied: BTreeSet<Id>,
}

/// A part of a claim that a `[[claim]]` row states.
struct ClaimPart<'a> {
    origin: Origin,
    locator: Option<&'a str>,
    /// Whether the part has the note and the dates of the claim.
    has_details: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    Row,
    Claim,
    Side,
}

/// Whether a claim has dates of its own.
fn is_dated(claim: &claim::Model) -> bool {
    claim.since().is_some() || claim.until().is_some() || claim.observed().is_some()
}

/// Whether a row can imply a claim. A row implies neither notes nor dates.
fn is_plain(claim: &claim::Model) -> bool {
    claim.by_claim || (claim.note.is_none() && !is_dated(claim))
}

/// Whether a `[[claim]]` or a side of a contradiction states a claim too.
fn is_stated_elsewhere(claim: &claim::Model) -> bool {
    claim.by_claim || claim.by_side
}

/// The rest of a locator after the part that is implied.
fn remaining_locator<'a>(whole: Option<&'a str>, implied: Option<&str>) -> Option<&'a str> {
    match implied {
        None => whole,
        Some(implied) => whole?.strip_prefix(implied)?.strip_prefix("; "),
    }
}

impl Plan {
    fn of(record: &Record, slugs: &Slugs) -> Result<Self, DbErr> {
        let mut plan = Self::default();
        for (document, locator) in cited_documents(record) {
            plan.locators.insert(document, locator.map(str::to_owned));
        }
        let mut remaining: Vec<&claim::Model> =
            record.claims.iter().filter(|row| row.by_row).collect();
        for (key, value) in &record.fields {
            plan.add_field(record, key, value, slugs, &mut remaining)?;
        }
        plan.add_names(record, slugs, &mut remaining)?;
        plan.add_facts(record, &mut remaining);
        plan.unimplied = remaining.into_iter().map(|row| row.id).collect();
        let detailed = record.claims.iter().filter(|row| !row.by_row && !is_plain(row));
        plan.unimplied.extend(detailed.map(|row| row.id));
        Ok(plan)
    }

    /// Removes from `remaining` the claims that a field implies.
    fn add_field(
        &mut self,
        record: &Record,
        key: &'static Field,
        value: &FieldValue,
        slugs: &Slugs,
        remaining: &mut Vec<&claim::Model>,
    ) -> Result<(), DbErr> {
        if !key.takes_sources() {
            return Ok(());
        }
        let Some(value) = claim_value(value, slugs)? else { return Ok(()) };
        let property = key.property();
        let states =
            |row: &claim::Model| row.property == property && row.value.as_ref() == Some(&value);
        let own: Vec<&claim::Model> = remaining.iter().copied().filter(|row| states(row)).collect();
        if own.is_empty() && is_default(key, &value) {
            self.omitted.insert(key.name);
            return Ok(());
        }
        if key.claimable && !record.dated_fields.contains(key.name) {
            // Importing the claims derives the value again if a rule picked it, or if no row stated it.
            let picked = own.iter().any(|row| row.rule.as_deref() == Some(preference::RULE));
            let by_others = own.is_empty() && record.claims.iter().any(states);
            if picked || by_others {
                self.omitted.insert(key.name);
                return Ok(());
            }
        }
        if key.is_stated() && self.is_implied_by_sources(record, &own) {
            self.imply(&own);
        } else {
            let plain: Vec<&claim::Model> = own
                .into_iter()
                .filter(|row| row.attribution == Attribution::Value && is_plain(row))
                .collect();
            if key.is_stated() || !plain.is_empty() {
                self.sources.push((key.name, sources(&plain, slugs)?));
            }
            self.implied.extend(plain.iter().map(|row| (row.id, row.locator.clone())));
        }
        remaining.retain(|row| !self.implied.contains_key(&row.id));
        Ok(())
    }

    /// Whether claims are exactly those that the `sources` of the row imply for a value.
    fn is_implied_by_sources(&self, record: &Record, own: &[&claim::Model]) -> bool {
        let is_implied = |row: &&claim::Model| {
            let implied = self.locators.get(&row.document_id).and_then(Option::as_deref);
            let locator = row.locator.as_deref();
            let elsewhere = is_stated_elsewhere(row);
            let has_locator =
                locator == implied || (elsewhere && remaining_locator(locator, implied).is_some());
            has_locator && is_plain(row) && (row.attribution == Attribution::Record || elsewhere)
        };
        let documents: BTreeSet<Id> = own.iter().map(|row| row.document_id).collect();
        own.iter().all(is_implied) && documents == record.citations.iter().copied().collect()
    }

    fn imply(&mut self, claims: &[&claim::Model]) {
        for row in claims {
            let locator = self.locators.get(&row.document_id).cloned().flatten();
            self.implied.insert(row.id, locator);
        }
    }

    /// Removes from `remaining` the claims that the other names imply.
    fn add_names(
        &mut self,
        record: &Record,
        slugs: &Slugs,
        remaining: &mut Vec<&claim::Model>,
    ) -> Result<(), DbErr> {
        let property = record.kind.kind().names_property();
        for (value, ..) in &record.names {
            let own: Vec<&claim::Model> = remaining
                .iter()
                .copied()
                .filter(|row| row.property == property && row.value.as_ref() == Some(value))
                .filter(|row| row.attribution == Attribution::Value && is_plain(row))
                .collect();
            self.names.push(sources(&own, slugs)?);
            self.implied.extend(own.iter().map(|row| (row.id, row.locator.clone())));
            remaining.retain(|row| !self.implied.contains_key(&row.id));
        }
        Ok(())
    }

    /// Adds the facts that `remaining` claims state, and removes these claims.
    fn add_facts(&mut self, record: &Record, remaining: &mut Vec<&claim::Model>) {
        let mut by_value: Vec<(&str, &str, Vec<&claim::Model>)> = Vec::new();
        for row in remaining.iter() {
            let Some(value) = row.value.as_deref() else { continue };
            match by_value.iter_mut().find(|group| group.0 == row.property && group.1 == value) {
                Some((.., group)) => group.push(row),
                None => by_value.push((&row.property, value, vec![row])),
            }
        }
        for (property, value, own) in by_value {
            if self.is_implied_by_sources(record, &own) {
                self.facts.entry(snake(property)).or_default().push(value.to_owned());
                self.imply(&own);
            }
        }
        remaining.retain(|row| !self.implied.contains_key(&row.id));
    }

    /// The parts of a claim that need `[[claim]]` rows.
    fn parts<'a>(&self, row: &'a claim::Model) -> Vec<ClaimPart<'a>> {
        let mut parts = Vec::new();
        let mut locator = match self.implied.get(&row.id) {
            Some(implied) => remaining_locator(row.locator.as_deref(), implied.as_deref()),
            None => row.locator.as_deref(),
        };
        if row.by_row && self.unimplied.contains(&row.id) {
            let has_details = !row.by_claim;
            parts.push(ClaimPart { origin: Origin::Row, locator: locator.take(), has_details });
        }
        if row.by_claim {
            parts.push(ClaimPart { origin: Origin::Claim, locator, has_details: true });
        } else if !row.by_row && self.unimplied.contains(&row.id) {
            parts.push(ClaimPart { origin: Origin::Side, locator, has_details: true });
        }
        parts
    }

    /// The locator of a claim in a side of a contradiction, without the part that the row implies.
    fn side_locator<'a>(&self, row: &'a claim::Model) -> Option<&'a str> {
        let whole = row.locator.as_deref();
        match self.implied.get(&row.id).map(Option::as_deref) {
            Some(implied) if !row.by_claim && implied != whole => remaining_locator(whole, implied),
            _ => whole,
        }
    }
}

/// The documents that a record cites, with locators.
pub fn cited_documents(record: &Record) -> impl Iterator<Item = (Id, Option<&str>)> {
    record.citations.iter().map(|document| {
        let own = || record.claims.iter().filter(|row| row.by_row && row.document_id == *document);
        let by_record = |row: &&claim::Model| row.attribution == Attribution::Record;
        let first = own()
            .filter(by_record)
            .find(|row| !is_stated_elsewhere(row))
            .or_else(|| own().find(|row| is_stated_elsewhere(row)));
        (*document, first.and_then(|row| row.locator.as_deref()))
    })
}

/// Whether a value is the default of a key.
fn is_default(key: &Field, value: &str) -> bool {
    matches!(key.requirement, Requirement::Default(default) if default == value)
}

fn sources(claims: &[&claim::Model], slugs: &Slugs) -> Result<Vec<String>, DbErr> {
    let source =
        |row: &&claim::Model| Ok(source(slugs.slug(row.document_id)?, row.locator.as_deref()));
    claims.iter().map(source).collect()
}

/// A `[[claim]]` row, with one source for each document that states the claim.
struct ClaimRow {
    slug: String,
    claim: claim::Model,
    origin: Origin,
    sources: Vec<String>,
    has_details: bool,
}

impl ClaimRow {
    fn differs_only_in_sources(&self, other: &Self) -> bool {
        let (one, two) = (&self.claim, &other.claim);
        let statement = |row: &claim::Model| {
            (row.record_id, row.property.clone(), row.value.clone(), row.attribution)
        };
        let details =
            |row: &claim::Model| (row.note.clone(), row.since(), row.until(), row.observed());
        statement(one) == statement(two)
            && (self.origin, self.has_details) == (other.origin, other.has_details)
            && (!self.has_details || details(one) == details(two))
    }

    fn into_row(self) -> Row {
        let Self { slug, claim: row, origin, sources, has_details } = self;
        let (since, until, seen) = (row.since(), row.until(), row.observed());
        let mut keys = Keys::default();
        keys.add("record", slug);
        keys.add("property", snake(&row.property));
        match row.value {
            Some(value) => keys.add("value", value),
            None => keys.add("unknown", true),
        }
        if has_details {
            let date = |date: Option<PartialDate>| date.map(|date| date.to_string());
            keys.add_optional("since", date(since));
            keys.add_optional("until", date(until));
            let days = seen.and_then(|seen| seen.first.or(seen.last).zip(seen.last.or(seen.first)));
            keys.add_optional("observed", days.map(|(first, last)| days_value(first, last)));
            keys.add_optional("note", row.note.as_deref());
        }
        match origin {
            Origin::Row => keys.add("origin", "ROW"),
            Origin::Side => keys.add("origin", "SIDE"),
            Origin::Claim => {}
        }
        if row.attribution == Attribution::Record {
            keys.add("attribution", row.attribution.to_value());
        }
        keys.add("sources", sources);
        Row { table: Table::Claim, order: row.id, keys: keys.0 }
    }
}
