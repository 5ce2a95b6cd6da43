//! Writes rows and records which properties are altered.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use entity::{Id, RecordEntity, Visitor, kind::camel};
use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::{
    ActiveModelTrait, DatabaseTransaction, DbErr, EntityTrait, IdenStatic, IntoActiveModel,
    Iterable, ModelTrait, QueryFilter, Value,
};

use crate::store::{
    CHUNK, among,
    rows::{Rows, id_of},
};

/// The maximum number of parameters of a statement, below the limits of the databases.
const MAX_PARAMETERS: usize = 30_000;

/// The altered properties of records.
#[derive(Default)]
pub struct Altered {
    pub properties: BTreeMap<Id, BTreeSet<String>>,
    /// The records that altered references refer to, before or after the change.
    pub referenced: BTreeSet<Id>,
}

impl Altered {
    /// Whether a property of a record is altered.
    pub fn has(&self, id: Id, property: &str) -> bool {
        self.properties.get(&id).is_some_and(|all| all.contains(property))
    }

    /// The records with any of these properties altered.
    pub fn with_any(&self, properties: &HashSet<String>) -> impl Iterator<Item = Id> {
        let has_any = |all: &BTreeSet<String>| all.iter().any(|one| properties.contains(one));
        self.properties.iter().filter(move |(_, all)| has_any(all)).map(|(id, _)| *id)
    }

    pub fn add(&mut self, id: Id, property: &str) {
        self.properties.entry(id).or_default().insert(property.to_owned());
    }

    /// Inserts the rows whose records are `new`, and updates the rows that differ from the stored ones.
    pub fn upsert<'a>(
        &'a mut self,
        store: &'a DatabaseTransaction,
        rows: Rows,
        new: &'a HashSet<Id>,
    ) -> BoxFuture<'a, Result<(), DbErr>> {
        struct Upsert<'a>(&'a mut Altered, &'a DatabaseTransaction, Rows, &'a HashSet<Id>);
        impl<'a> Visitor for Upsert<'a> {
            type Output = BoxFuture<'a, Result<(), DbErr>>;

            fn visit<E: RecordEntity>(self) -> Self::Output {
                let Self(altered, store, rows, new) = self;
                upsert::<E>(store, rows.into_models::<E>(), new, altered).boxed()
            }
        }
        let kind = rows.kind().kind;
        kind.visit(Upsert(self, store, rows, new))
    }
}

/// Inserts the new rows of a table and updates those that differ.
async fn upsert<E: RecordEntity>(
    store: &DatabaseTransaction,
    rows: Vec<E::Model>,
    new: &HashSet<Id>,
    altered: &mut Altered,
) -> Result<(), DbErr> {
    let (fresh, existing): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| new.contains(&id_of(row)));
    for row in &fresh {
        altered.properties.entry(id_of(row)).or_default();
        altered.referenced.extend(referenced(row));
    }
    insert(store, fresh).await?;
    let column: E::Column = "id".parse().ok().expect("a record's table has an id");
    for chunk in existing.chunks(CHUNK) {
        let ids: Vec<Id> = chunk.iter().map(id_of).collect();
        let before = E::find().filter(among(store, column, &ids)).all(store).await?;
        let before: HashMap<Id, E::Model> =
            before.into_iter().map(|row| (id_of(&row), row)).collect();
        for row in chunk {
            let id = id_of(row);
            let Some(old) = before.get(&id).filter(|old| *old != row) else { continue };
            for column in E::Column::iter() {
                if old.get(column) != row.get(column) {
                    altered.add(id, &property(column.as_str()));
                }
            }
            altered.referenced.extend(referenced(old).chain(referenced(row)));
            row.clone().into_active_model().reset_all().update(store).await?;
        }
    }
    Ok(())
}

/// Inserts rows with ids.
pub async fn insert<M, E>(store: &DatabaseTransaction, rows: Vec<M>) -> Result<(), DbErr>
where
    M: ModelTrait<Entity = E> + IntoActiveModel<E::ActiveModel>,
    E: EntityTrait<Model = M>,
    E::ActiveModel: ActiveModelTrait<Entity = E> + Send,
{
    insert_new::<E>(store, rows.into_iter().map(IntoActiveModel::into_active_model).collect()).await
}

/// The records that a row references.
fn referenced<M: ModelTrait>(row: &M) -> impl Iterator<Item = Id> {
    let keys = <M::Entity as EntityTrait>::Column::iter()
        .filter(|column| column.as_str().ends_with("_id"));
    keys.filter_map(|column| match row.get(column) {
        Value::BigInt(Some(id)) => Some(id),
        _ => None,
    })
}

/// The property of a column: `since` for `since_earliest`, `assembly` for `assembly_id`.
fn property(column: &str) -> String {
    let suffixes = ["_earliest", "_latest", "_id", "_kind", "_from", "_until"];
    let field = suffixes.iter().find_map(|suffix| column.strip_suffix(suffix)).unwrap_or(column);
    match field {
        "observed_first" | "observed_last" => "observed".to_owned(),
        // The derived validity.
        "holds" | "sure" | "ended" => "certainty".to_owned(),
        _ => camel(field),
    }
}

/// Inserts rows whose ids the database assigns.
pub async fn insert_new<E: EntityTrait>(
    store: &DatabaseTransaction,
    rows: Vec<E::ActiveModel>,
) -> Result<(), DbErr>
where
    E::ActiveModel: Send,
{
    let columns = E::Column::iter().count();
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let chunk: Vec<_> = rows.by_ref().take(MAX_PARAMETERS / columns).collect();
        E::insert_many(chunk).exec_without_returning(store).await?;
    }
    Ok(())
}
