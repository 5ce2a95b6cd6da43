//! Rows of records whose kind is known only at run time: one type for the models of all entities.

use std::{
    any::Any,
    collections::{BTreeSet, HashSet},
};

use chrono::NaiveDate;
use entity::{
    FIRST_DAY, Id, Kind, LAST_DAY, PartialDate, RecordEntity, RecordKind, Visitor,
    kind::{Requirement, Temporality, Type},
};
use futures_util::{FutureExt, TryStreamExt, future::BoxFuture};
use sea_orm::{
    ActiveEnum, ActiveModelTrait, DatabaseTransaction, DbErr, EntityTrait, ModelTrait, QuerySelect,
    TryIntoModel, Value,
};

use super::find;

/// A column and its value.
pub type Assignment = (String, Value);

/// Rows of all kinds.
pub struct Records(Vec<Rows>);

impl Default for Records {
    fn default() -> Self {
        Self(entity::kinds().map(|kind| Rows::empty(kind.kind)).collect())
    }
}

impl Records {
    pub fn of(&self, kind: RecordKind) -> &Rows {
        &self.0[kind as usize]
    }

    pub fn of_mut(&mut self, kind: RecordKind) -> &mut Rows {
        &mut self.0[kind as usize]
    }

    pub fn models<E: RecordEntity>(&self) -> &[E::Model] {
        self.of(E::KIND.kind).models::<E>()
    }

    pub fn models_mut<E: RecordEntity>(&mut self) -> &mut Vec<E::Model> {
        self.of_mut(E::KIND.kind).models_mut::<E>()
    }

    pub fn add(&mut self, draft: Draft) -> Result<(), DbErr> {
        self.of_mut(draft.kind.kind).push(draft.values)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Rows> {
        self.0.iter()
    }
}

/// Rows of one kind.
pub struct Rows(Box<dyn Models>);

impl Rows {
    pub fn empty(kind: RecordKind) -> Self {
        struct Empty;
        impl Visitor for Empty {
            type Output = Rows;

            fn visit<E: RecordEntity>(self) -> Rows {
                Rows::from_models::<E>(Vec::new())
            }
        }
        kind.visit(Empty)
    }

    pub fn from_models<E: RecordEntity>(models: Vec<E::Model>) -> Self {
        Self(Box::new(ModelsOf::<E>(models)))
    }

    /// Queries the rows of a kind with one of `ids` in a column, such as `parliament_id`.
    pub async fn find(
        store: &DatabaseTransaction,
        kind: RecordKind,
        column: &str,
        ids: &BTreeSet<Id>,
    ) -> Result<Self, DbErr> {
        struct Find<'a>(&'a DatabaseTransaction, &'a str, &'a BTreeSet<Id>);
        impl<'a> Visitor for Find<'a> {
            type Output = BoxFuture<'a, Result<Rows, DbErr>>;

            fn visit<E: RecordEntity>(self) -> Self::Output {
                let Self(store, column, ids) = self;
                async move {
                    let models = find::<E>(store, column_of::<E>(column)?, ids).await?;
                    Ok(Rows::from_models::<E>(models))
                }
                .boxed()
            }
        }
        if ids.is_empty() {
            return Ok(Self::empty(kind));
        }
        kind.visit(Find(store, column, ids)).await
    }

    /// Queries all rows of a kind.
    pub async fn all(store: &DatabaseTransaction, kind: RecordKind) -> Result<Self, DbErr> {
        struct All<'a>(&'a DatabaseTransaction);
        impl<'a> Visitor for All<'a> {
            type Output = BoxFuture<'a, Result<Rows, DbErr>>;

            fn visit<E: RecordEntity>(self) -> Self::Output {
                async move { Ok(Rows::from_models::<E>(E::find().all(self.0).await?)) }.boxed()
            }
        }
        kind.visit(All(store)).await
    }

    pub fn kind(&self) -> &'static Kind {
        self.0.kind()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn models<E: RecordEntity>(&self) -> &[E::Model] {
        let own: Option<&ModelsOf<E>> = self.0.as_any().downcast_ref();
        &own.expect("the models are of this kind").0
    }

    pub fn models_mut<E: RecordEntity>(&mut self) -> &mut Vec<E::Model> {
        let own: Option<&mut ModelsOf<E>> = self.0.as_any_mut().downcast_mut();
        &mut own.expect("the models are of this kind").0
    }

    pub fn into_models<E: RecordEntity>(self) -> Vec<E::Model> {
        let own: Result<Box<ModelsOf<E>>, _> = self.0.into_any().downcast();
        own.expect("the models are of this kind").0
    }

    /// Returns the ids of the rows in order.
    pub fn ids(&self) -> impl Iterator<Item = Id> + '_ {
        (0..self.len()).filter_map(|at| self.id(at, "id"))
    }

    pub fn value(&self, at: usize, column: &str) -> Option<Value> {
        self.0.value(at, column)
    }

    /// Returns the id in a column, or `None` if it is null or the kind has no such column.
    pub fn id(&self, at: usize, column: &str) -> Option<Id> {
        match self.value(at, column)? {
            Value::BigInt(id) => id,
            _ => None,
        }
    }

    pub fn text(&self, at: usize, column: &str) -> Option<String> {
        match self.value(at, column)? {
            Value::String(text) => text,
            _ => None,
        }
    }

    pub fn day(&self, at: usize, column: &str) -> Option<NaiveDate> {
        match self.value(at, column)? {
            Value::ChronoDate(day) => day,
            _ => None,
        }
    }

    /// Returns the partial date of a field.
    pub fn date(&self, at: usize, field: &str) -> Option<PartialDate> {
        let end = |end| self.day(at, &format!("{field}_{end}"));
        PartialDate::from_columns(end("earliest"), end("latest"))
    }

    pub fn set(&mut self, at: usize, column: &str, value: Value) -> Result<(), DbErr> {
        self.0.set(at, column, value)
    }

    /// Adds a row with these values. Other columns are null or false, and the row is valid on every day.
    pub fn push(&mut self, mut values: Vec<Assignment>) -> Result<(), DbErr> {
        let derived: &[(&str, NaiveDate)] = match self.kind().time {
            Temporality::Timeless | Temporality::Dates { .. } => &[],
            Temporality::Existence => &[("holds_from", FIRST_DAY), ("holds_until", LAST_DAY)],
            Temporality::Validity => &[
                ("holds_from", FIRST_DAY),
                ("holds_until", LAST_DAY),
                ("sure_from", LAST_DAY),
                ("sure_until", FIRST_DAY),
            ],
        };
        values.extend(derived.iter().map(|(column, day)| ((*column).to_owned(), (*day).into())));
        self.0.push(values)
    }

    /// Adds the rows whose ids are not present.
    pub fn join(&mut self, more: Self) {
        self.0.join(more.0);
    }
}

/// Calls `each` with the id and the text of each row of a kind whose text column is not null.
pub async fn texts(
    store: &DatabaseTransaction,
    kind: RecordKind,
    column: &str,
    each: &mut (dyn FnMut(Id, String) + Send),
) -> Result<(), DbErr> {
    struct Texts<'a>(&'a DatabaseTransaction, &'a str, &'a mut (dyn FnMut(Id, String) + Send));
    impl<'a> Visitor for Texts<'a> {
        type Output = BoxFuture<'a, Result<(), DbErr>>;

        fn visit<E: RecordEntity>(self) -> Self::Output {
            let Self(store, column, each) = self;
            async move {
                let columns = [column_of::<E>("id")?, column_of::<E>(column)?];
                let rows = E::find().select_only().columns(columns);
                let mut rows = rows.into_tuple::<(Id, Option<String>)>().stream(store).await?;
                while let Some((id, text)) = rows.try_next().await? {
                    if let Some(text) = text {
                        each(id, text);
                    }
                }
                Ok(())
            }
            .boxed()
        }
    }
    kind.visit(Texts(store, column, each)).await
}

/// Builds a row. A field that is not set is null or has its default.
pub struct Draft {
    kind: &'static Kind,
    values: Vec<Assignment>,
}

impl Draft {
    pub fn new(kind: RecordKind, id: Id, slug: String) -> Self {
        let kind = kind.kind();
        let mut values = vec![("id".to_owned(), id.into()), ("slug".to_owned(), slug.into())];
        for field in kind.fields {
            let default = match field.requirement {
                Requirement::Default(value) => value.to_owned().into(),
                _ => match field.ty {
                    Type::Flag(if_omitted) => if_omitted.into(),
                    _ => continue,
                },
            };
            values.push((field.name.to_owned(), default));
        }
        Self { kind, values }
    }

    pub fn value(mut self, column: impl Into<String>, value: impl Into<Value>) -> Self {
        let (column, value) = (column.into(), value.into());
        match self.values.iter_mut().find(|(other, _)| *other == column) {
            Some((_, default)) => *default = value,
            None => self.values.push((column, value)),
        }
        self
    }

    /// Sets a column if the value is present.
    pub fn optional(self, column: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.value(column, value),
            None => self,
        }
    }

    pub fn date(mut self, field: &str, date: Option<PartialDate>) -> Self {
        self.values.extend(date_columns(field, date));
        self
    }

    /// Sets the first and the last day on which a document shows the record.
    pub fn observed(self, first: Option<PartialDate>, last: Option<PartialDate>) -> Self {
        self.date("observed_first", first).date("observed_last", last)
    }

    /// Sets a reference to a record.
    pub fn record(self, field: &str, record: Option<(RecordKind, Id)>) -> Self {
        let Some((kind, id)) = record else { return self };
        let several = self
            .kind
            .references()
            .any(|(own, reference)| own.name == field && reference.to.kind().is_none());
        let draft = self.value(format!("{field}_id"), id);
        if several { draft.value(format!("{field}_kind"), kind.to_value()) } else { draft }
    }
}

/// Returns the columns of a partial date.
pub fn date_columns(field: &str, date: Option<PartialDate>) -> [Assignment; 2] {
    let (earliest, latest) = PartialDate::to_columns(date);
    [(format!("{field}_earliest"), earliest.into()), (format!("{field}_latest"), latest.into())]
}

/// Returns the id of the row of a record.
pub fn id_of<M: ModelTrait>(row: &M) -> Id {
    let column = "id".parse().ok().expect("a record's table has an id");
    match row.get(column) {
        Value::BigInt(Some(id)) => id,
        other => unreachable!("an id is a big integer, not {other:?}"),
    }
}

/// A list of models of one entity.
trait Models: Send + Sync {
    fn kind(&self) -> &'static Kind;
    fn len(&self) -> usize;
    fn value(&self, at: usize, column: &str) -> Option<Value>;
    fn set(&mut self, at: usize, column: &str, value: Value) -> Result<(), DbErr>;
    fn push(&mut self, values: Vec<Assignment>) -> Result<(), DbErr>;
    fn join(&mut self, more: Box<dyn Models>);
    fn as_any(&self) -> &dyn Any;
    fn as_any_mut(&mut self) -> &mut dyn Any;
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
}

struct ModelsOf<E: RecordEntity>(Vec<E::Model>);

fn column_of<E: EntityTrait>(column: &str) -> Result<E::Column, DbErr> {
    column.parse().map_err(|_| {
        DbErr::Custom(format!("table {:?} has no column {column}", E::default().table_name()))
    })
}

impl<E: RecordEntity> Models for ModelsOf<E> {
    fn kind(&self) -> &'static Kind {
        E::KIND.kind.kind()
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn value(&self, at: usize, column: &str) -> Option<Value> {
        Some(self.0[at].get(column.parse().ok()?))
    }

    fn set(&mut self, at: usize, column: &str, value: Value) -> Result<(), DbErr> {
        self.0[at].try_set(column_of::<E>(column)?, value)
    }

    fn push(&mut self, values: Vec<Assignment>) -> Result<(), DbErr> {
        let mut row = E::ActiveModel::default_values();
        for (column, value) in values {
            row.try_set(column_of::<E>(&column)?, value)?;
        }
        self.0.push(row.try_into_model()?);
        Ok(())
    }

    fn join(&mut self, more: Box<dyn Models>) {
        let own: HashSet<Id> = self.0.iter().map(id_of).collect();
        let more = Rows(more).into_models::<E>();
        self.0.extend(more.into_iter().filter(|model| !own.contains(&id_of(model))));
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
