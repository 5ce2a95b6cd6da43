//! The database as rows of the data set: what `import` reads, and the same again from it.
//!
//! A row gives its values, and by its sources the claims that go with them. What a record's claims
//! have beyond that - documents of one value only, what an earlier form of the row said - is
//! said by `<key>_sources` and by `[[claim]]`s.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::{
    Id, PartialDate, RecordKind, ValidityPeriod, claim,
    claim::Attribution,
    contradiction,
    contradiction::ContradictionStatus,
    contradiction_claim, contradiction_record,
    kind::{Field, Need, Type, snake},
    name::NameKind,
};
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Value, json};

use super::{
    record::{Chunk, Held, Names, Reader, Record},
    scope::Ids,
};
use crate::{evidence::rule, import::keys::Table, store::find};

/// Claims that are held at once.
const CLAIMS: u64 = 2_000;
/// Contradictions that are held at once.
const CONTRADICTIONS: u64 = 200;

/// A row of a table: its keys in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub table: Table,
    /// Its place among all rows.
    pub order: Id,
    pub keys: Vec<(String, Value)>,
}

/// As one object, its table first.
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

/// All rows, some at a time: records in the order of their ids, then claims, then contradictions.
pub struct Rows<'a> {
    reader: Reader<'a>,
    tables: Vec<Table>,
    last: Id,
    /// The records whose claims their rows do not give in whole; none where that was not looked at.
    beyond: Option<Ids>,
}

impl<'a> Rows<'a> {
    /// The rows of all tables.
    pub fn all(reader: Reader<'a>) -> Self {
        // One kind stands for all: records of all kinds come in one order.
        let tables = vec![Table::Contradiction, Table::Claim, Table::Records(RecordKind::Document)];
        Self { reader, tables, last: 0, beyond: Some(Ids::default()) }
    }

    /// The rows of one table.
    pub fn of(reader: Reader<'a>, table: Table) -> Self {
        Self { reader, tables: vec![table], last: 0, beyond: None }
    }

    /// The next rows; none where there are no more.
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
        let kind = self.beyond.is_none().then_some(kind);
        let Some(chunk) = self.reader.after(kind, self.last).await? else { return Ok(None) };
        self.last = chunk.last;
        let mut rows = Vec::new();
        for record in &chunk.records {
            let plan = Plan::of(record, &chunk.names)?;
            if let Some(beyond) = &mut self.beyond
                && !plan.beyond.is_empty()
            {
                beyond.insert(record.id);
            }
            rows.push(row(record, &chunk.names, plan)?);
        }
        Ok(Some(rows))
    }

    async fn claims(&mut self) -> Result<Option<Vec<Row>>, DbErr> {
        let rows = claim::Entity::find()
            .filter(claim::Column::Id.gt(self.last))
            .order_by_asc(claim::Column::Id)
            .limit(CLAIMS)
            .all(self.reader.store)
            .await?;
        let Some(last) = rows.last() else { return Ok(None) };
        self.last = last.id;
        let wanted = rows.iter().filter(|row| self.has(row)).filter(|row| {
            let beyond = self.beyond.as_ref().is_none_or(|ids| ids.has(row.record_id));
            row.by_claim || beyond
        });
        let wanted: Vec<&claim::Model> = wanted.collect();
        let owners: BTreeSet<Id> = wanted.iter().map(|row| row.record_id).collect();
        let chunk = self.reader.among(&owners).await?;
        let plans = plans(&chunk)?;
        let mut said: Vec<Said> = Vec::new();
        for row in wanted {
            let Some(plan) = plans.get(&row.record_id) else { continue };
            let slug = chunk.names.slug(row.record_id)?;
            for more in plan.said(row) {
                let source = source(chunk.names.slug(row.document_id)?, more.locator);
                let one = Said {
                    slug: slug.to_owned(),
                    row: row.clone(),
                    origin: more.origin,
                    sources: vec![source],
                    described: more.described,
                };
                match said.last_mut() {
                    Some(before) if before.says_as(&one) => before.sources.extend(one.sources),
                    _ => said.push(one),
                }
            }
        }
        Ok(Some(said.into_iter().map(Said::row).collect()))
    }

    /// Whether a claim belongs to the export.
    fn has(&self, claim: &claim::Model) -> bool {
        self.reader.scope.has(claim.record_id) && self.reader.scope.has(claim.document_id)
    }

    async fn contradictions(&mut self) -> Result<Option<Vec<Row>>, DbErr> {
        let Reader { store, scope } = self.reader;
        let found = contradiction::Entity::find()
            .filter(Condition::all().add(contradiction::Column::Id.gt(self.last)))
            .filter(contradiction::Column::Curated.eq(true))
            .order_by_asc(contradiction::Column::Id)
            .limit(CONTRADICTIONS)
            .all(store)
            .await?;
        let Some(last) = found.last() else { return Ok(None) };
        self.last = last.id;
        let found: Vec<_> =
            found.into_iter().filter(|row| row.record_id.is_some_and(|id| scope.has(id))).collect();
        let ids: BTreeSet<Id> = found.iter().map(|row| row.id).collect();
        let column = contradiction_claim::Column::ContradictionId;
        let mut links = find::<contradiction_claim::Entity>(store, column, &ids).await?;
        links.retain(|link| link.curated);
        links.sort_by_key(|link| (link.contradiction_id, link.position));
        let column = contradiction_record::Column::ContradictionId;
        let mut about = find::<contradiction_record::Entity>(store, column, &ids).await?;
        about.retain(|link| scope.has(link.record_id));
        about.sort_by_key(|link| (link.contradiction_id, link.position));
        let owners: BTreeSet<Id> = found.iter().filter_map(|row| row.record_id).collect();
        let mut chunk = self.reader.among(&owners).await?;
        chunk.names.add(store, about.iter().map(|link| link.record_id)).await?;
        let plans = plans(&chunk)?;
        let claims: HashMap<Id, &claim::Model> = chunk
            .records
            .iter()
            .flat_map(|record| &record.claims)
            .map(|row| (row.id, row))
            .collect();
        let mut rows = Vec::new();
        for row in found {
            let Some(owner) = row.record_id else { continue };
            let sides = links.iter().filter(|link| link.contradiction_id == row.id);
            let mut values: Vec<(&str, Vec<String>)> = Vec::new();
            let mut serves = None;
            for claim in sides.filter_map(|link| claims.get(&link.claim_id)) {
                let Some(value) = claim.value.as_deref() else { continue };
                let locator = plans.get(&owner).and_then(|plan| plan.side(claim));
                let source = source(chunk.names.slug(claim.document_id)?, locator);
                match values.last_mut().filter(|last| last.0 == value) {
                    Some(last) => last.1.push(source),
                    None => values.push((value, vec![source])),
                }
                serves = serves.or(claim.served.then_some(value));
            }
            let kind = row.record_kind.unwrap_or(RecordKind::Document);
            let serves = serves.filter(|_| {
                !kind.kind().property(&row.property).is_some_and(|field| field.claimable)
            });
            if values.len() < 2 {
                continue;
            }
            let explains = about.iter().filter(|link| link.contradiction_id == row.id);
            let explains = explains.map(|link| link.record_id).filter(|id| *id != owner);
            let explains: Vec<&str> =
                explains.map(|id| chunk.names.slug(id)).collect::<Result<_, _>>()?;
            let mut keys = Keys::default();
            keys.add("slug", row.slug.as_str());
            keys.add("record", chunk.names.slug(owner)?);
            keys.add("property", snake(&row.property));
            keys.maybe("topic", row.topic.as_deref());
            keys.maybe("about", row.about.as_deref());
            if row.status != ContradictionStatus::Open {
                keys.add("status", row.status.to_value());
            }
            keys.maybe("reading", row.reading.as_deref());
            keys.maybe("serves", serves);
            keys.maybe("explains", (!explains.is_empty()).then_some(explains));
            let claims = values.into_iter();
            let claims =
                claims.map(|(value, sources)| json!({ "value": value, "sources": sources }));
            keys.add("claims", claims.collect::<Vec<_>>());
            rows.push(Row { table: Table::Contradiction, order: row.id, keys: keys.0 });
        }
        Ok(Some(rows))
    }
}

fn plans(chunk: &Chunk) -> Result<HashMap<Id, Plan>, DbErr> {
    let plan = |record: &Record| Ok((record.id, Plan::of(record, &chunk.names)?));
    chunk.records.iter().map(plan).collect()
}

/// The keys of a row that is being written.
#[derive(Default)]
struct Keys(Vec<(String, Value)>);

impl Keys {
    fn add(&mut self, key: impl Into<String>, value: impl Into<Value>) {
        self.0.push((key.into(), value.into()));
    }

    fn maybe(&mut self, key: impl Into<String>, value: Option<impl Into<Value>>) {
        self.0.extend(value.map(|value| (key.into(), value.into())));
    }
}

/// A document and where in it.
pub fn source(slug: &str, locator: Option<&str>) -> String {
    match locator {
        Some(place) => format!("{slug}#{place}"),
        None => slug.to_owned(),
    }
}

/// The row of a record.
fn row(record: &Record, names: &Names, plan: Plan) -> Result<Row, DbErr> {
    let mut keys = Keys::default();
    keys.add("slug", record.slug.as_str());
    for (key, held) in &record.held {
        if !plan.silent.contains(key.name) {
            let value = value(key, held, names)?;
            keys.maybe(key.name, value);
        }
    }
    let further = record.names.iter().zip(&plan.names).map(|((value, language, kind), sources)| {
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
    let further: Vec<Value> = further.collect();
    let mentions = record.mentions.iter();
    let mentions = mentions.map(|(id, place)| Ok(source(names.slug(*id)?, place.as_deref())));
    let mentions: Vec<String> = mentions.collect::<Result<_, DbErr>>()?;
    keys.maybe("mentions", (!mentions.is_empty()).then_some(mentions));
    keys.maybe("names", (!further.is_empty()).then_some(further));
    let mut schemes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (scheme, value) in &record.identifiers {
        schemes.entry(scheme).or_default().push(value);
    }
    keys.maybe("identifiers", table(schemes));
    let aliases = record.aliases.clone();
    keys.maybe("aliases", (!aliases.is_empty()).then_some(aliases));
    let facts = plan
        .facts
        .iter()
        .map(|(key, values)| (key.as_str(), values.iter().map(String::as_str).collect::<Vec<_>>()));
    keys.maybe("facts", table(facts.collect()));
    let sources = record.citations.iter().map(|document| {
        Ok(source(names.slug(*document)?, plan.base.get(document).and_then(|at| at.as_deref())))
    });
    let sources: Vec<String> = sources.collect::<Result<_, DbErr>>()?;
    keys.maybe("sources", (!sources.is_empty()).then_some(sources));
    for (key, sources) in plan.sources {
        keys.add(format!("{key}_sources"), sources);
    }
    Ok(Row { table: Table::Records(record.kind), order: record.id, keys: keys.0 })
}

/// A table of lists, of which those of one value are that value.
fn table(all: BTreeMap<&str, Vec<&str>>) -> Option<Value> {
    let one = |values: Vec<&str>| match values.as_slice() {
        [value] => Value::from(*value),
        _ => Value::from(values),
    };
    let table: serde_json::Map<String, Value> =
        all.into_iter().map(|(key, values)| (key.to_owned(), one(values))).collect();
    (!table.is_empty()).then(|| table.into())
}

/// What a key holds, as it is written; none where leaving it out says the same.
fn value(key: &Field, held: &Held, names: &Names) -> Result<Option<Value>, DbErr> {
    Ok(Some(match held {
        Held::Text(text) => text.as_str().into(),
        Held::Number(number) => (*number).into(),
        Held::Flag(flag) if matches!(key.ty, Type::Flag(if_omitted) if if_omitted == *flag) => {
            return Ok(None);
        }
        Held::Flag(flag) => (*flag).into(),
        Held::Date(date) => date.to_string().into(),
        Held::Record(id) => names.slug(*id)?.into(),
        Held::Records(ids) => ids
            .iter()
            .map(|id| Ok(names.slug(*id)?.into()))
            .collect::<Result<Vec<Value>, DbErr>>()?
            .into(),
        Held::Days(first, last) if first == last => first.to_string().into(),
        Held::Days(first, last) => json!([first.to_string(), last.to_string()]),
    }))
}

/// What a key holds, as a claim says it.
fn stated(held: &Held, names: &Names) -> Result<Option<String>, DbErr> {
    Ok(match held {
        Held::Text(text) => Some(text.clone()),
        Held::Number(number) => Some(number.to_string()),
        Held::Date(date) => Some(date.to_string()),
        Held::Record(id) => Some(names.slug(*id)?.to_owned()),
        Held::Days(first, last) if first == last => Some(first.to_string()),
        Held::Days(first, last) => Some(format!("{first}/{last}")),
        Held::Flag(_) | Held::Records(_) => None,
    })
}

/// What of a record's claims its row gives, and what has to be said besides.
#[derive(Debug, Default)]
struct Plan {
    /// Where in each of its sources the row as a whole is found.
    base: HashMap<Id, Option<String>>,
    /// Keys that are left out: claims give their values, or leaving them out says the same.
    silent: BTreeSet<&'static str>,
    /// The sources of single keys.
    sources: Vec<(&'static str, Vec<String>)>,
    facts: BTreeMap<String, Vec<String>>,
    /// The sources of each further name.
    names: Vec<Vec<String>>,
    /// The claims that the row gives, and the place that it gives with them.
    given: HashMap<Id, Option<String>>,
    /// The claims that the row gave, and does not give as it is written here.
    beyond: BTreeSet<Id>,
}

/// A claim as a `[[claim]]` says it.
struct More<'a> {
    origin: Origin,
    locator: Option<&'a str>,
    /// With its note and its dates.
    described: bool,
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

/// Whether a row can give a claim: it gives neither notes nor dates.
fn is_plain(claim: &claim::Model) -> bool {
    claim.by_claim || (claim.note.is_none() && !is_dated(claim))
}

/// Whether something besides the row says a claim too.
fn has_help(claim: &claim::Model) -> bool {
    claim.by_claim || claim.by_side
}

/// What remains of a place, when a part of it is said already.
fn rest<'a>(whole: Option<&'a str>, said: Option<&str>) -> Option<&'a str> {
    match said {
        None => whole,
        Some(said) => whole?.strip_prefix(said)?.strip_prefix("; "),
    }
}

impl Plan {
    fn of(record: &Record, names: &Names) -> Result<Self, DbErr> {
        let mut plan = Self::default();
        for (document, place) in places(record) {
            plan.base.insert(document, place.map(str::to_owned));
        }
        let mut open: Vec<&claim::Model> = record.claims.iter().filter(|row| row.by_row).collect();
        for (key, held) in &record.held {
            plan.key(record, key, held, names, &mut open)?;
        }
        plan.names(record, names, &mut open)?;
        plan.facts(record, &mut open);
        plan.beyond = open.into_iter().map(|row| row.id).collect();
        let apart = record.claims.iter().filter(|row| !row.by_row && !is_plain(row));
        plan.beyond.extend(apart.map(|row| row.id));
        Ok(plan)
    }

    /// Takes from `open` the claims that a key gives.
    fn key(
        &mut self,
        record: &Record,
        key: &'static Field,
        held: &Held,
        names: &Names,
        open: &mut Vec<&claim::Model>,
    ) -> Result<(), DbErr> {
        if !key.takes_sources() {
            return Ok(());
        }
        let Some(value) = stated(held, names)? else { return Ok(()) };
        let property = key.property();
        let says =
            |row: &claim::Model| row.property == property && row.value.as_ref() == Some(&value);
        let own: Vec<&claim::Model> = open.iter().copied().filter(|row| says(row)).collect();
        if own.is_empty() && is_left_out(key, &value) {
            self.silent.insert(key.name);
            return Ok(());
        }
        if key.claimable && !record.dated.contains(key.name) {
            // Claims give it where documents differ and the rule picked, or where no row said so.
            let picked = own.iter().any(|row| row.rule.as_deref() == Some(rule::RULE));
            let by_others = own.is_empty() && record.claims.iter().any(says);
            if picked || by_others {
                self.silent.insert(key.name);
                return Ok(());
            }
        }
        if key.is_stated() && self.gives_as_a_whole(record, &own) {
            self.give(&own);
        } else {
            let own: Vec<&claim::Model> = own
                .into_iter()
                .filter(|row| row.attribution == Attribution::Value && is_plain(row))
                .collect();
            if key.is_stated() || !own.is_empty() {
                self.sources.push((key.name, sources(&own, names)?));
            }
            self.given.extend(own.iter().map(|row| (row.id, row.locator.clone())));
        }
        open.retain(|row| !self.given.contains_key(&row.id));
        Ok(())
    }

    /// Whether claims are those that a value of the row makes by the row's sources.
    fn gives_as_a_whole(&self, record: &Record, own: &[&claim::Model]) -> bool {
        let fits = |row: &&claim::Model| {
            let base = self.base.get(&row.document_id).and_then(|at| at.as_deref());
            let place = row.locator.as_deref();
            let placed = place == base || (has_help(row) && rest(place, base).is_some());
            placed && is_plain(row) && (row.attribution == Attribution::Record || has_help(row))
        };
        let documents: BTreeSet<Id> = own.iter().map(|row| row.document_id).collect();
        own.iter().all(fits) && documents == record.citations.iter().copied().collect()
    }

    fn give(&mut self, own: &[&claim::Model]) {
        for row in own {
            let base = self.base.get(&row.document_id).cloned().flatten();
            self.given.insert(row.id, base);
        }
    }

    /// Takes from `open` the claims that the further names give.
    fn names(
        &mut self,
        record: &Record,
        names: &Names,
        open: &mut Vec<&claim::Model>,
    ) -> Result<(), DbErr> {
        let property = record.kind.kind().further_names();
        for (value, ..) in &record.names {
            let own: Vec<&claim::Model> = open
                .iter()
                .copied()
                .filter(|row| row.property == property && row.value.as_ref() == Some(value))
                .filter(|row| row.attribution == Attribution::Value && is_plain(row))
                .collect();
            self.names.push(sources(&own, names)?);
            self.given.extend(own.iter().map(|row| (row.id, row.locator.clone())));
            open.retain(|row| !self.given.contains_key(&row.id));
        }
        Ok(())
    }

    /// Takes from `open` the claims that facts give.
    fn facts(&mut self, record: &Record, open: &mut Vec<&claim::Model>) {
        let mut said: Vec<(&str, &str, Vec<&claim::Model>)> = Vec::new();
        for row in open.iter() {
            let Some(value) = row.value.as_deref() else { continue };
            match said.iter_mut().find(|one| one.0 == row.property && one.1 == value) {
                Some(one) => one.2.push(row),
                None => said.push((&row.property, value, vec![row])),
            }
        }
        for (property, value, own) in said {
            if self.gives_as_a_whole(record, &own) {
                self.facts.entry(snake(property)).or_default().push(value.to_owned());
                self.give(&own);
            }
        }
        open.retain(|row| !self.given.contains_key(&row.id));
    }

    /// What has to be said of a claim besides the row.
    fn said<'a>(&self, row: &'a claim::Model) -> Vec<More<'a>> {
        let mut said = Vec::new();
        let given = self.given.get(&row.id).map(|at| at.as_deref());
        let mut locator = match given {
            Some(at) => rest(row.locator.as_deref(), at),
            None => row.locator.as_deref(),
        };
        if row.by_row && self.beyond.contains(&row.id) {
            let described = !row.by_claim;
            said.push(More { origin: Origin::Row, locator: locator.take(), described });
        }
        if row.by_claim {
            said.push(More { origin: Origin::Claim, locator, described: true });
        } else if !row.by_row && self.beyond.contains(&row.id) {
            said.push(More { origin: Origin::Side, locator, described: true });
        }
        said
    }

    /// The place that a side of a contradiction adds to what is said of a claim before.
    fn side<'a>(&self, row: &'a claim::Model) -> Option<&'a str> {
        let whole = row.locator.as_deref();
        let given = self.given.get(&row.id).map(|at| at.as_deref());
        match given {
            Some(at) if !row.by_claim && at != whole => rest(whole, at),
            _ => whole,
        }
    }
}

/// The documents that support a record, and where in each of them.
pub fn places(record: &Record) -> impl Iterator<Item = (Id, Option<&str>)> {
    record.citations.iter().map(|document| {
        let own = || record.claims.iter().filter(|row| row.by_row && row.document_id == *document);
        let by_record = |row: &&claim::Model| row.attribution == Attribution::Record;
        let first = own().filter(by_record).find(|row| !has_help(row));
        let first = first.or_else(|| own().find(|row| has_help(row)));
        (*document, first.and_then(|row| row.locator.as_deref()))
    })
}

/// Whether leaving a key out says this value.
fn is_left_out(key: &Field, value: &str) -> bool {
    matches!(key.need, Need::Default(default) if default == value)
}

fn sources(claims: &[&claim::Model], names: &Names) -> Result<Vec<String>, DbErr> {
    let source =
        |row: &&claim::Model| Ok(source(names.slug(row.document_id)?, row.locator.as_deref()));
    claims.iter().map(source).collect()
}

/// A `[[claim]]` that is being written: what some documents say alike.
struct Said {
    slug: String,
    row: claim::Model,
    origin: Origin,
    sources: Vec<String>,
    described: bool,
}

impl Said {
    fn says_as(&self, other: &Self) -> bool {
        let (one, two) = (&self.row, &other.row);
        let what = |row: &claim::Model| {
            (row.record_id, row.property.clone(), row.value.clone(), row.attribution)
        };
        let when = |row: &claim::Model| (row.since(), row.until(), row.observed());
        let described = !self.described || (one.note == two.note && when(one) == when(two));
        what(one) == what(two)
            && (self.origin, self.described) == (other.origin, other.described)
            && described
    }

    fn row(self) -> Row {
        let Self { slug, row, origin, sources, described } = self;
        let (since, until, seen) = (row.since(), row.until(), row.observed());
        let mut keys = Keys::default();
        keys.add("record", slug);
        keys.add("property", snake(&row.property));
        match row.value {
            Some(value) => keys.add("value", value),
            None => keys.add("unknown", true),
        }
        if described {
            let date = |date: Option<PartialDate>| date.map(|date| date.to_string());
            keys.maybe("since", date(since));
            keys.maybe("until", date(until));
            let seen = seen.and_then(|seen| seen.first.or(seen.last).zip(seen.last.or(seen.first)));
            keys.maybe(
                "observed",
                seen.map(|(first, last)| match first == last {
                    true => Value::from(first.to_string()),
                    false => json!([first.to_string(), last.to_string()]),
                }),
            );
            keys.maybe("note", row.note.as_deref());
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
