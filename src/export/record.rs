//! Reads records in chunks: their fields, and the rows that belong to them.

use std::collections::{BTreeSet, HashMap};

use entity::{
    Id, Kind, PartialDate, RecordKind, alias, citation, claim, document, identifier,
    kind::{Field, Type},
    mention, name,
    name::NameKind,
    record,
};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    Value,
    sea_query::{Expr, ExprTrait},
};

use super::scope::Scope;
use crate::{
    evidence,
    import::date::linked,
    store::{among, find, rows::Rows},
};

/// The maximum number of records in memory.
pub const CHUNK: u64 = 1_000;

/// The value of a field of a record.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldValue {
    Text(String),
    Number(i64),
    Flag(bool),
    Date(PartialDate),
    /// The id of a record.
    Record(Id),
    Records(Vec<Id>),
    Days(PartialDate, PartialDate),
}

/// A record with the rows that belong to it.
#[derive(Debug)]
pub struct Record {
    pub id: Id,
    pub kind: RecordKind,
    pub slug: String,
    /// In the order of the kind's fields. Null fields are omitted.
    pub fields: Vec<(&'static Field, FieldValue)>,
    /// The names of the fields whose value is the value as of the date of the export.
    pub dated_fields: BTreeSet<String>,
    /// The documents that it cites, in order.
    pub citations: Vec<Id>,
    pub claims: Vec<claim::Model>,
    pub names: Vec<(String, Option<String>, NameKind)>,
    pub identifiers: Vec<(String, String)>,
    pub aliases: Vec<String>,
    /// The records that a document mentions, with locators, except mentions that follow from
    /// citations.
    pub mentions: Vec<(Id, Option<String>)>,
}

impl Record {
    pub fn value(&self, name: &str) -> Option<&FieldValue> {
        self.fields.iter().find(|(field, _)| field.name == name).map(|(_, value)| value)
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        match self.value(name)? {
            FieldValue::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn date(&self, name: &str) -> Option<String> {
        match self.value(name)? {
            FieldValue::Date(date) => Some(date.to_string()),
            _ => None,
        }
    }

    pub fn target(&self, name: &str) -> Option<Id> {
        match self.value(name)? {
            FieldValue::Record(id) => Some(*id),
            _ => None,
        }
    }

    /// The ids of all records that it references.
    fn targets(&self) -> impl Iterator<Item = Id> {
        let own = self.fields.iter().flat_map(|(_, value)| match value {
            FieldValue::Record(id) => vec![*id],
            FieldValue::Records(ids) => ids.clone(),
            _ => Vec::new(),
        });
        own.chain(self.citations.iter().copied())
            .chain(self.claims.iter().map(|claim| claim.document_id))
            .chain(self.mentions.iter().map(|mention| mention.0))
    }
}

/// Some records, and the slugs of all records that they reference.
#[derive(Debug)]
pub struct Chunk {
    pub records: Vec<Record>,
    pub slugs: Slugs,
    /// The last id of the chunk, even if its record is not exported. The next chunk starts after it.
    pub last: Id,
}

/// Slugs by record id, and the URLs of documents.
#[derive(Debug, Default)]
pub struct Slugs {
    slugs: HashMap<Id, (RecordKind, String)>,
    urls: HashMap<Id, String>,
}

impl Slugs {
    pub fn slug(&self, id: Id) -> Result<&str, DbErr> {
        let missing = || DbErr::RecordNotFound(format!("no record has the id {id}"));
        self.slugs.get(&id).map(|(_, slug)| slug.as_str()).ok_or_else(missing)
    }

    pub fn url(&self, document: Id) -> Option<&str> {
        self.urls.get(&document).map(String::as_str)
    }

    /// Adds the slugs of more records.
    pub async fn add(
        &mut self,
        store: &DatabaseTransaction,
        ids: impl Iterator<Item = Id>,
    ) -> Result<(), DbErr> {
        let ids: BTreeSet<Id> = ids.filter(|id| !self.slugs.contains_key(id)).collect();
        let rows = find::<record::Entity>(store, record::Column::Id, &ids).await?;
        self.slugs.extend(rows.into_iter().map(|row| (row.id, (row.kind, row.slug))));
        Ok(())
    }

    /// Adds the URLs of the documents among these records.
    pub async fn add_urls(&mut self, store: &DatabaseTransaction) -> Result<(), DbErr> {
        let documents = self.slugs.iter().filter(|(_, (kind, _))| *kind == RecordKind::Document);
        let documents: BTreeSet<Id> = documents.map(|(id, _)| *id).collect();
        let rows = find::<document::Entity>(store, document::Column::Id, &documents).await?;
        self.urls.extend(rows.into_iter().filter_map(|row| Some((row.id, row.url?))));
        Ok(())
    }
}

/// Reads the exported records of a snapshot.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    pub store: &'a DatabaseTransaction,
    pub scope: &'a Scope,
}

impl Reader<'_> {
    /// The next chunk of records after an id, of one kind or of all. Returns `None` after the last.
    pub async fn after(&self, kind: Option<RecordKind>, after: Id) -> Result<Option<Chunk>, DbErr> {
        let mut rows = record::Entity::find().filter(record::Column::Id.gt(after));
        if let Some(kind) = kind {
            rows = rows.filter(record::Column::Kind.eq(kind));
        }
        let rows = rows.order_by_asc(record::Column::Id).limit(CHUNK).all(self.store).await?;
        let Some(last) = rows.last().map(|row| row.id) else { return Ok(None) };
        let mut chunk = self.complete(rows).await?;
        chunk.last = last;
        Ok(Some(chunk))
    }

    /// Reads the records with these ids.
    pub async fn find(&self, ids: &BTreeSet<Id>) -> Result<Chunk, DbErr> {
        let mut rows = find::<record::Entity>(self.store, record::Column::Id, ids).await?;
        rows.sort_by_key(|row| row.id);
        self.complete(rows).await
    }

    /// The records that documents mention, by document. The import adds a mention of a member for
    /// each document that the member or one of its memberships cites; those are not exported.
    async fn mentions(
        &self,
        ids: &BTreeSet<Id>,
    ) -> Result<HashMap<Id, Vec<(Id, Option<String>)>>, DbErr> {
        let implied = "mention.record_kind = 'MEMBER' AND mention.locator IS NULL AND (EXISTS \
             (SELECT 1 FROM citation c WHERE c.record_id = mention.record_id \
                AND c.document_id = mention.document_id) \
             OR EXISTS (SELECT 1 FROM membership m JOIN citation c ON c.record_id = m.id \
                WHERE m.member_id = mention.record_id AND c.document_id = mention.document_id))";
        let ids: Vec<Id> = ids.iter().copied().collect();
        let mut mentions: HashMap<Id, Vec<(Id, Option<String>)>> = HashMap::new();
        let rows = mention::Entity::find()
            .filter(among(self.store, mention::Column::DocumentId, &ids))
            .filter(Expr::cust(implied).not())
            .order_by_asc(mention::Column::RecordId);
        for row in rows.all(self.store).await? {
            if self.scope.has(row.record_id) {
                mentions.entry(row.document_id).or_default().push((row.record_id, row.locator));
            }
        }
        Ok(mentions)
    }

    /// Reads the fields and the related rows of those records that are exported.
    async fn complete(&self, rows: Vec<record::Model>) -> Result<Chunk, DbErr> {
        let rows: Vec<_> = rows
            .into_iter()
            .filter(|row| row.merged_into_id.is_none() && self.scope.has(row.id))
            .collect();
        let ids: BTreeSet<Id> = rows.iter().map(|row| row.id).collect();
        let mut values = self.values(&rows).await?;
        let mut citations = group_by_record::<citation::Entity>(self.store, &ids).await?;
        let mut claims = group_by_record::<claim::Entity>(self.store, &ids).await?;
        let mut names = group_by_record::<name::Entity>(self.store, &ids).await?;
        let mut identifiers = group_by_record::<identifier::Entity>(self.store, &ids).await?;
        let mut aliases = group_by_record::<alias::Entity>(self.store, &ids).await?;
        let mut mentions = self.mentions(&ids).await?;
        let merged = record::Column::MergedIntoId;
        for row in find::<record::Entity>(self.store, merged, &ids).await? {
            if let Some(record_id) = row.merged_into_id {
                let alias = alias::Model { slug: row.slug, record_id };
                aliases.entry(record_id).or_default().push(alias);
            }
        }
        let records = rows.into_iter().map(|row| {
            let id = row.id;
            let mut citations = citations.remove(&id).unwrap_or_default();
            citations.sort_by_key(|row| row.position);
            let citations = citations.into_iter().map(|row| row.document_id);
            let mut claims = claims.remove(&id).unwrap_or_default();
            claims.sort_by_key(|row| row.id);
            claims.retain(|row| self.scope.has(row.document_id));
            let mut names = names.remove(&id).unwrap_or_default();
            names.sort_by_key(|row| row.position);
            let mut identifiers = identifiers.remove(&id).unwrap_or_default();
            // The order in which identifier schemes were imported is not part of the data.
            identifiers.sort_by(|one, other| (&one.scheme, one.id).cmp(&(&other.scheme, other.id)));
            let mut slugs: Vec<String> =
                aliases.remove(&id).unwrap_or_default().into_iter().map(|row| row.slug).collect();
            slugs.sort();
            let (fields, dated_fields) = values.remove(&id).unwrap_or_default();
            Record {
                id,
                kind: row.kind,
                slug: row.slug,
                fields,
                dated_fields,
                citations: citations.filter(|id| self.scope.has(*id)).collect(),
                claims,
                names: names.into_iter().map(|row| (row.value, row.language, row.kind)).collect(),
                identifiers: identifiers.into_iter().map(|row| (row.scheme, row.value)).collect(),
                aliases: slugs,
                mentions: mentions.remove(&id).unwrap_or_default(),
            }
        });
        let records: Vec<Record> = records.collect();
        let mut slugs = Slugs::default();
        let own = records.iter().map(|record| (record.id, (record.kind, record.slug.clone())));
        slugs.slugs.extend(own);
        slugs.add(self.store, records.iter().flat_map(Record::targets)).await?;
        let last = records.last().map_or(0, |record| record.id);
        Ok(Chunk { records, slugs, last })
    }

    /// The field values of records, by id.
    async fn values(&self, rows: &[record::Model]) -> Result<HashMap<Id, Values>, DbErr> {
        let mut all = HashMap::new();
        for kind in entity::kinds() {
            let ids: BTreeSet<Id> =
                rows.iter().filter(|row| row.kind == kind.kind).map(|row| row.id).collect();
            let links = self.links(kind, &ids).await?;
            let rows = Rows::find(self.store, kind.kind, "id", &ids).await?;
            for (index, id) in rows.ids().enumerate() {
                all.insert(id, self.row_values(&rows, index, links.get(&id)));
            }
        }
        Ok(all)
    }

    /// The records that link tables reference for rows of a kind.
    async fn links(
        &self,
        kind: &'static Kind,
        ids: &BTreeSet<Id>,
    ) -> Result<HashMap<Id, Links>, DbErr> {
        let mut all: HashMap<Id, Links> = HashMap::new();
        for field in kind.fields {
            let Type::References(references) = &field.ty else { continue };
            for (row, other) in linked(self.store, references, references.own, ids).await? {
                if self.scope.has(other) {
                    all.entry(row).or_default().entry(field.name).or_default().insert(other);
                }
            }
        }
        Ok(all)
    }

    /// The field values of a row, without references to records that are not exported.
    fn row_values(&self, rows: &Rows, index: usize, links: Option<&Links>) -> Values {
        let varying = match rows.value(index, "varying") {
            Some(Value::String(text)) => text,
            _ => None,
        };
        let mut dated_fields = BTreeSet::new();
        let mut fields = Vec::new();
        for field in rows.kind().keys() {
            let name = field.name;
            let as_of = self
                .scope
                .as_of
                .and_then(|date| evidence::value_at(varying.as_deref(), &field.property(), date));
            dated_fields.extend(as_of.is_some().then(|| name.to_owned()));
            let value = match (&field.ty, rows.value(index, name)) {
                (Type::Date, _) => rows.date(index, name).map(FieldValue::Date),
                (Type::Sightings, _) => {
                    let [first, last] =
                        ["first", "last"].map(|end| rows.date(index, &format!("{name}_{end}")));
                    let ends = first.or(last).zip(last.or(first));
                    ends.map(|(first, last)| FieldValue::Days(first, last))
                }
                (Type::Reference(_), _) => {
                    let target = rows.id(index, &format!("{name}_id"));
                    target.filter(|id| self.scope.has(*id)).map(FieldValue::Record)
                }
                (Type::References(_), _) => links
                    .and_then(|links| links.get(name))
                    .map(|ids| FieldValue::Records(ids.iter().copied().collect())),
                (_, Some(Value::String(now))) => as_of.or(now).map(FieldValue::Text),
                (_, Some(Value::Int(now))) => {
                    let as_of = as_of.and_then(|text| text.parse().ok());
                    as_of.or(now).map(|number: i32| FieldValue::Number(number.into()))
                }
                (_, Some(Value::Bool(flag))) => flag.map(FieldValue::Flag),
                _ => None,
            };
            fields.extend(value.map(|value| (field, value)));
        }
        (fields, dated_fields)
    }
}

/// The fields of a record, and the names of the fields whose value is the value as of a date.
type Values = (Vec<(&'static Field, FieldValue)>, BTreeSet<String>);

/// Record ids by the field that references them.
type Links = HashMap<&'static str, BTreeSet<Id>>;

/// A table whose rows belong to records.
trait RecordTable: EntityTrait {
    const RECORD_ID: Self::Column;

    fn record_id(row: &Self::Model) -> Id;
}

macro_rules! record_tables {
    ($($table:ident)*) => {
        $(impl RecordTable for $table::Entity {
            const RECORD_ID: $table::Column = $table::Column::RecordId;

            fn record_id(row: &$table::Model) -> Id {
                row.record_id
            }
        })*
    };
}

record_tables! { citation claim name identifier alias }

/// The rows of records, by record id.
async fn group_by_record<E: RecordTable>(
    store: &DatabaseTransaction,
    ids: &BTreeSet<Id>,
) -> Result<HashMap<Id, Vec<E::Model>>, DbErr> {
    let mut all: HashMap<Id, Vec<E::Model>> = HashMap::new();
    for row in find::<E>(store, E::RECORD_ID, ids).await? {
        all.entry(E::record_id(&row)).or_default().push(row);
    }
    Ok(all)
}
